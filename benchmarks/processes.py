"""Work in processes of their own: so measured, each starts with nothing in memory and leaves nothing behind."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Run:
    """Seconds from the start of the process to its result being written, peak resident memory in GB, what it said."""

    seconds: float
    peak: float
    said: dict[str, Any]


def run(command: Sequence[object], **environment: str) -> Run:
    """Run a command whose last line of output is JSON with `written`, the time at which its result was written."""
    # Resident memory of this process counts as the child's until the child has started: nothing large is loaded here.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        started = time.time()
        child = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=errors, env=os.environ | environment
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if child.returncode:
            raise SystemExit(f"{errors.read()[-2000:]}\nended with {child.returncode}: {' '.join(map(str, command))}")
        said = json.loads(out.read().splitlines()[-1])
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(said["written"] - started, usage.ru_maxrss * unit / 1e9, said)


def apart(function: Callable[..., Result], *arguments: object) -> Result:
    """What the function returns, worked out in another process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()
