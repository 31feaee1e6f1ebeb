"""lower and upper of every cell of a table, from what the draws change in it."""

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa

from migflow import contracts
from migflow.contracts import VALUE
from migflow.errors import MigflowError
from migflow.imputation import changes_of_cells
from migflow.imputation.links import DRAWS
from migflow.imputation.rubin import pool

# Decimals of lower and upper: the last bits of a square root depend on the machine.
DIGITS = 6


def add(con: duckdb.DuckDBPyConnection, table: str, known: Mapping[str, object]) -> str:
    """Work out the intervals of a table that the session holds without them; returns the query of it with them.

    Makes pooled: the key, corrected (the mean over the draws), lower and upper. Counts are at least 0, unless the
    contract says where they are signed.
    """
    contract = contracts.load(table)
    if contract.uncertainty is None:
        raise MigflowError(f"The contract of {table} does not say how its uncertainty is worked out.")
    key = ", ".join(contract.key)
    con.execute(
        f"CREATE OR REPLACE TABLE cells AS SELECT row_number() OVER (ORDER BY {key}) - 1 AS cell, {key}, {VALUE}, "
        f"{contract.uncertainty.signed} AS signed FROM {table}"
    )
    cell, change = _changes(con, table, known)
    observed = con.sql(f"SELECT {VALUE}, signed FROM cells ORDER BY cell").fetchnumpy()
    pooled = pool(observed[VALUE].astype(float), cell, change, DRAWS)
    least = np.where(observed["signed"], -np.inf, 0.0)
    columns = {"corrected": pooled.mean, "lower": pooled.lower, "upper": pooled.upper}
    ends = {name: np.round(np.maximum(values, least), DIGITS) for name, values in columns.items()}
    con.register("ends", pa.table({"cell": np.arange(len(least)), **ends}))
    con.execute(
        f"CREATE OR REPLACE TABLE pooled AS SELECT {key}, corrected, lower, upper FROM cells JOIN ends USING (cell)"
    )
    return f"SELECT t.*, p.lower, p.upper FROM {table} AS t JOIN pooled AS p USING ({key})"


def _changes(con: duckdb.DuckDBPyConnection, table: str, known: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
    """Cell and change of every cell that a draw changes. Cells that no row of the table has are lost."""
    key = ", ".join(contracts.load(table).key)
    changed = changes_of_cells.make_changes(con, table, known)
    found = con.sql(f"SELECT cell, c.{VALUE} FROM {changed} AS c JOIN cells USING ({key}) ORDER BY cell, draw")
    columns = found.fetchnumpy()
    return columns["cell"], columns[VALUE].astype(float)
