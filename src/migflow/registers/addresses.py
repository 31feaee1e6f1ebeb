"""Dwellings from the cadastre, and the links of every written address and place to them."""

import duckdb
import pyarrow as pa

from migflow.countries import Country
from migflow.registers import matching, renamed, steps
from migflow.standardise import areas, distinct, names, words
from migflow.standardise.words import Words
from migflow.store import Store, Written

TABLES = ("dwellings", "address_links", "place_links", "former_street_names")
SOURCES = ("cadastre_addresses", "civil_registry_persons", "municipal_residence")


def build(store: Store, country: Country) -> list[Written]:
    """Write the TABLES from the deliveries in the store."""
    spoken = words.load(country.folder)
    inputs = steps.digests(store, country, SOURCES)
    with store.session(*SOURCES) as con:
        _link_places(con, country)
        _collect_written(con, store.partitions("civil_registry_persons"))
        _find_residents(con, spoken)
        steps.table(con, "cadastre")
        matching.standardise(con, spoken)
        matching.match(con, spoken, renamed.load(country.folder), store.settings.threads)
        return [
            store.write(con, "dwellings", "FROM dwellings", inputs=_only(inputs, "cadastre_addresses")),
            store.write(con, "place_links", "FROM place_links", inputs=_only(inputs, "municipal_residence")),
            store.write(con, "former_street_names", steps.query("former_street_names"), inputs=inputs),
            store.write(con, "address_links", steps.query("address_links"), inputs=inputs),
        ]


def _only(inputs: dict[str, str], table: str) -> dict[str, str]:
    return {name: inputs[name] for name in (steps.PROFILE, table)}


def _link_places(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make place_links: what municipality or country each written place means."""

    def resolve(texts: list[str]) -> dict[str, object]:
        places = areas.resolve(texts, country)
        return {
            "municipality": pa.array([p.area for p in places], pa.string()),
            "country": pa.array([_country_of(p, country) for p in places], pa.string()),
            "score": pa.array([p.score for p in places], pa.float64()),
            "reason": [p.reason for p in places],
        }

    distinct.derive(
        con,
        "places",
        "SELECT previous_place FROM municipal_residence UNION ALL SELECT next_place FROM municipal_residence",
        resolve,
    )
    con.execute("CREATE TABLE place_links AS SELECT text AS place, * EXCLUDE (text) FROM places")


def _country_of(place: areas.Resolved, country: Country) -> str | None:
    """A country; the own one for a region of it, which says only that the place is not abroad."""
    if place.code is None or place.area is not None:
        return None
    return place.code if place.kind == "country" else country.code


def _collect_written(con: duckdb.DuckDBPyConnection, months: list[str]) -> None:
    """Make written: each address of a source record, once until it changes; addresses: the distinct ones; and
    address_days: the days at which each was written."""
    con.execute(f"CREATE TABLE written AS {steps.query('declared_addresses')}")
    for previous, month in zip(["", *months], months, strict=False):
        con.execute(
            f"INSERT INTO written {steps.query('registered_addresses')}", {"month": month, "previous": previous}
        )
    con.execute(
        "CREATE TABLE addresses AS SELECT row_number() OVER (ORDER BY municipality, settlement, address) "
        "AS address_key, * FROM (SELECT DISTINCT municipality, settlement, address FROM written "
        "WHERE outside IS NULL)"
    )
    con.execute(
        "CREATE VIEW address_days AS SELECT DISTINCT a.address_key, w.day FROM written AS w JOIN addresses AS a "
        "ON a.municipality IS NOT DISTINCT FROM w.municipality AND a.settlement IS NOT DISTINCT FROM w.settlement "
        "AND a.address IS NOT DISTINCT FROM w.address"
    )


def _find_residents(con: duckdb.DuckDBPyConnection, spoken: Words) -> None:
    """Make residents (address_key, resident)."""
    texts = " UNION ALL ".join(
        f"SELECT {column} FROM {table}"
        for table, columns in {
            "civil_registry_persons": ("first_name", "surname", "father_name", "mother_name"),
            "municipal_residence": ("first_name", "surname"),
        }.items()
        for column in columns
    )
    distinct.derive(con, "name_texts", texts, lambda t: {"spelling": names.sound(names.fold(t), spoken.sounds)})
    steps.table(con, "residents")
