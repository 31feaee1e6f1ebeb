"""A run that broke a contract keeps no value of a person outside the tables, nor do the Data Docs made of it."""

import io
import re
import shutil
from pathlib import Path

import pytest
from example_home import personal_values, received_with_long_numbers, where_kept
from rich.console import Console

from migflow import audit, contracts
from migflow.store import Store
from pipelines.run import run

ROOT = Path(__file__).parents[1]


@pytest.fixture
def no_first_name_allowed(tmp_path, monkeypatch):
    """A contract that every person breaks."""
    folder = tmp_path / "data_contracts"
    shutil.copytree(ROOT / "data_contracts", folder)
    file = folder / "registers" / "persons.odcs.yaml"
    text = file.read_text(encoding="utf-8")
    option = '        logicalTypeOptions:\n          pattern: "^Nobody$"\n'
    file.write_text(re.sub(r"(- name: first_name\n)", rf"\1{option}", text), encoding="utf-8")
    monkeypatch.setattr(contracts, "_contracts_dir", lambda: folder)
    contracts.load_all.cache_clear()
    yield
    monkeypatch.undo()
    contracts.load_all.cache_clear()


@pytest.mark.usefixtures("no_first_name_allowed")
def test_no_personal_value_is_kept_by_a_run_that_broke_a_contract(tmp_path):
    settings = received_with_long_numbers(tmp_path / "home")
    summary = run(settings, console=Console(file=io.StringIO()))
    audit.build_data_docs(settings.home)
    assert not summary.success and any("persons" in text for text in summary.checks_failed)
    values = personal_values(Store(settings))
    assert {"Cecilie", "77311003", "2010-01-20"} <= values
    assert where_kept(settings.home, values) == set()
