"""Functions that the SQL of statistics calls, for measures that SQL cannot say."""

from collections.abc import Mapping, Sequence

import duckdb
from duckdb.func import FunctionNullHandling

FLOWS = "STRUCT(origin VARCHAR, destination VARCHAR, flow DOUBLE)[]"
POPULATION = "STRUCT(zone VARCHAR, population DOUBLE)[]"
DISTANCES = "STRUCT(origin VARCHAR, destination VARCHAR, distance DOUBLE)[]"
INDICES = "STRUCT(indicator VARCHAR, value DOUBLE)[]"

Rows = Sequence[Mapping[str, object]]


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
    """The defined indices of one matrix, in the order of migflow.statistics.indices."""
    # Imported here because a session that computes no index should not wait for pandas and scipy.
    import pandas as pd

    from migflow.statistics.indices import migration_indices

    found = migration_indices(
        pd.DataFrame(list(flows), columns=["origin", "destination", "flow"]),
        pd.DataFrame(list(population)),
        None if distances is None else pd.DataFrame(list(distances)),
    ).dropna()
    return [{"indicator": str(name), "value": float(value)} for name, value in found.items()]
