"""Clerical review: what is refused of the workbook when it comes back, and what is kept."""

import csv
import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from delivery_files import write_sheet
from hypothesis import given, settings
from hypothesis import strategies as st
from registers_tables import new_store
from review_home import (
    ARBEN,
    ARBEN_ROW,
    BESA,
    BESA_ROW,
    BIRTH,
    BIRTH_ROW,
    CLERK,
    DECLARED,
    MAY,
    PAIRS,
    TWIN,
    TWIN_ROW,
    build,
    exported,
    filled,
    ids,
    key,
    refused,
)

from migflow.errors import MigflowError
from migflow.review import decisions
from migflow.review.decisions import Decision, Pair
from migflow.review.importing import RefusedError, import_decisions
from migflow.store import Store

pytestmark = pytest.mark.usefixtures("without_great_expectations")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def store(built: Path, tmp_path: Path) -> Store:
    return new_store(Path(shutil.copytree(built, tmp_path / "home")))


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
