"""Other figures that fit everything published: found by linear programming over the cells that readers do not know.

An exchange is a change of hidden cells that leaves every equation as it is. A cell is safe when some exchange moves it
by one or more inside what readers know of it: then they cannot tell its figure. An exchange in which other cells keep
still is one all the same, so those of one year are looked for by themselves, and large systems fall into small ones.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from migflow.disclosure.cells import Bools, Floats
from migflow.errors import MigflowError

MOVED = 1 - 1e-6
# A round that moves a smaller share of what is left is the last one.
_ROUNDS, _WORTH = 6, 0.25
# Where a hidden figure has no upper end, an exchange need not go further than this.
_FAR = 1000.0
# Worth more than any set of cells that would have to be left out for one.
_REWARD = 1e4


@dataclass(frozen=True)
class Hidden:
    """The cells that readers do not know, by column: the equations over them, and how far each may move."""

    matrix: sparse.csc_array
    down: Floats
    up: Floats


def solve(hidden: Hidden, cost: Floats) -> Floats:
    """The exchange of least cost; MigflowError if the solver fails. Standing still always is an exchange."""
    if not len(cost):
        return np.zeros(0)
    used = np.diff(sparse.csr_array(hidden.matrix).indptr) > 0
    matrix = sparse.csr_array(hidden.matrix)[used]
    found = optimize.linprog(
        cost,
        A_eq=matrix if matrix.shape[0] else None,
        b_eq=np.zeros(matrix.shape[0]) if matrix.shape[0] else None,
        bounds=np.column_stack([np.maximum(hidden.down, -_FAR), np.minimum(hidden.up, _FAR)]),
        method="highs",
    )
    if found.status != 0:
        raise MigflowError(f"Disclosure control could not solve a linear program: {found.message}")
    return np.asarray(found.x)


def movable(hidden: Hidden, wanted: Bools) -> Bools:
    """Which of the wanted cells were moved by one or more: one program moves many.

    Sure of those it finds; of the others a search among more cells decides.
    """
    left, free = wanted.copy(), np.zeros(len(wanted))
    for seed in range(_ROUNDS):
        if not left.any():
            break
        moved = left & (np.abs(cheapest(hidden, free, left, seed)) >= MOVED)
        left &= ~moved
        if seed > 0 and moved.sum() < _WORTH * left.sum():
            break
    return wanted & ~left


def cheapest(hidden: Hidden, price: Floats, wanted: Bools, seed: int) -> Floats:
    """The exchange that moves as many wanted cells by one as it can, at the least price of the others' moves.

    price: of a move by one; nothing for cells that are hidden anyway, such as those wanted. With seed 0 all of these go
    up, for then a sum can go with its parts, with 1 down, and otherwise as drawn.
    """
    at, paid = np.flatnonzero(wanted), np.flatnonzero(price > 0)
    upwards = _upwards(hidden, seed)[at]
    down, up, cost = hidden.down.copy(), hidden.up.copy(), price.copy()
    # Only the first step of a wanted cell is worth anything: what it goes further is a column of its own.
    least, most = (
        np.where(upwards, down[at], np.maximum(down[at], -1)),
        np.where(upwards, np.minimum(up[at], 1), up[at]),
    )
    further_down = np.where(upwards, 0.0, np.minimum(down[at] + 1, 0))
    further_up = np.where(upwards, np.maximum(up[at] - 1, 0), 0.0)
    down[at], up[at], cost[at] = least, most, np.where(upwards, -_REWARD, _REWARD)
    # A move downwards of a cell with a price is one as well, so that the price counts both ways.
    minus = -down[paid]
    down[paid] = 0.0
    split = Hidden(
        sparse.csc_array(sparse.hstack([hidden.matrix, hidden.matrix[:, at], -hidden.matrix[:, paid]])),
        np.concatenate([down, further_down, np.zeros(len(paid))]),
        np.concatenate([up, further_up, minus]),
    )
    moved = solve(split, np.concatenate([cost, np.zeros(len(at)), price[paid]]))
    exchange, further, back = np.split(moved, [len(price), len(price) + len(at)])
    exchange[at] += further
    exchange[paid] -= back
    return exchange


def _upwards(hidden: Hidden, seed: int) -> Bools:
    """Whether a cell is to go up: by the seed, but not where there is no way to go by one."""
    n = len(hidden.down)
    drawn = np.full(n, seed == 0) if seed < 2 else np.random.default_rng(seed).random(n) < 0.5
    return (hidden.down > -1) | (drawn & (hidden.up >= 1))
