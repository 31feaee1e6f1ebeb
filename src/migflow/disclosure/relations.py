"""What must hold among published figures, whatever is hidden: one SELECT of equation, cell and coefficient a file.

The first line says "equal" where the products of coefficient and figure sum to a number that readers know, "at most"
where they sum to zero or less, and what holds.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from scipy import sparse

from migflow.disclosure.cells import Floats, Ints
from migflow.transformations import reads

EQUAL, AT_MOST = "equal", "at most"


@dataclass(frozen=True)
class Relation:
    """One file of relations/."""

    name: str
    kind: str
    description: str
    query: str

    @property
    def tables(self) -> frozenset[str]:
        """Tables it speaks of."""
        return tables_of(self.query)


@functools.cache
def tables_of(query: str) -> frozenset[str]:
    """Tables of cells that a SELECT reads."""
    return frozenset(reads(query)) - {"areas", "wider_areas", "primary_cells"}


@functools.cache
def shipped() -> tuple[Relation, ...]:
    """The relations among the tables of migflow, by name."""
    return tuple(_read(path) for path in sorted((Path(__file__).parent / "relations").glob("*.sql")))


def _read(path: Path) -> Relation:
    first, query = path.read_text(encoding="utf-8").split("\n", 1)
    kind, description = first.removeprefix("-- ").split(": ", 1)
    return Relation(path.stem, kind, description, query.strip())


@dataclass(frozen=True)
class System:
    """Equations over cells, and over one slack for each "at most": matrix @ [values, slacks] is known to readers."""

    matrix: sparse.csr_array
    slacks: Floats

    def slacks_of(self, cells: Ints) -> Ints:
        """Which slacks are in an equation with one of the cells."""
        held = np.diff(sparse.csr_array(self.matrix[:, cells]).indptr) > 0
        rows, slacks = sparse.coo_array(self.matrix[:, self.matrix.shape[1] - len(self.slacks) :]).coords
        return np.sort(slacks[held[rows]])


def system(con: duckdb.DuckDBPyConnection, relations: Sequence[Relation], values: Floats) -> System:
    """The equations of all relations whose tables the session holds."""
    here = {row[0] for row in con.sql("SELECT table_name FROM duckdb_tables()").fetchall()}
    rows, columns, coefficients, at_most, equations = [], [], [], [], 0
    for relation in relations:
        if not relation.tables <= here:
            continue
        found = con.sql(
            f"SELECT dense_rank() OVER (ORDER BY equation) - 1 AS equation, cell, coefficient FROM ({relation.query})"
        ).to_arrow_table()
        if not found.num_rows:
            continue
        rows.append(found["equation"].to_numpy() + equations)
        columns.append(found["cell"].to_numpy())
        coefficients.append(found["coefficient"].to_numpy().astype(float))
        count = int(rows[-1].max()) + 1 - equations
        if relation.kind == AT_MOST:
            at_most.append(np.arange(equations, equations + count))
        equations += count
    return _assembled(rows, columns, coefficients, at_most, equations, values)


def _assembled(rows: list, columns: list, coefficients: list, at_most: list, equations: int, values: Floats) -> System:
    if not equations:
        return System(sparse.csr_array((0, len(values))), np.zeros(0))
    entries = (np.concatenate(coefficients), (np.concatenate(rows), np.concatenate(columns)))
    matrix = sparse.csr_array(sparse.coo_array(entries, shape=(equations, len(values))))
    limited = np.concatenate(at_most) if at_most else np.zeros(0, dtype=np.int64)
    ones = (np.ones(len(limited)), (limited, np.arange(len(limited))))
    slack = sparse.coo_array(ones, shape=(equations, len(limited)))
    return System(sparse.csr_array(sparse.hstack([matrix, slack])), -(matrix @ values)[limited])
