"""Clerical review: the workbook that goes out, what is refused when it comes back, and what is kept."""

import csv
import datetime as dt
import json
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from contract_arrow import schema_of
from delivery_files import write_sheet
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from registers_tables import deliver, new_store
from typer.testing import CliRunner

from migflow import contracts
from migflow.cli import app
from migflow.errors import MigflowError
from migflow.review import decisions
from migflow.review.decisions import Decision, Pair
from migflow.review.export import export
from migflow.review.importing import RefusedError, import_decisions
from migflow.store import Store

pytestmark = pytest.mark.usefixtures("without_great_expectations")

MAY = dt.date(2025, 5, 6)
CLERK = {"decided_by": "clerk 7", "decided_on": MAY}
DECLARED = "municipal_residence"
BESA = Pair(DECLARED, "prishtine:2024-03:17", "P00000000000000a1")
TWIN = Pair(DECLARED, "prishtine:2024-03:17", "P00000000000000b2")
ARBEN = Pair(DECLARED, "gjilan:2024-03:4", "P00000000000000c3")
BIRTH = Pair("civil_registry_events", "arc:2024-03:9", "P00000000000000d4")
PAIRS = {
    BESA: {
        "match_weight": 1.5,
        "first_name": "Besa",
        "person_first_name": "BESA",
        "surname": "=Hoxha",
        "person_surname": "Krasniqi",
        "birth_date": dt.date(1990, 3, 5),
        "person_birth_date": dt.date(1990, 5, 3),
        "contributions": json.dumps({"names": 7.25, "birth date": -2.5, "prior": -3.25}),
    },
    TWIN: {"match_weight": -3.0, "first_name": "Besa", "person_first_name": "Liridona"},
    ARBEN: {"match_weight": 0.25, "first_name": "Arben", "contributions": json.dumps({"place": 0.25})},
    BIRTH: {"match_weight": 4.0, "first_name": "Drita"},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with four pairs for review."""
    home = tmp_path_factory.mktemp("built")
    store = new_store(home)
    contract = contracts.load("review_pairs")
    rows = [
        {**vars(pair), **values, "match_probability": 2 ** values["match_weight"] / (1 + 2 ** values["match_weight"])}
        for pair, values in PAIRS.items()
    ]
    full = [dict.fromkeys(c.name for c in contract.columns) | row for row in rows]
    with store.session() as con:
        con.register("found", pa.Table.from_pylist(full, schema=schema_of(contract)))
        store.write(con, "review_pairs", "FROM found")
    declared = {"first_name": "Besa", "surname": "Hoxha", "event_date": dt.date(2024, 3, 1)}
    places = [(BESA, "XK19"), (ARBEN, "XK07")]
    deliver(store, DECLARED, "2024-03", [{**declared, "record_id": p.record_id, "municipality": m} for p, m in places])
    birth = {**declared, "record_id": BIRTH.record_id, "municipality": "XK19", "event_type": "birth"}
    deliver(store, BIRTH.source, "2024-03", [birth])
    return home


@pytest.fixture
def store(built: Path, tmp_path: Path) -> Store:
    return new_store(Path(shutil.copytree(built, tmp_path / "home")))


Grid = list[list[object]]


def grid(path: Path) -> Grid:
    return CalamineWorkbook.from_path(path).get_sheet_by_name("pairs").to_python()


def exported(store: Store, **options: object) -> list[dict[str, object]]:
    out = store.home / "out.xlsx"
    out.unlink(missing_ok=True)
    export(store, out, **options)  # type: ignore[arg-type]
    header, *rows = grid(out)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def ids(rows: Sequence[Mapping[str, object]]) -> list[object]:
    return [row["pair_id"] for row in rows]


def filled(
    store: Store,
    given: Mapping[Pair, Mapping[str, object]],
    more: Sequence[Mapping[str, object]] = (),
    suffix: str = ".xlsx",
) -> Path:
    """The export with cells filled in by pair, and further rows; rows are in the order of the export."""
    rows = exported(store, decided=True)
    for row in rows:
        row.update(next((cells for pair, cells in given.items() if pair.pair_id == row["pair_id"]), {}))
    rows += [{**rows[0], **cells} for cells in more]
    path = store.home / f"filled{suffix}"
    cells = [list(rows[0]), *([row[column] for column in rows[0]] for row in rows)]
    if suffix == ".xlsx":
        write_sheet(path, "pairs", cells)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(cells)
    return path


def key(pair: Pair) -> dict[str, object]:
    return {"pair_id": pair.pair_id, **vars(pair)}


def refused(store: Store, path: Path, **options: object) -> list[str]:
    before = decisions.digest(store.home)
    with pytest.raises(RefusedError) as error:
        import_decisions(store, path, **options)  # type: ignore[arg-type]
    assert decisions.digest(store.home) == before
    assert not any(name in str(error.value) for name in ("Besa", "Hoxha", "Krasniqi", "Liridona", "Arben"))
    return list(error.value.reasons)


# Rows of the export: sources and records in order, the likeliest candidate of a record first.
BIRTH_ROW, ARBEN_ROW, BESA_ROW, TWIN_ROW = 2, 3, 4, 5


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


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_decisions_come_back_and_the_same_file_again_changes_nothing(store: Store, suffix: str) -> None:
    given = {
        BESA: {"decision": " Same", **CLERK, "note": "seen the act"},
        TWIN: {"decision": "different", **CLERK},
        ARBEN: {"decision": "unsure"},
    }
    path = filled(store, given, suffix=suffix)
    taken = import_decisions(store, path)
    assert (taken.new, taken.unsure, taken.open, taken.known) == (2, 1, 1, 0)
    assert decisions.load(store.home) == {
        BESA: Decision(BESA, "same", "clerk 7", MAY, "seen the act"),
        TWIN: Decision(TWIN, "different", "clerk 7", MAY),
    }
    kept = decisions.digest(store.home)
    again = import_decisions(store, path, on=dt.date(2025, 7, 1), replace=True)
    assert (again.new, again.replaced, again.withdrawn, again.known) == (0, 0, 0, 2)
    assert decisions.digest(store.home) == kept
    assert ids(exported(store)) == [p.pair_id for p in (BIRTH, ARBEN)]
    assert [row["decision"] for row in exported(store, decided=True)] == ["", "", "same", "different"]


def test_rivals_of_a_pair_decided_the_same_are_not_asked_for(store: Store) -> None:
    import_decisions(store, filled(store, {BESA: {"decision": "same", **CLERK}}))
    assert ids(exported(store)) == [p.pair_id for p in (BIRTH, ARBEN)]


def test_order_of_imports_does_not_matter(store: Store, built: Path, tmp_path: Path) -> None:
    other = new_store(Path(shutil.copytree(built, tmp_path / "other")))
    given = [{BESA: {"decision": "same", **CLERK}}, {ARBEN: {"decision": "different", **CLERK}}]
    for one, two in zip(given, reversed(given), strict=True):
        import_decisions(store, filled(store, one))
        import_decisions(other, filled(other, two))
    assert decisions.file(store.home).read_bytes() == decisions.file(other.home).read_bytes()


def test_every_mistake_is_told_at_once_by_row_pair_and_column(store: Store) -> None:
    given = {
        BIRTH: {"decision": "Hoxha", **CLERK},
        ARBEN: {"decision": "same", "decided_on": "6 May", "decided_by": ""},
        BESA: {"decision": "different", "decided_by": "clerk 7"},
    }
    gone = Pair(DECLARED, "prishtine:2019-01:1", "P00000000000000e5")
    mixed = {**key(BESA), "person_id": ARBEN.person_id}
    more = [{"decision": "same", **CLERK, **cells} for cells in (key(gone), mixed)]
    assert sorted(refused(store, filled(store, given, more))) == sorted(
        [
            f"row {BIRTH_ROW}, pair {BIRTH.pair_id}, column decision: expected same, different, unsure or nothing.",
            f"row {ARBEN_ROW}, pair {ARBEN.pair_id}, column decided_by: empty; it must say who decided.",
            f"row {ARBEN_ROW}, pair {ARBEN.pair_id}, column decided_on: expected a day as YYYY-MM-DD.",
            f"row {BESA_ROW}, pair {BESA.pair_id}, column decided_on: empty; fill it in, or give one day for all "
            "with --on YYYY-MM-DD.",
            f"row 6, pair {gone.pair_id}: no pair for review any more, since a later run decides it otherwise or "
            "lacks it. Empty its decision, or fill in a new export.",
            "row 7: pair_id does not belong to this source, record_id and person_id. Cells were changed, or columns "
            "sorted apart: put them back, or fill in a new export.",
        ]
    )


def test_file_that_contradicts_itself_is_refused(store: Store) -> None:
    given = {BESA: {"decision": "same", **CLERK}, TWIN: {"decision": "same", **CLERK}}
    more = [{**key(BESA), "decision": "different", **CLERK}]
    assert refused(store, filled(store, given, more), replace=True) == [
        f"pair {BESA.pair_id}: the file contradicts itself, same in row {BESA_ROW}, different in row 6. Leave one.",
        f"row {BESA_ROW}, pair {BESA.pair_id} and row {TWIN_ROW}, pair {TWIN.pair_id}: one record declared the same "
        "as 2 persons. Leave one.",
    ]


def test_earlier_decision_stands_unless_it_is_replaced(store: Store) -> None:
    first = {BESA: {"decision": "same", **CLERK}, ARBEN: {"decision": "different", **CLERK}}
    import_decisions(store, filled(store, first))
    june = {"decided_by": "clerk 8", "decided_on": dt.date(2025, 6, 1)}
    path = filled(store, {BESA: {"decision": ""}, TWIN: {"decision": "same", **june}, ARBEN: {"decision": "unsure"}})
    assert refused(store, path) == [
        f"row {ARBEN_ROW}, pair {ARBEN.pair_id}: unsure, but different was decided on 2025-05-06. "
        "--replace takes the new one.",
        f"row {TWIN_ROW}, pair {TWIN.pair_id}: same, but of the pair {BESA.pair_id}, the same record with another "
        "person, same was decided on 2025-05-06. --replace takes the new one.",
    ]
    taken = import_decisions(store, path, replace=True)
    assert (taken.new, taken.withdrawn) == (1, 2)
    assert decisions.load(store.home) == {TWIN: Decision(TWIN, "same", "clerk 8", dt.date(2025, 6, 1))}
    turned = import_decisions(store, filled(store, {TWIN: {"decision": "different", **CLERK}}), replace=True)
    assert (turned.replaced, decisions.load(store.home)[TWIN].decision) == (1, "different")


def test_known_decision_may_come_back_though_its_pair_is_no_longer_asked_for(store: Store) -> None:
    gone = Pair(DECLARED, "prishtine:2019-01:1", "P00000000000000e5")
    decisions.save(store.home, [Decision(gone, "same", "clerk 7", MAY)])
    path = filled(store, {}, [{**key(gone), "decision": "same", **CLERK}])
    assert import_decisions(store, path).known == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xlsx", b"PK no workbook", "neither a readable Excel workbook"),
        ("a.csv", b"pair_id,decision\n", "has no column decided_by, source, record_id, person_id"),
        ("a.csv", "pair_id,nënshkrimi\n".encode("latin-1"), "not in UTF-8"),
        ("a.csv", b"", "has no column"),
        ("b.csv", b"decision,decided_by,pair_id,source,record_id,person_id,note,note\n", "note more than once"),
        ("b.csv", b'decision,decided_by,pair_id,source,record_id,person_id\n"same,x\n', "not a CSV file"),
        ("c.csv", None, "no such file"),
    ],
)
def test_other_files_are_refused_in_words(store: Store, name: str, content: bytes | None, told: str) -> None:
    path = store.home / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MigflowError, match=told):
        import_decisions(store, path, on=MAY)


def test_workbook_without_the_sheet_of_pairs_is_refused(store: Store) -> None:
    write_sheet(store.home / "other.xlsx", "accounts", [["decision"]])
    with pytest.raises(MigflowError, match="no sheet 'pairs'; found 'accounts'"):
        import_decisions(store, store.home / "other.xlsx")


def test_damaged_decisions_are_told_and_not_overwritten(store: Store) -> None:
    decisions.file(store.home).parent.mkdir()
    decisions.file(store.home).write_bytes(b"damaged")
    with pytest.raises(MigflowError, match="Put its last backup"):
        import_decisions(store, filled_row(store))
    assert decisions.file(store.home).read_bytes() == b"damaged"


def filled_row(store: Store) -> Path:
    return sent_back(store.home / "row.csv", [(BESA, "same")])


def sent_back(path: Path, said: Sequence[tuple[Pair, str]]) -> Path:
    rows = [{**key(pair), "decision": word, "decided_by": "clerk 7", "decided_on": "2025-05-06"} for pair, word in said]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*key(BESA), "decision", "decided_by", "decided_on"])
        writer.writeheader()
        writer.writerows(rows)
    return path


FILES = st.lists(st.tuples(st.sampled_from(list(PAIRS)), st.sampled_from(["same", "different", "unsure"])), max_size=4)


@settings(max_examples=40)
@given(files=st.lists(FILES, min_size=1, max_size=3))
def test_whatever_comes_back_a_record_is_one_person_and_a_file_taken_is_what_holds(
    built: Path, files: list[list[tuple[Pair, str]]]
) -> None:
    store = new_store(built)
    decisions.save(store.home, [])
    for said in files:
        path = sent_back(store.home / "said.csv", said)
        before = decisions.load(store.home)
        try:
            import_decisions(store, path, replace=True)
        except RefusedError:
            assert decisions.load(store.home) == before
            continue
        now = decisions.load(store.home)
        same = [(d.pair.source, d.pair.record_id) for d in now.values() if d.decision == "same"]
        assert len(same) == len(set(same))
        assert all((now[pair].decision if pair in now else "unsure") == word for pair, word in said)
        again = import_decisions(store, path)
        assert (again.new, again.replaced, again.withdrawn) == (0, 0, 0) and decisions.load(store.home) == now
