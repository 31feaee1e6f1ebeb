"""A small simulated truth against which links and tables are judged by hand."""

import datetime as dt

import pandas as pd
import pytest
from accounts_session import ACCOUNTS, Registers, derive

from migflow import contracts, countries
from migflow.errors import MigflowError
from migflow.evaluation import Evaluation, evaluate
from migflow.settings import Settings
from migflow.store import Store


def registers() -> Registers:
    """Ann and Ben live in A. Ben's arrival in B is linked to Ann; Ann's own, in C, to nobody."""
    r = Registers(("2019-12", "2020-12", "2021-12"))
    for name in ("Ann", "Ben"):
        r.person(name, "1980-05-05")
        r.registered(name, "A/s/1/1", "2010-01-01")
    r.declared("Ann", "arrival", "2020-05-05", "B/t/2/1", came="A")
    r.declared("Ann", "arrival", "2021-05-05", "C/u/3", came="A")
    r.tables["person_links"][-1] |= {"person_id": None, "pass": "none"}
    r.tables["dwellings"] = [
        {"address_id": a, "building_id": a[:5], "settlement_id": a[:3], "municipality": a[:1]}
        for a in ("A/s/1/1", "B/t/2/1", "B/t/9/1", "C/u/3/1")
    ]
    return r


def true_spell(person: str, number: int, place: str, since: str, until: str | None, entry: str) -> dict:
    return {
        "person_id": person,
        "spell_number": number,
        "municipality": place,
        "from_date": dt.date.fromisoformat(since),
        "to_date": dt.date.fromisoformat(until) if until else None,
        "entry_reason": entry,
        "exit_reason": "internal" if until else None,
        "basis": "registry",
    }


def keep(store: Store, con, *tables: str) -> None:
    """Put tables of a session where the store expects them, without an audit."""
    for table in tables:
        contract = contracts.load(table)
        by = f", PARTITION_BY ({contract.partition})" if contract.partition else ""
        folder = store.folder(contract)
        folder.mkdir(parents=True)
        place = folder if by else folder / "part-0.parquet"
        name = ", FILENAME_PATTERN 'part-{i}', WRITE_PARTITION_COLUMNS true" if by else ""
        con.execute(f"COPY {table} TO '{place}' (FORMAT parquet{by}{name})")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    store = Store(Settings(home=home, as_of=dt.date(2022, 1, 1)))
    r = registers()
    con = r.session()
    derive(con, *ACCOUNTS, period={"first_day": dt.date(2020, 1, 1), "as_of": dt.date(2022, 1, 1)})
    keep(store, con, *(t for t in r.tables if t != "place_links"), *ACCOUNTS)
    write_truth(home / "truth")
    return store


def write_truth(folder) -> None:
    folder.mkdir()
    persons = [
        {"person_id": p, "sex": "F", "birth_date": dt.date(1980, 5, 5), "death_date": None} for p in ("t1", "t2")
    ]
    spells = [
        true_spell("t1", 1, "A", "2010-01-01", "2021-05-05", "start_of_records"),
        true_spell("t1", 2, "C", "2021-05-05", None, "internal"),
        true_spell("t2", 1, "A", "2010-01-01", "2020-05-05", "start_of_records"),
        true_spell("t2", 2, "B", "2020-05-05", None, "internal"),
    ]
    citizenships = [
        {"person_id": p, "spell_number": 1, "citizenship": "XK", "from_date": dt.date(1980, 5, 5), "to_date": None}
        for p in ("t1", "t2")
    ]
    records = [
        ("civil_registry_persons", f"arc:{name}", month, true, "A/s/1/1")
        for name, true in (("Ann", "t1"), ("Ben", "t2"))
        for month in ("2019-12", "2020-12", "2021-12")
    ]
    records += [
        ("municipal_residence", "m:001", "2020-05", "t2", "B/t/9/1"),
        ("municipal_residence", "m:002", "2021-05", "t1", "C/u/3/1"),
    ]
    columns = ["source", "record_id", "reference_month", "person_id", "address_id"]
    truth_records = pd.DataFrame(records, columns=columns).assign(previous_address_id=None)
    spells_table = pd.DataFrame(spells).reindex(columns=[c.name for c in contracts.load("residence_spells").columns])
    for name, table in (
        ("truth_persons", pd.DataFrame(persons)),
        ("truth_residence_spells", spells_table),
        ("truth_citizenship_spells", pd.DataFrame(citizenships)),
        ("truth_records", truth_records),
    ):
        table.to_parquet(folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def evaluation(home) -> Evaluation:
    return evaluate(home, countries.load("kosovo"), home.home / "truth")


def test_one_wrong_and_one_missing_link_of_two(evaluation):
    found = evaluation.frames["Person links"].set_index("source").loc["municipal_residence"]
    assert found[["records", "linkable", "linked", "right_links"]].tolist() == [2, 2, 1, 0]
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)


def test_anchors_are_not_counted_as_links():
    assert registers().tables["person_links"][0]["pass"] == "anchor"


def test_addresses_are_judged_at_their_grade(evaluation):
    found = evaluation.frames["Address links"].set_index(["source", "grade"])
    assert found.loc[("civil_registry_persons", "dwelling"), "right_dwelling"] == 6
    declared = found.loc[("municipal_residence", "dwelling")]
    assert declared[["addresses", "right_dwelling", "right_building", "right_settlement"]].tolist() == [1, 0, 0, 1]
    assert found.loc[("municipal_residence", "building"), "right_building"] == 1


def test_tables_are_compared_cell_by_cell(evaluation):
    found = evaluation.frames["Published tables"].set_index(["table", "indicator", "year"])
    # 2020: one true move A-B, and one published, of the same sex and age; 2021: the move A-C is missed.
    assert found.loc[("internal_migration_od", "moves", "2020"), "error"] == 0
    assert found.loc[("internal_migration_od", "moves", "2021")].tolist() == [0, 1, 1.0]
    assert found.loc[("internal_migration_od", "moves", "all")].tolist() == [1, 2, 0.5]
    assert found.loc[("population", "persons", "all")].tolist()[:2] == [6, 6]
    assert evaluation.figures["internal_migration_od.moves.error"] == 0.5
    assert evaluation.frames["Moves"].values.tolist() == [
        ["between_municipalities", 2020, 1, 1],
        ["between_municipalities", 2021, 0, 1],
    ]


def test_tables_for_the_terminal_have_a_row_for_each_comparison(evaluation):
    assert [t.row_count for t in evaluation.tables()] == [len(f) for f in evaluation.frames.values()]


def test_truth_must_be_whole(home, tmp_path):
    with pytest.raises(MigflowError, match=r"truth_persons\.parquet is missing"):
        evaluate(home, countries.load("kosovo"), tmp_path)
