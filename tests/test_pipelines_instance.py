"""Dagster's folder of a home: its settings, and what becomes of runs that were killed."""

import os
import subprocess
import sys
import time

import dagster as dg
import psutil
import pytest
from dagster._core.events import EngineEventData
from planned_job import job

from migflow import locking
from pipelines import instance
from pipelines.instance import close_dead_runs, dagster_home


@pytest.fixture
def records(tmp_path):
    with dg.DagsterInstance.from_config(str(dagster_home(tmp_path))) as instance:
        yield instance


def begun(records: dg.DagsterInstance, pid: int, status: dg.DagsterRunStatus) -> str:
    """A run that has told in which process it works."""
    run = records.create_run_for_job(job, status=status)
    records.report_engine_event("Started process", run, EngineEventData.in_process(pid))
    return run.run_id


@pytest.fixture
def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("status", ["STARTING", "STARTED", "CANCELING"])
def test_run_that_was_killed_does_not_block_those_after_it(tmp_path, records, dead_pid, status):
    killed = begun(records, dead_pid, dg.DagsterRunStatus[status])
    close_dead_runs(records, tmp_path)
    assert records.get_run_by_id(killed).status == dg.DagsterRunStatus.FAILURE


def test_run_that_is_alive_is_left_alone_though_it_does_not_hold_the_home_yet(tmp_path, records):
    alive = begun(records, os.getpid(), dg.DagsterRunStatus.STARTED)
    close_dead_runs(records, tmp_path)
    assert records.get_run_by_id(alive).status == dg.DagsterRunStatus.STARTED


def test_process_that_got_the_number_of_a_dead_one_does_not_keep_its_run_alive(tmp_path, records, monkeypatch):
    killed = begun(records, os.getpid(), dg.DagsterRunStatus.STARTED)
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: time.time() + 60)
    close_dead_runs(records, tmp_path)
    assert records.get_run_by_id(killed).status == dg.DagsterRunStatus.FAILURE


def test_run_that_never_told_its_process_is_given_time_to_start(tmp_path, records, monkeypatch):
    run = records.create_run_for_job(job, status=dg.DagsterRunStatus.STARTING).run_id
    close_dead_runs(records, tmp_path)
    assert records.get_run_by_id(run).status == dg.DagsterRunStatus.STARTING
    monkeypatch.setattr(instance, "SECONDS_TO_START", 0)
    close_dead_runs(records, tmp_path)
    assert records.get_run_by_id(run).status == dg.DagsterRunStatus.FAILURE


def test_runs_are_left_alone_while_another_machine_holds_the_home(tmp_path, records, dead_pid, monkeypatch):
    run = begun(records, dead_pid, dg.DagsterRunStatus.STARTED)
    with locking.only_one(tmp_path, "run on the server"), monkeypatch.context() as patch:
        patch.setattr(instance.platform, "node", lambda: "another-machine")
        close_dead_runs(records, tmp_path)
    assert records.get_run_by_id(run).status == dg.DagsterRunStatus.STARTED


def test_looking_for_dead_runs_never_refuses_a_real_one(tmp_path, records):
    with locking.only_one(tmp_path, "a real run"):
        close_dead_runs(records, tmp_path)
        assert locking.holder(tmp_path).purpose == "a real run"


def test_settings_of_dagster_are_written_once_and_then_belong_to_the_user(tmp_path):
    file = dagster_home(tmp_path) / "dagster.yaml"
    assert "max_concurrent_runs: 1" in file.read_text()
    file.write_text("telemetry:\n  enabled: false\n")
    assert "max_concurrent_runs" not in (dagster_home(tmp_path) / "dagster.yaml").read_text()
