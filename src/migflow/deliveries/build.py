"""The deliveries tables: current files of each month, typed, bad rows set apart, good rows stored."""

import hashlib
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from migflow import contracts
from migflow.audit import Check
from migflow.deliveries import readers, typed
from migflow.deliveries.layouts import Layout, Provider
from migflow.deliveries.manifests import Manifest, current_manifests
from migflow.deliveries.receive import layout_of
from migflow.errors import MigflowError
from migflow.provenance import Provenance, code_digest, sha256_file
from migflow.store import FILE, Store, put_in_place

# Months are stored together up to so many rows: an audit has a fixed cost, and memory is finite.
ROWS_AT_ONCE = 2_000_000

QUARANTINE = "reference_month, provider, delivery_id, source_line, rules[1] AS rule, rules, record"


@dataclass(frozen=True)
class MonthRows:
    """Rows of one month of a source: in, accepted, and quarantined by first broken rule; built now or kept."""

    source: str
    month: str
    rows_in: int
    accepted: int
    quarantined: Mapping[str, int]
    built: bool


@dataclass(frozen=True)
class Built:
    """A source brought up to date: its months in order, and the audits of those built now."""

    source: str
    months: tuple[MonthRows, ...]
    checks: tuple[Check, ...]


def build(store: Store, source: str, providers: Mapping[str, Provider], months: Sequence[str] | None = None) -> Built:
    """Build the months of a source (all received ones by default) whose inputs have changed.

    Writes store/deliveries/<source> and <source>_quarantine, month by month. Raises MigflowError if a file
    no longer fits its layout, or if rows in are not rows accepted plus rows quarantined.
    """
    found: dict[str, list[Manifest]] = {}
    for manifest in current_manifests(store.home, source):
        if months is None or manifest.reference_month in months:
            found.setdefault(manifest.reference_month, []).append(manifest)
    inputs = {month: _inputs(manifests, providers) for month, manifests in found.items()}
    changed = [m for m in sorted(found) if _digest(source, inputs[m]) != store.provenance_digest(source, m)]
    built: dict[str, MonthRows] = {}
    checks: list[Check] = []
    for together in _chunks(changed, found):
        chunk = {month: found[month] for month in together}
        built |= _build_chunk(store, source, providers, chunk, inputs, checks)
    rows = tuple(built.get(m) or _kept(store, source, m, found[m]) for m in sorted(found))
    return Built(source, rows, tuple(checks))


def quarantine_file(store: Store, source: str, month: str) -> Path:
    """Where the quarantined rows of a month are."""
    folder = store.folder(contracts.load(source))
    return folder.with_name(f"{folder.name}_quarantine") / f"reference_month={month}" / FILE


def _inputs(manifests: list[Manifest], providers: Mapping[str, Provider]) -> dict[str, str]:
    """Name and hash of everything sent that makes a month: each file together with the layout it is read by."""
    return {
        m.delivery_id: hashlib.sha256(
            (m.sha256 + layout_of(m.source, m.provider, providers).sha256).encode()
        ).hexdigest()
        for m in manifests
    }


def _digest(source: str, inputs: Mapping[str, str]) -> str:
    return Provenance(source, contracts.load(source).sha256, code_digest(), inputs).digest


def _chunks(months: Sequence[str], found: Mapping[str, list[Manifest]]) -> Iterator[list[str]]:
    chunk: list[str] = []
    rows = 0
    for month in months:
        size = sum(m.rows for m in found[month])
        if chunk and rows + size > ROWS_AT_ONCE:
            yield chunk
            chunk, rows = [], 0
        chunk.append(month)
        rows += size
    if chunk:
        yield chunk


def _build_chunk(
    store: Store,
    source: str,
    providers: Mapping[str, Provider],
    chunk: Mapping[str, list[Manifest]],
    inputs: Mapping[str, Mapping[str, str]],
    checks: list[Check],
) -> dict[str, MonthRows]:
    staging = store.home / "store" / ".staging" / f"{source}_quarantine-{uuid.uuid4().hex}"
    staging.mkdir(parents=True)
    results: dict[str, MonthRows] = {}
    try:
        with store.session() as con:
            for month, manifests in chunk.items():
                layouts = [layout_of(source, m.provider, providers) for m in manifests]
                _load(con, store.home, source, _table(month), list(zip(manifests, layouts, strict=True)))
                results[month] = _reconciled(con, source, month, manifests)
                _stage_quarantine(con, month, staging / f"{month}.parquet")
            # Quarantine first: a month counts as built once its accepted rows are in place.
            for month in chunk:
                put_in_place(staging / f"{month}.parquet", quarantine_file(store, source, month))
            columns = ", ".join(column.name for column in contracts.load(source).columns)
            written = store.write_partitions(
                con,
                source,
                {m: f"SELECT {columns} FROM {_table(m)} WHERE rules IS NULL" for m in chunk},
                inputs={m: inputs[m] for m in chunk},
            )
            checks.extend(written.checks)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return results


def _table(month: str) -> str:
    return f"month_{month.replace('-', '_')}"


def _load(
    con: duckdb.DuckDBPyConnection, home: Path, source: str, table: str, files: list[tuple[Manifest, Layout]]
) -> None:
    """Create the month's table: typed rows of every file, with the rules they break."""
    contract = contracts.load(source)
    columns = ", ".join(f"{c.name} {c.type}" for c in contract.columns)
    con.execute(f"CREATE TABLE {table} ({columns}, rules VARCHAR[], record VARCHAR)")
    for manifest, layout in files:
        _scan(con, home, manifest, layout, f"INSERT INTO {table} {typed.rows_sql(layout, manifest)}")
    _mark_duplicates(con, home, table, contract.key, files)


def _scan(con: duckdb.DuckDBPyConnection, home: Path, manifest: Manifest, layout: Layout, sql: str) -> None:
    """Run a statement over a landed file, seen as the table `sent`."""
    path = manifest.path(home)
    if not path.is_file() or sha256_file(path) != manifest.sha256:
        raise MigflowError(f"{path} is not the file that was received any more; receive it again.")
    refused: list[MigflowError] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from readers.batches(path, layout, manifest.rows)
        except MigflowError as error:
            refused.append(error)
            raise

    con.register("sent", pa.RecordBatchReader.from_batches(readers.schema(layout), batches()))
    try:
        con.execute(sql)
    except duckdb.Error:
        if refused:
            raise refused[0] from None
        raise
    finally:
        con.unregister("sent")


def _mark_duplicates(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    table: str,
    key: tuple[str, ...],
    files: list[tuple[Manifest, Layout]],
) -> None:
    """Give every good row whose key an earlier good row has the rule duplicate_key."""
    keys = ", ".join(key)
    repeated = f"SELECT {keys} FROM {table} WHERE rules IS NULL GROUP BY {keys} HAVING count(*) > 1"
    con.execute(
        f"CREATE OR REPLACE TABLE duplicates AS SELECT delivery_id, source_line FROM {table} "
        f"SEMI JOIN ({repeated}) USING ({keys}) WHERE rules IS NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY delivery_id, source_line) > 1"
    )
    affected = {row[0] for row in con.execute("SELECT DISTINCT delivery_id FROM duplicates").fetchall()}
    for manifest, layout in files:
        if manifest.delivery_id in affected:
            marked = (
                f"UPDATE {table} SET rules = ['duplicate_key'], record = r.record "
                f"FROM ({typed.record_sql(layout)}) r SEMI JOIN "
                f"(FROM duplicates WHERE delivery_id = '{manifest.delivery_id}') USING (source_line) "
                f"WHERE {table}.delivery_id = '{manifest.delivery_id}' AND {table}.source_line = r.source_line"
            )
            _scan(con, home, manifest, layout, marked)


def _reconciled(con: duckdb.DuckDBPyConnection, source: str, month: str, manifests: list[Manifest]) -> MonthRows:
    """Count the month and hold rows in against accepted plus quarantined."""
    counts = dict(con.execute(f"SELECT rules[1], count(*) FROM {_table(month)} GROUP BY 1 ORDER BY 1").fetchall())
    accepted = counts.pop(None, 0)
    rows_in = sum(manifest.rows for manifest in manifests)
    if accepted + sum(counts.values()) != rows_in:
        raise MigflowError(
            f"{source} {month}: {rows_in:,} rows were received, but {accepted:,} accepted and "
            f"{sum(counts.values()):,} quarantined; nothing was stored."
        )
    return MonthRows(source, month, rows_in, accepted, counts, built=True)


def _stage_quarantine(con: duckdb.DuckDBPyConnection, month: str, path: Path) -> None:
    con.execute(
        f"COPY (SELECT {QUARANTINE} FROM {_table(month)} WHERE rules IS NOT NULL "
        f"ORDER BY delivery_id, source_line) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _kept(store: Store, source: str, month: str, manifests: list[Manifest]) -> MonthRows:
    """Counts of a month that did not need to be built again."""
    rows_in = sum(manifest.rows for manifest in manifests)
    with store.session() as con:
        con.execute(f"SELECT rule, count(*) FROM '{quarantine_file(store, source, month)}' GROUP BY 1 ORDER BY 1")
        counts = dict(con.fetchall())
    return MonthRows(source, month, rows_in, rows_in - sum(counts.values()), counts, built=False)
