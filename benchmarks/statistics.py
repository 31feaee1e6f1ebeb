"""Time and memory of all statistics over a home's accounts, without and with the intervals that come from linkage.

    migflow simulate --persons 1600000 --years 10 --home HOME && migflow run --home HOME
    python -m benchmarks.statistics HOME

Every table is worked out anew from the accounts of a finished run and written as Parquet; the audits are left out.
With intervals, the links are drawn and the accounts of the draws are made as well. Nothing in HOME is changed.
"""

import argparse
import json
import sys
import tempfile
import time
from graphlib import TopologicalSorter
from pathlib import Path
from unittest import mock

from rich.console import Console
from rich.table import Table

from benchmarks.processes import Run, run
from migflow import audit, contracts, countries, transformations
from migflow.countries import Country
from migflow.imputation import tables as draws
from migflow.settings import Settings
from migflow.statistics.functions import bind_functions
from migflow.store import Store

# Seconds and gigabytes that all statistics of 1.6 million persons and ten years may take; intervals may double them.
SECONDS, GIGABYTES, TIMES = 60, 6, 2
DRAWS = "draws of links"


def order() -> list[str]:
    """The statistics and the accounts made for them, each after those that it reads."""
    every = contracts.load_all().values()
    # Accounts that hold figures, not persons, are made for the statistics alone.
    figures = {c.table for c in every if c.stage == "accounts" and "obs_value" in {column.name for column in c.columns}}
    made = {*figures, *(c.table for c in every if c.stage == "statistics")}
    return list(TopologicalSorter({t: made & set(transformations.inputs(t)) for t in sorted(made)}).static_order())


def scratch(home: Path, folder: Path) -> Store:
    """A home whose tables are those of another, but for the ones written here."""
    rewritten = {*order(), *draws.TABLES}
    for path in (home / "store").glob("*/*"):
        if path.name not in rewritten and not path.parent.name.startswith("."):
            link = folder / "store" / path.parent.name / path.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
    return Store(Settings(home=folder))


def write_plain(store: Store, country: Country, table: str) -> None:
    """Write a table without intervals."""
    query = transformations.sql(table)
    with store.session(*transformations.inputs(table)) as con:
        transformations.bind_areas(con, country)
        bind_functions(con)
        known = transformations.values(store, country) if transformations.parameters(query) else {}
        if contracts.load(table).has_intervals:
            query = f"SELECT *, NULL AS lower, NULL AS upper FROM ({query})"
        store.write(con, table, query, parameters=transformations.used(query, known))


def measure(home: Path, intervals: bool) -> dict[str, float]:
    """Seconds of each table."""
    country, seconds = countries.load("kosovo"), {}
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(audit, "audit", return_value=()):
        store = scratch(home, Path(folder))
        if intervals:
            started = time.perf_counter()
            draws.build(store, country)
            seconds[DRAWS] = time.perf_counter() - started
        for table in order():
            started = time.perf_counter()
            if intervals:
                transformations.build(store, country, table)
            else:
                write_plain(store, country, table)
            seconds[table] = time.perf_counter() - started
    return seconds


def show(console: Console, plain: Run, drawn: Run) -> None:
    """Print the seconds of each table both ways, their sums, and the peak memory."""
    table = Table("table", "seconds", "with intervals")
    for name in drawn.said["seconds"]:
        table.add_row(
            name, *(f"{r.said['seconds'][name]:.1f}" if name in r.said["seconds"] else "" for r in (plain, drawn))
        )
    table.add_section()
    sums = [sum(r.said["seconds"].values()) for r in (plain, drawn)]
    table.add_row("all", *(f"{s:.1f}" for s in sums))
    table.add_row("processor seconds, start included", *(f"{r.said['processor']:.0f}" for r in (plain, drawn)))
    table.add_row("peak GB of the process", *(f"{r.peak:.2f}" for r in (plain, drawn)))
    console.print(table)
    console.print(
        f"All statistics: {sums[0]:.1f} s (bar {SECONDS}) and {plain.peak:.2f} GB (bar {GIGABYTES}); "
        f"with intervals {sums[1] / sums[0]:.2f} times the time (bar {TIMES}; of processor time "
        f"{drawn.said['processor'] / plain.said['processor']:.2f} times) and {drawn.peak:.2f} GB."
    )


def main() -> None:
    """Measure both ways, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--only", choices=("plain", "intervals"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        seconds = measure(asked.home, asked.only == "intervals")
        print(json.dumps({"written": time.time(), "seconds": seconds, "processor": time.process_time()}))
        return
    command = [sys.executable, "-m", "benchmarks.statistics", asked.home, "--only"]
    show(Console(), run([*command, "plain"]), run([*command, "intervals"]))


if __name__ == "__main__":
    main()
