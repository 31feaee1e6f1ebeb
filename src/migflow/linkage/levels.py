"""Comparison levels of given pairs, for those who weigh the levels themselves."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migflow.errors import MigflowError
from migflow.linkage.compare import Compared, prepare
from migflow.linkage.inputs import Side, Source, read
from migflow.linkage.model import LinkageModel
from migflow.linkage.prepared import Options
from migflow.linkage.weighing import BATCH


def pair_levels(
    left: Source, right: Source, model: LinkageModel, pairs: pa.Table, *, options: Options | None = None
) -> np.ndarray:
    """Levels (pairs x comparisons, int8) of pairs (left_id, right_id): -1 a value missing, 0 lowest, equality highest.

    The model needs no parameters. MigflowError if a table does not fit the model or an id is of neither table.
    """
    options = options or Options()
    with closing(duckdb.connect(config={"threads": options.workers})) as con:
        one, two = read(con, left, model, right=False), read(con, right, model, right=True)
    compared = [prepare(comparison, number, one, two) for number, comparison in enumerate(model.compares)]
    return _levels(compared, _numbers(one, pairs["left_id"]), _numbers(two, pairs["right_id"]), options.workers)


def _levels(compared: Sequence[Compared], left: np.ndarray, right: np.ndarray, threads: int) -> np.ndarray:
    out = np.empty((len(compared), len(left)), np.int8)

    def part(first: int) -> None:
        stop = first + BATCH
        for c, comparison in enumerate(compared):
            comparison.levels(left[first:stop], right[first:stop], out[c, first:stop])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, range(0, len(left), BATCH)))
    return out.T


def _numbers(side: Side, ids: pa.ChunkedArray) -> np.ndarray:
    """Record numbers of ids."""
    found = pc.index_in(ids, value_set=side.ids)
    if found.null_count:
        raise MigflowError(f"{found.null_count:,} ids of the given pairs are not in {side.name}.")
    numbers: np.ndarray = found.to_numpy().astype(np.int32)
    return numbers
