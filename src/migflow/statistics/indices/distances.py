"""How far people move: the median distance, and its friction by a Poisson regression with two-way effects."""

import math

import numpy as np
import numpy.typing as npt

from migflow.statistics.indices.flows import Floats

MAX_STEPS = 200
START_ROUNDS = 3
TOLERANCE = 1e-11
# Where only weights below this share of the largest link blocks of cells, least squares by singular values is safer.
WEAK = 1e-6
# Beyond this share left of ln(distance)'s variance, rounding decides the coefficient.
IDENTIFIED = 1e-12
STEADY = 0.9  # of what determined the coefficient a step before


def median_distance(matrix: Floats, distances: Floats) -> float:
    """The median over migrants; where exactly half go no further than one distance, midway to the next."""
    moved = matrix > 0
    if not moved.any():
        return math.nan
    order = np.argsort(distances[moved], kind="stable")
    distance, reached = distances[moved][order], np.cumsum(matrix[moved][order])
    half = reached[-1] / 2
    first = int(np.searchsorted(reached, half, side="left"))
    after = int(np.searchsorted(reached, half, side="right"))
    return float((distance[first] + distance[after]) / 2)


def distance_decay(matrix: Floats, distances: Floats) -> float:
    """Coefficient of ln(distance) where flow is Poisson with origin and destination effects (Flowerdew, Aitkin 1982).

    By Newton's method to convergence; zero flows count. Rows and columns without flows are fitted by zero whatever the
    coefficient, and left out. NaN where the flows do not determine it: no flow, distances that the zones' effects
    explain in full, or flows that any stronger friction fits better still.
    """
    used = ~np.eye(len(matrix), dtype=bool) & (matrix.sum(axis=1) > 0)[:, None] & (matrix.sum(axis=0) > 0)[None, :]
    rows, columns = used.any(axis=1), used.any(axis=0)
    if not used.any():
        return math.nan
    used = used[np.ix_(rows, columns)]
    flows = matrix[np.ix_(rows, columns)] / matrix.sum()
    logs = np.log(np.where(used, distances[np.ix_(rows, columns)], 1.0))
    logs = np.where(used, logs - logs[used].mean(), 0.0)
    return _newton(flows, logs, used)


def _newton(flows: Floats, logs: Floats, used: npt.NDArray[np.bool_]) -> float:
    predictor, fitted = _gravity(flows, logs, used)
    coefficient, likelihood, determined = math.nan, _likelihood(predictor, flows, used), 0.0
    for _ in range(MAX_STEPS):
        response = np.where(used, predictor + (flows - fitted) / np.where(used, fitted, 1.0), 0.0)
        residual_logs, residual_response = _two_way_residuals(fitted, logs, response)
        spread = (fitted * residual_logs**2).sum()
        if spread <= IDENTIFIED * (fitted * logs**2).sum():
            return math.nan
        proposed = float((fitted * residual_logs * residual_response).sum() / spread)
        target = response - residual_response + proposed * residual_logs
        target, gained, whole = _ascend(predictor, target, flows, used, likelihood)
        settled = whole and abs(proposed - coefficient) <= TOLERANCE * max(1.0, abs(proposed))
        # What determines the coefficient may still be vanishing, with cells that are fitted better the nearer to zero.
        if settled and gained - likelihood <= TOLERANCE * abs(gained) and spread > STEADY * determined:
            return proposed
        coefficient, likelihood, predictor, determined = proposed, gained, target, spread
        with np.errstate(over="ignore"):
            fitted = np.where(used, np.exp(predictor), 0.0)
        if not (np.isfinite(fitted).all() and fitted[used].all()):
            return math.nan
    return math.nan


def _gravity(flows: Floats, logs: Floats, used: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Where to start: a friction of one, as in most countries, with margins that a few rounds bring near the flows'."""
    predictor = -logs
    fitted = np.where(used, np.exp(predictor), 0.0)
    for axis in (1, 0) * START_ROUNDS:
        step = np.log(flows.sum(axis=axis, keepdims=True) / fitted.sum(axis=axis, keepdims=True))
        predictor, fitted = predictor + step, fitted * np.exp(step)
    return predictor, fitted


def _ascend(
    start: Floats, target: Floats, flows: Floats, used: npt.NDArray[np.bool_], likelihood: float
) -> tuple[Floats, float, bool]:
    """The full step, or the first of its halvings that does not lower the likelihood, and whether it is full."""
    for halving in range(40):
        tried = start + (target - start) / 2**halving
        reached = _likelihood(tried, flows, used)
        if reached >= likelihood - 1e-13 * abs(likelihood) or halving == 39:
            break
    return tried, reached, halving == 0


def _likelihood(predictor: Floats, flows: Floats, used: npt.NDArray[np.bool_]) -> float:
    with np.errstate(over="ignore"):
        return float((flows * predictor)[used].sum() - np.exp(predictor[used]).sum())


def _two_way_residuals(weights: Floats, *tables: Floats) -> list[Floats]:
    """What weighted least squares on row and column effects leaves of each table; row effects are eliminated exactly.

    The rest is scaled to a unit diagonal, so that small zones count beside large ones. Its rank is n - 1, for what is
    common to all columns can be a row effect as well: the least effects are those with none of it. Where the cells
    fall into blocks, or nearly, it is lower, and least squares finds the least effects.
    """
    row_weight, scale = weights.sum(axis=1)[:, None], np.sqrt(weights.sum(axis=0))
    share = weights / row_weight
    centred = [table - (share * table).sum(axis=1)[:, None] for table in tables]
    normal = np.eye(len(scale)) - (weights.T @ share) / np.outer(scale, scale)
    right = np.column_stack([(weights * table).sum(axis=0) / scale for table in centred])
    if _hang_together(weights > WEAK * weights.max()):
        scaled = np.linalg.solve(normal + np.outer(scale, scale) / (scale**2).sum(), right)
    else:
        scaled = np.linalg.lstsq(normal, right, rcond=1e-13)[0]
    columns = (scaled / scale[:, None]).T
    return [table - column[None, :] + (share @ column)[:, None] for table, column in zip(centred, columns, strict=True)]


def _hang_together(used: npt.NDArray[np.bool_]) -> bool:
    """Whether each column is reached from the first over rows and columns that share a used cell."""
    reached = used[used[:, 0]].any(axis=0)
    while True:
        further = used[used[:, reached].any(axis=1)].any(axis=0)
        if (further == reached).all():
            return bool(reached.all())
        reached = further
