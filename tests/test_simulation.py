"""A simulated country from end to end: the same seed, whole truth, files that open as their layouts say."""

import csv
import hashlib
import io
import json
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from migflow import countries
from migflow.deliveries.layouts import load_providers
from migflow.errors import MigflowError
from migflow.simulation import MunicipalCounters, SimulationConfig, SimulationResult, simulate
from migflow.simulation.config import AddressErrors, CivilRegistry

YEARS = 2


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SimulationResult:
    return simulate(tmp_path_factory.mktemp("country"), persons=6000, years=YEARS)


@pytest.fixture
def truth(small: SimulationResult) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for path in sorted(small.truth.glob("*.parquet")):
        con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet('{path}')")
    return con


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("a", 7), ("b", 7), ("c", 8)):
        simulate(tmp_path / folder, persons=2000, years=2, seed=seed)
    first, again, other = (_hashes(tmp_path / f) for f in "abc")
    assert first == again
    assert first["truth/truth_persons.parquet"] != other["truth/truth_persons.parquet"]


def test_every_delivery_is_listed_and_there(small: SimulationResult) -> None:
    written = {p for p in (small.truth.parent / "deliveries").rglob("*") if p.is_file()}
    assert {d[0] for d in small.deliveries} == written
    snapshots = sorted(d[2] for d in small.deliveries if d[1] == "civil_registry_persons")
    assert snapshots == ["2022-12", "2023-12", "2024-12"]
    assert len([d for d in small.deliveries if d[1] == "civil_registry_events"]) == YEARS * 12


def test_files_open_as_their_layout_says_with_its_headers(small: SimulationResult) -> None:
    providers = load_providers(countries.find("kosovo"))
    seen = set()
    for path, source, _, provider in small.deliveries:
        layout = providers[provider].layouts[source]
        headers = set(layout.columns.values())
        seen.add((layout.format, layout.encoding))
        if layout.format == "csv":
            rows = list(csv.reader(io.StringIO(path.read_bytes().decode(layout.encoding)), delimiter=layout.delimiter))
            assert set(rows[0]) == headers
            assert {len(row) for row in rows} == {len(headers)}
        elif layout.format == "jsonl":
            assert all(
                set(json.loads(line)) == headers for line in path.read_text(layout.encoding).splitlines() if line
            )
        elif layout.format == "xlsx":
            assert set(CalamineWorkbook.from_path(path).get_sheet_by_name(layout.sheet).to_python()[0]) == headers
    assert {form for form, _ in seen} == {"csv", "jsonl", "xlsx", "parquet"}
    assert {"utf-8", "utf-8-sig", "windows-1250", "windows-1251"} <= {encoding for _, encoding in seen}


def test_true_population_balances_in_every_municipality_and_year(truth: duckdb.DuckDBPyConnection) -> None:
    unbalanced = truth.execute("""
        WITH s AS (SELECT * FROM truth_residence_spells),
        years AS (SELECT make_date(y, 1, 1) AS a, make_date(y + 1, 1, 1) AS z FROM (VALUES (2023), (2024)) t(y)),
        stocks AS (
          SELECT a, municipality,
            count(*) FILTER (from_date < a AND (to_date IS NULL OR to_date >= a)) AS p0,
            count(*) FILTER (from_date < z AND (to_date IS NULL OR to_date >= z)) AS p1,
            count(*) FILTER (from_date >= a AND from_date < z) AS entries,
            count(*) FILTER (to_date >= a AND to_date < z) AS exits,
          FROM s, years GROUP BY ALL)
        SELECT * FROM stocks WHERE p1 <> p0 + entries - exits""")
    assert unbalanced.fetchall() == []
    internal = truth.execute("""
        SELECT count(*) FILTER (entry_reason = 'internal'), count(*) FILTER (exit_reason = 'internal')
        FROM truth_residence_spells""").fetchone()
    assert internal is not None and internal[0] == internal[1] > 0
    births, deaths = (
        truth.execute(f"SELECT count(*) FROM truth_residence_spells WHERE {r}").fetchone()
        for r in ("entry_reason = 'birth'", "exit_reason = 'death'")
    )
    assert births is not None and deaths is not None and births[0] > deaths[0] > 0


def test_true_spells_neither_overlap_nor_leave_unexplained_gaps(truth: duckdb.DuckDBPyConnection) -> None:
    broken = truth.execute("""
        SELECT * FROM (
          SELECT *, lag(to_date) OVER w AS left_on, lag(exit_reason) OVER w AS left_for
          FROM truth_residence_spells WINDOW w AS (PARTITION BY person_id ORDER BY spell_number))
        WHERE to_date <= from_date OR left_on > from_date
          OR (entry_reason = 'internal') <> (coalesce(left_for, '') = 'internal')
          OR (entry_reason = 'internal' AND left_on <> from_date)
          OR (left_for IS NOT NULL AND left_for NOT IN ('internal', 'emigration'))
          OR (to_date IS NULL) <> (exit_reason IS NULL)
          OR (entry_reason = 'immigration') <> (origin_country IS NOT NULL)""")
    assert broken.fetchall() == []


def test_truth_knows_every_written_record_once(small: SimulationResult, truth: duckdb.DuckDBPyConnection) -> None:
    snapshots = [d[0] for d in small.deliveries if d[1] == "civil_registry_persons"]
    written = {
        f"arc:{row[0]}" for p in snapshots for row in list(csv.reader(p.open(encoding="utf-8-sig"), delimiter=";"))[1:]
    }
    known = truth.execute("SELECT DISTINCT record_id FROM truth_records WHERE source = 'civil_registry_persons'")
    assert {row[0] for row in known.fetchall()} == written
    key = "source, record_id, reference_month"
    twice = truth.execute(f"SELECT {key} FROM truth_records GROUP BY {key} HAVING count(*) > 1")
    assert twice.fetchall() == []
    monthly = truth.execute("""
        SELECT * FROM truth_records WHERE source <> 'civil_registry_persons'
          AND NOT regexp_full_match(record_id, '[a-z0-9-]+:' || reference_month || ':[0-9]+')""")
    assert monthly.fetchall() == []
    homeless = truth.execute("""
        SELECT * FROM truth_records r ANTI JOIN truth_dwellings d USING (address_id)
        WHERE source <> 'civil_registry_events'""")
    assert homeless.fetchall() == []


def test_some_emigrants_stay_in_the_registry_and_some_arrivals_are_declared_late(
    small: SimulationResult, truth: duckdb.DuckDBPyConnection
) -> None:
    gone = truth.execute("""
        SELECT count(DISTINCT person_id) FROM truth_residence_spells s
        WHERE exit_reason = 'emigration' AND NOT EXISTS (
          SELECT 1 FROM truth_residence_spells l WHERE l.person_id = s.person_id AND l.to_date IS NULL)""").fetchone()
    newest = max(d for d in small.deliveries if d[1] == "civil_registry_persons")[0]
    held = {f"arc:{r[0]}" for r in csv.reader(newest.open(encoding="utf-8-sig"), delimiter=";")}
    truth.execute("CREATE TABLE held AS SELECT unnest($1::VARCHAR[]) AS record_id", [sorted(held)])
    over = truth.execute("""
        SELECT count(DISTINCT r.person_id) FROM held h
        JOIN truth_records r ON r.record_id = h.record_id AND r.source = 'civil_registry_persons'
        JOIN truth_persons p ON p.person_id = r.person_id AND p.death_date IS NULL
        WHERE NOT EXISTS (
          SELECT 1 FROM truth_residence_spells l WHERE l.person_id = r.person_id AND l.to_date IS NULL)""").fetchone()
    assert gone is not None and over is not None
    assert over[0] > 0.5 * gone[0] > 0


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(MigflowError, match=r"former_street_name is 5\.0"):
        SimulationConfig(registry=CivilRegistry(address=AddressErrors(0, 0, 5.0, 0, 0, 0)))


def test_half_of_the_municipal_names_in_the_other_script_and_nothing_else_changes(
    small: SimulationResult, tmp_path: Path
) -> None:
    config = SimulationConfig(counters=MunicipalCounters(names_in_other_script=0.5))
    mixed = simulate(tmp_path, persons=6000, years=YEARS, config=config)
    offices = {p.id: p for p in load_providers(countries.find("kosovo")).values()}
    rows = other = 0
    for (plain, source, _, provider), (path, *_) in zip(small.deliveries, mixed.deliveries, strict=True):
        layout = offices[provider].layouts[source]
        if source != "municipal_residence":
            assert path.read_bytes() == plain.read_bytes()
        if source != "municipal_residence" or layout.format != "csv":
            continue
        before, after = (
            list(csv.DictReader(io.StringIO(p.read_bytes().decode(layout.encoding)), delimiter=layout.delimiter))
            for p in (plain, path)
        )
        names = [layout.columns["first_name"], layout.columns["surname"]]
        for one, two in zip(before, after, strict=True):
            assert {k: v for k, v in one.items() if k not in names} == {k: v for k, v in two.items() if k not in names}
            rows += 1
            other += all(any("а" <= c <= "џ" for c in two[n].lower()) for n in names) != (
                offices[provider].language == "sr-Cyrl"
            )
    assert _hashes(mixed.truth) == _hashes(small.truth)
    assert 0.4 < other / rows < 0.6


def test_more_names_in_the_other_script_than_the_files_can_hold_are_refused(tmp_path: Path) -> None:
    config = SimulationConfig(counters=MunicipalCounters(names_in_other_script=1.0))
    with pytest.raises(MigflowError, match=r"names_in_other_script is 1\.0: expected at most 0\."):
        simulate(tmp_path, persons=1000, years=1, config=config)
