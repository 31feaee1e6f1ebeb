"""No value of a person is kept outside the tables: not by Dagster, not by Great Expectations, not in the Data Docs."""

import datetime as dt
import io
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from migflow import audit, contracts, countries
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.receive import receive
from migflow.settings import Settings
from migflow.store import Store
from pipelines.partitions import sources
from pipelines.run import run

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "own-country"
# Of the personal columns those whose values are nobody else's: places and dates of events occur in statistics too.
OF_ONE_PERSON = re.compile("name|personal_number|birth_date")
FOLDERS = ("dagster", "great_expectations", "data_docs")


@pytest.fixture
def settings(tmp_path):
    """The example, with numbers of persons that nothing else can be mistaken for."""
    settings = Settings(home=tmp_path / "home", country=str(EXAMPLE / "profile"))
    providers = load_providers(countries.find(settings.country))
    for file, source, month in [
        ("persons-2023-12.csv", "civil_registry_persons", "2023-12"),
        ("counters-2024-12.jsonl", "municipal_residence", "2024-12"),
    ]:
        text = (EXAMPLE / "deliveries" / file).read_text(encoding="utf-8")
        sent = tmp_path / file
        sent.write_text(re.sub(r"(?<=[,\"])(1\d{3})(?=[,\"])", r"7731\1", text), encoding="utf-8")
        receive([sent], source=source, month=month, home=settings.home, providers=providers)
    return settings


@pytest.fixture
def broken_contract(tmp_path, monkeypatch):
    """A call after which no first name of a person is allowed."""
    folder = tmp_path / "data_contracts"
    shutil.copytree(ROOT / "data_contracts", folder)

    def breach() -> None:
        file = folder / "registers" / "persons.odcs.yaml"
        text = file.read_text(encoding="utf-8")
        option = '        logicalTypeOptions:\n          pattern: "^Nobody$"\n'
        file.write_text(re.sub(r"(- name: first_name\n)", rf"\1{option}", text), encoding="utf-8")
        monkeypatch.setattr(contracts, "_contracts_dir", lambda: folder)
        contracts.load_all.cache_clear()

    yield breach
    monkeypatch.undo()
    contracts.load_all.cache_clear()


def personal_values(store: Store) -> set[str]:
    """Names, numbers and birth dates of the deliveries, longer than chance would have them."""
    values: set[str] = set()
    for source in sources():
        personal = [c.name for c in contracts.load(source).columns if c.personal and OF_ONE_PERSON.search(c.name)]
        with store.session(source) as con:
            for column in personal:
                found = con.execute(f"SELECT DISTINCT {column} FROM {source} WHERE {column} IS NOT NULL").fetchall()
                values |= {v.isoformat() if isinstance(v, dt.date) else str(v) for (v,) in found}
    return {value for value in values if len(value) > 4}


def where_kept(home: Path, values: set[str]) -> set[tuple[str, str]]:
    """Every file outside the tables that holds one of the values."""
    sought = re.compile("|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in sorted(values)))
    files = [path for folder in FOLDERS for path in (home / folder).rglob("*") if path.is_file()]
    assert len(files) > 20
    return {
        (path.relative_to(home).as_posix(), match)
        for path in files
        for match in sought.findall(path.read_bytes().decode("utf-8", errors="replace"))
    }


def test_no_personal_value_is_kept_by_a_good_run_nor_by_one_that_broke_a_contract(settings, broken_contract):
    assert run(settings, console=Console(file=io.StringIO())).success
    values = personal_values(Store(settings))
    assert {"Cecilie", "77311003", "2010-01-20"} <= values
    assert where_kept(settings.home, values) == set()
    broken_contract()
    summary = run(settings, console=Console(file=io.StringIO()))
    audit.build_data_docs(settings.home)
    assert not summary.success and any("persons" in text for text in summary.checks_failed)
    assert where_kept(settings.home, values) == set()
