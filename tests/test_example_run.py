"""A run over the example of docs/own-country: what it publishes, reports and records, and must not; then a second."""

import datetime as dt
import hashlib
import io
import json
import re
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest
from example_home import COUNTERS, deliver, personal_values, received_with_long_numbers, where_kept
from registers_tables import read
from rich.console import Console
from typer.testing import CliRunner

from migflow import contracts, locking
from migflow.cli import app
from migflow.errors import MigflowError
from migflow.provenance import recorded
from migflow.review import decisions
from migflow.review.decisions import Decision, Pair
from migflow.settings import Settings
from migflow.store import Store
from pipelines.automation import landing_sensor
from pipelines.definitions import build_definitions
from pipelines.instance import open_instance
from pipelines.partitions import monthly
from pipelines.run import run

DECLARED = "municipal_residence"
# Bo declares a move with his number; Finn, without a number, a departure.
BO, FINN = "counters:2024-12:S-1", "counters:2024-12:E-1"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return received_with_long_numbers(tmp_path_factory.mktemp("example") / "home")


@pytest.fixture(scope="module")
def printed():
    return io.StringIO()


@pytest.fixture(scope="module")
def summary(settings, printed):
    return run(settings, console=Console(file=printed, width=120))


@pytest.fixture(scope="module")
def published(summary, settings):
    """The DuckDB file of the run."""
    assert summary.success
    return settings.home / "published" / "latest" / "migflow.duckdb"


def rows(database, query):
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(query).fetchall()


def test_population_follows_the_registry_and_then_the_declarations(published):
    counted = rows(published, "SELECT time_period, area, sum(obs_value)::INT FROM population GROUP BY ALL ORDER BY ALL")
    assert counted == [
        (2024, "QM1", 3),
        (2024, "QM2", 2),
        (2024, "QM3", 1),
        (2025, "QM1", 2),
        (2025, "QM2", 3),
    ]


def test_the_one_internal_move_and_the_one_emigration_are_accounted_for(published):
    moves = rows(
        published,
        "SELECT origin, destination, sex, age_group, obs_value FROM internal_migration_od WHERE indicator = 'moves'",
    )
    assert moves == [("QM1", "QM2", "M", "Y45T49", 1)]
    emigration = rows(
        published, "SELECT area, obs_value FROM population_balance WHERE component = 'emigration' AND obs_value > 0"
    )
    assert emigration == [("QM3", 1)]


def test_labels_are_those_of_the_profile(published):
    assert rows(published, "SELECT name FROM areas WHERE level = 'county' ORDER BY code") == [
        ("Northby",),
        ("Southby",),
        ("Eastby",),
    ]


def test_report_opens_by_itself_and_says_what_the_tables_say(published, settings):
    told = CliRunner().invoke(app, ["report", "--home", str(settings.home)])
    page = Path(told.output.strip()).read_text(encoding="utf-8")
    assert len(re.findall("<script", page)) == len(re.findall("</script>", page)) == 3 and "vegaEmbed" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    ((persons,),) = rows(
        published,
        "SELECT sum(obs_value)::DOUBLE FROM population_by_citizenship WHERE level = 'country' AND time_period = 2024",
    )
    shown = "<strong>suppressed</strong>" if persons is None else f'<data value="{persons!r}">'
    assert f"<h3>Registered population on 1 January</h3>{shown}" in page


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
        records = instance.fetch_materializations(dg.AssetKey(DECLARED), limit=20).records
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


def test_no_personal_value_is_kept_by_a_good_run(summary, settings):
    assert summary.success
    values = personal_values(Store(settings))
    assert {"Cecilie", "77311003", "2010-01-20"} <= values
    assert where_kept(settings.home, values) == set()


def test_second_run_on_a_home_in_use_is_refused_and_names_the_first(settings):
    with locking.only_one(settings.home, "run 1234abcd"):
        refused = run(settings, console=Console(file=io.StringIO()))
    assert not refused.success
    (message,) = refused.errors
    assert message.startswith(f"{settings.home} is still in use") and "run 1234abcd" in message


def test_run_of_a_month_that_has_not_landed_names_it(settings):
    with pytest.raises(MigflowError, match="2031-05"):
        run(settings, months=["2024-12", "2031-05"])


def look(settings: Settings, instance: dg.DagsterInstance) -> dg.SensorResult:
    context = dg.build_sensor_context(instance=instance, definitions=build_definitions(settings))
    return landing_sensor(settings).evaluate_tick(context)


def test_sensor_has_nothing_to_do_once_all_is_published(summary, settings):
    with open_instance(settings.home) as instance:
        tick = look(settings, instance)
    assert not tick.run_requests and tick.skip_message == "Everything that has landed is published."


def test_months_begin_with_the_first_that_has_landed(settings, tmp_path):
    assert monthly(settings.home).get_first_partition_key() == "2023-12"
    assert monthly(tmp_path).get_first_partition_key() == "2020-01"


def test_sensor_asks_for_a_run_over_the_newest_month_once_something_was_decided(summary, settings):
    assert summary.success
    pair = Pair(DECLARED, BO, "P0")
    with open_instance(settings.home) as instance:
        decisions.save(settings.home, [Decision(pair, "different", "clerk 7", dt.date(2025, 5, 6))])
        (request,) = look(settings, instance).run_requests
        decisions.file(settings.home).unlink()
        assert not look(settings, instance).run_requests
    assert request.tags["dagster/asset_partition_range_start"] == "2024-12"


# The tests from here on are of a second run, which changes the home: they come last.


def person(record_id):
    return "P" + hashlib.sha256(record_id.encode()).hexdigest()[:16]


DECIDED = {
    Pair(DECLARED, BO, person("registry:2")): "different",
    Pair(DECLARED, FINN, person("registry:4")): "same",
    Pair(DECLARED, FINN, person("registry:99")): "different",
}


@pytest.fixture(scope="module")
def second_run(summary, settings, without_great_expectations, without_pictures):
    """Of one month, after a delivery for an earlier one and decisions; without what the first was looked at for."""
    assert summary.success
    deliver(settings, settings.home.parent / COUNTERS, DECLARED, "2024-05")
    with dg.DagsterInstance.ephemeral() as instance:
        (request,) = look(settings, instance).run_requests
        assert request.tags["dagster/asset_partition_range_end"] == "2024-05"
    said = [Decision(pair, what, "clerk 7", dt.date(2025, 5, 6)) for pair, what in DECIDED.items()]
    decisions.save(settings.home, said)
    return run(settings, months=["2024-12"], console=Console(file=io.StringIO()))


def test_run_of_one_month_builds_what_landed_late_for_another(second_run, settings):
    assert second_run.success, second_run.errors
    assert Store(settings).partitions(DECLARED) == ["2024-05", "2024-12"]
    with open_instance(settings.home) as instance:
        assert "2024-05" in instance.get_materialized_partitions(dg.AssetKey(DECLARED))
        assert look(settings, instance).skip_message == "Everything that has landed is published."


def test_run_follows_decisions_and_warns_of_those_without_effect(second_run, settings):
    store = Store(settings)
    links = {str(row["record_id"]): row for row in read(store, "person_links") if row["source"] == DECLARED}
    assert links[BO]["person_id"] != person("registry:2")
    assert (links[FINN]["person_id"], links[FINN]["pass"]) == (person("registry:4"), "review")
    *_, gone = DECIDED
    assert decisions.without_effect(store) == [gone.pair_id]
    assert [w for w in second_run.warnings if "decisions" in w] == [
        f"person_links.decisions_have_effect: 1 of 3 decisions without effect: {gone.pair_id}"
    ]
    asked = {(row["record_id"], row["person_id"]): row["decision"] for row in read(store, "review_pairs")}
    assert asked[BO, person("registry:2")] == "different" and asked[FINN, person("registry:4")] == "same"
    for table in ("persons", "person_links", "review_pairs"):
        (path,) = store.files(table)
        made_of = json.loads(str(recorded(pq.read_metadata(path))))
        assert made_of["inputs"]["decisions"] == decisions.digest(store.home)
