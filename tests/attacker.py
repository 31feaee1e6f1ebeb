"""Somebody who has everything that a vintage publishes, and a linear program.

They know the identities among the tables, every figure shown, every zero, what a code says of a figure left out, and
how far noise may reach; even which cells came out zero. They want figures that only one whole number can be.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import optimize, sparse
from tiny_country import TABLES, country

from migflow import transformations
from migflow.contracts import Contract, Disclosure
from migflow.disclosure import relations
from migflow.store import FILE, Store

FAR = 1e6
# Persons who moved in groups of two to four are shown as so many times the rounded number of groups.
TIMES = {
    "household_moves": "CASE WHEN t.indicator = 'moves' AND t.group_size <> 'P_GE5' "
    "THEN right(t.group_size, 1)::INT ELSE 1 END"
}
ALMOST_ONE = 1 - 1e-6


@dataclass
class Knowledge:
    """Cells of all tables: exact figure, least and greatest that it may be, whether it was left out, and equations."""

    name: NDArray[np.str_]
    exact: NDArray[np.float64]
    least: NDArray[np.float64]
    greatest: NDArray[np.float64]
    left_out: NDArray[np.bool_]
    equal: sparse.csr_array
    at_most: sparse.csr_array


def knowledge(store: Store, vintage: Path) -> Knowledge:
    """What a vintage says of the cells of a store."""
    parts: list[pa.Table] = []
    with duckdb.connect() as con:
        transformations.bind_areas(con, country())
        for contract in TABLES:
            _read(con, contract, store.folder(contract) / FILE, vintage / f"{contract.table}.parquet", len_of(parts))
            parts.append(con.sql(f"SELECT * FROM told_{contract.table} ORDER BY cell").to_arrow_table())
        told = pa.concat_tables(parts)
        con.register("primary_cells", told.filter(told["left_out"]).select(["cell"]))
        column = {name: told[name].to_numpy() for name in told.column_names if name != "cell"}
        equal, at_most = (_equations(con, kind, len(told)) for kind in (relations.EQUAL, relations.AT_MOST))
    return Knowledge(**column, equal=equal, at_most=at_most)


def len_of(parts: list[pa.Table]) -> int:
    return sum(part.num_rows for part in parts)


def _read(con: duckdb.DuckDBPyConnection, contract: Contract, stored: Path, published: Path, first: int) -> None:
    """The table with numbered cells, and told_<table>: what its vintage says of each."""
    rule = contract.disclosure
    assert rule is not None
    key, names = ", ".join(contract.key), {column.name for column in contract.columns}
    counted = "t.unit_measure IN ('EVT', 'PS')" if "unit_measure" in names else "true"
    con.execute(
        f"CREATE TABLE {contract.table} AS SELECT *, {first} + row_number() OVER (ORDER BY {key}) - 1 AS cell "
        f"FROM '{stored}'"
    )
    least, greatest = _range(rule, TIMES.get(contract.table, "1"))
    con.execute(
        f"""
        CREATE TABLE told_{contract.table} AS SELECT t.cell, '{contract.table}' AS name, t.obs_value::DOUBLE AS exact,
            CASE WHEN NOT {counted} THEN t.obs_value
                WHEN p.conf_status IN ('A', 'D') THEN CASE WHEN {rule.counts or "true"} THEN 1 ELSE {-FAR} END
                ELSE {least} END::DOUBLE AS least,
            CASE WHEN NOT {counted} THEN t.obs_value WHEN p.conf_status = 'A' THEN {rule.minimum - 1}
                WHEN p.conf_status = 'D' THEN {FAR} ELSE {greatest} END::DOUBLE AS greatest,
            {counted} AND coalesce(p.conf_status, 'F') <> 'F' AS left_out
        FROM {contract.table} AS t
        LEFT JOIN (SELECT {key}, obs_value AS shown, conf_status FROM '{published}') AS p USING ({key})
        """
    )


def _range(rule: Disclosure, times: str) -> tuple[str, str]:
    """SQL of the least and greatest count behind a figure shown; a perturbed one that is not listed is zero."""
    if rule.method == "rounding":
        noise = f"({times}) * {rule.base - 1}"
        return f"greatest(0, coalesce(p.shown, 0) - {noise})", f"coalesce(p.shown, 0) + {noise}"
    if rule.method == "cell_key":
        # What is too small becomes zero or the minimum; what is large enough stays large enough or vanishes.
        small = f"CASE WHEN coalesce(p.shown, 0) = 0 THEN 0 WHEN p.shown = {rule.minimum} THEN 1"
        return (
            f"{small} ELSE greatest({rule.minimum}, p.shown - {rule.minimum}) END",
            f"coalesce(p.shown, 0) + {rule.minimum}",
        )
    return "p.shown", "p.shown"


def _equations(con: duckdb.DuckDBPyConnection, kind: str, cells: int) -> sparse.csr_array:
    """One row an equation of all relations of a kind."""
    blocks = []
    for relation in relations.shipped():
        if relation.kind == kind:
            found = con.sql(
                f"SELECT dense_rank() OVER (ORDER BY equation) - 1 AS row, cell, coefficient FROM ({relation.query})"
            ).to_arrow_table()
            row, cell, coefficient = (found[name].to_numpy() for name in found.column_names)
            shape = (int(row.max()) + 1 if len(row) else 0, cells)
            blocks.append(sparse.coo_array((coefficient.astype(float), (row, cell)), shape=shape))
    return sparse.csr_array(sparse.vstack(blocks))


class Attack:
    """The linear program of what somebody knows."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.unknown = np.flatnonzero(known.least < known.greatest)
        self._programs = 0
        exact = known.exact[self.unknown]
        equal, at_most = (sparse.csr_array(m[:, self.unknown]) for m in (known.equal, known.at_most))
        self._equal, self._sums = _used(equal, equal @ exact)
        # What is known of the other cells goes to the right-hand side.
        self._at_most, self._ends = _used(at_most, at_most @ exact - known.at_most @ known.exact)
        self._bounds = np.column_stack([known.least, known.greatest])[self.unknown]

    def recovered(self, wanted: NDArray[np.bool_], seed: int = 0) -> NDArray[np.int64]:
        """Those of the wanted cells that can only be one whole number.

        A program moves all that are left up or down at random; who has moved by one from the truth is not recovered.
        Of those that never move, the least and the greatest figure are found one by one.
        """
        random, left = np.random.default_rng(seed), wanted.copy()
        while left.any():
            moved = (
                np.abs(self._solve(random.choice([-1.0, 1.0], len(self.unknown)) * left[self.unknown])) >= ALMOST_ONE
            )
            still = left.copy()
            still[self.unknown[moved]] = False
            if (left & ~still).sum() < 3:
                break
            left = still
        return np.array([cell for cell in np.flatnonzero(left) if not self._is_open(cell)], dtype=np.int64)

    def _is_open(self, cell: int) -> bool:
        """Whether more than one whole number fits."""
        cost = (self.unknown == cell).astype(float)
        if not cost.any():
            return False
        least, greatest = (self._solve(sign * cost) @ cost for sign in (1, -1))
        return bool(np.floor(greatest + 1e-6) > np.ceil(least - 1e-6))

    def _solve(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far from the truth the figures of the cheapest solution are."""
        found = optimize.linprog(
            cost, A_eq=self._equal, b_eq=self._sums, A_ub=self._at_most, b_ub=self._ends, bounds=self._bounds
        )
        assert found.status == 0, found.message
        return np.asarray(found.x - self.known.exact[self.unknown])


def _used(matrix: sparse.csr_array, sums: NDArray[np.float64]) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Without the rows that hold no unknown cell."""
    used = np.diff(matrix.indptr) > 0
    return matrix[used], sums[used]
