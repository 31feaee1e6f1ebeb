"""One run at a time on one home: a lock that a killed run cannot leave behind, and who holds it."""

import contextlib
import datetime as dt
import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock

from migflow.errors import MigflowError

LOCK = ".lock"
HOLDER = ".lock-holder.json"
SOMEONE = "another process"


@dataclass(frozen=True)
class Holder:
    """Who works on a home: what for, process id, host, and since when (local time)."""

    purpose: str
    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"{self.purpose} (process {self.pid} on {self.host}, since {self.since})"


class HomeInUseError(MigflowError):
    """Another run works on the home."""


@contextlib.contextmanager
def only_one(
    home: Path, purpose: str, wait_seconds: float = 0, waiting: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the lock of a home; raises HomeInUseError, naming the holder, if it is not free within wait_seconds.

    waiting is told, once, whom it waits for. The operating system frees the lock when its process ends, however
    it ends. Not re-entrant: a second lock on the home in the same process is refused like any other.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(home / LOCK, fallback_to_soft=False)
    _acquire(lock, home, wait_seconds, waiting)
    try:
        (home / HOLDER).write_text(json.dumps(asdict(_self(purpose))), encoding="utf-8")
        yield
    finally:
        (home / HOLDER).unlink(missing_ok=True)
        lock.release()


def _acquire(
    lock: filelock.BaseFileLock, home: Path, wait_seconds: float, waiting: Callable[[str], None] | None
) -> None:
    try:
        lock.acquire(timeout=0)
        return
    except filelock.Timeout:
        if wait_seconds > 0 and waiting:
            waiting(f"{home} is in use by {holder(home) or SOMEONE}; waiting up to {wait_seconds:g} s for it to end.")
    try:
        lock.acquire(timeout=max(wait_seconds, 0), poll_interval=0.2)
    except filelock.Timeout:
        after = f" after {wait_seconds:g} s" if wait_seconds > 0 else ""
        raise HomeInUseError(
            f"{home} is still in use{after} by {holder(home) or SOMEONE}. "
            "Nothing was changed: run again when that has ended."
        ) from None


def _self(purpose: str) -> Holder:
    return Holder(purpose, os.getpid(), platform.node(), dt.datetime.now().isoformat(" ", timespec="seconds"))


def holder(home: Path) -> Holder | None:
    """Whoever wrote its name beside the lock, which may be a moment late; None if nobody did."""
    try:
        return Holder(**json.loads((home / HOLDER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
