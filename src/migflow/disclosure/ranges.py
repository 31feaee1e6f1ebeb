"""What single equations tell of the figures in them: the least and the greatest that the others leave."""

import numpy as np
from scipy import sparse

from migflow.disclosure.cells import Bools, Cells, Floats, Ints
from migflow.disclosure.relations import System

# Ranges may narrow each other in turn for long; what is cornered at all is so by then.
_TURNS = 10


def cornered(cells: Cells, system: System) -> Bools:
    """Cells to which one equation after the other leaves two whole numbers at most: those worth a linear program."""
    still = ~(cells.suppressed | cells.perturbed)
    down = np.concatenate([np.where(still, 0.0, cells.lower - cells.value), -system.slacks])
    up = np.concatenate([np.where(still, 0.0, cells.upper - cells.value), np.full(len(system.slacks), np.inf)])
    entries = sparse.coo_array(system.matrix)
    rows, columns = entries.coords
    for _ in range(_TURNS):
        least, greatest = _left_by_others(rows, columns, entries.data, down, up)
        narrower = down.copy(), up.copy()
        np.maximum.at(narrower[0], columns, np.ceil(least - 1e-9))
        np.minimum.at(narrower[1], columns, np.floor(greatest + 1e-9))
        if (narrower[0] == down).all() and (narrower[1] == up).all():
            break
        down, up = narrower
    return (~still) & (up - down < 2)[: len(still)]


def _left_by_others(rows: Ints, columns: Ints, coefficients: Floats, down: Floats, up: Floats) -> tuple[Floats, Floats]:
    """Least and greatest move of each entry's cell that the other cells of its equation can make up for."""
    rising = coefficients > 0
    most = coefficients * np.where(rising, up[columns], down[columns])
    fewest = coefficients * np.where(rising, down[columns], up[columns])
    ends = []
    for part in (most, fewest):
        # An end without limit leaves one to all others of its equation.
        finite = np.isfinite(part)
        total = np.bincount(rows, np.where(finite, part, 0.0))
        unlimited = np.bincount(rows, ~finite)[rows] - ~finite
        others = total[rows] - np.where(finite, part, 0.0)
        ends.append(np.where(unlimited > 0, np.inf if part is most else -np.inf, others))
    low, high = -ends[0] / coefficients, -ends[1] / coefficients
    return np.where(rising, low, high), np.where(rising, high, low)
