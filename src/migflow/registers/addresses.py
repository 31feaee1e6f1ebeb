"""Dwellings from the cadastre, and the links of every written address and place to them."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from migflow import countries, engine
from migflow.countries import Country
from migflow.registers import given, matching, renamed, steps
from migflow.registers.given import Source
from migflow.settings import Settings
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
        matching.match(con, country, renamed.load(country.folder), store.settings.threads)
        return [
            store.write(con, "dwellings", "FROM dwellings", inputs=_only(inputs, "cadastre_addresses")),
            store.write(con, "place_links", "FROM place_links", inputs=_only(inputs, "municipal_residence")),
            store.write(con, "former_street_names", steps.query("former_street_names"), inputs=inputs),
            store.write(con, "address_links", steps.query("address_links"), inputs=inputs),
        ]


def match_addresses(
    records: Source,
    dwellings: Source,
    *,
    country: Country | str | None = None,
    former_streets: pa.Table | None = None,
    settings: Settings | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pa.Table:
    """Links of written addresses to the dwellings of a cadastre: one row a record, in the order of record_id.

    records: record_id and address; if known also municipality (code or name; else the address must name the place),
    settlement, day (when it was written), household (an id common to those who live together), latitude, longitude.
    dwellings: address_id and settlement; if known municipality, street, house_number, entrance, dwelling, building_id,
    settlement_second and street_second (names in a second language), latitude, longitude, valid_from and valid_to.
    Both are Arrow, pandas or DuckDB tables, or Parquet or CSV files. country: a profile, by default that of the
    settings. former_streets: former names of streets in renamed.SCHEMA, by default those of the profile. progress hears
    of each stage as it begins.

    Returns record_id, address_id, grade (dwelling, building, street, settlement, municipality or none), score (0 to
    100: how like the names of street or settlement are), reason, building_id, settlement_id, municipality.
    Raises MigflowError that names the table and what is wrong with it.
    """
    settings = settings or Settings()
    profile = country if isinstance(country, Country) else countries.load(country or settings.country)
    progress("reading the tables")
    with (
        tempfile.TemporaryDirectory() as spill,
        engine.session(settings.model_copy(update={"home": Path(spill)})) as con,
    ):
        con.execute("SET enable_progress_bar = false")
        given.bind(con, records, dwellings, profile)
        progress("folding the cadastre")
        matching.standardise(con, words.load(profile.folder))
        former = renamed.load(profile.folder) if former_streets is None else former_streets
        matching.match(con, profile, former, settings.threads, progress)
        progress("coordinates and links")
        con.execute(f"CREATE TABLE positioned AS {steps.query('positioned')}", {"near": matching.NEAR})
        return con.sql(steps.query("given_links")).to_arrow_table()


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
