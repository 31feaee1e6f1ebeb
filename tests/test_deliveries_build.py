"""Typed months and their quarantine: no row is lost, each bad one says why, unchanged months stay."""

import datetime as dt
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from delivery_files import SUFFIX, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migflow import countries
from migflow.deliveries import build as building
from migflow.deliveries import coverage
from migflow.deliveries.build import MonthRows, build
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.quarantine import quarantine_file, quarantined_records
from migflow.deliveries.receive import receive
from migflow.deliveries.withdraw import withdraw
from migflow.errors import MigflowError
from migflow.provenance import sha256_file
from migflow.settings import Settings
from migflow.store import Store

pytestmark = pytest.mark.usefixtures("without_great_expectations")

KOSOVO = countries.load("kosovo")
PROVIDERS = load_providers(KOSOVO.folder)
DECLARATIONS = "municipal_residence"
PERSONS = "civil_registry_persons"
ADDRESSES = "cadastre_addresses"

# Gjilan as an office that writes line breaks inside values.
OF_LINES = replace(PROVIDERS["gjilan"].layouts[DECLARATIONS], newlines_in_values=True)
WITH_LINE_BREAKS = {"gjilan": replace(PROVIDERS["gjilan"], layouts={DECLARATIONS: OF_LINES})}

DECLARED: dict[str, Any] = {
    "event_type": "arrival",
    "event_date": dt.date(2024, 3, 5),
    "first_name": "Arta",
    "surname": "Berisha",
    "birth_date": dt.date(1980, 1, 1),
    "sex": "F",
    "citizenship": "XK",
}
REGISTERED: dict[str, Any] = {
    "first_name": "Arta",
    "surname": "Berisha",
    "sex": "F",
    "birth_date": dt.date(1980, 1, 1),
    "municipality": "XK04",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Settings(home=tmp_path / "home"))


@pytest.fixture
def unaudited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the audit out, which has tests of its own and takes seconds."""
    monkeypatch.setattr("migflow.store.audit.audit", lambda *_: ())


def deliver(store: Store, source: str, provider: str, rows: list[dict[str, Any]], month: str = "2024-03") -> None:
    """Write rows as the provider would, numbered unless they bring their number, and receive the file."""
    layout = PROVIDERS[provider].layouts[source]
    key = "address_id" if source == ADDRESSES else "record_id"
    numbered = [{key: str(n)} | row for n, row in enumerate(rows, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder) / f"{provider}{SUFFIX[layout.format]}", layout, numbered)
        receive([file], source=source, month=month, provider=provider, home=store.home, providers=PROVIDERS)


def quarantine(store: Store, source: str, month: str = "2024-03") -> list[dict[str, Any]]:
    return pq.read_table(quarantine_file(store, source, month)).to_pylist()


def stored(store: Store, source: str, columns: str) -> list[tuple[Any, ...]]:
    with store.session(source) as con:
        return con.execute(f"SELECT {columns} FROM {source}").fetchall()


def test_every_office_of_a_month_is_read_audited_and_stored(store: Store) -> None:
    for provider in ("gjilan", "junik", "prishtine", "leposaviq"):
        deliver(store, DECLARATIONS, provider, [DECLARED | {"first_name": None}, DECLARED])
    built = build(store, DECLARATIONS, PROVIDERS)
    assert built.months == (MonthRows(DECLARATIONS, "2024-03", 8, 4, {"missing_first_name": 4}, built=True),)
    assert built.checks and all(check.passed for check in built.checks)
    assert stored(store, DECLARATIONS, "record_id, municipality, source_line, delivery_id") == [
        ("gjilan:2024-03:2", "XK04", 3, "municipal_residence/2024-03/gjilan/0001"),
        ("junik:2024-03:2", "XK33", 3, "municipal_residence/2024-03/junik/0001"),
        ("leposaviq:2024-03:2", "XK12", 3, "municipal_residence/2024-03/leposaviq/0001"),
        ("prishtine:2024-03:2", "XK19", 2, "municipal_residence/2024-03/prishtine/0001"),
    ]


@pytest.mark.usefixtures("unaudited")
def test_impossible_dates_go_to_quarantine_with_rule_line_and_record(store: Store) -> None:
    rows = [
        REGISTERED,
        REGISTERED | {"birth_date": "2024-02-31"},
        REGISTERED | {"birth_date": dt.date(1990, 5, 1), "death_date": dt.date(1989, 5, 1)},
        REGISTERED | {"birth_date": dt.date(1890, 5, 1)},
        REGISTERED | {"birth_date": dt.date(2024, 4, 1)},
    ]
    deliver(store, PERSONS, "arc", rows)
    [month] = build(store, PERSONS, PROVIDERS).months
    assert (month.rows_in, month.accepted) == (5, 1)
    bad = quarantine(store, PERSONS)
    assert [(row["rule"], row["source_line"]) for row in bad] == [
        ("unreadable_birth_date", 3),
        ("death_not_before_birth", 4),
        ("age_below_125", 5),
        ("birth_not_in_future", 6),
    ]
    assert json.loads(bad[0]["record"])["birth_date"] == "2024-02-31"
    assert bad[0]["delivery_id"] == "civil_registry_persons/2024-03/arc/0001"


@pytest.mark.usefixtures("unaudited")
def test_every_broken_rule_is_kept_the_first_in_the_contracts_order_named(store: Store) -> None:
    row = DECLARED | {"event_type": "teleport", "surname": "-", "sex": "x", "event_date": dt.date(1979, 12, 31)}
    deliver(store, DECLARATIONS, "gjilan", [row])
    [bad] = quarantine_of(store)
    assert bad["rule"] == "unreadable_event_type"
    assert bad["rules"] == ["unreadable_event_type", "missing_surname", "unreadable_sex", "event_not_before_birth"]
    assert json.loads(bad["record"])["surname"] == "-"


def quarantine_of(store: Store) -> list[dict[str, Any]]:
    build(store, DECLARATIONS, PROVIDERS)
    return quarantine(store, DECLARATIONS)


@pytest.mark.usefixtures("unaudited")
def test_code_that_breaks_the_pattern_is_invalid(store: Store) -> None:
    deliver(store, DECLARATIONS, "ferizaj", [DECLARED | {"citizenship": "Kosova"}])
    assert [row["rules"] for row in quarantine_of(store)] == [["invalid_citizenship"]]


@pytest.mark.usefixtures("unaudited")
def test_of_rows_with_one_key_the_first_good_one_stays(store: Store) -> None:
    rows = [
        DECLARED | {"record_id": "7", "surname": None},
        DECLARED | {"record_id": "7", "first_name": "Ana"},
        DECLARED | {"record_id": "8"},
        DECLARED | {"record_id": "7", "first_name": "Besa"},
    ]
    deliver(store, DECLARATIONS, "gjilan", rows)
    bad = quarantine_of(store)
    assert [(row["rule"], row["source_line"]) for row in bad] == [("missing_surname", 2), ("duplicate_key", 5)]
    assert json.loads(bad[1]["record"])["first_name"] == "Besa"
    good = stored(store, DECLARATIONS, "record_id, first_name")
    assert good == [("gjilan:2024-03:7", "Ana"), ("gjilan:2024-03:8", "Arta")]


@pytest.mark.usefixtures("unaudited")
def test_number_that_starts_again_each_month_is_another_record_but_in_a_snapshot_the_same(store: Store) -> None:
    for month in ("2024-03", "2024-04"):
        deliver(store, DECLARATIONS, "gjilan", [DECLARED], month)
        deliver(store, PERSONS, "arc", [REGISTERED], month)
    for source in (DECLARATIONS, PERSONS):
        build(store, source, PROVIDERS)
    assert stored(store, DECLARATIONS, "record_id") == [("gjilan:2024-03:1",), ("gjilan:2024-04:1",)]
    assert stored(store, PERSONS, "record_id") == [("arc:1",), ("arc:1",)]


@pytest.mark.usefixtures("unaudited")
def test_quarantined_records_are_known_by_month_and_record(store: Store) -> None:
    with store.session() as con:
        assert con.sql(quarantined_records(store, PERSONS)).fetchall() == []
        rows = [REGISTERED, REGISTERED | {"surname": None}, REGISTERED | {"record_id": None}]
        deliver(store, PERSONS, "arc", rows)
        build(store, PERSONS, PROVIDERS)
        assert con.sql(quarantined_records(store, PERSONS)).fetchall() == [("2024-03", "arc:2")]


@pytest.mark.usefixtures("unaudited")
def test_lines_are_counted_in_the_file_whatever_the_line_breaks_in_it(store: Store, tmp_path: Path) -> None:
    rows = [DECLARED | {"record_id": "1", "address": "Rruga\nA\nB"}, DECLARED | {"record_id": "2"}]
    file = write(tmp_path / "gjilan.csv", OF_LINES, rows)
    file.write_bytes(b"\r\n" + file.read_bytes().replace(b"\r\n2;", b"\r\n\r\n2;"))
    receive([file], source=DECLARATIONS, month="2024-03", home=store.home, providers=WITH_LINE_BREAKS)
    build(store, DECLARATIONS, WITH_LINE_BREAKS)
    assert stored(store, DECLARATIONS, "record_id, source_line") == [("gjilan:2024-03:1", 3), ("gjilan:2024-03:2", 7)]


@pytest.mark.usefixtures("unaudited")
def test_only_months_whose_deliveries_changed_are_built_again(store: Store) -> None:
    for month in ("2024-02", "2024-03"):
        deliver(store, DECLARATIONS, "gjilan", [DECLARED | {"event_date": dt.date(2024, 2, 1)}], month)
    first = build(store, DECLARATIONS, PROVIDERS)
    assert [m.built for m in first.months] == [True, True]
    assert [m.built for m in build(store, DECLARATIONS, PROVIDERS).months] == [False, False]
    deliver(store, DECLARATIONS, "gjilan", [DECLARED, DECLARED, DECLARED | {"surname": None}], "2024-03")
    second = build(store, DECLARATIONS, PROVIDERS)
    assert [(m.month, m.built, m.rows_in, m.accepted) for m in second.months] == [
        ("2024-02", False, 1, 1),
        ("2024-03", True, 3, 2),
    ]
    again = build(store, DECLARATIONS, PROVIDERS).months[1]
    assert (again.accepted, again.quarantined, again.built) == (2, {"missing_surname": 1}, False)


def test_withdrawn_delivery_is_taken_out_of_its_month_and_missed(store: Store) -> None:
    two = {p: PROVIDERS[p] for p in ("gjilan", "junik")}
    for provider in two:
        deliver(store, DECLARATIONS, provider, [DECLARED])
    build(store, DECLARATIONS, two)
    withdraw(DECLARATIONS, "2024-03", "gjilan", store.home)
    assert build(store, DECLARATIONS, two).months == (MonthRows(DECLARATIONS, "2024-03", 1, 1, {}, built=True),)
    assert stored(store, DECLARATIONS, "provider") == [("junik",)]
    assert [gap.missing for gap in coverage.gaps(store, DECLARATIONS, KOSOVO, two)] == ["gjilan"]
    withdraw(DECLARATIONS, "2024-03", "junik", store.home)
    assert build(store, DECLARATIONS, two).months == ()
    assert store.partitions(DECLARATIONS) == []
    assert not quarantine_file(store, DECLARATIONS, "2024-03").exists()


@pytest.mark.usefixtures("unaudited")
def test_withdrawn_snapshot_is_not_said_to_lack_every_municipality(store: Store) -> None:
    deliver(store, ADDRESSES, "cadastre", [{"settlement_name": "A", "building_id": "B", "municipality": "XK04"}])
    build(store, ADDRESSES, PROVIDERS)
    withdraw(ADDRESSES, "2024-03", "cadastre", store.home)
    build(store, ADDRESSES, PROVIDERS)
    assert coverage.gaps(store, ADDRESSES, KOSOVO, PROVIDERS) == []


@pytest.mark.usefixtures("unaudited")
def test_edited_layout_is_for_files_that_come_after_or_again(store: Store, tmp_path: Path) -> None:
    deliver(store, DECLARATIONS, "gjilan", [DECLARED], "2024-03")
    old = PROVIDERS["gjilan"].layouts[DECLARATIONS]
    new = replace(old, dates=("%Y-%m-%d",), columns=dict(old.columns) | {"surname": "Familja"})
    edited = {"gjilan": replace(PROVIDERS["gjilan"], layouts={DECLARATIONS: new})}
    file = write(tmp_path / "gjilan.csv", new, [DECLARED | {"record_id": "1"}])
    receive([file], source=DECLARATIONS, month="2024-04", home=store.home, providers=edited)
    assert [m.accepted for m in build(store, DECLARATIONS, edited).months] == [1, 1]
    newer = {"gjilan": replace(PROVIDERS["gjilan"], layouts={DECLARATIONS: replace(new, dates=("%d.%m.%Y",))})}
    assert [m.built for m in build(store, DECLARATIONS, newer).months] == [False, False]
    [again] = receive([file], source=DECLARATIONS, month="2024-04", home=store.home, providers=newer)
    assert again.new
    assert [m.quarantined for m in build(store, DECLARATIONS, newer).months] == [{}, {"unreadable_event_date": 1}]


def test_kept_layout_that_was_changed_is_not_used(store: Store) -> None:
    deliver(store, DECLARATIONS, "gjilan", [DECLARED])
    [kept] = (store.home / "landing").rglob("layout.json")
    kept.chmod(0o644)
    kept.write_text(kept.read_text() + " ")
    with pytest.raises(MigflowError, match="is not the layout that was kept any more"):
        build(store, DECLARATIONS, PROVIDERS)


@pytest.mark.usefixtures("unaudited")
def test_month_whose_stored_rows_are_not_all_that_were_sent_is_built_again(store: Store) -> None:
    deliver(store, DECLARATIONS, "gjilan", [DECLARED, DECLARED | {"surname": None}])
    whole = build(store, DECLARATIONS, PROVIDERS).months
    [accepted], apart = store.files(DECLARATIONS), quarantine_file(store, DECLARATIONS, "2024-03")
    hashes = [sha256_file(accepted), sha256_file(apart)]
    for file in (accepted, apart):
        table = pq.read_table(file)
        pq.write_table(table.slice(0, 0), file)
        assert build(store, DECLARATIONS, PROVIDERS).months == whole
    apart.unlink()
    assert build(store, DECLARATIONS, PROVIDERS).months == whole
    assert [sha256_file(accepted), sha256_file(apart)] == hashes


@pytest.mark.usefixtures("unaudited")
def test_quarantine_of_other_deliveries_than_the_stored_rows_is_built_again(store: Store) -> None:
    bad = DECLARED | {"surname": None}
    deliver(store, DECLARATIONS, "gjilan", [DECLARED, bad])
    build(store, DECLARATIONS, PROVIDERS)
    apart = quarantine_file(store, DECLARATIONS, "2024-03")
    earlier = apart.read_bytes()
    deliver(store, DECLARATIONS, "gjilan", [DECLARED, bad | {"first_name": None}])
    build(store, DECLARATIONS, PROVIDERS)
    apart.write_bytes(earlier)
    assert build(store, DECLARATIONS, PROVIDERS).months[0].built
    assert quarantine(store, DECLARATIONS)[0]["delivery_id"].endswith("/0002")


@pytest.mark.usefixtures("unaudited")
def test_months_asked_for_are_built_and_no_others(store: Store) -> None:
    for month in ("2024-03", "2024-04"):
        deliver(store, DECLARATIONS, "gjilan", [DECLARED], month)
    assert [m.month for m in build(store, DECLARATIONS, PROVIDERS, ["2024-04"]).months] == ["2024-04"]
    assert store.partitions(DECLARATIONS) == ["2024-04"]


@pytest.mark.usefixtures("unaudited")
def test_same_deliveries_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for home in ("one", "two"):
        store = Store(Settings(home=tmp_path / home))
        for provider in ("gjilan", "junik"):
            deliver(store, DECLARATIONS, provider, [DECLARED, DECLARED | {"sex": "?"}] * 50)
        build(store, DECLARATIONS, PROVIDERS)
        files = [*store.files(DECLARATIONS), quarantine_file(store, DECLARATIONS, "2024-03")]
        hashes.append([sha256_file(file) for file in files])
    assert hashes[0] == hashes[1]


@pytest.mark.usefixtures("unaudited")
def test_large_months_are_stored_one_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "ROWS_AT_ONCE", 3)
    for month in ("2024-03", "2024-04", "2024-05"):
        deliver(store, DECLARATIONS, "gjilan", [DECLARED, DECLARED], month)
    assert [m.accepted for m in build(store, DECLARATIONS, PROVIDERS).months] == [2, 2, 2]
    assert store.partitions(DECLARATIONS) == ["2024-03", "2024-04", "2024-05"]


def test_landed_file_that_was_changed_is_not_read(store: Store) -> None:
    deliver(store, DECLARATIONS, "gjilan", [DECLARED])
    [landed] = (store.home / "landing").rglob("gjilan.csv")
    landed.chmod(0o644)
    landed.write_bytes(landed.read_bytes().replace(b"Arta", b"Edon"))
    with pytest.raises(MigflowError, match="is not the file that was received any more"):
        build(store, DECLARATIONS, PROVIDERS)
    assert store.files(DECLARATIONS) == []


def test_rows_that_do_not_add_up_stop_the_build(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, DECLARATIONS, "gjilan", [DECLARED, DECLARED])
    monkeypatch.setattr(building.typed, "rows_sql", lambda *a, sql=building.typed.rows_sql: sql(*a) + " LIMIT 1")
    with pytest.raises(MigflowError, match="2 rows were received, but 1 accepted and 0 quarantined"):
        build(store, DECLARATIONS, PROVIDERS)
    assert store.files(DECLARATIONS) == []


TEXT = st.one_of(
    st.sampled_from(["", "-", "arrival", "ardhje", "F", "XK", "05.03.2024", "31.02.2024", "05.03.24", "gjilan"]),
    st.text(st.characters(codec="windows-1250", exclude_characters="\0"), max_size=12),
)


@pytest.mark.usefixtures("unaudited")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rows_in_are_rows_accepted_plus_quarantined_whatever_is_sent(data: st.DataObject) -> None:
    garbage = st.fixed_dictionaries({}, optional=dict.fromkeys(OF_LINES.columns, TEXT))
    rows = data.draw(st.lists(st.one_of(garbage, st.just(DECLARED | {"record_id": "1"})), max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Settings(home=Path(folder)))
        file = write(Path(folder) / "gjilan.csv", OF_LINES, rows)
        receive([file], source=DECLARATIONS, month="2024-03", home=store.home, providers=WITH_LINE_BREAKS)
        [month] = build(store, DECLARATIONS, WITH_LINE_BREAKS).months
        assert month.rows_in == len(rows) == month.accepted + sum(month.quarantined.values())
        kept = {line for (line,) in stored(store, DECLARATIONS, "source_line")}
        apart = {row["source_line"] for row in quarantine(store, DECLARATIONS)}
        assert not kept & apart
        assert len(kept | apart) == len(rows)


@pytest.mark.usefixtures("unaudited")
def test_cadastre_without_one_municipality_is_told(store: Store) -> None:
    place = {"settlement_name": "A", "building_id": "B"}
    north = {"XK12", "XK28", "XK29", "XK38"}
    south = [place | {"municipality": a.code} for a in KOSOVO.municipalities if a.code not in {*north, "XK07"}]
    deliver(store, ADDRESSES, "cadastre", south)
    rest = [place | {"address_id": f"N{code}", "municipality": code} for code in sorted(north)]
    deliver(store, ADDRESSES, "cadastre-north", rest)
    build(store, ADDRESSES, PROVIDERS)
    assert [gap.message for gap in coverage.gaps(store, ADDRESSES, KOSOVO, PROVIDERS)] == [
        "cadastre_addresses 2024-03 has no row in XK07 Kaçanik; expected rows in each of the 38 municipalities. "
        "Ask the provider for a complete file and receive it for the same month."
    ]


def test_months_that_a_provider_left_out_are_told(store: Store) -> None:
    two = {p: PROVIDERS[p] for p in ("gjilan", "junik")}
    for month in ("2023-11", "2023-12", "2024-02"):
        deliver(store, DECLARATIONS, "gjilan", [], month)
    deliver(store, DECLARATIONS, "junik", [], "2024-01")
    found = coverage.missing_deliveries(store, DECLARATIONS, two)
    assert [(gap.month, gap.missing) for gap in found] == [("2024-01", "gjilan"), ("2024-02", "junik")]
    assert found[0].message == "municipal_residence 2024-01: nothing received from gjilan."
