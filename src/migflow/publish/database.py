"""The DuckDB file people query: one table for each published Parquet file, with its contract's comments."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from migflow.contracts import Contract


def build_database(folder: Path, tables: Sequence[Contract], target: Path) -> None:
    """Write target from the Parquet files in folder; keys, and comments on every table and column."""
    con = duckdb.connect(str(target), config={"threads": 1})
    try:
        for contract in tables:
            columns = ", ".join(
                f"{c.name} {c.type}{' NOT NULL' if c.required and c.name not in contract.key else ''}"
                for c in contract.columns
            )
            con.execute(f"CREATE TABLE {contract.table} ({columns}, PRIMARY KEY ({', '.join(contract.key)}))")
            source = str(folder / f"{contract.table}.parquet").replace("'", "''")
            names = ", ".join(c.name for c in contract.columns)
            con.execute(f"INSERT INTO {contract.table} SELECT {names} FROM read_parquet('{source}')")
            con.execute(f"COMMENT ON TABLE {contract.table} IS {_quoted(_about(contract))}")
            for column in contract.columns:
                con.execute(f"COMMENT ON COLUMN {contract.table}.{column.name} IS {_quoted(column.description)}")
    finally:
        con.close()


def _about(contract: Contract) -> str:
    return " ".join(part for part in (contract.description, contract.limitations) if part)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
