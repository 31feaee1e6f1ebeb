"""A whole run in this process: its summary and records, its lock, and what the sensor makes of it."""

import csv
import datetime as dt
import importlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml
from rich.console import Console

from migflow import contracts, countries, locking
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.receive import receive
from migflow.errors import MigflowError
from migflow.settings import Settings
from migflow.store import Store
from pipelines.assets import deliveries
from pipelines.automation import ATTEMPTS, QUIET, landing_sensor, monthly_schedule
from pipelines.definitions import build_definitions
from pipelines.instance import open_instance
from pipelines.partitions import monthly
from pipelines.run import run

EXAMPLE = Path(__file__).parents[1] / "docs" / "own-country"


def deliver(settings: Settings, file: str, source: str, month: str) -> None:
    providers = load_providers(countries.find(settings.country))
    receive([EXAMPLE / "deliveries" / file], source=source, month=month, home=settings.home, providers=providers)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("home"), country=str(EXAMPLE / "profile"))
    deliver(settings, "persons-2023-12.csv", "civil_registry_persons", "2023-12")
    deliver(settings, "counters-2024-12.jsonl", "municipal_residence", "2024-12")
    return settings


@pytest.fixture(scope="module")
def printed():
    return io.StringIO()


@pytest.fixture(scope="module")
def summary(settings, printed):
    return run(settings, console=Console(file=printed, width=120))


def test_run_reports_every_step_with_its_cost_and_checks(summary, printed):
    assert summary.success and not summary.errors
    assert {table for step in summary.steps for table in step.tables} == {*contracts.load_all(), "published"}
    assert all(step.state == "done" and step.peak_mb > 50 for step in summary.steps)
    assert list(summary.seconds_by_stage) == ["deliveries", "registers", "accounts", "statistics", "publication"]
    assert summary.checks_passed > 100 and not summary.checks_failed
    lines = [line for line in printed.getvalue().splitlines() if line.startswith("done")]
    assert len(lines) == len(summary.steps)


def test_invariants_are_checked_on_every_run(summary, settings):
    with open_instance(settings.home) as instance:
        events = [entry.dagster_event for entry in instance.all_logs(summary.run_id) if entry.dagster_event]
    checks = [e.asset_check_evaluation_data for e in events if e.event_type_value == "ASSET_CHECK_EVALUATION"]
    passed = {(check.asset_key.to_user_string(), check.check_name) for check in checks if check.passed}
    assert ("population_balance", "balance_closes") in passed
    assert ("internal_migration_od", "flows_sum_to_out_migration") in passed


def test_rows_are_recorded_for_each_month_that_was_delivered(summary, settings):
    with open_instance(settings.home) as instance:
        records = instance.fetch_materializations(dg.AssetKey("municipal_residence"), limit=20).records
    rows = {record.partition_key: record.asset_materialization.metadata["rows"].value for record in records}
    assert len(rows) == 13 and rows["2024-12"] == 2 and sum(rows.values()) == 2


def test_statistics_carry_a_plot_and_a_preview_and_no_table_with_persons_does(summary):
    for table, values in summary.metadata.items():
        contract = contracts.load_all().get(table)
        if contract and (contract.stage != "statistics" or any(c.personal for c in contract.columns)):
            assert "preview" not in values, table
    plot = summary.metadata["internal_migration_od"]["largest flows"]
    assert plot.startswith("![plot](data:image/png;base64,") and len(plot) < 300_000
    assert "QM1" in summary.metadata["internal_migration_od"]["preview"]
    for title in ("match weights of municipal_residence", "m and u of municipal_residence"):
        assert summary.metadata["link_parameters"][title].startswith("![plot](data:image/png;base64,")
    # Two declarations are too few for figures and curves of quality.
    assert (
        summary.metadata["linkage_quality"]["rows"] > 0 and "expected recall" not in summary.metadata["linkage_quality"]
    )


def test_nothing_personal_is_recorded(summary, settings):
    layout = load_providers(countries.find(settings.country))["registry"].layouts["civil_registry_persons"]
    columns = contracts.load(layout.source).columns
    personal = [layout.columns[c.name] for c in columns if c.personal and c.name in layout.columns]
    with (EXAMPLE / "deliveries" / "persons-2023-12.csv").open(encoding=layout.encoding) as file:
        sent = {row[header] for row in csv.DictReader(file, delimiter=layout.delimiter) for header in personal}
    recorded = json.dumps({table: {k: str(v) for k, v in values.items()} for table, values in summary.metadata.items()})
    names = {text for text in sent if len(text) > 4}
    assert len(names) >= 10 and not {text for text in names if text in recorded}


def test_second_run_on_a_home_in_use_is_refused_and_names_the_first(settings):
    with locking.only_one(settings.home, "run 1234abcd"):
        refused = run(settings, console=Console(file=io.StringIO()))
    assert not refused.success
    (message,) = refused.errors
    assert message.startswith(f"{settings.home} is still in use") and "run 1234abcd" in message


def test_run_without_deliveries_says_what_to_do(tmp_path):
    with pytest.raises(MigflowError, match="migflow receive"):
        run(Settings(home=tmp_path))


def test_run_of_a_month_that_has_not_landed_names_it(settings):
    with pytest.raises(MigflowError, match="2031-05"):
        run(settings, months=["2024-12", "2031-05"])


def look(settings: Settings, instance: dg.DagsterInstance) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, definitions=build_definitions(settings))
    return landing_sensor(settings).evaluate_tick(context)


@pytest.fixture
def landed(tmp_path):
    """A home of which nothing has been built yet."""
    settings = Settings(home=tmp_path, country=str(EXAMPLE / "profile"))
    deliver(settings, "persons-2023-12.csv", "civil_registry_persons", "2023-12")
    deliver(settings, "counters-2024-12.jsonl", "municipal_residence", "2024-12")
    return settings


def requested(settings: Settings, instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    """The run the sensor asks for, as it stands later."""
    (request,) = look(settings, instance).run_requests
    job = build_definitions(settings).resolve_job_def("migflow")
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
        deliver(landed, "counters-2024-12.jsonl", "municipal_residence", "2024-11")
        assert look(landed, instance).run_requests


def test_sensor_has_nothing_to_do_once_all_is_published(summary, settings):
    with open_instance(settings.home) as instance:
        tick = look(settings, instance)
    assert not tick.run_requests and tick.skip_message == "Everything that has landed is published."


def test_run_of_one_month_builds_what_landed_late_for_another(landed):
    assert run(landed, console=Console(file=io.StringIO())).success
    deliver(landed, "counters-2024-12.jsonl", "municipal_residence", "2024-05")
    with dg.DagsterInstance.ephemeral() as instance:
        (request,) = look(landed, instance).run_requests
        assert request.tags["dagster/asset_partition_range_end"] == "2024-05"
    assert run(landed, months=["2024-12"], console=Console(file=io.StringIO())).success
    assert Store(landed).partitions("municipal_residence") == ["2024-05", "2024-12"]
    with open_instance(landed.home) as instance:
        assert "2024-05" in instance.get_materialized_partitions(dg.AssetKey("municipal_residence"))
        assert look(landed, instance).skip_message == "Everything that has landed is published."


def test_what_lands_after_a_source_was_built_stops_the_run(landed, monkeypatch):
    real = deliveries.build_months

    def build_and_then_receive(store, source, providers):
        built = real(store, source, providers)
        if source == "municipal_residence":
            deliver(landed, "counters-2024-12.jsonl", source, "2024-05")
        return built

    monkeypatch.setattr(deliveries, "build_months", build_and_then_receive)
    summary = run(landed, console=Console(file=io.StringIO()))
    assert not summary.success
    assert any("municipal_residence.nothing_left_out" in text and "2024-05" in text for text in summary.checks_failed)
    assert not (landed.home / "published").exists()


def test_schedule_asks_for_the_month_before():
    context = dg.build_schedule_context(scheduled_execution_time=dt.datetime(2025, 1, 10, 6))
    assert monthly_schedule(context).partition_key == "2024-12"


def test_months_begin_with_the_first_that_has_landed(settings, tmp_path):
    assert monthly(settings.home).get_first_partition_key() == "2023-12"
    assert monthly(tmp_path).get_first_partition_key() == "2020-01"


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
