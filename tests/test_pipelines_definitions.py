"""Definitions follow from the contracts; errors and checks reach the UI as a person needs them."""

import ast
import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow as pa
import pytest

from migflow import contracts, countries, transformations
from migflow.audit import AuditError, Check
from migflow.errors import MigflowError
from migflow.settings import Settings
from migflow.store import Store, Written
from pipelines import checks as shown_by_pipelines
from pipelines import errors, invariants, steps
from pipelines.definitions import build_definitions
from pipelines.resources import Home

ROOT = Path(__file__).parents[1]
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_library_never_imports_dagster_nor_the_pipelines():
    for path in (ROOT / "src" / "migflow").rglob("*.py"):
        roots = {module.split(".")[0] for module in imported(path)}
        assert not roots & {"dagster", "pipelines"}, path


def test_pipelines_do_not_postpone_annotations_which_dagster_reads():
    assert not [path for path in (ROOT / "pipelines").rglob("*.py") if "__future__" in imported(path)]


@pytest.fixture
def definitions(tmp_path):
    return build_definitions(Settings(home=tmp_path))


@pytest.fixture
def home(tmp_path):
    return Home(Store(Settings(home=tmp_path)), countries.load("kosovo"))


def test_every_contract_is_an_asset_that_tells_all_the_contract_says(definitions):
    specs = {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}
    assert set(contracts.load_all()) <= set(specs)
    for table, contract in contracts.load_all().items():
        spec = specs[table]
        schema = spec.metadata["dagster/column_schema"]
        assert spec.group_name == contract.stage
        assert contract.description in spec.description
        assert [(c.name, c.type, c.description) for c in schema.columns] == [
            (c.name, c.type, c.description) for c in contract.columns
        ]
        assert {c.name for c in schema.columns if "personal" in c.tags} == {
            c.name for c in contract.columns if c.personal
        }
        assert spec.owners and all(owner.startswith("team:") for owner in spec.owners)
        assert spec.kinds == {"duckdb", "parquet"}


def test_definitions_load_and_the_job_builds_every_asset(definitions):
    dg.Definitions.validate_loadable(definitions)
    job = definitions.resolve_job_def("migflow")
    assert set(contracts.load_all()) | {"published"} == {
        key.to_user_string() for key in job.asset_layer.executable_asset_keys
    }


def test_an_evaluation_is_part_of_the_job_where_there_is_a_truth(tmp_path):
    (tmp_path / "truth").mkdir()
    keys = build_definitions(Settings(home=tmp_path)).resolve_all_asset_keys()
    assert dg.AssetKey("evaluation") in keys


def test_owners_are_written_as_teams():
    assert steps.team("civil registration agency") == "team:civil-registration-agency"


CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: areas_by_level
name: Areas by level
version: 1.0.0
status: active
description:
  purpose: "How many areas there are at each level."
team:
  name: statisticians
schema:
  - name: areas_by_level
    logicalType: object
    physicalType: parquet
    description: "How many areas there are at each level."
    dataGranularityDescription: "one level"
    customProperties:
      - property: disclosure
        value: {method: none}
    properties:
      - name: level
        logicalType: string
        physicalType: VARCHAR
        description: "Level of the areas"
        primaryKey: true
        primaryKeyPosition: 1
        required: true
      - name: obs_value
        logicalType: integer
        physicalType: BIGINT
        description: "Areas"
        required: true
    quality:
      - name: not_too_many
        description: "There are fewer than LIMIT areas at a level"
        type: custom
        engine: duckdb-row-rule
        implementation: "obs_value < LIMIT"
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A copy of contracts and SQL files, to which a table can be added by its two files."""
    shutil.copytree(ROOT / "data_contracts", tmp_path / "data_contracts")
    for stage in ("accounts", "statistics"):
        shutil.copytree(ROOT / "src" / "migflow" / stage, tmp_path / "sql" / stage)
    monkeypatch.setattr(contracts, "_contracts_dir", lambda: tmp_path / "data_contracts")
    monkeypatch.setattr(transformations, "__file__", str(tmp_path / "sql" / "transformations.py"))

    def add(limit: int) -> None:
        folder = tmp_path / "data_contracts" / "statistics"
        (folder / "areas_by_level.odcs.yaml").write_text(CONTRACT.replace("LIMIT", str(limit)))
        sql = "SELECT level, count(*) AS obs_value FROM areas GROUP BY level"
        (tmp_path / "sql" / "statistics" / "areas_by_level.sql").write_text(sql)
        contracts.load_all.cache_clear()
        transformations.inputs.cache_clear()

    yield add
    contracts.load_all.cache_clear()
    transformations.inputs.cache_clear()


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def materialize(instance: dg.DagsterInstance, settings: Settings, table: str) -> dg.ExecuteInProcessResult:
    return (
        build_definitions(settings)
        .resolve_job_def("migflow")
        .execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(table)],
            run_config=QUIET,
            raise_on_error=False,
            partition_key="2020-01",
        )
    )


def shown_checks(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """Checks as the UI reads them: from the records of the run."""
    events = [entry.dagster_event for entry in instance.all_logs(result.run_id) if entry.dagster_event]
    found = [e.asset_check_evaluation_data for e in events if e.event_type_value == "ASSET_CHECK_EVALUATION"]
    return {check.check_name: check for check in found}


def test_a_contract_and_a_sql_file_make_an_asset_its_checks_and_its_columns(repository, instance, tmp_path):
    repository(limit=100)
    settings = Settings(home=tmp_path / "home")
    result = materialize(instance, settings, "areas_by_level")
    assert result.success
    (event,) = result.asset_materializations_for_node("areas_by_level")
    assert event.metadata["rows"].value == 3
    assert "| municipality | 38 |" in event.metadata["preview"].value
    assert {name: check.passed for name, check in shown_checks(instance, result).items()} == {
        "unique_key": True,
        "required_values": True,
        "not_too_many": True,
        "great_expectations": True,
    }
    assert Store(settings).rows("areas_by_level") == 3


def test_a_broken_contract_turns_its_check_red_and_puts_nothing_in_place(repository, instance, tmp_path):
    repository(limit=30)
    settings = Settings(home=tmp_path / "home")
    result = materialize(instance, settings, "areas_by_level")
    assert not result.success
    checks = shown_checks(instance, result)
    assert not checks["not_too_many"].passed and checks["unique_key"].passed
    assert "fewer than 30 areas at a level: broken in 1 rows" in checks["not_too_many"].description
    assert Store(settings).files("areas_by_level") == []


def test_a_table_that_reads_one_without_a_contract_is_refused_by_name(repository, tmp_path):
    repository(limit=30)
    (tmp_path / "sql" / "statistics" / "areas_by_level.sql").write_text("SELECT * FROM nowhere")
    with pytest.raises(MigflowError, match="nowhere"):
        build_definitions(Settings(home=tmp_path / "home"))


def attempt(
    home: Home, error: Exception, instance: dg.DagsterInstance | None = None
) -> tuple[dg.ExecuteInProcessResult, list[str]]:
    tried = []

    def build(_: Home) -> list[Written]:
        tried.append("once")
        raise error

    step = steps.build_tables("areas", ["areas"], [], build)
    result = dg.materialize([step], resources={"home": home}, run_config=QUIET, raise_on_error=False, instance=instance)
    return result, tried


def test_an_error_for_a_person_is_shown_as_its_message_and_not_retried(home):
    result, tried = attempt(home, MigflowError("gjilan.csv, row 12: expected a date."))
    (failure,) = [e for e in result.all_events if e.is_step_failure]
    assert failure.step_failure_data.user_failure_data.description == "gjilan.csv, row 12: expected a date."
    assert len(tried) == 1


def test_what_can_pass_by_itself_is_tried_again(home, monkeypatch):
    monkeypatch.setattr(errors, "RETRY_AFTER_SECONDS", 0)
    result, tried = attempt(home, OSError(28, "No space left on device"))
    assert not result.success and len(tried) == 1 + errors.RETRIES


def test_a_programming_error_is_not_tried_again(home):
    assert len(attempt(home, KeyError("x"))[1]) == 1


NAME = "Flutura Gashi"


def conversion_error() -> Exception:
    try:
        duckdb.connect().execute(f"SELECT CAST('{NAME}' AS DATE)")
    except duckdb.Error as error:
        return error
    raise AssertionError


def arrow_error() -> Exception:
    try:
        pa.array([NAME]).cast(pa.int64())
    except pa.lib.ArrowException as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("error", [conversion_error(), arrow_error(), duckdb.IOException(NAME), ValueError(NAME)])
def test_text_of_other_libraries_is_kept_from_the_records_and_put_where_only_the_owner_reads(
    home, instance, error, monkeypatch
):
    assert NAME in str(error)
    monkeypatch.setattr(errors, "RETRY_AFTER_SECONDS", 0)
    result, _ = attempt(home, error, instance)
    assert not result.success
    recorded = "".join(dg.serialize_value(entry) for entry in instance.all_logs(result.run_id))
    trace = errors.trace_file(home.store.home, result.run_id, "areas")
    assert NAME not in recorded
    assert f"{type(error).__name__} in step areas (areas). The trace" in recorded and str(trace) in recorded
    assert NAME in trace.read_text() and trace.stat().st_mode & 0o777 == 0o600


def test_too_little_memory_says_which_setting_to_raise(home):
    result, tried = attempt(home, duckdb.OutOfMemoryException("could not allocate"))
    (failure,) = [e for e in result.all_events if e.is_step_failure]
    assert "raise memory_limit in migflow.toml" in failure.step_failure_data.user_failure_data.description
    assert len(tried) == 1


def test_an_invariant_that_cannot_be_counted_keeps_the_text_of_the_error_too(home, instance, monkeypatch):
    def fail(*_: object) -> None:
        raise conversion_error()

    monkeypatch.setattr(invariants.invariants, "count", fail)
    check = invariants.invariant_checks()[0]
    (key,) = check.check_keys
    asset = dg.AssetSpec(key.asset_key)
    job = dg.Definitions(
        assets=[asset],
        asset_checks=[check],
        jobs=[dg.define_asset_job("checks", selection=dg.AssetSelection.checks(check))],
        resources={"home": home},
    ).resolve_job_def("checks")
    result = job.execute_in_process(instance=instance, run_config=QUIET, raise_on_error=False)
    recorded = "".join(dg.serialize_value(entry) for entry in instance.all_logs(result.run_id))
    assert not result.success and "ConversionException" in recorded and NAME not in recorded


def test_checks_of_a_refused_write_name_the_rules_that_are_broken(home, instance):
    checks = [
        Check("unique_key", True, "code identify a row", 0),
        Check("missing_name", False, "name has a value", 3),
        Check("missing_level", True, "level has a value", 0),
    ]
    result, _ = attempt(home, AuditError("areas", checks), instance)
    shown = shown_checks(instance, result)
    assert not shown["required_values"].passed
    assert shown["required_values"].description == "name has a value: broken in 3 rows"
    assert shown["unique_key"].passed


def test_at_most_three_gaps_are_named():
    result = shown_by_pipelines.completeness("t", [f"gap {n}." for n in range(1, 6)])
    assert result.description == "gap 1. gap 2. gap 3. ... and 2 more."
