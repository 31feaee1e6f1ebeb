"""The store: what is written is audited first, then appears whole; the same inputs give the same bytes."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migflow import provenance
from migflow.audit import AuditError, build_data_docs
from migflow.errors import MigflowError
from migflow.provenance import sha256_file
from migflow.settings import Settings
from migflow.store import Store

PERIOD = "SELECT * FROM (VALUES {rows}) AS t(person_id, event_type, event_date, municipality)"
BIRTH = "('P1', 'birth', DATE '2020-03-01', 'XK01')"
DEATH = "('P2', 'death', DATE '2021-04-01', 'XK02')"


def events(*rows: str) -> str:
    return PERIOD.format(rows=", ".join(rows))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Settings(home=tmp_path))


def test_written_table_is_read_back_in_the_order_of_its_key(store: Store) -> None:
    with store.session() as con:
        written = store.write(con, "vital_events", events(DEATH, BIRTH))
    assert written.rows == 2
    assert all(check.passed for check in written.checks)
    with store.session("vital_events") as con:
        assert [row[0] for row in con.execute("SELECT person_id FROM vital_events").fetchall()] == ["P1", "P2"]


def test_table_that_breaks_its_contract_leaves_the_old_one_in_place(store: Store) -> None:
    with store.session() as con:
        store.write(con, "vital_events", events(BIRTH))
        before = sha256_file(store.files("vital_events")[0])
        with pytest.raises(AuditError) as refused:
            store.write(con, "vital_events", events(BIRTH, BIRTH, "('P3', 'wedding', DATE '2021-04-01', 'XK02')"))
    failed = {check.name: check.failing_rows for check in refused.value.checks if not check.passed}
    assert failed == {"unique_key": 1, "invalid_event_type": 1, "great_expectations": 2}
    assert "P3" not in str(refused.value)
    assert sha256_file(store.files("vital_events")[0]) == before
    assert not list((store.home / "store" / ".staging").iterdir())


def test_table_never_written_reads_as_empty(store: Store) -> None:
    with store.session("moves") as con:
        assert con.execute("SELECT count(*) FROM moves").fetchone() == (0,)


def test_partitioned_table_needs_its_partition_named(store: Store) -> None:
    with store.session("civil_registry_events") as con, pytest.raises(MigflowError, match="partitioned by"):
        store.write(con, "civil_registry_events", "SELECT * FROM civil_registry_events")


def test_provenance_changes_with_the_inputs_and_only_with_them(store: Store) -> None:
    digests = []
    for made_of in ({"moves": "a"}, {"moves": "a"}, {"moves": "b"}):
        with store.session() as con:
            store.write(con, "vital_events", events(BIRTH), inputs=made_of)
        digests.append(store.provenance_digest("vital_events"))
    assert digests[0] == digests[1] != digests[2]


def test_another_version_of_a_library_that_computes_is_another_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = provenance.code_digest.__wrapped__()
    monkeypatch.setattr(provenance.metadata, "version", lambda library: "0.1" if library == "duckdb" else "1")
    assert provenance.code_digest.__wrapped__() != before


def test_litter_of_a_killed_run_is_swept(store: Store) -> None:
    litter = store.home / "store" / ".staging" / "moves-dead"
    litter.mkdir(parents=True)
    (litter / "0.parquet").write_bytes(b"half a file")
    assert store.sweep() == 1
    assert not litter.exists()


def test_data_docs_show_the_rules_and_no_values(store: Store) -> None:
    with store.session() as con:
        store.write(con, "vital_events", events(BIRTH, DEATH))
    page = build_data_docs(store.home)
    text = " ".join(p.read_text() for p in page.parent.rglob("*.html"))
    assert "Births and deaths of residents" in page.read_text() and "held" in page.read_text()
    assert "P1" not in text and "P2" not in text
    assert all((page.parent / link).is_file() for link in re.findall(r'<a href="([^"]+)">', page.read_text()))


def test_data_docs_load_nothing_from_elsewhere(store: Store) -> None:
    with store.session() as con:
        store.write(con, "vital_events", events(BIRTH))
    page = build_data_docs(store.home)
    for path in page.parent.rglob("*.html"):
        assert not re.search(r"<script|src=\"https?:|<link[^>]*https?:", path.read_text())


def test_data_docs_of_a_home_that_was_moved_are_in_the_new_place(tmp_path):
    home = tmp_path / "home"
    build_data_docs(home)
    home.rename(tmp_path / "moved")
    assert build_data_docs(tmp_path / "moved") == tmp_path / "moved" / "data_docs" / "index.html"
    assert not home.exists()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([f"('P{n}', 'birth', DATE '2020-01-01' + {n}, 'XK0{n}')" for n in range(1, 8)]))
def test_bytes_do_not_depend_on_the_order_of_rows(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    hashes = []
    for given_rows in (rows, sorted(rows)):
        store = Store(Settings(home=tmp_path_factory.mktemp("home")))
        target = store.home / "out.parquet"
        with store.session() as con:
            from migflow import contracts

            store._stage(con, contracts.load("vital_events"), events(*given_rows), target, {}, {})
        hashes.append(sha256_file(target))
    assert hashes[0] == hashes[1]
