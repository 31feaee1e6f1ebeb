"""The figures of all tables as one numbered list of cells, with what a reader knows of each."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from migflow.contracts import Contract, Disclosure

FREE, PRIMARY, SECONDARY = 0, 1, 2
CODES = ("F", "A", "D")
_COUNTED = "unit_measure IN ('EVT', 'PS')"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass
class Cells:
    """One entry a cell, in the order of the tables and of their keys.

    table: index into tables; value: exact, as stored; block: time_period, 0 where the table has none; counted:
    persons or events, against rates and shares; sensitive: a count that its rule may find too small; perturbed: shown
    with noise, a reader knows lower to upper; status: FREE, PRIMARY or SECONDARY; shown: the figure to be published.
    """

    tables: tuple[str, ...]
    rules: Mapping[str, Disclosure]
    offsets: Mapping[str, int]
    table: Ints
    value: Floats
    block: Ints
    counted: Bools
    sensitive: Bools
    perturbed: Bools
    status: Ints
    shown: Floats
    lower: Floats
    upper: Floats

    @property
    def suppressed(self) -> Bools:
        """Cells shown as empty."""
        return self.status != FREE

    @property
    def veiled(self) -> Bools:
        """Cells shown with noise because they are smaller than it."""
        noise = np.array([self.rules[table].noise for table in self.tables], dtype=np.int64)[self.table]
        return self.perturbed & ~self.suppressed & (self.value > 0) & (self.value < noise)

    @property
    def minimum(self) -> Ints:
        """Smallest count that may be shown, by cell; 0 where its table suppresses nothing."""
        least = [r.minimum if r.method == "suppression" else 0 for r in map(self.rules.__getitem__, self.tables)]
        return np.array(least, dtype=np.int64)[self.table]

    def of(self, table: str) -> slice:
        """Where a table's cells are."""
        position = self.tables.index(table)
        start = self.offsets[table]
        return slice(start, start + int(np.count_nonzero(self.table == position)))


def number(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], sources: Mapping[str, str]) -> Cells:
    """Make each source a table of the session, with its column cell, and read its figures.

    sources: table name -> SQL that reads it, with the columns of its contract.
    """
    offset, offsets, parts = 0, {}, []
    for position, (table, source) in enumerate(sources.items()):
        contract = contracts[table]
        con.execute(
            f"CREATE TABLE {table} AS SELECT *, row_number() OVER (ORDER BY {', '.join(contract.key)}) - 1 + {offset} "
            f"AS cell FROM {source}"
        )
        part = _figures(con, contract)
        parts.append({"table": np.full(len(part["value"]), position, dtype=np.int64), **part})
        offsets[table] = offset
        offset += len(part["value"])
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rules = {table: contracts[table].disclosure or Disclosure("none") for table in sources}
    value = columns["value"]
    return Cells(
        tables=tuple(sources),
        rules=rules,
        offsets=offsets,
        **columns,
        perturbed=np.zeros(offset, dtype=bool),
        status=np.zeros(offset, dtype=np.int64),
        shown=value.copy(),
        lower=value.copy(),
        upper=value.copy(),
    )


def _figures(con: duckdb.DuckDBPyConnection, contract: Contract) -> dict[str, NDArray]:
    names = {column.name for column in contract.columns}
    block = "time_period" if "time_period" in names else "0"
    counted = _COUNTED if "unit_measure" in names else "true"
    rule = contract.disclosure
    counts = (rule.counts if rule else None) or "true"
    found = con.sql(
        f"SELECT CAST(obs_value AS DOUBLE) AS value, {counted} AS counted, {counted} AND ({counts}) AS sensitive, "
        f"try_cast(left(CAST({block} AS VARCHAR), 4) AS BIGINT) AS block FROM {contract.table} ORDER BY cell"
    ).to_arrow_table()
    return {name: found[name].to_numpy() for name in found.column_names}
