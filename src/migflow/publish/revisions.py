"""Revisions: the figures of a vintage beside those of the newest vintage of an earlier as-of date."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from migflow import contracts
from migflow.contracts import Contract
from migflow.provenance import sha256_file
from migflow.store import Store, Written

TABLE = "revisions"
TOTAL = "_T"
# Columns of a key that say what is measured; the others say of whom, and are summed over.
MEASURES = (
    "measure",
    "level",
    "observed_over",
    "agedef",
    "indicator",
    "component",
    "move_type",
    "move_order",
    "moved_as",
    "outcome",
)
_REVISED = Path(__file__).with_name("revised.sql")


def write_revisions(
    con: duckdb.DuckDBPyConnection, store: Store, before: Path | None, folder: Path, tables: Sequence[Contract]
) -> Written:
    """Write the table revisions of the vintage that is built in folder, in the store and in the folder.

    tables: contracts as they are published, their Parquet files in the folder.
    """
    held = [] if before is None else sorted(before.glob("*.parquet"))
    made_of = {c.table: sha256_file(folder / f"{c.table}.parquet") for c in tables}
    made_of |= {f"{path.parent.name} {path.stem}": sha256_file(path) for path in held}
    written = store.write(con, TABLE, query(con, before, folder, tables), inputs=made_of)
    shutil.copyfile(store.files(TABLE)[0], folder / f"{TABLE}.parquet")
    return written


def earlier(published: Path, as_of: str) -> Path | None:
    """Folder of the newest vintage of an earlier as-of date than the given one; None if there is none."""
    vintages = [path for path in published.iterdir() if path.is_dir() and path.name[:1].isdigit() and "." in path.name]
    before = [path for path in vintages if path.name.rpartition(".")[0] < as_of]
    return max(before, key=lambda path: (path.name.rpartition(".")[0], int(path.name.rpartition(".")[2])), default=None)


def query(con: duckdb.DuckDBPyConnection, before: Path | None, folder: Path, tables: Sequence[Contract]) -> str:
    """SELECT of the table revisions: the Parquet files in folder against those of the vintage before.

    tables: contracts as they are published. Tables that the earlier vintage does not hold with this key are left out.
    """
    compared = [] if before is None else [_cells(con, c, before, folder) for c in tables if "obs_value" in _names(c)]
    cells = [text for text in compared if text]
    if before is None or not cells:
        return contracts.empty_table_sql(contracts.load(TABLE))
    return _REVISED.read_text(encoding="utf-8").format(vintage=before.name, cells="\nUNION ALL\n".join(cells))


def _cells(con: duckdb.DuckDBPyConnection, contract: Contract, before: Path, folder: Path) -> str | None:
    """One row a cell of a table in either vintage: both figures, and whether each is there, and shown."""
    old, new = (f"{place / contract.table}.parquet".replace("'", "''") for place in (before, folder))
    if not Path(old).is_file():
        return None
    held = {row[0] for row in con.execute(f"DESCRIBE FROM read_parquet('{old}')").fetchall()}
    if not {*contract.key, "obs_value", "obs_status", "unit_measure"} <= held:
        return None
    measures = [name for name in MEASURES if name in contract.key]
    return f"""SELECT
    '{contract.table}' AS table_name,
    CAST(time_period AS VARCHAR) AS time_period,
    {"area" if "area" in contract.key else f"'{TOTAL}'"} AS area,
    {f"concat_ws('.', {', '.join(measures)})" if measures else f"'{TOTAL}'"} AS indicator,
    coalesce(n.unit_measure, o.unit_measure) AS unit_measure,
    o.unit_measure IS NOT NULL AS was_there,
    n.unit_measure IS NOT NULL AS is_there,
    CAST(o.obs_value AS DOUBLE) AS value_before,
    CAST(n.obs_value AS DOUBLE) AS value_after,
    o.obs_status AS status_before,
    n.obs_status AS status_after
FROM read_parquet('{old}') AS o
FULL JOIN read_parquet('{new}') AS n USING ({", ".join(contract.key)})"""


def _names(contract: Contract) -> set[str]:
    return {column.name for column in contract.columns}
