"""Indices of each zone of a matrix: what comes, what goes, how far the exchange is one-sided or focused."""

import pandas as pd

from migflow.statistics.indices.flows import Population, read_flows, shown
from migflow.statistics.indices.inequality import field_ginis, ratio


def zone_indices(od: pd.DataFrame, population: Population | None = None) -> pd.DataFrame:
    """One row a zone: flows, rates per 100 inhabitants, effectiveness (100 net / turnover), field Ginis.

    Arguments and errors as in `migration_indices`. Columns in, out, net, turnover, population, in_rate, out_rate,
    net_rate, turnover_rate, effectiveness, gini_in, gini_out, all Float64; pd.NA where not defined or not given.
    """
    flows = read_flows(od, population)
    arrivals, departures = flows.matrix.sum(axis=0), flows.matrix.sum(axis=1)
    counts = {"in": arrivals, "out": departures, "net": arrivals - departures, "turnover": arrivals + departures}
    inhabitants = flows.population if flows.population is not None else ratio(0.0 * arrivals, 0.0)
    table = pd.DataFrame(
        {
            **counts,
            "population": inhabitants,
            **{f"{name}_rate": ratio(100 * count, inhabitants) for name, count in counts.items()},
            "effectiveness": ratio(100 * counts["net"], counts["turnover"]),
            "gini_in": field_ginis(flows.matrix.T),
            "gini_out": field_ginis(flows.matrix),
        },
        index=flows.zones,
    )
    return table.apply(shown)
