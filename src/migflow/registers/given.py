"""Tables given to match_addresses: Arrow, pandas, DuckDB or a Parquet or CSV file, read as columns of known types."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.registers import steps
from migflow.standardise import areas, distinct, names

Source = Any  # pyarrow.Table, pandas.DataFrame, duckdb.DuckDBPyRelation, or the path of a Parquet or CSV file

RECORDS = {
    "record_id": "VARCHAR",
    "address": "VARCHAR",
    "municipality": "VARCHAR",
    "settlement": "VARCHAR",
    "day": "DATE",
    "household": "VARCHAR",
    "latitude": "DOUBLE",
    "longitude": "DOUBLE",
}
DWELLINGS = {
    "address_id": "VARCHAR",
    "settlement": "VARCHAR",
    "municipality": "VARCHAR",
    "settlement_second": "VARCHAR",
    "street": "VARCHAR",
    "street_second": "VARCHAR",
    "house_number": "VARCHAR",
    "entrance": "VARCHAR",
    "dwelling": "VARCHAR",
    "building_id": "VARCHAR",
    "latitude": "DOUBLE",
    "longitude": "DOUBLE",
    "valid_from": "DATE",
    "valid_to": "DATE",
}
# The first columns of each table are those that it must have.
REQUIRED = 2


def bind(con: duckdb.DuckDBPyConnection, records: Source, dwellings: Source, country: Country) -> None:
    """Make cadastre, written, addresses, address_days and residents of the tables given to match_addresses."""
    read(con, records, "records", RECORDS)
    read(con, dwellings, "dwellings", DWELLINGS)
    distinct.derive(
        con,
        "municipality_codes",
        "SELECT municipality FROM records_read UNION ALL SELECT municipality FROM dwellings_read",
        lambda texts: {"code": _codes(texts, country)},
    )
    for table in ("given_cadastre", "given_addresses", "given_written"):
        name = table.removeprefix("given_")
        con.execute(f"CREATE TABLE {name} AS {steps.query(table)}")
    con.execute("CREATE VIEW address_days AS SELECT DISTINCT address_key, day FROM written")
    con.execute(
        "CREATE VIEW residents AS SELECT DISTINCT address_key, hash(household) AS resident FROM written "
        "WHERE household IS NOT NULL"
    )


def _codes(texts: list[str], country: Country) -> list[str | None]:
    """Codes of municipalities given by code or name; a name that the profile does not know stands for itself."""
    known = {area.code for area in country.areas}
    places = areas.resolve(texts, country)
    folded = names.fold(texts)
    return [
        text if text in known else place.area or name for text, place, name in zip(texts, places, folded, strict=True)
    ]


def read(con: duckdb.DuckDBPyConnection, source: Source, table: str, columns: Mapping[str, str]) -> None:
    """Make <table>_read of a given table, with null for columns that it does not have; the first one is its key.

    Raises MigflowError that names the table and the column or value that is wrong.
    """
    opened = _open(con, source, table)
    try:
        found = {row[0].lower(): row[0] for row in con.execute(f"DESCRIBE FROM {opened}").fetchall()}
    except duckdb.Error as error:
        raise MigflowError(f"{table}: {source} cannot be read as {opened[5:].split('(')[0].upper()}.") from error
    required = list(columns)[:REQUIRED]
    if missing := [c for c in required if c not in found]:
        raise MigflowError(f"{table}: column {', '.join(missing)} is missing; expected {', '.join(columns)}.")
    selected = ", ".join(
        f"{_value(found[name], kind)} AS {name}" if name in found else f"CAST(NULL AS {kind}) AS {name}"
        for name, kind in columns.items()
    )
    try:
        con.execute(f"CREATE TABLE {table}_read AS SELECT {selected} FROM {opened}")
    except duckdb.ConversionException as error:
        raise MigflowError(
            f"{table}: a value is not what its column holds; expected days as YYYY-MM-DD in day, valid_from and "
            "valid_to, degrees as numbers in latitude and longitude."
        ) from error
    _check(con, table, required[0])


def _open(con: duckdb.DuckDBPyConnection, source: Source, table: str) -> str:
    """Name or expression under which a source can be read."""
    if isinstance(source, str | Path):
        path = Path(source)
        reader = {".parquet": "read_parquet", ".csv": "read_csv"}.get(path.suffix.lower())
        if not path.is_file() or reader is None:
            raise MigflowError(f"{table}: {path} is not there, or not a file named .parquet or .csv.")
        options = ", all_varchar = true" if reader == "read_csv" else ""
        return f"{reader}('{str(path).replace(chr(39), chr(39) * 2)}'{options})"
    try:
        con.register(f"{table}_given", source.to_arrow_table() if hasattr(source, "to_arrow_table") else source)
    except (duckdb.Error, TypeError) as error:
        raise MigflowError(
            f"{table} is a {type(source).__name__}; give a table (Arrow, pandas, DuckDB) or the path of one."
        ) from error
    return f"{table}_given"


def _value(column: str, kind: str) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    text = f"nullif(trim(CAST({quoted} AS VARCHAR)), '')"
    return f"CAST(nullif({text}, 'nan') AS DOUBLE)" if kind == "DOUBLE" else f"CAST({text} AS {kind})"


def _check(con: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    rows, keys = con.execute(f"SELECT count(*), count(DISTINCT {key}) FROM {table}_read").fetchall()[0]
    if rows != keys:
        raise MigflowError(f"{table}: {rows - keys:,} rows have no {key} of their own; each row needs one.")
