"""A small simulated truth against which links and tables are judged by hand."""

import datetime as dt

import duckdb
import pandas as pd
import pytest
from accounts_session import ACCOUNTS, Registers, bind, derive

from migflow import contracts, countries
from migflow.errors import MigflowError
from migflow.evaluation import Evaluation, evaluate, evidence, links, tables
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
    for row in r.tables["municipal_residence"]:
        row |= {"provider": "m", "declared_on": row["event_date"], "sex": "F"}
    for row in r.tables["civil_registry_persons"]:
        row |= {"first_name": row["record_id"][4:], "surname": "x", "sex": "F", "birth_date": "1980-05-05"}
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


def dwellings(*addresses: str) -> pd.DataFrame:
    """True dwellings by addresses such as municipality/settlement/building/dwelling, one letter or digit each."""
    columns = ["address_id", "building_id", "settlement_id", "municipality", "house_number"]
    more = ["settlement", "settlement_second", "street", "street_second", "former_street", "former_street_second"]
    found = pd.DataFrame([[a, a[:5], a[:3], a[:1], a[4:5]] for a in addresses], columns=columns)
    return found.assign(**dict.fromkeys([*more, "entrance", "dwelling"]))


def write_truth(folder) -> None:
    folder.mkdir()
    persons = [
        {"person_id": p, "sex": "F", "birth_date": dt.date(1980, 5, 5), "death_date": None, "community": "other"}
        for p in ("t1", "t2")
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
    # Empty here, and text all the same: kinds of settlement are looked up by it.
    spells_table["settlement_id"] = spells_table["settlement_id"].astype("string")
    for name, table in (
        ("truth_persons", pd.DataFrame(persons)),
        ("truth_residence_spells", spells_table),
        ("truth_citizenship_spells", pd.DataFrame(citizenships)),
        ("truth_dwellings", dwellings("A/s/1/1", "B/t/9/1", "C/u/3/1")),
        ("truth_records", truth_records),
        ("truth_addresses", written_as_meant(truth_records)),
    ):
        table.to_parquet(folder / f"{name}.parquet")


def written_as_meant(truth_records: pd.DataFrame) -> pd.DataFrame:
    """Each record's address, with its number and nothing wrong."""
    flags = {"former": False, "mistyped": False, "dwelling_written": False}
    said = {"municipality_written": True, "number_written": True, "language": "sq", "street": None, "role": "current"}
    return truth_records[["source", "record_id", "reference_month"]].assign(**flags, **said)


@pytest.fixture(scope="module")
def evaluation(home) -> Evaluation:
    return evaluate(home, countries.load("kosovo"), home.home / "truth")


def test_one_wrong_and_one_missing_link_of_two(evaluation):
    found = evaluation.frames["Person links"].set_index("source").loc["municipal_residence"]
    assert found[["records", "linkable", "linked", "right_links"]].tolist() == [2, 2, 1, 0]
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)


def test_links_by_group_and_the_gap_between_the_best_and_the_worst():
    group = {"linked": 900, "right_links": 900, "precision": 1.0}
    found = pd.DataFrame(
        [
            {"dimension": "sex", "group": "F", "linkable": 1000, "recall": 0.9, **group},
            {"dimension": "sex", "group": "M", "linkable": 1000, "recall": 0.95, **group},
            {"dimension": "age", "group": "0-14", "linkable": 499, "recall": 0.5, **group},
        ]
    )
    (sex,) = links.spread(found).to_dict("records")
    assert (sex["best"], sex["worst"], sex["groups"]) == ("M", "F", 2)
    assert sex["gap"] == pytest.approx(0.05)


def test_groups_are_those_of_the_true_person_and_of_the_counter(evaluation):
    found = evaluation.frames["Links of declarations by group"].set_index(["dimension", "group"])
    assert found.loc[("community", "other"), ["linkable", "linked", "right_links"]].tolist() == [2, 1, 0]
    assert found.loc[("age", "30-44"), "linkable"] == 2
    assert found.loc[("municipality", "B"), "linked"] == 1
    assert found.loc[("municipality", "C"), "linked"] == 0


def test_anchors_are_not_counted_as_links():
    assert registers().tables["person_links"][0]["pass"] == "anchor"


def test_addresses_are_judged_at_their_grade(evaluation):
    found = evaluation.frames["Address links"].set_index(["source", "grade"])
    assert found.loc[("civil_registry_persons", "dwelling"), "right_dwelling"] == 6
    declared = found.loc[("municipal_residence", "dwelling")]
    assert declared[["addresses", "right_dwelling", "right_building", "right_settlement"]].tolist() == [1, 0, 0, 1]
    assert found.loc[("municipal_residence", "building"), "right_building"] == 1


def test_addresses_that_tell_the_building_and_reach_it(evaluation):
    found = evaluation.frames["Addresses that tell the building"].set_index(["dimension", "group"])
    counts = ["addresses", "evident", "right_building", "wrong_building"]
    assert found.loc[("all", "all"), counts].tolist() == [8, 8, 7, 1]
    assert found.loc[("municipality", "B"), "wrong_building"] == 1
    assert evaluation.figures["address_links.evident_recall"] == 7 / 8
    assert evaluation.figures["address_links.wrong_building"] == 1 / 8


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


def test_residents_are_compared_person_by_person(evaluation):
    found = evaluation.frames["Residents person by person"].set_index("year")
    counts = ["true_residents", "without_record", "missed", "not_resident", "elsewhere"]
    # From May 2020 Ann is published in B, where Ben has gone, and he in A, where she stayed until she went to C.
    assert found[counts].to_dict("index") == {
        year: dict(zip(counts, (2, 0, 0, 0, elsewhere), strict=True))
        for year, elsewhere in ((2020, 0), (2021, 2), (2022, 2))
    }
    assert evaluation.figures["residents.2021.elsewhere_share"] == 1


def test_residents_missed_without_a_record_and_not_resident_are_told_apart():
    con = duckdb.connect()
    con.execute("CREATE SCHEMA truth")
    con.execute("CREATE TABLE truth.accounting_years AS SELECT 2021 AS year")
    con.execute(
        "CREATE TABLE true_of_person AS FROM (VALUES ('a', 'a'), ('b', 'b'), ('c', 'c')) t(person_id, true_person)"
    )
    columns = "person_id, municipality, CAST(from_date AS DATE) AS from_date, CAST(to_date AS DATE) AS to_date"
    # d has no record; c left during 2020 unseen; b is missed on the second day only.
    truth = "('a', 'A', '2000-01-01', NULL), ('b', 'A', '2000-01-01', NULL), ('d', 'A', '2021-05-05', NULL)"
    told = "('a', 'A', '2000-01-01', NULL), ('b', 'A', '2000-01-01', '2021-06-01'), ('c', 'A', '2000-01-01', NULL)"
    for schema, spells in (("truth", truth), ("main", told)):
        values = f"(VALUES {spells}) t(person_id, municipality, from_date, to_date)"
        con.execute(f"CREATE TABLE {schema}.usual_residence AS SELECT {columns} FROM {values}")
    found = tables.residents(con)
    counts = ["year", "true_residents", "without_record", "missed", "not_resident", "elsewhere"]
    assert found[counts].values.tolist() == [[2021, 2, 0, 0, 1, 0], [2022, 3, 1, 1, 1, 0]]
    assert found["missed_share"].tolist() == [0, pytest.approx(1 / 3)]


def test_tables_for_the_terminal_have_a_row_for_each_comparison(evaluation):
    assert [t.row_count for t in evaluation.tables()] == [len(f) for f in evaluation.frames.values()]


REGISTRY = (
    ("arc:1", "t1", "100", "Arben", "Krasniqi", "1980-05-05", "A/s/1/1"),
    ("arc:2", "t2", "200", "Arben", "Krasniqi", "1980-05-05", "B/t/1/1"),
    ("arc:3", "t3", "300", "Blerta", "Krasniqi", "1985-01-01", "A/s/1/1"),
)


def without_evidence(*declared: tuple[str, str, str | None, str, str | None, str, str]) -> list[str]:
    """Rows without evidence, of (record, true person, number, first name, birth date, previous address, true one)."""
    con = duckdb.connect()
    bind(
        con,
        "civil_registry_persons",
        [
            {"record_id": r, "personal_number": n, "first_name": f, "surname": s, "birth_date": b, "sex": "M"}
            for r, _, n, f, s, b, _ in REGISTRY
        ],
    )
    bind(con, "civil_registry_events", [])
    bind(
        con,
        "municipal_residence",
        [
            {
                **{"record_id": r, "reference_month": "2020-05", "provider": "m", "declared_on": "2020-05-05"},
                **{"personal_number": n, "first_name": f, "surname": "Krasniqi", "birth_date": b, "sex": "M"},
                "previous_address": text or None,
            }
            for r, _, n, f, b, text, _ in declared
        ],
    )
    records = [("civil_registry_persons", r, "2019-12", t, a, None) for r, t, *_, a in REGISTRY]
    records += [("municipal_residence", r, "2020-05", t, "C/u/1/1", a) for r, t, *_, a in declared]
    columns = ["source", "record_id", "reference_month", "person_id", "address_id", "previous_address_id"]
    con.register("truth_records", pd.DataFrame(records, columns=columns))
    con.register("truth_dwellings", dwellings("A/s/1/1", "B/t/1/1", "C/u/1/1"))
    bind(con, "persons", [{"person_id": t, "anchor_record_id": r} for r, t, *_ in REGISTRY])
    bind(con, "person_links", [{"source": "municipal_residence", "record_id": d[0], "pass": "none"} for d in declared])
    links.judge(con)
    evidence.find(con, countries.load("kosovo"))
    return sorted(r for (r,) in con.execute("FROM no_evidence").fetchall())


def test_a_row_that_fits_somebody_else_as_well_carries_no_evidence():
    assert without_evidence(("m:1", "t1", None, "Arben", "1980-05-05", "", "A/s/1/1")) == ["m:1"]
    assert without_evidence(("m:1", "t1", None, "Arben", None, "", "A/s/1/1")) == ["m:1"]


def test_a_number_an_address_or_who_was_declared_together_is_evidence():
    own = ("m:1", "t1", None, "Arben", "1980-05-05", "", "A/s/1/1")
    assert without_evidence((*own[:2], "100", *own[3:])) == []
    assert without_evidence((*own[:2], "101", *own[3:])) == []
    assert without_evidence((*own[:5], "written", "A/s/1/1")) == []
    assert without_evidence(own, ("m:2", "t3", None, "Blerta", "1985-01-01", "", "A/s/1/1")) == []


def test_truth_must_be_whole(home, tmp_path):
    with pytest.raises(MigflowError, match=r"truth_persons\.parquet is missing"):
        evaluate(home, countries.load("kosovo"), tmp_path)
