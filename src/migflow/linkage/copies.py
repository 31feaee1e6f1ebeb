"""Records equal in everything compared: one of them stands for all, so that a million copies are no trillion pairs."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from migflow.linkage.budget import BlockSize
from migflow.linkage.inputs import Side

# Only where a block is this large do copies matter.
LARGE_BLOCK = 1_000_000
# Up to so many equal records stay: a person's own repetitions are what training learns from.
FEW = 20


def matter(sizes: Sequence[BlockSize]) -> bool:
    """Whether a block makes so many pairs that copies are worth looking for."""
    return any(size.largest > LARGE_BLOCK for size in sizes)


def first_of(con: duckdb.DuckDBPyConnection, side: Side) -> np.ndarray:
    """For each record the first one equal to it in all compared columns and keys, if more than a few are.

    Records with a value in a unique column are copies of none, since they may not be one person; nor those without a
    key, which no rule pairs.
    """
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"n": pa.array(np.arange(len(side)))}
    columns |= {f"c{n}_{k}": column for n, many in enumerate(side.compared) for k, column in enumerate(many)}
    columns |= {f"b{n}": pa.array(np.where(side.keyed[n], side.keys[n], 0)) for n in range(len(side.keys))}
    columns |= {f"k{n}": pa.array(keyed) for n, keyed in enumerate(side.keyed)}
    apart = [f"CASE WHEN q{n} IS NOT NULL THEN n END" for n in range(len(side.unique))]
    apart.append(f"CASE WHEN NOT ({' OR '.join(f'k{n}' for n in range(len(side.keyed)))}) THEN n END")
    equal = ", ".join([*(name for name in columns if name != "n"), *apart])
    columns |= {f"q{n}": column for n, column in enumerate(side.unique)}
    con.register("records", pa.table(columns))
    first_equal = f"CASE WHEN count(*) OVER equal > {FEW} THEN min(n) OVER equal ELSE n END AS first"
    query = f"SELECT {first_equal} FROM records WINDOW equal AS (PARTITION BY {equal}) ORDER BY n"
    found = con.sql(query).to_arrow_table()
    con.unregister("records")
    first: np.ndarray = found["first"].to_numpy()
    return first


def subset(side: Side, records: np.ndarray) -> Side:
    """Some records of a table."""
    places = pa.array(records)
    return replace(
        side,
        ids=side.ids.take(places),
        compared=tuple(tuple(column.take(places) for column in many) for many in side.compared),
        keys=tuple(column[records] for column in side.keys),
        keyed=tuple(column[records] for column in side.keyed),
        unique=tuple(column.take(places) for column in side.unique),
    )
