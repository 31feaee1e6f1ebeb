"""Comparison levels of given pairs, for those who weigh the levels themselves."""

from contextlib import closing

import duckdb
import numpy as np
import pyarrow as pa

from migflow.linkage.compare import prepare
from migflow.linkage.inputs import Source, read
from migflow.linkage.model import LinkageModel
from migflow.linkage.prepared import Options, record_numbers
from migflow.linkage.samples import levels_of


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
    return levels_of(
        compared, record_numbers(one, pairs, "left_id"), record_numbers(two, pairs, "right_id"), options.workers
    )
