"""Steps of building a register: each a named SELECT in sql/, kept as a table of the session."""

from pathlib import Path

import duckdb

from migflow.countries import Country
from migflow.store import Store

PROFILE = "profile"


def query(name: str) -> str:
    """Text of sql/<name>.sql."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8").strip().rstrip(";")


def table(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run sql/<name>.sql and keep its rows as the table <name> of the session."""
    con.execute(f"CREATE TABLE {name} AS {query(name)}")


def digests(store: Store, country: Country, tables: tuple[str, ...]) -> dict[str, str]:
    """Names and digests of stored tables and of the profile, for the provenance of what is made of them."""
    return {PROFILE: country.digest, **{name: store.provenance_digest(name) or "empty" for name in tables}}
