"""Indices of a whole origin-destination matrix: intensity, impact, connectivity, inequality, distance."""

import math

import numpy as np
import pandas as pd

from migflow.statistics.indices.distances import distance_decay, median_distance
from migflow.statistics.indices.flows import Floats, Population, read_distances, read_flows, shown
from migflow.statistics.indices.inequality import (
    aggregate_variation,
    field_ginis,
    off_diagonal,
    pair_differences,
    ratio,
)


def migration_indices(
    od: pd.DataFrame, population: Population | None = None, distance: pd.DataFrame | None = None
) -> pd.Series:
    """Indices of Bell et al. (2002), Plane and Mulligan (1997), Courgeau (1973); formulas in docs/indices.md.

    od: origin, destination, flow; the diagonal is ignored, a pair not named is zero. population: a Series or mapping
    by zone, or a table of zone and population. distance: origin, destination, distance for every pair.
    Returns Float64; pd.NA where an index is not defined or its input was not given. cmi, courgeau_k, mei, anmr and the
    standardised Ginis are per 100. Raises IndexInputError for fewer than two zones, negative or missing values,
    a pair given twice, a zone without population.
    """
    flows = read_flows(od, population)
    distances = None if distance is None else read_distances(distance, flows.zones)
    values = matrix_indices(flows.matrix, flows.population, distances)
    return pd.Series(list(values.values()), index=list(values), name="value").pipe(shown)


def matrix_indices(matrix: Floats, population: Floats | None, distances: Floats | None) -> dict[str, float]:
    """The same of checked arrays whose rows and columns are zones, NaN where an index is not defined.

    matrix, distances: n x n with a zero diagonal, n at least 2; population: n.
    """
    values = {
        **_intensity(matrix, None if population is None else float(population.sum())),
        **_focusing(matrix),
        **_distances(matrix, distances),
    }
    return {name: values[name] for name in ORDER}


ORDER = (
    "total",
    "connectivity",
    "cmi",
    "courgeau_k",
    "mei",
    "anmr",
    "inequality",
    "gini_total",
    "gini_total_uncorrected",
    "gini_row_std",
    "gini_column_std",
    "gini_exchange_std",
    "weighted_gini_in",
    "weighted_gini_out",
    "acv_in",
    "acv_out",
    "mean_distance",
    "median_distance",
    "distance_decay",
)


def _intensity(matrix: Floats, population: float | None) -> dict[str, float]:
    total = float(matrix.sum())
    imbalance = float(np.abs(matrix.sum(axis=0) - matrix.sum(axis=1)).sum())
    cmi = math.nan if population is None else float(ratio(100 * total, population))
    return {
        "total": total,
        "cmi": cmi,
        "courgeau_k": cmi / (2 * math.log(len(matrix))),
        "mei": float(ratio(100 * imbalance, 2 * total)),
        "anmr": math.nan if population is None else float(ratio(50 * imbalance, population)),
    }


def _focusing(matrix: Floats) -> dict[str, float]:
    n, total = len(matrix), float(matrix.sum())
    cells = off_diagonal(matrix)
    pairs = n * (n - 1)
    differences = float(pair_differences(cells.ravel()))
    outward, inward = field_ginis(matrix), field_ginis(matrix.T)
    rows, columns = pair_differences(cells).sum(), pair_differences(off_diagonal(matrix.T)).sum()
    return {
        "connectivity": np.count_nonzero(cells) / pairs,
        "inequality": float(ratio(np.abs(cells - total / pairs).sum(), 2 * total)),
        "gini_total": float(ratio(differences, 2 * (pairs - 1) * total)),
        "gini_total_uncorrected": float(ratio(differences, 2 * pairs * total)),
        "gini_row_std": float(ratio(100 * rows, differences)),
        "gini_column_std": float(ratio(100 * columns, differences)),
        "gini_exchange_std": float(ratio(100 * np.abs(matrix - matrix.T).sum(), differences)),
        "weighted_gini_in": _weighted_mean(inward, matrix.sum(axis=0)),
        "weighted_gini_out": _weighted_mean(outward, matrix.sum(axis=1)),
        "acv_in": aggregate_variation(matrix.T),
        "acv_out": aggregate_variation(matrix),
    }


def _weighted_mean(ginis: Floats, margin: Floats) -> float:
    """Mean over the zones of Gini times share (Bell et al. 2002): a zone without flows has a share of zero."""
    if len(ginis) == 2:
        return math.nan
    return float(ratio(np.nansum(ginis * margin), margin.sum() * len(ginis)))


def _distances(matrix: Floats, distances: Floats | None) -> dict[str, float]:
    if distances is None:
        return dict.fromkeys(("mean_distance", "median_distance", "distance_decay"), math.nan)
    return {
        "mean_distance": float(ratio((matrix * distances).sum(), matrix.sum())),
        "median_distance": median_distance(matrix, distances),
        "distance_decay": distance_decay(matrix, distances),
    }
