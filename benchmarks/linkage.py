"""The linkage engine beside Splink and recordlinkage, as a table against the bar.

python -m benchmarks.linkage [speed] [memory] [growth] [accuracy] [--quick] [--seed N]
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks import accuracy, scale
from benchmarks.scale import Size
from benchmarks.sides import Setting
from benchmarks.table import Row, show

PARTS = ("speed", "memory", "growth", "accuracy")
QUICK = Size(records=100_000, growth_from=100_000, runs=1)


def main() -> None:
    """Measure the parts asked for and print the table."""
    arguments = _arguments()
    parts = set(PARTS if "all" in arguments.parts else arguments.parts)
    size = QUICK if arguments.quick else Size(arguments.records, arguments.growth_from, arguments.runs)
    console = Console(width=None if sys.stdout.isatty() else 140)
    started = time.monotonic()

    def tell(text: str) -> None:
        console.print(f"{time.monotonic() - started:6.0f} s  {text}", style="dim")

    console.print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    rows: list[Row] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory(dir=_made(arguments.cache)) as scratch:
        python = (arguments.venv / "bin" / "python").absolute()
        setting = Setting(arguments.cache, python, Path(scratch), tell)
        if parts - {"accuracy"}:
            notes += [*scale.NOTES, scale.warm(setting)]
        if parts & {"speed", "memory"}:
            rows += scale.beside_splink(setting, size, parts)
        if "memory" in parts:
            rows += scale.many_pairs(setting, size)
        if "growth" in parts:
            rows += scale.growth(setting, size)
        if "accuracy" in parts:
            notes += accuracy.NOTES
            rows += accuracy.accuracy(setting, arguments.seed)
    tell("done")
    show(console, rows, notes)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=(*PARTS, "all"), default="all", help="what to measure")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"), help="where the test files are kept")
    parser.add_argument("--venv", type=Path, default=Path(".venv-benchmarks"), help="has benchmarks/requirements.txt")
    parser.add_argument("--quick", action="store_true", help="100,000 records a side, each run once")
    parser.add_argument("--records", type=int, default=Size.records, help="records a side, for speed and memory")
    parser.add_argument("--growth-from", type=int, default=Size.growth_from, help="records a side, and ten times these")
    parser.add_argument("--runs", type=int, default=Size.runs, help="runs of each")
    parser.add_argument("--seed", type=int, default=7, help="which held-out files are drawn")
    return parser.parse_args()


if __name__ == "__main__":
    main()
