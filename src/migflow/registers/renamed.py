"""Streets that were renamed: former names that the profile knows, and those that the records themselves show."""

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa

from migflow.errors import MigflowError
from migflow.registers import steps
from migflow.standardise import addresses, names
from migflow.standardise.words import Words

FILE = "former_streets.csv"
COLUMNS = ("municipality", "settlement", "former_name", "current_name", "from_date", "until_date")
SCHEMA = pa.schema([(c, pa.date32() if c.endswith("_date") else pa.string()) for c in COLUMNS])
# An unknown street is a renamed one only if this many households meet at the same doors of one street ...
HOUSEHOLDS = 2
# ... or one household by this many of its residents, as namesakes come singly ...
RESIDENTS = 2
# ... which are this share of all that meet at any street of the settlement ...
SHARE = 0.8
# ... and this share of the numbers written under the old name exist on that street.
FIT = 0.9


def load(folder: Path) -> pa.Table:
    """former_streets.csv of a profile in SCHEMA, no rows if there is no such file.

    A name was in force from from_date until the day before until_date, each empty if unknown; an empty settlement means
    all of the municipality. MigflowError names the line that is wrong.
    """
    path = folder / FILE
    if not path.is_file():
        return SCHEMA.empty_table()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [c for c in COLUMNS if c not in (reader.fieldnames or [])]:
            raise MigflowError(f"{path}: columns {', '.join(missing)} are missing in the header.")
        return pa.Table.from_pylist([_row(row, path, reader.line_num) for row in reader], schema=SCHEMA)


def _row(row: dict[str, str], path: Path, line: int) -> dict[str, object]:
    made: dict[str, object] = {column: (row[column] or "").strip() for column in COLUMNS}
    for column in ("municipality", "former_name", "current_name"):
        if not made[column]:
            raise MigflowError(f"{path}, line {line}: {column} is empty.")
    for column in ("from_date", "until_date"):
        try:
            made[column] = dt.date.fromisoformat(str(made[column])) if made[column] else None
        except ValueError as error:
            raise MigflowError(f"{path}, line {line}: {column} is {made[column]!r}; expected YYYY-MM-DD.") from error
    return made


def bind(con: duckdb.DuckDBPyConnection, known: pa.Table, spoken: Words) -> None:
    """Make former_names from a table in SCHEMA, after dwellings and doors."""
    columns = {
        "settlement": names.fold(known.column("settlement").to_pylist()),
        "former_name": [name or "" for name in addresses.streets(known.column("former_name").to_pylist(), spoken)],
        "current_name": [name or "" for name in addresses.streets(known.column("current_name").to_pylist(), spoken)],
    }
    folded = known
    for name, values in columns.items():
        folded = folded.set_column(COLUMNS.index(name), name, pa.array(values, pa.string()))
    con.register("former_streets", folded)
    steps.table(con, "former_names")
    con.unregister("former_streets")


def learn(con: duckdb.DuckDBPyConnection) -> int:
    """Add to former_names what residents (address_key, resident) show of located and at_number; how many were added."""
    steps.table(con, "meetings")
    before = con.execute("SELECT count(*) FROM former_names").fetchall()[0][0]
    con.execute(
        f"INSERT INTO former_names BY NAME {steps.query('learned_names')}",
        {"households": HOUSEHOLDS, "residents": RESIDENTS, "share": SHARE, "fit": FIT},
    )
    return int(con.execute("SELECT count(*) FROM former_names").fetchall()[0][0] - before)
