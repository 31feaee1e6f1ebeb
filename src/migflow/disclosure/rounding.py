"""Fixed random rounding: up or down to a multiple, without bias, and the same figure the same way for ever."""

import duckdb
import numpy as np

from migflow.contracts import Contract
from migflow.disclosure.cells import Floats

_HEX_DIGITS = 13


def rounded(values: Floats, draws: Floats, base: int) -> Floats:
    """Round counts to multiples of base: a count r above one goes up with probability r / base, else down.

    draws: one number from [0, 1) a cell. Multiples stay, so zero stays zero.
    """
    below = np.floor(values / base) * base
    return below + base * (draws * base < values - below)


def draws(con: duckdb.DuckDBPyConnection, contract: Contract, key: str) -> Floats:
    """A number from [0, 1) for each cell of a table, fixed by the secret key, the table and the cell's own key.

    So the same cell has the same draw in every vintage, whatever else the table holds.
    """
    name = ", ".join(f"CAST({column} AS VARCHAR)" for column in contract.key)
    digits = f"left(sha256(concat_ws('|', $key, '{contract.table}', {name})), {_HEX_DIGITS})"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE drawn AS SELECT cell, CAST('0x' || {digits} AS BIGINT) AS draw "
        f"FROM {contract.table}",
        {"key": key},
    )
    return con.sql("SELECT draw FROM drawn ORDER BY cell").to_arrow_table()["draw"].to_numpy() / float(16**_HEX_DIGITS)
