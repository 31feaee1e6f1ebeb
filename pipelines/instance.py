"""Dagster's own folder inside a home: its settings, and the records of runs that the UI shows."""

import contextlib
import platform
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psutil
from sqlalchemy import event
from sqlalchemy.engine import Engine

from migflow import locking

UNDER_WAY = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# A run that has not said by then in which process it works will not do so any more.
SECONDS_TO_START = 600

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


def close_dead_runs(instance: dg.DagsterInstance, home: Path) -> None:
    """Mark runs whose process has ended without a word as failed: Dagster would keep the queue waiting for them.

    Of a run on another machine nothing can be said from here; those wait until the home is free.
    """
    at_work = locking.holder(home)
    if at_work and at_work.host != platform.node():
        return
    for record in instance.get_run_records(dg.RunsFilter(statuses=UNDER_WAY)):
        if not _is_alive(instance, record):
            instance.report_run_failed(
                record.dagster_run, "The process of this run ended without a word; what it published is whole."
            )


def _is_alive(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Whether a process works on a run, or may still be on its way to it."""
    known = _process(instance, record.dagster_run.run_id)
    if known is None:
        return time.time() - record.create_timestamp.timestamp() < SECONDS_TO_START
    pid, seen = known
    try:
        process = psutil.Process(pid)
        # A process younger than the run's events only has the number of the one that wrote them.
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= seen + 1
    except psutil.NoSuchProcess:
        return False


def _process(instance: dg.DagsterInstance, run_id: str) -> tuple[int, float] | None:
    """Number of the process that executes a run, and when it said so; None if it has not yet."""
    types = {dg.DagsterEventType.RUN_START, dg.DagsterEventType.ENGINE_EVENT}
    for entry in reversed(instance.all_logs(run_id, of_type=types)):
        event = entry.get_dagster_event()
        if event.event_type == dg.DagsterEventType.RUN_START and event.pid:
            return event.pid, entry.timestamp
        if event.is_engine_event and "pid" in event.engine_event_data.metadata:
            return int(str(event.engine_event_data.metadata["pid"].value)), entry.timestamp
    return None


def _commit_without_waiting(connection: object, _: object) -> None:
    """Leave it to the system when Dagster's records reach the disk: a run writes a thousand, each with its own commit.

    A killed process loses none of them; a power cut may cost the history of runs, but no table.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
