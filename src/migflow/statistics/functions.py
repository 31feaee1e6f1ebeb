"""Functions that the SQL of accounts and statistics calls: macros, and measures that SQL cannot say."""

import math
import threading
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import FunctionNullHandling, PythonUDFType

FLOWS = "STRUCT(origin VARCHAR, destination VARCHAR, flow DOUBLE)[]"
POPULATION = "STRUCT(zone VARCHAR, population DOUBLE)[]"
DISTANCES = "STRUCT(origin VARCHAR, destination VARCHAR, distance DOUBLE)[]"
_MACROS = Path(__file__).parents[1] / "macros.sql"
INDICES = "STRUCT(indicator VARCHAR, value DOUBLE)[]"
# Threads of the database that compute side by side in Python take twice as long as one after another.
_ONE_BY_ONE = threading.Lock()


def bind_functions(con: duckdb.DuckDBPyConnection) -> None:
    """Make the macros of macros.sql and migration_indices(flows, population, distances) callable in a session's SQL."""
    con.execute(_MACROS.read_text(encoding="utf-8"))
    con.create_function(
        "migration_indices",
        _migration_indices,
        [con.type(FLOWS), con.type(POPULATION), con.type(DISTANCES)],
        con.type(INDICES),
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def _migration_indices(flows: pa.ChunkedArray, population: pa.ChunkedArray, distances: pa.ChunkedArray) -> pa.Array:
    """The defined indices of each row's matrix, in the order of migflow.statistics.indices; columns as typed above."""
    # Imported here because a session that computes no index should not wait for pandas and scipy.
    from migflow.statistics.indices.matrix import matrix_indices

    shown = []
    with _ONE_BY_ONE:
        for flow, residents, distance in zip(flows, population, distances, strict=True):
            zones = residents.values.field("zone")
            found = matrix_indices(
                _square(flow.values, zones),
                residents.values.field("population").to_numpy(),
                _square(distance.values, zones) if distance.is_valid else None,
            )
            shown.append([(name, value) for name, value in found.items() if not math.isnan(value)])
    return pa.array(shown, pa.list_(pa.struct([("indicator", pa.string()), ("value", pa.float64())])))


def _square(pairs: pa.StructArray, zones: pa.Array) -> npt.NDArray[np.float64]:
    """Origin, destination and a value as a matrix between the zones; what does not leave its zone is left out."""
    matrix = np.zeros((len(zones), len(zones)))
    origin, destination = (pc.index_in(pairs.field(side), zones).to_numpy() for side in (0, 1))
    matrix[origin, destination] = pairs.field(2).to_numpy()
    np.fill_diagonal(matrix, 0.0)
    return matrix
