"""A vintage: the statistics as Parquet, as one DuckDB file and in SDMX, published whole or not at all."""

import json
import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import migflow
from migflow import contracts, engine
from migflow.contracts import Contract
from migflow.countries import Country
from migflow.privacy import open_to_readers
from migflow.provenance import code_digest, sha256_file
from migflow.publish.database import build_database
from migflow.publish.protection import write_protected
from migflow.publish.revisions import TABLE as REVISIONS
from migflow.publish.revisions import earlier, write_revisions
from migflow.publish.sdmx import build_sdmx
from migflow.store import Store, Written, sync
from migflow.transformations import period

LATEST = "latest"
DATABASE = "migflow.duckdb"
MANIFEST = "manifest.json"
REPORT = "report/index.html"


@dataclass(frozen=True)
class Published:
    """A vintage in place: name, folder, rows by table, whether it says what the one before did, its revisions."""

    vintage: str
    folder: Path
    rows: dict[str, int]
    unchanged: bool
    revisions: Written


def publish(store: Store, country: Country) -> Published:
    """Publish every statistics table as a new vintage and point published/latest to it.

    The vintage is built beside the others and renamed into place whole; the link is switched by rename. A
    reader that resolves published/latest once sees one vintage, whatever happens meanwhile.
    Raises MigflowError if a table has not been built.
    """
    published = store.home / "published"
    published.mkdir(parents=True, exist_ok=True)
    sweep(store.home)
    before = latest(store.home)
    as_of = period(store)["as_of"]
    vintage = _next_vintage(published, as_of.isoformat())
    staged = published / f".staging-{uuid.uuid4().hex}"
    staged.mkdir()
    try:
        tables = [c for c in contracts.load_all().values() if c.stage == "statistics"]
        shown = [contracts.published(c) for c in tables]
        write_protected(store, country, tables, staged, before)
        with engine.session(store.settings) as con:
            revised = write_revisions(con, store, earlier(published, as_of.isoformat()), staged, shown)
        tables.append(contracts.load(REVISIONS))
        shown.append(contracts.load(REVISIONS))
        entries = {c.table: _entry(store, c, staged) for c in tables}
        unchanged = (
            before is not None
            and _is_intact(before)
            and _decisive(_manifest_of(before)["tables"]) == _decisive(entries)
        )
        if before is not None and unchanged:
            # A DuckDB file holds a random id, so the same tables are the same bytes only as the same file.
            shutil.copyfile(before / DATABASE, staged / DATABASE)
        else:
            build_database(staged, shown, staged / DATABASE)
        with engine.session(store.settings) as con:
            build_sdmx(con, staged, shown, country.agency, as_of)
        # Imported here: Altair takes a second to import, which whoever only reads definitions need not wait for.
        from migflow.publish.report import build_report

        build_report(store, country, vintage, staged, (staged / REPORT).parent, shown)
        _write_manifest(staged, _manifest(store, country, vintage, staged, entries))
        open_to_readers(published, staged)
        for path in [*staged.rglob("*"), staged]:
            sync(path)
        staged.rename(published / vintage)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    _point(published, vintage)
    rows = {table: int(entry["rows"]) for table, entry in entries.items()}
    return Published(vintage, published / vintage, rows, unchanged, revised)


def latest(home: Path) -> Path | None:
    """Folder of the newest published vintage; None before the first."""
    link = home / "published" / LATEST
    return link.resolve() if link.is_symlink() and link.exists() else None


def sweep(home: Path) -> int:
    """Remove what a killed publication left half-built; returns the number of entries removed."""
    litter = [p for p in (home / "published").glob(".*") if p.name.startswith((".staging-", ".latest-"))]
    for path in litter:
        path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)
    return len(litter)


def _next_vintage(published: Path, as_of: str) -> str:
    """as-of date and a running number: 2025-01-01.1, 2025-01-01.2 ..."""
    pattern = re.compile(re.escape(as_of) + r"\.(\d+)")
    numbers = [int(match[1]) for path in published.iterdir() if (match := pattern.fullmatch(path.name))]
    return f"{as_of}.{max(numbers, default=0) + 1}"


def _entry(store: Store, contract: Contract, staged: Path) -> dict[str, Any]:
    """The manifest entry of a table in the vintage."""
    target = staged / f"{contract.table}.parquet"
    return {
        "title": contract.title,
        "rows": pq.read_metadata(target).num_rows,
        "bytes": target.stat().st_size,
        "sha256": sha256_file(target),
        "contract_sha256": contract.sha256,
        "provenance": store.provenance_digest(contract.table),
    }


def _manifest(
    store: Store, country: Country, vintage: str, staged: Path, entries: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """What the vintage holds and what it was made of; from the same inputs the same but for its name.

    The name stands in the report too, and so in the report's hash.
    """
    inputs = {
        contract.table: {month: store.provenance_digest(contract.table, month) for month in store.partitions(table)}
        for table, contract in contracts.load_all().items()
        if contract.stage == "deliveries"
    }
    return {
        "vintage": vintage,
        "country": country.code,
        "period": {name: day.isoformat() for name, day in period(store).items()},
        "software": {"name": "migflow", "version": migflow.__version__, "code_sha256": code_digest()},
        "tables": entries,
        "files": {
            path.relative_to(staged).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256_file(path)}
            for path in sorted(staged.rglob("*"))
            if path.is_file() and path.suffix != ".parquet"
        },
        "inputs": inputs,
    }


def _write_manifest(staged: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True)
    (staged / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _decisive(entries: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """What decides the database: each table's bytes and its contract."""
    return {table: (entry["sha256"], entry["contract_sha256"]) for table, entry in entries.items()}


def _is_intact(vintage: Path) -> bool:
    """Whether a vintage's database is still the one that was published: readers may have written into it."""
    published = _manifest_of(vintage)["files"][DATABASE]["sha256"]
    return (vintage / DATABASE).is_file() and sha256_file(vintage / DATABASE) == published


def _manifest_of(vintage: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((vintage / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _point(published: Path, vintage: str) -> None:
    """Switch published/latest by rename, so that it always points to a whole vintage."""
    link = published / f".{LATEST}-{uuid.uuid4().hex}"
    link.symlink_to(vintage)
    link.replace(published / LATEST)
    sync(published)
