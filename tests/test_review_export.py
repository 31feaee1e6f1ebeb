"""Clerical review: the workbook that goes out."""

import datetime as dt
import os
import re
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from delivery_files import write_sheet
from registers_tables import new_store
from review_home import ARBEN, BESA, BESA_ROW, BIRTH, MAY, TWIN, build, exported, grid, ids
from typer.testing import CliRunner

from migflow.cli import app
from migflow.errors import MigflowError
from migflow.review import decisions
from migflow.review.decisions import Decision
from migflow.review.export import export
from migflow.store import Store

pytestmark = pytest.mark.usefixtures("without_great_expectations")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def store(built: Path, tmp_path: Path) -> Store:
    return new_store(Path(shutil.copytree(built, tmp_path / "home")))


def test_candidates_of_a_record_stand_together_likeliest_first(store: Store) -> None:
    assert ids(exported(store)) == [p.pair_id for p in (BIRTH, ARBEN, BESA, TWIN)]


def test_row_shows_both_records_side_by_side_and_every_contribution(store: Store) -> None:
    row = exported(store)[BESA_ROW - 2]
    columns = list(row)
    assert columns[:4] == ["decision", "decided_by", "decided_on", "note"]
    assert columns.index("person_surname") == columns.index("surname") + 1
    assert (row["surname"], row["person_surname"]) == ("=Hoxha", "Krasniqi")
    assert (row["birth_date"], row["person_birth_date"]) == (dt.date(1990, 3, 5), dt.date(1990, 5, 3))
    weights = {name: value for name, value in row.items() if name.startswith("weight: ")}
    assert weights == {
        "weight: place": "",
        "weight: names": 7.25,
        "weight: birth date": -2.5,
        "weight: prior": -3.25,
    }
    assert row["match_weight"] == 1.5 and [row[column] for column in columns[:4]] == [""] * 4


def test_differing_values_are_marked_and_the_decision_is_chosen_from_a_list(store: Store) -> None:
    exported(store)
    with zipfile.ZipFile(store.home / "out.xlsx") as file:
        sheet, styles = file.read("xl/worksheets/sheet1.xml").decode(), file.read("xl/styles.xml").decode()
    looks = re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1])
    filled_looks = {number for number, look in enumerate(looks) if 'applyFill="1"' in look}
    header = [str(cell) for cell in grid(store.home / "out.xlsx")[0]]
    marked = {
        header[_column(cell)]
        for cell, look in re.findall(rf'<c r="([A-Z]+){BESA_ROW}" s="(\d+)"', sheet)
        if int(look) in filled_looks
    }
    assert marked == {"surname", "person_surname", "birth_date", "person_birth_date"}
    assert '<pane xSplit="1" ySplit="1"' in sheet
    assert 'type="list"' in sheet and "same,different,unsure" in sheet and 'sqref="A2:A5"' in sheet


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def test_limit_takes_the_records_most_in_doubt_with_all_their_candidates(store: Store) -> None:
    assert ids(exported(store, limit=1)) == [ARBEN.pair_id]
    assert ids(exported(store, limit=2)) == [p.pair_id for p in (ARBEN, BESA, TWIN)]


def test_municipality_is_named_by_code_or_name(store: Store) -> None:
    assert ids(exported(store, municipalities=["XK19"])) == [p.pair_id for p in (BIRTH, BESA, TWIN)]
    assert ids(exported(store, municipalities=["prishtina"])) == ids(exported(store, municipalities=["XK19"]))
    with pytest.raises(MigflowError, match="Atlantis: expected one of XK01"):
        exported(store, municipalities=["Atlantis"])


def test_workbook_and_decisions_are_private_and_the_terminal_shows_no_person(store: Store) -> None:
    os.umask(0o022)
    run = CliRunner().invoke(app, ["review", "export", "--home", str(store.home)])
    out = store.home / "review" / "review.xlsx"
    assert run.exit_code == 0 and "4 pairs of 3 records" in run.output and "personal data" in run.output
    header, *rows = grid(out)
    rows[0][:2] = ["same", "clerk 7"]
    out.unlink()
    write_sheet(out, "pairs", [header, *rows])
    taken = CliRunner().invoke(app, ["review", "import", str(out), "--on", "2025-05-06", "--home", str(store.home)])
    assert taken.exit_code == 0 and "1 new decisions" in " ".join(taken.output.split())
    assert decisions.load(store.home) == {BIRTH: Decision(BIRTH, "same", "clerk 7", MAY)}
    CliRunner().invoke(app, ["review", "export", "--home", str(store.home), "--out", str(store.home / "two.xlsx")])
    for path in (store.home / "two.xlsx", decisions.file(store.home), decisions.file(store.home).parent):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert "Drita" not in run.output + taken.output


def test_workbook_that_may_hold_decisions_is_not_overwritten(store: Store) -> None:
    out = store.home / "out.xlsx"
    export(store, out)
    written = out.read_bytes()
    with pytest.raises(MigflowError, match="would be lost"):
        export(store, out)
    assert out.read_bytes() == written
    out.unlink()
    export(store, out)
    assert out.read_bytes() == written


def test_home_without_pairs_is_told_to_run_first(tmp_path: Path) -> None:
    with pytest.raises(MigflowError, match="migflow run makes them"):
        export(new_store(tmp_path), tmp_path / "out.xlsx")
