"""Steps of the imputation: each a named SELECT of this folder, kept as a table of the session."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from migflow import transformations


def table(con: duckdb.DuckDBPyConnection, name: str, known: Mapping[str, object] | None = None) -> None:
    """Run <name>.sql with the parameters it names and keep its rows as the table <name> of the session."""
    con.execute(
        f"CREATE OR REPLACE TABLE {name} AS {query(name)}", transformations.used(query(name), known or {}) or None
    )


def query(name: str) -> str:
    """Text of <name>.sql."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8").strip().rstrip(";")
