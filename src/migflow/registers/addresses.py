"""Dwellings from the cadastre, and the links of every written address and place to them."""

import duckdb
import pyarrow as pa

from migflow.countries import Country
from migflow.registers import nearest, steps
from migflow.standardise import addresses, areas, distinct, names, words
from migflow.standardise.words import Words
from migflow.store import Store, Written

SOURCES = ("cadastre_addresses", "civil_registry_persons", "municipal_residence")


def build(store: Store, country: Country) -> list[Written]:
    """Write dwellings, place_links and address_links from the deliveries in the store."""
    spoken = words.load(country.folder)
    inputs = steps.digests(store, country, SOURCES)
    with store.session(*SOURCES) as con:
        _link_places(con, country)
        _collect_written(con, store.partitions("civil_registry_persons"))
        steps.table(con, "cadastre")
        _fold_texts(con, spoken)
        steps.table(con, "dwellings")
        match_addresses(con, spoken, store.settings.threads)
        return [
            store.write(con, "dwellings", "FROM dwellings", inputs=_only(inputs, "cadastre_addresses")),
            store.write(con, "place_links", "FROM place_links", inputs=_only(inputs, "municipal_residence")),
            store.write(con, "address_links", steps.query("address_links"), inputs=inputs),
        ]


def _only(inputs: dict[str, str], table: str) -> dict[str, str]:
    return {name: inputs[name] for name in (steps.PROFILE, table)}


def match_addresses(con: duckdb.DuckDBPyConnection, spoken: Words, workers: int = 1) -> None:
    """Match the distinct written addresses to the cadastre: settlement, then street, then number, then dwelling.

    Reads addresses (address_key, municipality, settlement, address), cadastre, dwellings and settlement_texts.
    Makes matched (address_key, grade, municipality, settlement_id, building_id, address_id, score, reason).
    """
    distinct.derive(
        con,
        "address_parts",
        "SELECT address FROM addresses",
        lambda texts: dict(zip(addresses.PARTS, addresses.parse(texts, spoken).columns, strict=True)),
    )
    steps.table(con, "doors")
    _spell(con, spoken)
    steps.table(con, "settlement_names")
    steps.table(con, "street_names")
    steps.table(con, "parsed")
    asked = " UNION ALL ".join(
        f"SELECT municipality AS scope, {column} AS name FROM parsed WHERE {condition}"
        for column, condition in (("settlement", "true"), ("settlement_in_address", "true"), ("street", "NOT typed"))
    )
    nearest.match(con, asked, "settlement_names", "settlement_matches", workers)
    steps.table(con, "located")
    nearest.match(con, "SELECT scope, street_name AS name FROM located", "street_names", "street_matches", workers)
    steps.table(con, "at_number")
    steps.table(con, "matched")


def _link_places(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make place_links: what municipality or country each written place means."""

    def resolve(texts: list[str]) -> dict[str, object]:
        places = areas.resolve(texts, country)
        return {
            "municipality": pa.array(
                [p.code if p.kind == country.statistics_level else None for p in places], pa.string()
            ),
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
    if place.code is None or place.kind == country.statistics_level:
        return None
    return place.code if place.kind == "country" else country.code


def _collect_written(con: duckdb.DuckDBPyConnection, months: list[str]) -> None:
    """Make written: each address of a source record, once until it changes; and addresses: the distinct ones."""
    con.execute(f"CREATE TABLE written AS {steps.query('declared_addresses')}")
    for previous, month in zip(["", *months], months, strict=False):
        con.execute(
            f"INSERT INTO written {steps.query('registered_addresses')}", {"month": month, "previous": previous}
        )
    con.execute(
        "CREATE TABLE addresses AS SELECT row_number() OVER (ORDER BY municipality, settlement, address) "
        "AS address_key, * FROM (SELECT DISTINCT municipality, settlement, address FROM written "
        "WHERE municipality IS NOT NULL)"
    )


def _fold_texts(con: duckdb.DuckDBPyConnection, spoken: Words) -> None:
    """Make settlement_texts, street_texts and number_texts: what the cadastre's texts are folded to."""
    settlements = f"{_cadastre('settlement_name')} UNION ALL SELECT settlement FROM addresses"
    distinct.derive(con, "settlement_texts", settlements, lambda texts: {"folded": names.fold(texts)})
    distinct.derive(
        con,
        "street_texts",
        _cadastre("street_name"),
        lambda texts: {"street": pa.array(addresses.streets(texts, spoken), pa.string())},
    )
    parts = " UNION ALL ".join(f"SELECT {part} FROM cadastre" for part in ("house_number", "entrance", "dwelling"))
    distinct.derive(
        con, "number_texts", parts, lambda texts: {"number": pa.array(addresses.house_numbers(texts), pa.string())}
    )


def _cadastre(column: str) -> str:
    """Both languages of a name."""
    return f"SELECT {column} FROM cadastre UNION ALL SELECT {column}_second FROM cadastre"


def _spell(con: duckdb.DuckDBPyConnection, spoken: Words) -> None:
    """Make spellings (text, spelling) of the folded names to be compared."""
    compared = " UNION ALL ".join(
        f"SELECT {column} FROM {table}"
        for table, column in (
            ("settlement_texts", "folded"),
            ("doors", "street"),
            ("doors", "street_second"),
            ("address_parts", "street"),
            ("address_parts", "settlement"),
        )
    )
    distinct.derive(con, "spellings", compared, lambda texts: {"spelling": names.sound(texts, spoken.sounds)})
