"""Sums of absolute differences over all pairs, and the Gini and variation of migration fields."""

import numpy as np

from migflow.statistics.indices.flows import Floats


def off_diagonal(matrix: Floats) -> Floats:
    """The n - 1 flows of each row to other zones, as n by n - 1."""
    n = len(matrix)
    return matrix[~np.eye(n, dtype=bool)].reshape(n, n - 1)


def pair_differences(values: Floats) -> Floats:
    """Sum of |a - b| over all ordered pairs along the last axis.

    The gap between the r-th and the next of k sorted values lies inside 2 r (k - r) ordered pairs; every term is
    non-negative, so nothing cancels.
    """
    k = values.shape[-1]
    rank = np.arange(1, k, dtype=np.float64)
    return np.asarray(2 * (np.diff(np.sort(values, axis=-1), axis=-1) * (rank * (k - rank))).sum(axis=-1))


def field_ginis(matrix: Floats) -> Floats:
    """Gini of each row's flows over 2 (n - 2) times the row's total; NaN where the row is empty or n is 2."""
    fields = off_diagonal(matrix)
    n = len(matrix)
    return ratio(pair_differences(fields), 2 * (n - 2) * fields.sum(axis=1))


def aggregate_variation(matrix: Floats) -> float:
    """Population standard deviation over mean of each row's flows, weighted by the row's share of all flows.

    Share times SD over mean is SD (n - 1) / T, so empty rows need no exception.
    """
    fields = off_diagonal(matrix)
    return float(ratio(fields.std(axis=1).sum() * fields.shape[1], fields.sum()))


def ratio(numerator: Floats | float, denominator: Floats | float) -> Floats:
    """Quotient; NaN where the denominator is zero. NaN stays inside: tables show it as missing (pd.NA)."""
    above, below = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
