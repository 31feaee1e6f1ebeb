"""The cell-key method: noise that follows from who is counted, through the ONS's cell-key-perturbation.

Every person has a record key; the sum of the keys in a cell is its cell key, and this gives the noise. So the same
persons get the same noise in every table and in every vintage, and figures cannot be averaged over either.
"""

import contextlib
import io
from collections.abc import Iterator

import duckdb
import numpy as np
from cell_key_perturbation.create_perturbed_table import create_perturbed_table

from migflow.contracts import Contract
from migflow.disclosure import records
from migflow.disclosure.cells import Floats
from migflow.disclosure.ptable import keys, ptable
from migflow.errors import MigflowError

# Records that are in memory at once as a pandas table; a cell is never split.
_AT_ONCE = 2_000_000
_HEX_DIGITS = 12


def perturbed(con: duckdb.DuckDBPyConnection, contract: Contract, values: Floats, minimum: int, key: str) -> Floats:
    """The counts of a table with their noise, in the order of its cells; zero where the table counts none.

    con holds the table with its column cell and the tables that its records come from. key: the secret behind the
    record keys. Raises MigflowError where the records are not what the table counts.
    """
    if not values.any():
        return values.copy()
    start = _number(con, contract, keys(minimum), key)
    shown = values.copy()
    counted = np.zeros(len(values))
    for first, last in _portions(values):
        found = con.sql(
            f"SELECT cell, record_key FROM records WHERE cell BETWEEN {start + first} AND {start + last}"
        ).df()
        # The package prints what it checks.
        with contextlib.redirect_stdout(io.StringIO()):
            cells = create_perturbed_table(found, ptable(minimum), [], ["cell"], "record_key", threshold=0)
        at = cells["cell"].to_numpy() - start
        counted[at] = cells["pre_sdc_count"].to_numpy()
        shown[at] = cells["count"].to_numpy(dtype=float)
    other = int((counted != values).sum()) + con.sql("SELECT cell FROM records WHERE cell IS NULL").shape[0]
    if other:
        raise MigflowError(
            f"{contract.table}: {other:,} of its figures are not the numbers of their records. Tables have changed "
            f"since it was built, so run the whole job; or disclosure/records/{contract.table}.sql counts otherwise."
        )
    return shown


def _number(con: duckdb.DuckDBPyConnection, contract: Contract, number_of_keys: int, key: str) -> int:
    """Make the table records (cell, record_key) in the session; returns the first cell of the table."""
    record_keys = f"record_keys_{number_of_keys}"
    con.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {record_keys} AS SELECT person_id, CAST(CAST('0x' || "
        f"left(sha256(concat_ws('|', $key, person_id)), {_HEX_DIGITS}) AS BIGINT) % {number_of_keys} AS INTEGER) "
        f"AS record_key FROM {records.PERSONS}",
        {"key": key},
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE records AS SELECT CAST(t.cell AS INTEGER) AS cell, k.record_key "
        f"FROM ({records.query(contract.table)}) AS r INNER JOIN {record_keys} AS k ON k.person_id = r.person_id "
        f"LEFT JOIN {contract.table} AS t USING ({', '.join(contract.key)})"
    )
    return int(con.sql(f"SELECT min(cell) FROM {contract.table}").fetchall()[0][0])


def _portions(values: Floats) -> Iterator[tuple[int, int]]:
    """First and last cell of runs of cells that together count few enough."""
    portion = np.cumsum(values) // _AT_ONCE
    starts = np.flatnonzero(np.diff(portion, prepend=-1))
    yield from zip(starts, np.append(starts[1:], len(values)) - 1, strict=True)
