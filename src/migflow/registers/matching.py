"""Written addresses matched to the cadastre in a session: settlement, then street, then number, then dwelling."""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from migflow.countries import Country
from migflow.registers import nearest, renamed, steps
from migflow.standardise import addresses, areas, distinct, names, words
from migflow.standardise.words import Words

# How far, in metres, an address's coordinates may lie from those of its building: the width of a street with a garden.
NEAR = 30.0


def standardise(con: duckdb.DuckDBPyConnection, spoken: Words) -> None:
    """Make dwellings of the table cadastre, its texts folded; and settlement_texts, also those of addresses."""
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
    steps.table(con, "dwellings")
    con.execute("DROP TABLE cadastre")


def match(
    con: duckdb.DuckDBPyConnection,
    country: Country,
    former: pa.Table,
    workers: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Make matched: one row an address, or one an address and day where only the day could tell.

    Reads addresses (address_key, municipality, settlement, address), after standardise; address_days (address_key,
    day), the days at which each was written; residents (address_key, resident), who is written there. former: former
    names of streets as renamed.load gives them; former_names holds them afterwards, and those learnt. progress hears of
    each stage as it begins.
    matched: address_key, dated, day, grade, municipality, settlement_id, building_id, address_id, score, reason.
    """
    spoken = words.load(country.folder)
    progress("taking addresses apart")
    _take_apart(con, country)
    progress("finding settlements")
    steps.table(con, "doors")
    renamed.bind(con, former, spoken)
    _spell(con, spoken)
    steps.table(con, "settlement_names")
    asked = " UNION ALL ".join(
        f"SELECT area AS scope, {column} AS name FROM parsed WHERE {condition}"
        for column, condition in (("settlement", "true"), ("settlement_in_address", "true"), ("street", "NOT typed"))
    )
    nearest.match(con, asked, "settlement_names", "settlement_matches", workers)
    steps.table(con, "located")
    con.execute("DROP TABLE parsed")
    con.execute("DROP TABLE address_parts")
    progress("finding streets and numbers")
    con.execute("CREATE VIEW asked AS SELECT *, false AS dated, CAST(NULL AS DATE) AS day FROM located")
    _find_streets(con, workers)
    progress("learning former names of streets")
    if renamed.learn(con):
        _find_streets(con, workers)
    progress("grading")
    steps.table(con, "matched")
    _ask_by_day(con)


def _take_apart(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make address_parts, municipality_texts and parsed."""

    def parts(texts: list[str]) -> dict[str, pa.ChunkedArray]:
        table = addresses.parse(texts, country)
        return dict(zip(table.column_names, table.columns, strict=True))

    distinct.derive(con, "address_parts", "SELECT address FROM addresses", parts)
    distinct.derive(
        con,
        "municipality_texts",
        "SELECT unnest([p.municipality, p.settlement]) FROM address_parts AS p "
        "JOIN addresses AS a ON a.address = p.text WHERE a.municipality IS NULL",
        lambda texts: {"code": pa.array([place.area for place in areas.resolve(texts, country)], pa.string())},
    )
    steps.table(con, "parsed")


def _find_streets(con: duckdb.DuckDBPyConnection, workers: int) -> None:
    """Make street_names, street_matches and at_number of the addresses asked."""
    con.execute(f"CREATE OR REPLACE TABLE street_names AS {steps.query('street_names')}")
    nearest.match(con, "SELECT scope, street_name AS name FROM asked", "street_names", "street_matches", workers)
    con.execute(f"CREATE OR REPLACE TABLE at_number AS {steps.query('at_number')}")


def _ask_by_day(con: duckdb.DuckDBPyConnection) -> None:
    """Ask again, for each day they were written at, those addresses that several streets or buildings fit."""
    con.execute(
        "CREATE TABLE ambiguous AS SELECT address_key FROM matched JOIN at_number USING (address_key) "
        "WHERE grade NOT IN ('dwelling', 'building')"
    )
    con.execute(
        "CREATE OR REPLACE VIEW asked AS SELECT l.*, true AS dated, d.day FROM located AS l "
        "JOIN ambiguous USING (address_key) JOIN address_days AS d USING (address_key)"
    )
    con.execute(f"CREATE OR REPLACE TABLE at_number AS {steps.query('at_number')}")
    con.execute("DELETE FROM matched WHERE address_key IN (SELECT address_key FROM asked)")
    con.execute(f"INSERT INTO matched BY NAME {steps.query('matched')}")


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
            ("former_names", "name"),
            ("address_parts", "street"),
            ("address_parts", "settlement"),
        )
    )
    distinct.derive(con, "spellings", compared, lambda texts: {"spelling": names.sound(texts, spoken.sounds)})
