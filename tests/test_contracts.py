"""Contracts: every file is readable, and what follows from one is right."""

from pathlib import Path

import duckdb
import pytest

from migflow import contracts
from migflow.errors import MigflowError

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: t
name: A table
version: 1.0.0
status: active
schema:
  - name: t
    logicalType: object
    description: "What it is"
    properties:
      - {name: id, logicalType: string, physicalType: VARCHAR, primaryKey: true, required: true}
      - {name: age, logicalType: integer, physicalType: INTEGER, logicalTypeOptions: {minimum: 0, maximum: 120}}
      - name: sex
        logicalType: string
        physicalType: VARCHAR
        quality: [{metric: invalidValues, arguments: {validValues: ["F", "M"]}, mustBe: 0}]
    quality:
      - {name: adult, type: custom, engine: duckdb-row-rule, implementation: "age IS NULL OR age >= 18"}
"""


def read(tmp_path: Path, text: str) -> contracts.Contract:
    path = tmp_path / "statistics" / "t.odcs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return contracts.read(path)


@pytest.mark.parametrize("table", list(contracts.load_all()))
def test_every_shipped_contract_describes_its_table_and_columns(table: str) -> None:
    contract = contracts.load(table)
    assert contract.path.name == f"{contract.table}.odcs.yaml"
    assert contract.description and contract.grain and contract.owner
    assert all(column.description for column in contract.columns)
    rules = [rule.name for rule in contract.row_rules]
    assert len(rules) == len(set(rules))


def test_columns_in_published_tables_are_never_personal() -> None:
    published = [c for c in contracts.load_all().values() if c.stage == "statistics"]
    assert published
    assert not [column.name for contract in published for column in contract.columns if column.personal]


def test_free_text_about_persons_is_personal() -> None:
    about_persons = [
        contracts.load(t) for t in ("civil_registry_persons", "civil_registry_events", "municipal_residence")
    ]
    open_columns = {
        column.name
        for contract in about_persons
        for column in contract.columns
        if column.type == "VARCHAR" and not (column.personal or column.allowed or column.pattern)
    }
    assert open_columns == {"municipality", "provider", "delivery_id"}


def test_row_rules_find_exactly_the_rows_that_break_them(tmp_path: Path) -> None:
    contract = read(tmp_path, CONTRACT)
    rows = "(VALUES ('a', 30, 'F'), ('b', -1, 'M'), ('c', 17, 'X'), (NULL, NULL, NULL)) AS t(id, age, sex)"
    broken = {
        rule.name: duckdb.execute(f"SELECT count(*) FROM {rows} WHERE NOT ({rule.predicate})").fetchall()[0][0]
        for rule in contract.row_rules
    }
    assert broken == {"missing_id": 1, "invalid_age": 1, "invalid_sex": 1, "adult": 2}


def test_columns_and_key_follow_the_contract(tmp_path: Path) -> None:
    contract = read(tmp_path, CONTRACT)
    assert [(c.name, c.type) for c in contract.columns] == [("id", "VARCHAR"), ("age", "INTEGER"), ("sex", "VARCHAR")]
    assert contract.key == ("id",)


def test_unknown_type_is_refused_by_file_and_column(tmp_path: Path) -> None:
    with pytest.raises(MigflowError, match=r"t\.odcs\.yaml: column 'age' has physicalType 'NUMERIC'"):
        read(tmp_path, CONTRACT.replace("INTEGER", "NUMERIC"))


def test_source_says_whether_it_is_a_snapshot_or_monthly(tmp_path: Path) -> None:
    path = tmp_path / "deliveries" / "t.odcs.yaml"
    path.parent.mkdir()
    said = "    customProperties: [{property: delivery, value: monthly}]\n    properties:\n"
    path.write_text(CONTRACT.replace("    properties:\n", said))
    assert contracts.read(path).delivery == contracts.MONTHLY
    path.write_text(CONTRACT)
    with pytest.raises(MigflowError, match="needs the custom property delivery, snapshot or monthly"):
        contracts.read(path)


def test_table_without_contract_is_named() -> None:
    with pytest.raises(MigflowError, match="no contract for a table 'nothing'"):
        contracts.load("nothing")


def test_published_table_has_a_confidentiality_status_and_may_leave_figures_out() -> None:
    stored = contracts.load("population_balance")
    shown = contracts.published(stored)
    assert [c.name for c in shown.columns] == [*(c.name for c in stored.columns), "conf_status"]
    assert stored.column("obs_value").required and not shown.column("obs_value").required
    assert contracts.published(contracts.load("areas")) == contracts.load("areas")


def test_disclosure_rule_is_read_and_a_wrong_one_refused(tmp_path: Path) -> None:
    said = "    customProperties: [{property: disclosure, value: {method: rounding, base: 5}}]\n    properties:\n"
    text = CONTRACT.replace("    properties:\n", said)
    assert read(tmp_path, text).disclosure == contracts.Disclosure("rounding", base=5)
    assert read(tmp_path, CONTRACT).disclosure is None
    with pytest.raises(MigflowError, match="disclosure method 'hiding'; expected one of none, suppression"):
        read(tmp_path, text.replace("rounding", "hiding"))
    with pytest.raises(MigflowError, match=r"disclosure is wrong: .*'bass'"):
        read(tmp_path, text.replace("base", "bass"))


def test_statistics_without_a_disclosure_rule_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "statistics" / "t.odcs.yaml"
    path.parent.mkdir()
    path.write_text(CONTRACT.replace("name: age", "name: obs_value"))
    with pytest.raises(MigflowError, match="the table would be published as it is"):
        contracts.read(path)


def test_contracts_tell_tables_apart_in_sets():
    held = contracts.load_all().values()
    assert len({*held, *map(contracts.published, held)}) > len(held)
