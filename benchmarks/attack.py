"""An attacker who knows all that a vintage shows tries to work out what it leaves out, by linear programming.

    python -m benchmarks.attack HOME [--seed 1]

The tables of a finished run are protected as publication does it. Attacked are all figures left out, and all counts of
one or two that noise hides. They must fit every identity among the tables, every figure shown, zero, and what the codes
and the noise say. A program moves all that are left up or down at random: what moves by one is not recovered. Of those
that never move, the least and the greatest value are found; one whole number between them recovers the figure.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import optimize, sparse

from migflow import contracts, countries, engine, transformations
from migflow.disclosure import records, relations
from migflow.disclosure.cells import PRIMARY, Bools, Cells, Floats, Ints
from migflow.disclosure.relations import System
from migflow.disclosure.tables import protect
from migflow.publish.protection import secret_key
from migflow.settings import Settings
from migflow.store import FILE, Store

# A reader's bound where nothing bounds a figure; far beyond any of them.
FAR = 1e7
# Nobody needs to move a figure further than this to show that it is not fixed.
ENOUGH = 1000.0
# When a program moves fewer, the rest is attacked one by one.
FEW = 3


def known(cells: Cells) -> tuple[Floats, Floats]:
    """What a reader knows of each cell before any identity: least and greatest value."""
    # The range of a rounded figure, and of what is counted in it several times, is that of the rounding.
    rounded = cells.perturbed & ~cells.suppressed
    lower = np.where(rounded, cells.lower, cells.value)
    upper = np.where(rounded, cells.upper, cells.value)
    hidden = cells.suppressed
    lower[hidden] = np.where(cells.sensitive, 1.0, -FAR)[hidden]
    upper[hidden] = np.where(cells.status == PRIMARY, cells.minimum - 1.0, FAR)[hidden]
    return lower, upper


class Attack:
    """What a reader does not know, as moves away from the truth."""

    def __init__(self, system: System, lower: Floats, upper: Floats, values: Floats) -> None:
        self.cells = np.flatnonzero(lower < upper)
        slacks = system.slacks_of(self.cells)
        matrix = sparse.csr_array(system.matrix[:, np.concatenate([self.cells, len(values) + slacks])])
        self._matrix = matrix[np.diff(matrix.indptr) > 0]
        down = np.concatenate([(lower - values)[self.cells], -system.slacks[slacks]])
        up = np.concatenate([(upper - values)[self.cells], np.full(len(slacks), FAR)])
        self._bounds = np.column_stack([np.maximum(down, -ENOUGH), np.minimum(up, ENOUGH)])

    def move(self, cost: Floats) -> Floats:
        """The cheapest other figures that fit; cost: one a cell that the reader does not know."""
        padded = np.concatenate([cost, np.zeros(self._matrix.shape[1] - len(cost))])
        zeros = np.zeros(self._matrix.shape[0])
        found = optimize.linprog(padded, A_eq=self._matrix, b_eq=zeros, bounds=self._bounds, method="highs")
        if found.status != 0:
            raise SystemExit(f"no solution: {found.message}")
        return np.asarray(found.x[: len(cost)])

    def recovered(self, wanted: Bools, seed: int, console: Console) -> Ints:
        """Those of the wanted cells that can only be one whole number."""
        random, left = np.random.default_rng(seed), wanted[self.cells]
        while left.any():
            moved = np.abs(self.move(random.choice([-1.0, 1.0], len(left)) * left)) >= 1 - 1e-6
            if (moved & left).sum() < FEW:
                break
            left &= ~moved
        alone = track(np.flatnonzero(left), console=console, description="one by one")
        return self.cells[[at for at in alone if self._is_fixed(int(at))]]

    def _is_fixed(self, at: int) -> bool:
        cost = (np.arange(len(self.cells)) == at).astype(float)
        least, greatest = (self.move(sign * cost)[at] for sign in (1, -1))
        return bool(np.floor(greatest + 1e-6) <= np.ceil(least - 1e-6))


def main() -> None:
    """Attack all figures left out and print what was found, by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    store, country, console = Store(Settings(home=asked.home)), countries.load("kosovo"), Console()
    tables = {
        c.table: c for c in contracts.load_all().values() if c.stage == "statistics" and contracts.published(c) != c
    }
    with engine.session(store.settings) as con:
        transformations.bind_areas(con, country)
        for table in records.reads(tables.values()):
            store.view(con, table)
        sources = {table: engine.parquet([str(store.folder(c) / FILE)]) for table, c in tables.items()}
        started = time.perf_counter()
        cells = protect(con, tables, sources, secret_key(store))
        console.print(f"{len(cells.value):,} figures protected in {time.perf_counter() - started:.0f} s")
        system = relations.system(con, relations.shipped(), cells.value)
    attack = Attack(system, *known(cells), cells.value)
    left_out = cells.suppressed & cells.counted
    shown = Table("table", "left out", "recovered", "one or two in noise", "recovered")
    found = [attack.recovered(wanted, asked.seed, console) for wanted in (left_out, cells.veiled)]
    for table in cells.tables:
        part = cells.of(table)
        numbers = [left_out[part].sum(), _inside(found[0], part), cells.veiled[part].sum(), _inside(found[1], part)]
        shown.add_row(table, *(f"{number:,}" for number in numbers))
    console.print(shown)
    console.print(
        f"{len(found[0])} of {left_out.sum():,} figures left out and {len(found[1])} of {cells.veiled.sum():,} small "
        "figures in noise recovered."
    )


def _inside(cells: Ints, part: slice) -> int:
    return int(((cells >= part.start) & (cells < part.stop)).sum())


if __name__ == "__main__":
    main()
