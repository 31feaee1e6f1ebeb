"""Publication: a vintage appears whole or not at all, and unchanged tables give unchanged bytes."""

import importlib
import itertools
import json
import multiprocessing
import os
import random
import shutil
import stat
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import brief_report
import duckdb
import pytest

from migflow import audit, contracts, countries
from migflow.errors import MigflowError
from migflow.privacy import keep_private
from migflow.provenance import sha256_file
from migflow.publish import DATABASE, MANIFEST, latest, publish, report
from migflow.settings import Settings
from migflow.store import FILE, Store

pytestmark = pytest.mark.usefixtures("without_great_expectations")

COUNTRY = countries.load("kosovo")
STATISTICS = [c.table for c in contracts.load_all().values() if c.stage == "statistics"]
AREAS = """
SELECT 'XK' AS code, 'country' AS level, NULL AS parent, 'Kosovë' AS name, NULL AS name_second,
    42.5 AS latitude, 21.0 AS longitude
"""


def write_tables(store: Store, areas: str = AREAS) -> None:
    """Every statistics table: one area, the others empty."""
    with store.session("civil_registry_persons", *STATISTICS) as con:
        for month in ("2022-12", "2023-12"):
            store.write(con, "civil_registry_persons", "SELECT * FROM civil_registry_persons", partition=month)
        for table in STATISTICS:
            store.write(con, table, areas if table == "areas" else f"SELECT * FROM {table}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(Settings(home=tmp_path_factory.mktemp("home")))
    write_tables(store)
    return store


def is_whole(vintage: Path) -> bool:
    """Whether every file that the manifest names is there with the bytes it names."""
    manifest = json.loads((vintage / MANIFEST).read_text())
    files = {f"{table}.parquet": entry["sha256"] for table, entry in manifest["tables"].items()}
    files |= {name: entry["sha256"] for name, entry in manifest["files"].items()}
    return all(sha256_file(vintage / name) == sha256 for name, sha256 in files.items())


def areas_of(vintage: Path) -> str:
    """The one area's name, the same in the Parquet file and in the database."""
    with duckdb.connect(str(vintage / DATABASE), read_only=True) as con:
        parquet = con.execute(f"SELECT name FROM '{vintage / 'areas.parquet'}'").fetchall()
        assert con.execute("SELECT name FROM areas").fetchall() == parquet
    return str(parquet[0][0])


def content(vintage: Path) -> dict[str, str]:
    """Hash of each file; the vintage's own name taken out of the manifest and of the report, which show it."""
    files = (p for p in vintage.rglob("*") if p.is_file() and p.name != MANIFEST and p.suffix != ".html")
    hashes = {p.relative_to(vintage).as_posix(): sha256_file(p) for p in files}
    manifest = json.loads((vintage / MANIFEST).read_text().replace(vintage.name, ""))
    pages = {p.name: p.read_text(encoding="utf-8").replace(vintage.name, "") for p in vintage.rglob("*.html")}
    manifest["files"] = {name: entry for name, entry in manifest["files"].items() if not name.endswith(".html")}
    return hashes | pages | {MANIFEST: json.dumps(manifest)}


def test_vintage_is_named_by_the_as_of_date_and_latest_points_to_it(store: Store) -> None:
    published = publish(store, COUNTRY)
    assert published.vintage.startswith("2024-01-01.")
    assert latest(store.home) == published.folder.resolve()
    assert is_whole(published.folder)
    assert set(published.rows) == {*STATISTICS, "revisions"}


def test_publishing_the_same_tables_again_changes_nothing_but_the_name(store: Store) -> None:
    first, second = publish(store, COUNTRY), publish(store, COUNTRY)
    assert first.vintage != second.vintage
    assert second.unchanged
    assert content(first.folder) == content(second.folder)


def test_manifest_counts_the_rows_that_are_published(tmp_path: Path) -> None:
    """Of 52 single emigrants noise makes many none, who are not listed; how many there were is not said."""
    store = Store(Settings(home=tmp_path, disclosure_key="key"))
    write_tables(store)
    with store.session("emigration") as con:
        one = "2023, agedef, 'Y20T24', 'F', 'XK', 'C' || chr(CAST(65 + i AS INTEGER)), 1, NULL, NULL, 'EVT', 'A'"
        ages = "(VALUES ('COMPLET'), ('REACH')) AS ages(agedef)"
        columns = ", ".join(column.name for column in contracts.load("emigration").columns)
        rows = f"(SELECT {one} FROM {ages}, range(26) AS letters(i))"
        store.write(con, "emigration", f"SELECT * FROM {rows} AS emigration({columns})")
    published = publish(store, COUNTRY)
    with duckdb.connect(str(published.folder / DATABASE), read_only=True) as con:
        for table, rows in published.rows.items():
            assert con.execute(f"SELECT count(*) FROM {table}").fetchall() == [(rows,)]
    assert 0 < published.rows["emigration"] < 52


def test_changed_table_makes_another_database_and_leaves_the_old_vintage_alone(tmp_path: Path) -> None:
    store = Store(Settings(home=tmp_path))
    write_tables(store)
    first = publish(store, COUNTRY)
    before = content(first.folder)
    write_tables(store, AREAS.replace("Kosovë", "Kosova"))
    second = publish(store, COUNTRY)
    assert not second.unchanged
    assert content(first.folder) == before
    with duckdb.connect(str(second.folder / DATABASE), read_only=True) as con:
        assert con.execute("SELECT name FROM areas").fetchall() == [("Kosova",)]


def test_database_that_a_reader_wrote_into_is_not_published_again(tmp_path: Path) -> None:
    store = Store(Settings(home=tmp_path))
    write_tables(store)
    first = publish(store, COUNTRY).folder
    (first / DATABASE).chmod(0o644)
    with duckdb.connect(str(first / DATABASE)) as con:
        con.execute("UPDATE areas SET name = 'Atlantis'")
    second = publish(store, COUNTRY)
    assert not second.unchanged
    assert areas_of(second.folder) == "Kosovë"


def test_published_files_are_for_everyone_to_read_and_for_nobody_to_write(store: Store) -> None:
    folder = publish(store, COUNTRY).folder
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o444}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}


def test_files_of_the_store_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keep_private()
        store = Store(Settings(home=tmp_path / "home"))
        write_tables(store)
        assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in store.files("areas")} == {0}
        assert stat.S_IMODE((tmp_path / "home" / "store").stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_database_explains_its_tables_and_columns(store: Store) -> None:
    published = publish(store, COUNTRY)
    with duckdb.connect(str(published.folder / DATABASE), read_only=True) as con:
        tables = dict(con.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        columns = con.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert set(tables) == {*STATISTICS, "revisions"}
    assert all(comment.startswith(contracts.load(table).description) for table, comment in tables.items())
    for table, column, comment in columns:
        assert comment == contracts.published(contracts.load(table)).column(column).description


def test_missing_table_is_named_and_nothing_is_published(tmp_path: Path) -> None:
    store = Store(Settings(home=tmp_path))
    with store.session("civil_registry_persons") as con:
        for month in ("2022-12", "2023-12"):
            store.write(con, "civil_registry_persons", "SELECT * FROM civil_registry_persons", partition=month)
    with pytest.raises(MigflowError, match="areas has not been built"):
        publish(store, COUNTRY)
    assert latest(tmp_path) is None


def _publish_for_ever(home: Path, other: Path, begun: Event) -> None:
    """Publish two states of the tables in turn, so that each vintage builds its database anew.

    begun is set after the first, in which a new process reads contracts and imports most of the time. The report takes
    the longest and is one folder among others, so a page stands for it.
    """
    # As in the process that started this one. B010: the page has fewer words than the real one, mypy would say.
    setattr(report, "build_report", brief_report.build_report)  # noqa: B010
    setattr(audit, "_expectations", lambda *given: audit.Check("great_expectations", True, "", 0))  # noqa: B010
    states = [Store(Settings(home=home)).folder(contracts.load("areas")), other]
    for number in itertools.count():
        shutil.copyfile(states[1] / f"{number % 2}.parquet", states[1] / "next.parquet")
        (states[1] / "next.parquet").replace(states[0] / FILE)
        publish(Store(Settings(home=home)), COUNTRY)
        begun.set()


def test_killed_publication_never_shows_half_a_vintage_and_the_next_one_is_undisturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(Settings(home=tmp_path))
    other = tmp_path / "states"
    other.mkdir()
    for number, name in enumerate(("Kosova", "Kosovë")):
        write_tables(store, AREAS.replace("Kosovë", name))
        shutil.copyfile(store.files("areas")[0], other / f"{number}.parquet")
    processes = multiprocessing.get_context("forkserver")
    monkeypatch.setattr(report, "build_report", brief_report.build_report)
    needed = ["migflow.publish", "migflow.publish.sdmx.structure", "migflow.publish.report", "read_contracts"]
    processes.set_forkserver_preload(needed)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    for module in needed:
        importlib.import_module(module)
    publish(store, COUNTRY)
    begun_at = time.perf_counter()
    publish(store, COUNTRY)
    usual, moments = time.perf_counter() - begun_at, random.Random(20)
    for _ in range(3):
        begun = processes.Event()
        process = processes.Process(target=_publish_for_ever, args=(tmp_path, other, begun))
        process.start()
        begun.wait(timeout=60)
        time.sleep(moments.uniform(0.0, 3 * usual))
        process.kill()
        process.join()
        seen = latest(tmp_path)
        assert seen is None or is_whole(seen)
        assert all(map(is_whole, (tmp_path / "published").glob("2*")))
    assert {areas_of(vintage) for vintage in (tmp_path / "published").glob("2*")} == {"Kosova", "Kosovë"}
    shutil.copyfile(other / "1.parquet", store.files("areas")[0])
    after = publish(store, COUNTRY)
    assert is_whole(after.folder)
    assert not list((tmp_path / "published").glob(".*"))
    undisturbed = Store(Settings(home=tmp_path / "other"))
    write_tables(undisturbed)
    expected, got = content(publish(undisturbed, COUNTRY).folder), content(after.folder)
    tables = [name for name in expected if name.endswith(".parquet")]
    assert tables and {n: got[n] for n in tables} == {n: expected[n] for n in tables}
