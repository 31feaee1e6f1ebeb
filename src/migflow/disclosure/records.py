"""Whom a table counts, person by person: what the cell-key method needs, one SELECT a table.

Each gives the key columns of its table and person_id, one row for every person or event counted.
"""

from collections.abc import Iterable
from pathlib import Path

from migflow import transformations
from migflow.contracts import Contract
from migflow.errors import MigflowError

_FOLDER = Path(__file__).parent / "records"
# The registered persons, whose keys the records get.
PERSONS = "persons"


def query(table: str) -> str:
    """The SELECT of a table's records; MigflowError if there is none."""
    path = _FOLDER / f"{table}.sql"
    if not path.is_file():
        raise MigflowError(
            f"The contract of {table} asks for the method cell_key, which needs to know whom each figure counts: "
            f"expected disclosure/records/{table}.sql, a SELECT of the table's key columns and person_id. "
            "Write it, or choose another method."
        )
    return path.read_text(encoding="utf-8").strip()


def reads(contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Stored tables that the records of the tables under the cell-key method come from, by name."""
    chosen = [c.table for c in contracts if c.disclosure is not None and c.disclosure.method == "cell_key"]
    found = {name for table in chosen for name in transformations.reads(query(table))}
    return tuple(sorted((found | {PERSONS} if chosen else found) - transformations.OF_PROFILE))
