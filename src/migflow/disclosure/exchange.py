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
_ROUNDS, _WORTH = 4, 0.25
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
    """Which of the wanted cells were moved by one or more: one program moves many, up or down at random.

    Sure of those it finds; of those it does not, cheapest decides.
    """
    safe = np.zeros(len(wanted), dtype=bool)
    generator = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        left = wanted & ~safe
        if not left.any():
            break
        exchange = solve(hidden, np.where(left, _directions(hidden, generator), 0.0))
        moved = np.abs(exchange) >= MOVED
        safe |= moved
        if (moved & left).sum() < _WORTH * left.sum():
            break
    return safe & wanted


def _directions(hidden: Hidden, generator: np.random.Generator) -> Floats:
    """Up or down at random, but not where that is no way to go by one."""
    drawn = generator.choice([-1.0, 1.0], len(hidden.down))
    return np.where(hidden.down > -1, -1.0, np.where(hidden.up < 1, 1.0, drawn))


def cheapest(hidden: Hidden, price: Floats, wanted: Bools, seed: int) -> Floats:
    """The exchange that moves as many wanted cells by one as it can, at the least price of the others' moves.

    price: of a move by one; nothing for cells that are hidden anyway. Up or down is drawn by seed; with one cell
    wanted, an even seed moves it up and an odd one down.
    """
    if wanted.sum() == 1:
        drawn = np.full(len(wanted), 1.0 if seed % 2 == 0 else -1.0)
    else:
        drawn = -_directions(hidden, np.random.default_rng(seed))
    paid = np.flatnonzero(price > 0)
    down, up = hidden.down.copy(), hidden.up.copy()
    up[wanted] = np.where(drawn[wanted] > 0, np.minimum(up[wanted], 1.0), 0.0)
    down[wanted] = np.where(drawn[wanted] > 0, 0.0, np.maximum(down[wanted], -1.0))
    # A move downwards of a cell with a price is a column of its own, so that the price counts both ways.
    minus = -down[paid]
    down[paid] = 0.0
    both = Hidden(
        sparse.csc_array(sparse.hstack([hidden.matrix, -hidden.matrix[:, paid]])),
        np.concatenate([down, np.zeros(len(paid))]),
        np.concatenate([up, minus]),
    )
    cost = np.concatenate([price - np.where(wanted, drawn * _REWARD, 0.0), price[paid]])
    moved = solve(both, cost)
    exchange = moved[: len(price)]
    exchange[paid] -= moved[len(price) :]
    return exchange
