"""An attacker who knows all that a vintage shows tries to work out what it leaves out, by linear programming.

    python -m benchmarks.attack HOME [--cells 100] [--seed 1]

The tables of a finished run are protected as publication does it. For figures drawn from those left out, the least and
the greatest value are found that fit every identity among the tables, every figure shown, zero, and what the codes and
the rounding say. A figure is recovered where only one whole number lies between them.
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
from migflow.disclosure.cells import PRIMARY, Cells, Floats
from migflow.disclosure.relations import System
from migflow.disclosure.tables import protect
from migflow.publish.protection import secret_key
from migflow.settings import Settings
from migflow.store import FILE, Store

# A reader's bound where nothing bounds a figure; far beyond any of them.
FAR = 1e7


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


def ends(system: System, lower: Floats, upper: Floats, values: Floats, cell: int) -> tuple[float, float]:
    """Least and greatest possible value of a cell; the cells of known value go to the right-hand side."""
    free = np.flatnonzero(np.concatenate([lower < upper, np.ones(len(system.slacks), dtype=bool)]))
    down = np.concatenate([lower, np.zeros(len(system.slacks))])[free]
    up = np.concatenate([upper, np.full(len(system.slacks), FAR)])[free]
    exact = np.concatenate([values, system.slacks])
    matrix = sparse.csr_array(system.matrix[:, free])
    used = np.diff(matrix.indptr) > 0
    cost = (free == cell).astype(float)
    known_sum = (matrix @ exact[free])[used]
    found = [
        optimize.linprog(
            sign * cost, A_eq=matrix[used], b_eq=known_sum, bounds=np.column_stack([down, up]), method="highs"
        )
        for sign in (1, -1)
    ]
    if any(result.status != 0 for result in found):
        raise SystemExit(f"no solution: {[result.message for result in found]}")
    return found[0].fun, -found[1].fun


def main() -> None:
    """Attack a sample of the figures left out and print what was found, by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--cells", type=int, default=100, help="how many figures are attacked")
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
    targets = np.flatnonzero(cells.suppressed & cells.counted & ~cells.perturbed)
    drawn = np.random.default_rng(asked.seed).permutation(targets)[: asked.cells]
    lower, upper = known(cells)
    shown = Table("table", "left out", "attacked", "recovered", "narrowest range")
    widths: dict[str, list[float]] = {}
    for cell in track(drawn, console=console, description="attack"):
        least, greatest = ends(system, lower, upper, cells.value, int(cell))
        width = np.floor(greatest + 1e-6) - np.ceil(least - 1e-6)
        widths.setdefault(cells.tables[cells.table[cell]], []).append(width)
    for table, found in sorted(widths.items()):
        left_out = int(np.isin(targets, np.arange(cells.of(table).start, cells.of(table).stop)).sum())
        shown.add_row(table, f"{left_out:,}", f"{len(found):,}", f"{sum(w < 1 for w in found)}", f"{min(found):,.0f}")
    console.print(shown)
    console.print(f"{sum(w < 1 for found in widths.values() for w in found)} of {len(drawn)} figures recovered.")


if __name__ == "__main__":
    main()
