"""match_addresses on tables given to it, each case small enough to see why."""

import datetime as dt

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migflow import countries
from migflow.errors import MigflowError
from migflow.registers import renamed
from migflow.registers.addresses import match_addresses

pytestmark = pytest.mark.usefixtures("without_great_expectations")

KOSOVO = countries.load("kosovo")
TOWN = {"municipality": "XK19", "settlement": "Prishtinë", "settlement_second": "Priština"}
RAMADANI = {**TOWN, "street": "Rruga Agim Ramadani", "street_second": "Ulica Agima Ramadanija"}
TEREZA = {**TOWN, "street": "Rruga Nëna Terezë", "street_second": "Ulica Majke Tereze"}
NENTORI = {**TOWN, "street": "Rruga 28 Nëntori", "street_second": "Ulica 28. novembra"}
MRAMOR = {"municipality": "Prishtina", "settlement": "Mramor"}
DWELLINGS = [
    *({**RAMADANI, "address_id": f"r12-{n}", "house_number": "12", "dwelling": str(n)} for n in (1, 2)),
    *({**RAMADANI, "address_id": f"r{n}", "house_number": n} for n in ("14", "16", "18")),
    *({**TEREZA, "address_id": f"t{n}", "house_number": n} for n in ("1", "2", "3", "14")),
    *({**NENTORI, "address_id": f"n{n}", "house_number": n} for n in ("1", "2")),
    {**RAMADANI, "address_id": "old", "house_number": "20", "building_id": "old", "valid_to": dt.date(2010, 1, 1)},
    {**RAMADANI, "address_id": "new", "house_number": "20", "building_id": "new", "valid_from": dt.date(2012, 1, 1)},
    {**MRAMOR, "address_id": "m1", "house_number": "1", "latitude": 42.7, "longitude": 21.2},
    {**MRAMOR, "address_id": "m2", "house_number": "2", "latitude": 42.7004, "longitude": 21.2},
]
FORMER = {"municipality": "XK19", "settlement": "Prishtinë", "from_date": None, "until_date": None}


def table(rows: list[dict[str, object]]) -> pa.Table:
    """Rows as a table with the columns of all of them."""
    return pa.Table.from_pylist([dict.fromkeys({c: None for r in rows for c in r}) | r for r in rows])


def linked(*records: dict[str, object], former: list[dict[str, object]] | None = None) -> list[tuple[object, object]]:
    """(grade, address) of each record, in order; records have their address and what else is given."""
    rows = [{"municipality": "XK19", "record_id": f"{n:03}", **r} for n, r in enumerate(records)]
    known = pa.Table.from_pylist([{**FORMER, **row} for row in former or []], schema=renamed.SCHEMA)
    found = match_addresses(table(rows), table(DWELLINGS), country=KOSOVO, former_streets=known)
    return [(row["grade"], row["address_id"]) for row in found.to_pylist()]


def test_dwelling_building_street_settlement_municipality_none():
    assert linked(
        {"address": "Ул. Агима Рамаданија 12 стан 2"},
        {"address": "Rr. Agim Ramadani 12"},
        {"address": "Rr. Agim Ramadani pa numër"},
        {"address": "Rr. Kurrkund 3", "settlement": "Приштина"},
        {"address": "Rr. Kurrkund 3"},
        {"address": "Rr. Agim Ramadani 14", "municipality": "Gjilan"},
        {"address": None, "municipality": None},
    ) == [
        ("dwelling", "r12-2"),
        ("building", None),
        ("street", None),
        ("settlement", None),
        ("municipality", None),
        ("municipality", None),
        ("none", None),
    ]


def test_a_place_in_the_address_stands_for_the_municipality():
    assert linked(
        {"address": "Agim Ramadani 14, Priština", "municipality": None},
        {"address": "Rr. Agim Ramadani 14, komuna Prishtinë", "municipality": None},
        {"address": "fshati Mramor nr. 2", "municipality": None},
    ) == [("dwelling", "r14"), ("dwelling", "r14"), ("dwelling", "m2")]


def test_digits_of_a_street_are_never_misspelt():
    assert linked({"address": "Rr. 28 Nëntor 2"}, {"address": "Rr. 29 Nëntori 2"}) == [
        ("dwelling", "n2"),
        ("municipality", None),
    ]


def test_a_former_name_leads_to_the_street_and_may_be_misspelt():
    former = [{"former_name": "Rruga Marshali Tito", "current_name": "Nëna Terezë"}]
    written = (
        {"address": "Marshali Tito 3"},
        {"address": "Rr. Marshli Tito nr. 3"},
        {"address": "ish Marshali Tito 3"},
    )
    assert linked(*written, former=former) == [("dwelling", "t3")] * 3
    assert linked(*written) == [("municipality", None)] * 3


def test_a_former_name_that_another_street_bears_now_is_ambiguous_without_dates():
    former = [{"former_name": "Agim Ramadani", "current_name": "Nëna Terezë"}]
    written = [{"address": f"Agim Ramadani {n}"} for n in (3, 16, 14)]
    assert linked(*written, former=former) == [("dwelling", "t3"), ("dwelling", "r16"), ("municipality", None)]


def test_on_one_day_a_name_means_one_street():
    former = [{"former_name": "Agim Ramadani", "current_name": "Nëna Terezë", "until_date": dt.date(2000, 6, 1)}]
    written = [{"address": "Agim Ramadani 14", "day": dt.date(2000, month, 1)} for month in (5, 6)]
    assert linked(*written, {"address": "Agim Ramadani 14"}, former=former) == [
        ("dwelling", "t14"),
        ("dwelling", "r14"),
        ("municipality", None),
    ]


def test_of_two_buildings_at_a_number_the_one_that_stood():
    written = [{"address": "Agim Ramadani 20", "day": dt.date(year, 1, 1)} for year in (2005, 2011, 2020)]
    assert linked(*written) == [("dwelling", "old"), ("street", None), ("dwelling", "new")]


def households(name: str, *doors: str) -> list[dict[str, object]]:
    """One record of each household under a street's name."""
    return [{"address": f"{name} {door}", "household": door} for door in doors]


def test_a_former_name_is_learnt_from_the_households_that_meet():
    new = households("Agim Ramadani", "14", "16")
    old = households("Marshali Tito", "14", "16")
    assert linked(*new, *old, {"address": "Marshali Tito 12/1"})[-3:] == [
        ("dwelling", "r14"),
        ("dwelling", "r16"),
        ("dwelling", "r12-1"),
    ]


def test_a_former_name_is_learnt_where_addresses_say_both():
    both = [{"address": f"Agim Ramadani (ish Marshali Tito) {n}"} for n in (14, 16)]
    assert linked(*both, {"address": "Marshali Tito 18"})[-1] == ("dwelling", "r18")
    assert linked(both[0], {"address": "Marshali Tito 18"})[-1] == ("municipality", None)


def test_one_household_or_numbers_that_do_not_exist_teach_nothing():
    new = households("Agim Ramadani", "14", "16")
    unknown = [("municipality", None)]
    assert linked(*new, *households("Marshali Tito", "14"))[2:] == unknown
    assert linked(*new, *households("Marshali Tito", "14", "16", "77"))[2:] == unknown * 3


def test_coordinates_tell_the_building_where_the_text_leaves_it_open():
    at = {"longitude": 21.2, "settlement": "Mramor"}
    assert linked(
        {"address": None, "latitude": 42.70005, **at},
        {"address": "nr. 2", "latitude": 42.70005, **at},
        {"address": "nr. 9", "latitude": 42.70005, **at},
        {"address": None, "latitude": 42.7002, **at},
        {"address": None, "latitude": 42.6990, **at},
    ) == [
        ("dwelling", "m1"),
        ("dwelling", "m2"),  # the number is believed
        ("settlement", None),  # no building there has that number
        ("settlement", None),  # half-way between two
        ("settlement", None),  # 111 metres away
    ]


def test_tables_may_be_files_or_of_another_session(tmp_path):
    pq.write_table(table(DWELLINGS), tmp_path / "dwellings.parquet")
    (tmp_path / "records.csv").write_text("record_id,address,municipality\n7,Agim Ramadani 14,Prishtinë\n")
    found = match_addresses(tmp_path / "records.csv", str(tmp_path / "dwellings.parquet"), country="kosovo")
    relation = duckdb.connect().sql("SELECT 7 AS record_id, 'Agim Ramadani 14' AS address, 'XK19' AS municipality")
    assert match_addresses(relation, table(DWELLINGS), country=KOSOVO).equals(found)
    assert found.column_names[:5] == ["record_id", "address_id", "grade", "score", "reason"]
    assert found.to_pylist()[0]["address_id"] == "r14"


RECORD = {"record_id": "1", "address": "x"}


@pytest.mark.parametrize(
    ("records", "dwellings", "said"),
    [
        ([{"record_id": "1"}], DWELLINGS, "records: column address is missing"),
        ([RECORD], [{"address_id": "1"}], "dwellings: column settlement is missing"),
        ([RECORD, RECORD], DWELLINGS, "records: 1 rows have no record_id of their own"),
        ([{**RECORD, "day": "last week"}], DWELLINGS, "records: a value is not what its column holds"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(records, dwellings, said):
    with pytest.raises(MigflowError, match=said):
        match_addresses(table(records), table(dwellings), country=KOSOVO)


def test_something_that_is_no_table_is_named(tmp_path):
    with pytest.raises(MigflowError, match="records is a int"):
        match_addresses(5, table(DWELLINGS), country=KOSOVO)
    with pytest.raises(MigflowError, match=r"records: .*no\.csv is not there"):
        match_addresses(tmp_path / "no.csv", table(DWELLINGS), country=KOSOVO)
    (tmp_path / "torn.parquet").write_text("PAR1")
    with pytest.raises(MigflowError, match=r"torn\.parquet cannot be read as PARQUET"):
        match_addresses(tmp_path / "torn.parquet", table(DWELLINGS), country=KOSOVO)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=30), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_any_text_is_graded_whatever_the_order_of_the_rows(texts, order):
    rows = [{"record_id": f"{n:03}", "address": text, "municipality": "XK19"} for n, text in enumerate(texts)]
    found = match_addresses(table(rows), table(DWELLINGS), country=KOSOVO)
    assert found.column("record_id").to_pylist() == [row["record_id"] for row in rows]
    shuffled, dwellings = list(rows), list(DWELLINGS)
    order.shuffle(shuffled)
    order.shuffle(dwellings)
    assert match_addresses(table(shuffled), table(dwellings), country=KOSOVO).equals(found)
