"""The programs compared, each run from a model file in a fresh process."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Run, run

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Setting:
    """Where test files are kept, the Python that has Splink and recordlinkage, a scratch folder, who hears of it."""

    cache: Path
    python: Path
    scratch: Path
    tell: Callable[[str], None]

    def migflow(self, model: str, out: Path, files: Sequence[Path], one_to_one: bool = False) -> Run:
        """One run of migflow; what it compiles stays in the scratch folder."""
        options = ["--one-to-one"] if one_to_one else []
        command = [sys.executable, HERE / "migflow_side.py", model_file(model), out, *files, *options]
        return run(command, NUMBA_CACHE_DIR=str(self.scratch / "kernels"))

    def splink(self, model: str, out: Path, files: Sequence[Path], decide: bool = False) -> Run:
        """One run of Splink."""
        options = ["--decide"] if decide else []
        return run([self.python, HERE / "splink_side.py", model_file(model), out, *files, *options])

    def recordlinkage(self, model: str, out: Path, files: Sequence[Path]) -> Run:
        """One run of recordlinkage."""
        return run([self.python, HERE / "recordlinkage_side.py", model_file(model), out, *files])


def model_file(name: str) -> Path:
    """The model of a task."""
    return HERE / "models" / f"{name}.toml"
