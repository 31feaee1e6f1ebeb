"""The deliveries tables: current files of each month, typed, bad rows set apart, good rows stored."""

import hashlib
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from migflow import contracts, engine
from migflow.audit import Check
from migflow.deliveries import readers, typed
from migflow.deliveries.kept_layouts import kept_layout, layout_digest
from migflow.deliveries.layouts import Layout, Provider
from migflow.deliveries.manifests import Manifest, current_manifests, landed
from migflow.deliveries.quarantine import quarantine_file, stage_quarantine
from migflow.errors import MigflowError
from migflow.provenance import Provenance, code_digest, recorded, sha256_file
from migflow.store import FILE, Store, put_in_place

# Months are stored together up to so many rows: an audit has a fixed cost, and memory is finite.
ROWS_AT_ONCE = 2_000_000


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

    Writes store/deliveries/<source> and <source>_quarantine, month by month, and removes months of which every
    delivery was withdrawn. Raises MigflowError if a file no longer fits its layout, or if rows in are not rows
    accepted plus rows quarantined.
    """
    found: dict[str, list[Manifest]] = {}
    for manifest in current_manifests(store.home, source):
        if months is None or manifest.reference_month in months:
            found.setdefault(manifest.reference_month, []).append(manifest)
    _remove_withdrawn(store, source, months, found)
    inputs = {month: inputs_of(manifests, providers) for month, manifests in found.items()}
    changed = [m for m in sorted(found) if not _stands(store, source, m, inputs[m], found[m])]
    built: dict[str, MonthRows] = {}
    checks: list[Check] = []
    for together in _chunks(changed, found):
        chunk = {month: found[month] for month in together}
        built |= _build_chunk(store, source, providers, chunk, inputs, checks)
    built |= _kept(store, source, {month: found[month] for month in found if month not in built})
    return Built(source, tuple(built[month] for month in sorted(found)), tuple(checks))


def _remove_withdrawn(store: Store, source: str, months: Sequence[str] | None, found: Collection[str]) -> None:
    """Remove the stored months about which landing holds deliveries, but none that counts."""
    for month in {m.reference_month for m in landed(store.home, source)}.difference(found):
        if months is None or month in months:
            for file in (_accepted_file(store, source, month), quarantine_file(store, source, month)):
                shutil.rmtree(file.parent, ignore_errors=True)


def inputs_of(manifests: list[Manifest], providers: Mapping[str, Provider]) -> dict[str, str]:
    """Name and hash of everything sent that makes a month: each file together with the layout it is read by."""
    return {
        m.delivery_id: hashlib.sha256((m.sha256 + layout_digest(m, providers)).encode()).hexdigest() for m in manifests
    }


def _provenance(source: str, inputs: Mapping[str, str]) -> Provenance:
    return Provenance(source, contracts.load(source).sha256, code_digest(), inputs)


def _stands(store: Store, source: str, month: str, inputs: Mapping[str, str], manifests: list[Manifest]) -> bool:
    """Whether accepted and quarantined rows of a month are both there, of these inputs, and all that were sent."""
    files = (_accepted_file(store, source, month), quarantine_file(store, source, month))
    if not all(file.is_file() for file in files):
        return False
    footers = [pq.read_metadata(file) for file in files]
    made_of = _provenance(source, inputs).to_json()
    same = all(recorded(footer) == made_of for footer in footers)
    return same and sum(footer.num_rows for footer in footers) == sum(m.rows for m in manifests)


def _accepted_file(store: Store, source: str, month: str) -> Path:
    return store.folder(contracts.load(source)) / f"reference_month={month}" / FILE


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
    try:
        with store.session() as con:
            _load(con, store.home, source, providers, [m for manifests in chunk.values() for m in manifests])
            results = _reconciled(con, source, chunk)
            for month in chunk:
                stage_quarantine(con, _provenance(source, inputs[month]), month, staging / f"{month}.parquet")
            # Quarantine first: a month counts as built once its accepted rows are in place.
            for month in chunk:
                put_in_place(staging / f"{month}.parquet", quarantine_file(store, source, month))
            columns = ", ".join(column.name for column in contracts.load(source).columns)
            accepted = f"SELECT {columns} FROM received WHERE rules IS NULL AND reference_month"
            queries: dict[str | None, str] = {month: f"{accepted} = '{month}'" for month in chunk}
            written = store.write_partitions(con, source, queries, inputs={m: inputs[m] for m in chunk})
            checks.extend(written.checks)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return results


def _load(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    source: str,
    providers: Mapping[str, Provider],
    manifests: Sequence[Manifest],
) -> None:
    """Create the table `received`: typed rows of every file, with the rules they break."""
    contract = contracts.load(source)
    columns = ", ".join(f"{c.name} {c.type}" for c in contract.columns)
    con.execute(f"CREATE TABLE received ({columns}, rules VARCHAR[], record VARCHAR)")
    # All months of a provider in one statement: planning one takes longer than reading a small file.
    together: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in manifests:
        together.setdefault((manifest.provider, layout_digest(manifest, providers)), []).append(manifest)
    files = [(kept_layout(alike[0], home, providers), alike) for _, alike in sorted(together.items())]
    for layout, alike in files:
        sql = f"INSERT INTO received {typed.rows_sql(layout, alike[0].provider)}"
        _scan(con, home, layout, alike, sql)
    _mark_duplicates(con, home, contract.key, files)


def _scan(con: duckdb.DuckDBPyConnection, home: Path, layout: Layout, manifests: Sequence[Manifest], sql: str) -> None:
    """Run a statement over landed files of one layout, seen as the table `sent`."""
    refused: list[MigflowError] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for manifest in manifests:
                yield from _rows(home, layout, manifest)
        except MigflowError as error:
            refused.append(error)
            raise

    con.register("sent", pa.RecordBatchReader.from_batches(_sent_schema(layout), batches()))
    try:
        con.execute(sql)
    except duckdb.Error:
        if refused:
            raise refused[0] from None
        raise
    finally:
        con.unregister("sent")


def _sent_schema(layout: Layout) -> pa.Schema:
    added = [pa.field("reference_month", pa.string()), pa.field("delivery_id", pa.string())]
    return pa.schema([*readers.schema(layout), *added])


def _rows(home: Path, layout: Layout, manifest: Manifest) -> Iterator[pa.RecordBatch]:
    """Rows of a landed file with the delivery they came in; MigflowError if it is not as it was received."""
    path = manifest.path(home)
    if not path.is_file() or sha256_file(path) != manifest.sha256:
        raise MigflowError(f"{path} is not the file that was received any more; receive it again.")
    for batch in readers.batches(path, layout, manifest.rows):
        added = [pa.repeat(text, batch.num_rows) for text in (manifest.reference_month, manifest.delivery_id)]
        yield pa.RecordBatch.from_arrays([*batch.columns, *added], schema=_sent_schema(layout))


def _mark_duplicates(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    key: tuple[str, ...],
    files: Sequence[tuple[Layout, list[Manifest]]],
) -> None:
    """Give every good row whose key an earlier good row has the rule duplicate_key."""
    keys = ", ".join(key)
    repeated = f"SELECT {keys} FROM received WHERE rules IS NULL GROUP BY {keys} HAVING count(*) > 1"
    con.execute(
        f"CREATE TABLE duplicates AS SELECT delivery_id, source_line FROM received "
        f"SEMI JOIN ({repeated}) USING ({keys}) WHERE rules IS NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY delivery_id, source_line) > 1"
    )
    affected = {row[0] for row in con.execute("SELECT DISTINCT delivery_id FROM duplicates").fetchall()}
    for layout, manifests in files:
        records = f"({typed.record_sql(layout)}) SEMI JOIN duplicates USING (delivery_id, source_line)"
        marked = (
            "UPDATE received SET rules = ['duplicate_key'], record = r.record "
            f"FROM (SELECT delivery_id, source_line, record FROM {records}) r "
            "WHERE received.delivery_id = r.delivery_id AND received.source_line = r.source_line"
        )
        if again := [m for m in manifests if m.delivery_id in affected]:
            _scan(con, home, layout, again, marked)


def _reconciled(
    con: duckdb.DuckDBPyConnection, source: str, chunk: Mapping[str, list[Manifest]]
) -> dict[str, MonthRows]:
    """Count each month and hold rows in against accepted plus quarantined."""
    counts = _counts(con, "SELECT reference_month, rules[1] AS rule FROM received")
    results = {}
    for month, manifests in chunk.items():
        quarantined = counts.get(month, {})
        accepted = quarantined.pop(None, 0)
        rows_in = sum(manifest.rows for manifest in manifests)
        if accepted + sum(quarantined.values()) != rows_in:
            raise MigflowError(
                f"{source} {month}: {rows_in:,} rows were received, but {accepted:,} accepted and "
                f"{sum(quarantined.values()):,} quarantined; nothing was stored."
            )
        by_rule = {str(rule): n for rule, n in quarantined.items()}
        results[month] = MonthRows(source, month, rows_in, accepted, by_rule, built=True)
    return results


def _counts(con: duckdb.DuckDBPyConnection, rows: str) -> dict[str, dict[str | None, int]]:
    """Rows by month and rule."""
    counts: dict[str, dict[str | None, int]] = {}
    for month, rule, n in con.execute(f"SELECT *, count(*) FROM ({rows}) GROUP BY ALL ORDER BY ALL").fetchall():
        counts.setdefault(month, {})[rule] = n
    return counts


def _kept(store: Store, source: str, found: Mapping[str, list[Manifest]]) -> dict[str, MonthRows]:
    """Counts of months that need not be built again."""
    if not found:
        return {}
    files = engine.parquet([str(quarantine_file(store, source, month)) for month in found])
    with store.session() as con:
        counts = _counts(con, f"SELECT reference_month, rule FROM {files}")
    results = {}
    for month, manifests in found.items():
        rows_in = sum(manifest.rows for manifest in manifests)
        by_rule = {str(rule): n for rule, n in counts.get(month, {}).items()}
        accepted = pq.read_metadata(_accepted_file(store, source, month)).num_rows
        results[month] = MonthRows(source, month, rows_in, accepted, by_rule, built=False)
    return results
