"""What must hold among the accounts and statistics whatever was delivered; checked on every run.

Each file of invariants/ is one SELECT of the rows that break an invariant. Its first line names the table that
the check belongs to and says what holds.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import duckdb

from migflow import contracts
from migflow.audit import Check
from migflow.store import Store


@dataclass(frozen=True)
class Invariant:
    """One identity: its name, the table it is shown at, what holds, and the SELECT of what breaks it."""

    name: str
    table: str
    description: str
    query: str


@functools.cache
def invariants() -> tuple[Invariant, ...]:
    """All invariants, by name."""
    return tuple(_read(path) for path in sorted((Path(__file__).parent / "invariants").glob("*.sql")))


def _read(path: Path) -> Invariant:
    first, query = path.read_text(encoding="utf-8").split("\n", 1)
    table, description = first.removeprefix("-- ").split(": ", 1)
    return Invariant(path.stem, table, description, query.strip())


def check(store: Store) -> list[Check]:
    """Count what breaks each invariant in the stored tables."""
    tables = (c.table for c in contracts.load_all().values() if c.stage in ("accounts", "statistics"))
    with store.session(*tables) as con:
        return [count(con, invariant) for invariant in invariants()]


def count(con: duckdb.DuckDBPyConnection, invariant: Invariant) -> Check:
    """Count what breaks an invariant in a session that holds the tables under their names."""
    failing = int(con.execute(f"SELECT count(*) FROM ({invariant.query})").fetchall()[0][0])
    return Check(invariant.name, failing == 0, invariant.description, failing)
