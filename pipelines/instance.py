"""Dagster's own folder inside a home: its settings, and the records of runs that the UI shows."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from migflow import locking

SETTINGS = """\
# Written by migflow when absent; yours to change afterwards.
telemetry:
  enabled: false
nux:
  enabled: false
compute_logs: # steps print nothing; what they have to say is in their events
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
concurrency:
  runs:
    max_concurrent_runs: 1 # a home is worked on by one run at a time; others wait in the queue
"""


def dagster_home(home: Path) -> Path:
    """The folder, with dagster.yaml in it, as an absolute path; made if absent."""
    folder = (home / "dagster").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(SETTINGS, encoding="utf-8")
    return folder


@contextlib.contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance whose runs `migflow ui` shows."""
    event.listen(Engine, "connect", _commit_without_waiting)
    try:
        with dg.DagsterInstance.from_config(str(dagster_home(home))) as instance:
            yield instance
    finally:
        event.remove(Engine, "connect", _commit_without_waiting)


def close_dead_runs(home: Path) -> None:
    """Mark runs whose process was killed as failed: Dagster would keep the queue waiting for them for ever.

    Only if nobody holds the home, for then no run that has started can be alive.
    """
    with contextlib.suppress(locking.HomeInUseError), locking.only_one(home, "start"), open_instance(home) as instance:
        for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
            instance.report_run_failed(run, "The process of this run ended without a word; what it published is whole.")


def _commit_without_waiting(connection: object, _: object) -> None:
    """Leave it to the system when Dagster's records reach the disk: a run writes a thousand, each with its own commit.

    A killed process loses none of them; a power cut may cost the history of runs, but no table.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
