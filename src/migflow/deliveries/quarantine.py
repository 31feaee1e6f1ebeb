"""Quarantine: rows that break a rule, set apart month by month with what they were and why."""

from pathlib import Path

import duckdb

from migflow import contracts, engine
from migflow.provenance import Provenance
from migflow.store import FILE, Store

_COLUMNS = "reference_month, provider, delivery_id, source_line, rules[1] AS rule, rules, record"


def quarantine_file(store: Store, source: str, month: str) -> Path:
    """Where the quarantined rows of a month are."""
    return _folder(store, source) / f"reference_month={month}" / FILE


def quarantine_files(store: Store, source: str) -> list[Path]:
    """The files of every month, in order."""
    return sorted(_folder(store, source).glob(f"*/{FILE}"))


def quarantined_records(store: Store, source: str) -> str:
    """A SELECT of reference_month, record_id: records of a source that have a row in quarantine.

    record_id is as in the source's table (address_id in the cadastre); rows sent without one are left out.
    """
    files = [str(path) for path in quarantine_files(store, source)]
    if not files:
        return "SELECT CAST(NULL AS VARCHAR) AS reference_month, CAST(NULL AS VARCHAR) AS record_id WHERE false"
    return f"SELECT DISTINCT reference_month, record_id FROM {engine.parquet(files)} WHERE record_id IS NOT NULL"


def stage_quarantine(con: duckdb.DuckDBPyConnection, provenance: Provenance, month: str, path: Path) -> None:
    """Write the bad rows of a month from the table `received`, in the order they were sent, with their provenance."""
    con.execute(
        f"COPY (SELECT {_COLUMNS}, {contracts.load(provenance.table).key[-1]} AS record_id FROM received "
        f"WHERE rules IS NOT NULL AND reference_month = '{month}' "
        f"ORDER BY delivery_id, source_line) TO '{path}' ({provenance.copy_options()})"
    )


def _folder(store: Store, source: str) -> Path:
    folder = store.folder(contracts.load(source))
    return folder.with_name(f"{folder.name}_quarantine")
