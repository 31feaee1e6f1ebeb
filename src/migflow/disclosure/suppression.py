"""Primary suppression of small counts, and secondary suppression until no hidden figure can be worked out."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from migflow.disclosure.cells import FREE, PRIMARY, SECONDARY, Bools, Cells, Floats, Ints
from migflow.disclosure.exchange import MOVED, Hidden, cheapest, movable
from migflow.disclosure.ranges import cornered
from migflow.disclosure.relations import System
from migflow.errors import MigflowError

# What the vintage before showed is known, so that leaving it out now protects little.
_SHOWN_BEFORE = 1e2
# Searches for many cells at once that may serve none, before those left are tried one by one.
_FRUITLESS = 1
# How many cells in a row are tried one by one in vain, and how often what surrounds the others is left out.
_ALONE, _RINGS = 2, 5
# How many perturbed cells of an equation take part in a search; all where a block has few.
_LENT, _COMPANY, _FEW = 6, 2, 20_000
# A perturbed figure left out costs so many times what an exact one does.
_WITHHELD = 2.0
# Figures of so many persons or events are left out only where nothing else protects an exact one.
_HEADLINE = 10_000
# Calling a primary figure secondary costs no information.
_RENAMED = 0.1


@dataclass(frozen=True)
class Before:
    """What the vintage before did with each cell: showed the figure it would show now, or left it out, as what."""

    shown: Bools
    status: Ints


def suppress_small(cells: Cells) -> None:
    """Primary suppression: leave out counts below the minimum of their table."""
    small = cells.sensitive & (cells.value != 0) & (np.abs(cells.value) < cells.minimum)
    _hide(cells, np.flatnonzero(small), PRIMARY)


def suppress_linked(cells: Cells, system: System, before: Before | None = None) -> None:
    """Secondary suppression: leave out more, until nothing that is left out can be worked out.

    The same goes for perturbed figures that are smaller than the noise. Cells must already carry what readers know of
    perturbed and of small ones. Years are protected one by one, then with the years beside them where a figure can only
    be protected by those. Where that does not do either, all that shares a sum with it is left out; with a perturbed
    figure, all that is perturbed itself, and that is all that can be done for it. Raises MigflowError if an exact
    figure can be worked out even when all around it is left out.
    """
    price, unlisted = _prices(cells, before), cells.perturbed & (cells.shown == 0)
    if before is not None:
        again = np.isfinite(price) | cells.suppressed | (cells.perturbed & (cells.value != 0))
        _hide(cells, np.flatnonzero((before.status == SECONDARY) & again), SECONDARY)
    allowed = _allowed(cells, price)
    left = _each_year(cells, system, allowed[0], cells.suppressed)
    left |= _each_year(cells, system, allowed[0], cells.veiled & cornered(cells, system))
    left |= _narrowed(cells, unlisted)
    for _ in range(_RINGS):
        hidden = cells.suppressed.copy()
        # An exact figure may need more company than was lent; all that is perturbed in its year is asked before more is
        # left out around it.
        exact = _by_year(cells, system, allowed[0], left & ~cells.perturbed, few=0)
        left = (left & cells.perturbed) | _by_year(cells, system, allowed[0], exact, few=len(left))
        left = _beside(cells, system, allowed, left)
        # Too few persons for a search of the fewest: what shares a sum with the figure is left out, unsaid why.
        near = _sharing(system, left & ~cells.perturbed) | (_sharing(system, left & cells.perturbed) & cells.perturbed)
        _hide(cells, np.flatnonzero(near & (np.isfinite(price) | _noisy(cells))), SECONDARY)
        if (cells.suppressed == hidden).all():
            break
        left = (left | near | _narrowed(cells, unlisted)) & cells.suppressed & ~cells.perturbed
    left &= ~cells.perturbed
    if left.any():
        tables = sorted({cells.tables[t] for t in cells.table[left]})
        raise MigflowError(
            f"{left.sum()} figures of {', '.join(tables)} cannot be hidden: whatever else is left out, the published "
            "totals give them away. Raise minimum, or choose another method of disclosure in the contract."
        )


def _allowed(cells: Cells, price: Floats) -> tuple[Floats, Floats, Floats]:
    """Prices of what may be left out: for any figure; for one that this does not hide; for an exact one even then.

    First figures of tables that leave out any, then totals that only indices stand with, then those of a whole country.
    """
    modest = np.where(np.abs(cells.value) < _HEADLINE, price, np.inf)
    return np.where(cells.minimum > 0, modest, np.inf), modest, price


def _narrowed(cells: Cells, unlisted: Bools) -> Bools:
    """Exact figures left out in years in which an unlisted one is, which is known to be no zero now: others may have
    been safe because it could have been one."""
    return cells.suppressed & ~cells.perturbed & np.isin(cells.block, cells.block[unlisted & cells.suppressed])


def _beside(cells: Cells, system: System, allowed: Sequence[Floats], wanted: Bools) -> Bools:
    """Protect the wanted cells with the years beside theirs; returns those left."""
    near = np.isin(cells.block, cells.block[wanted][:, None] + [-1, 0, 1])
    few = near & (~cells.perturbed | lent(cells, system, near, allowed[0], wanted, _FEW))
    exact = _protect(cells, system, allowed[0], few, wanted & ~cells.perturbed)
    for price in allowed:
        exact = _protect(cells, system, price, near, exact)
    return exact | _protect(cells, system, allowed[1], few, wanted & cells.perturbed)


def _sharing(system: System, some: Bools) -> Bools:
    """Cells that share an equation with some, which are among them."""
    matrix = abs(system.matrix[:, : len(some)])
    return matrix.T @ ((matrix @ some.astype(float)) > 0).astype(float) > 0


def _each_year(cells: Cells, system: System, price: Floats, wanted: Bools) -> Bools:
    """Protect the wanted cells year by year with few of the perturbed ones, and perturbed ones with more; returns those
    left."""
    left = _by_year(cells, system, price, wanted, few=0)
    return (left & ~cells.perturbed) | _by_year(cells, system, price, left & cells.perturbed, _FEW)


def _by_year(cells: Cells, system: System, price: Floats, wanted: Bools, few: int) -> Bools:
    """Protect the wanted cells, every year by itself; returns those that are not safe yet.

    few: up to so many perturbed cells of a year all take part. Years have no cell in common and the solver lets other
    threads work, so there are as many at a time as there are processors.
    """

    def protect(block: int) -> Bools:
        inside = cells.block == block
        useful = inside & (~cells.perturbed | lent(cells, system, inside, price, wanted, few))
        return _protect(cells, system, price, useful, wanted & inside)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return np.any([np.zeros_like(wanted), *threads.map(protect, np.unique(cells.block[wanted]))], axis=0)


def _hide(cells: Cells, at: Ints, status: int) -> None:
    """Leave cells out, and write down what readers still know of them."""
    cells.status[at] = status
    cells.shown[at] = np.nan
    if status == PRIMARY:
        cells.lower[at], cells.upper[at] = 1.0, cells.minimum[at] - 1.0
    else:
        cells.lower[at], cells.upper[at] = _least(cells)[at], np.inf


def _noisy(cells: Cells) -> Bools:
    """Perturbed figures that may be left out: of one shown as zero readers would learn that it is none."""
    return cells.perturbed & (cells.shown != 0)


def _least(cells: Cells) -> Floats:
    """What readers know at least of a figure that is left out as secondary: it is no zero, for zeros stay."""
    return np.where(cells.sensitive, 1.0, -np.inf)


def _prices(cells: Cells, before: Before | None) -> Floats:
    """What it costs to leave a cell out; infinite where that is not possible: counts of zero, with noise, rates."""
    may = cells.counted & ~cells.perturbed & ((cells.value != 0) | ~cells.sensitive)
    price = np.where(may, np.log2(2 + np.abs(cells.value)), np.inf)
    if before is not None:
        price = np.where(before.shown, price * _SHOWN_BEFORE, price)
    return price


def lent(cells: Cells, system: System, inside: Bools, price: Floats, wanted: Bools, few: int) -> Bools:
    """Some of the perturbed cells: those wanted, a few of each equation that also holds cells to hide or to protect,
    and company in their others.

    Enough for an exchange, and few enough for a small program: the others keep still.
    """
    perturbed, hideable = inside & cells.perturbed, inside & np.isfinite(price)
    if perturbed.sum() <= few:
        return perturbed
    order = np.random.default_rng(0).permutation(len(perturbed))
    totals_first = np.argsort(np.argsort(-cells.value, kind="stable"), kind="stable")
    entries = sparse.coo_array(system.matrix[:, : len(perturbed)])
    rows, columns = entries.coords
    own = np.zeros(system.matrix.shape[0], dtype=bool)
    own[rows[(hideable | wanted)[columns]]] = True
    chosen = _first_of_each(rows, columns, order, perturbed[columns] & own[rows], _LENT) | (perturbed & wanted)
    touched = np.zeros(len(own), dtype=bool)
    touched[rows[chosen[columns]]] = True
    company = _first_of_each(rows, columns, totals_first, perturbed[columns] & (touched & ~own)[rows], _COMPANY)
    return chosen | company


def _first_of_each(rows: Ints, columns: Ints, order: Ints, kept: Bools, number: int) -> Bools:
    """The first columns of each row, by the order given."""
    rows, columns = rows[kept], columns[kept]
    ranked = np.lexsort((order[columns], rows))
    rows, columns = rows[ranked], columns[ranked]
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    chosen = np.zeros(len(order), dtype=bool)
    chosen[columns[rank < number]] = True
    return chosen


def _protect(cells: Cells, system: System, price: Floats, inside: Bools, wanted: Bools) -> Bools:
    """Leave out cells of one block until the wanted ones, and those left out, are safe; returns those that are not."""
    given_up = np.zeros(len(wanted), dtype=bool)
    wanted = wanted.copy()
    while wanted.any():
        unknown = inside & (cells.suppressed | cells.perturbed)
        at, hidden = _system_of(cells, system, unknown, cells.lower, cells.upper)
        wanted[at] &= ~movable(hidden, _padded(wanted[at], len(hidden.down)))[: len(at)]
        hidden_before = cells.suppressed.copy()
        given_up |= _find_partners(cells, system, price, inside, wanted)
        wanted = inside & cells.suppressed & ~hidden_before
    return given_up


def _find_partners(cells: Cells, system: System, price: Floats, inside: Bools, wanted: Bools) -> Bools:
    """Leave out what makes the wanted cells safe, for many at once, then one by one; returns those without a way.

    Perturbed figures are left out only where nothing else helps.
    """
    wanted, attempt = wanted.copy(), 0
    for withhold in (False, True):
        fruitless = 0
        while wanted.any() and fruitless < _FRUITLESS:
            served = wanted & _serve(cells, system, price, inside, wanted, attempt, withhold)
            wanted &= ~served
            attempt += 1
            fruitless = 0 if served.any() else fruitless + 1
    in_a_row = 0
    for one in np.flatnonzero(wanted):
        alone = np.arange(len(wanted)) == one
        wanted[one] = not any(_serve(cells, system, price, inside, alone, seed, True)[one] for seed in (0, 1))
        in_a_row = in_a_row + 1 if wanted[one] else 0
        if in_a_row == _ALONE:
            break
    return wanted


def _serve(
    cells: Cells, system: System, price: Floats, inside: Bools, wanted: Bools, seed: int, withhold: bool
) -> Bools:
    """One search: leave out the cells of an exchange; returns every cell that it moves by one or more."""
    candidate = inside & (cells.status == FREE) & np.isfinite(price)
    chosen = candidate | (inside & (cells.suppressed | cells.perturbed))
    lower = np.where(candidate, _least(cells), cells.lower)
    upper = np.where(candidate, np.inf, cells.upper)
    at, hidden = _system_of(cells, system, chosen, lower, upper)
    paid = np.where(candidate[at], price[at], 0.0)
    # Some cells may move further than readers think possible, if they are told less: a perturbed figure if it is left
    # out as well; a primary one if it is called secondary.
    primary = cells.status[at] == PRIMARY
    further = np.flatnonzero(primary | (cells.perturbed[at] & (cells.status[at] == FREE) & withhold))
    figures = np.maximum(cells.value[at[further]], 0)
    costly = np.where(primary[further], _RENAMED, _WITHHELD * np.log2(2 + figures))
    searched = Hidden(
        sparse.csc_array(sparse.hstack([hidden.matrix, hidden.matrix[:, further]])),
        np.concatenate([hidden.down, np.minimum(_least(cells)[at[further]] - cells.lower[at[further]], 0.0)]),
        np.concatenate([hidden.up, np.full(len(further), np.inf)]),
    )
    prices = np.concatenate([paid, np.zeros(len(hidden.down) - len(at)), costly])
    exchange = cheapest(searched, prices, _padded(wanted[at], len(prices)), seed)
    beyond = np.zeros(len(at))
    beyond[further] = exchange[len(hidden.down) :]
    moved = exchange[: len(at)] + beyond
    served = np.zeros(len(wanted), dtype=bool)
    served[at] = np.abs(moved) >= MOVED
    if (served & wanted).any():
        changed = np.where(candidate[at], moved, beyond)
        _hide(cells, at[np.abs(changed) > 1 - MOVED], SECONDARY)
    return served


def _padded(wanted: Bools, length: int) -> Bools:
    return np.concatenate([wanted, np.zeros(length - len(wanted), dtype=bool)])


def _system_of(cells: Cells, system: System, chosen: Bools, lower: Floats, upper: Floats) -> tuple[Ints, Hidden]:
    """The chosen cells, by number, and the equations over them and their slacks, all other cells kept still."""
    at = np.flatnonzero(chosen)
    slacks = system.slacks_of(at)
    down = np.concatenate([lower[at] - cells.value[at], -system.slacks[slacks]])
    up = np.concatenate([upper[at] - cells.value[at], np.full(len(slacks), np.inf)])
    return at, Hidden(sparse.csc_array(system.matrix[:, np.concatenate([at, len(cells.value) + slacks])]), down, up)
