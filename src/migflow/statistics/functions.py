"""Functions that the SQL of statistics calls, for measures that SQL cannot say."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from duckdb.func import FunctionNullHandling

FLOWS = "STRUCT(origin VARCHAR, destination VARCHAR, flow DOUBLE)[]"
POPULATION = "STRUCT(zone VARCHAR, population DOUBLE)[]"
DISTANCES = "STRUCT(origin VARCHAR, destination VARCHAR, distance DOUBLE)[]"
INDICES = "STRUCT(indicator VARCHAR, value DOUBLE)[]"

Rows = Sequence[Mapping[str, Any]]


def bind_functions(con: duckdb.DuckDBPyConnection) -> None:
    """Make migration_indices(flows, population, distances) callable in a session's SQL."""
    con.create_function(
        "migration_indices",
        _migration_indices,
        [con.type(FLOWS), con.type(POPULATION), con.type(DISTANCES)],
        con.type(INDICES),
        null_handling=FunctionNullHandling.SPECIAL,
    )


def _migration_indices(flows: Rows, population: Rows, distances: Rows | None) -> list[dict[str, object]]:
    """The defined indices of one matrix between the zones of population, in the order of migflow.statistics.indices."""
    # Imported here because a session that computes no index should not wait for pandas and scipy.
    from migflow.statistics.indices.matrix import matrix_indices

    place = {row["zone"]: number for number, row in enumerate(population)}
    found = matrix_indices(
        _square(flows, "flow", place),
        np.array([row["population"] for row in population], dtype=float),
        None if distances is None else _square(distances, "distance", place),
    )
    return [{"indicator": name, "value": value} for name, value in found.items() if not math.isnan(value)]


def _square(rows: Rows, name: str, place: Mapping[object, int]) -> npt.NDArray[np.float64]:
    """Rows of origin, destination and a value as a matrix; what does not leave its zone is left out."""
    matrix = np.zeros((len(place), len(place)))
    for row in rows:
        matrix[place[row["origin"]], place[row["destination"]]] = row[name]
    np.fill_diagonal(matrix, 0.0)
    return matrix
