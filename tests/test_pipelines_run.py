"""What starts a run and what stops it: sensor, schedule, what is missing or lands too late."""

import datetime as dt
import importlib
import io
import os
import subprocess
import sys

import dagster as dg
import pytest
import yaml
from example_home import COUNTERS, EXAMPLE, deliver, received
from planned_job import job
from rich.console import Console

from migflow.errors import MigflowError
from migflow.settings import Settings
from pipelines.assets import deliveries
from pipelines.automation import ATTEMPTS, QUIET, landing_sensor, monthly_schedule
from pipelines.definitions import build_definitions
from pipelines.run import run


def test_run_without_deliveries_says_what_to_do(tmp_path):
    with pytest.raises(MigflowError, match="migflow receive"):
        run(Settings(home=tmp_path))


def look(settings: Settings, instance: dg.DagsterInstance) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, definitions=build_definitions(settings))
    return landing_sensor(settings).evaluate_tick(context)


@pytest.fixture
def landed(tmp_path):
    """A home of which nothing has been built yet."""
    return received(tmp_path)


def requested(settings: Settings, instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    """The run the sensor asks for, as it stands later; one step stands for all that Dagster would write down."""
    (request,) = look(settings, instance).run_requests
    return instance.create_run_for_job(job, tags=request.tags, status=status)


def test_sensor_asks_for_one_run_over_the_months_that_wait(landed):
    with dg.DagsterInstance.ephemeral() as instance:
        (request,) = look(landed, instance).run_requests
    assert request.tags["dagster/asset_partition_range_start"] == "2023-12"
    assert request.tags["dagster/asset_partition_range_end"] == "2024-12"


def test_sensor_waits_for_the_run_it_asked_for_and_asks_again_when_that_is_lost(landed):
    with dg.DagsterInstance.ephemeral() as instance:
        (first,) = look(landed, instance).run_requests
        run = requested(landed, instance, dg.DagsterRunStatus.STARTING)
        assert f"{run.run_id[:8]} on what has landed is on its way" in look(landed, instance).skip_message
        instance.report_run_failed(run, "refused: the home is in use")
        (second,) = look(landed, instance).run_requests
        assert second.run_key != first.run_key and second.tags == first.tags


def test_sensor_gives_up_a_run_that_is_lost_again_and_again(landed):
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(ATTEMPTS):
            requested(landed, instance, dg.DagsterRunStatus.FAILURE)
        assert f"last of {ATTEMPTS}" in look(landed, instance).skip_message


def test_sensor_leaves_a_run_that_failed_at_a_step_to_a_person_until_something_new_lands(landed):
    """The file of a delivery is altered after it was received, which no second attempt mends."""
    (file,) = (landed.home / "landing" / "civil_registry_persons").glob("*/*/*/*.csv")
    file.chmod(0o644)
    file.write_bytes(b"altered")
    with dg.DagsterInstance.ephemeral() as instance:
        (request,) = look(landed, instance).run_requests
        job = build_definitions(landed).resolve_job_def("migflow")
        job.execute_in_process(instance=instance, tags=request.tags, run_config=QUIET, raise_on_error=False)
        assert "failed at a step" in look(landed, instance).skip_message
        deliver(landed, EXAMPLE / "deliveries" / COUNTERS, "municipal_residence", "2024-11")
        assert look(landed, instance).run_requests


@pytest.mark.usefixtures("without_great_expectations", "without_pictures")
def test_what_lands_after_a_source_was_built_stops_the_run(landed, monkeypatch):
    real = deliveries.build_months

    def build_and_then_receive(store, source, providers):
        built = real(store, source, providers)
        if source == "municipal_residence":
            deliver(landed, EXAMPLE / "deliveries" / COUNTERS, source, "2024-05")
        return built

    monkeypatch.setattr(deliveries, "build_months", build_and_then_receive)
    summary = run(landed, console=Console(file=io.StringIO()))
    assert not summary.success
    assert any("municipal_residence.nothing_left_out" in text and "2024-05" in text for text in summary.checks_failed)
    assert not (landed.home / "published").exists()


def test_schedule_asks_for_the_month_before():
    context = dg.build_schedule_context(scheduled_execution_time=dt.datetime(2025, 1, 10, 6))
    assert monthly_schedule(context).partition_key == "2024-12"


def test_a_home_is_run_without_a_look_at_the_one_of_the_settings(tmp_path):
    (tmp_path / "home" / "landing").mkdir(parents=True)
    environment = os.environ | {"MIGFLOW_COUNTRY": "nowhere", "MIGFLOW_THREADS": "none"}
    code = "import pipelines.run"
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True, timeout=120)


def test_code_location_of_the_workspace_holds_the_definitions(monkeypatch, tmp_path):
    monkeypatch.setenv("MIGFLOW_HOME", str(tmp_path))
    workspace = yaml.safe_load((EXAMPLE.parents[1] / "workspace.yaml").read_text())
    module = importlib.import_module(workspace["load_from"][0]["python_module"]["module_name"])
    assert isinstance(module.defs, dg.Definitions)
