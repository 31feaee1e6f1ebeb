"""Tables as Parquet: staged, audited, then put in place by rename; and the DuckDB sessions that read them."""

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from migflow import audit, contracts, engine
from migflow.contracts import Contract
from migflow.errors import MigflowError
from migflow.provenance import Provenance, code_digest, recorded
from migflow.settings import Settings

FILE = "part-0.parquet"


@dataclass(frozen=True)
class Written:
    """A table (or some of its partitions) put in place: rows and what the audit found."""

    table: str
    rows: int
    checks: tuple[audit.Check, ...]


class Store:
    """The tables of one home."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.home = self.settings.home
        self._staging = self.home / "store" / ".staging"

    def folder(self, contract: Contract) -> Path:
        """Folder of a table."""
        return self.home / "store" / contract.stage / contract.table

    def files(self, table: str) -> list[Path]:
        """Parquet files of a table, partitions in order; empty if it was never written."""
        return sorted(self.folder(contracts.load(table)).glob(f"**/{FILE}"))

    def partitions(self, table: str) -> list[str]:
        """Partitions of a table that exist, in order."""
        return [p.parent.name.split("=", 1)[1] for p in self.files(table) if "=" in p.parent.name]

    def provenance_digest(self, table: str, partition: str | None = None) -> str | None:
        """Digest of what a table (or one partition) was made of; None if it does not exist."""
        folder = self.folder(contracts.load(table))
        paths = [folder / f"{contracts.load(table).partition}={partition}" / FILE] if partition else self.files(table)
        digests = [d for d in map(_digest_in, paths) if d]
        if not digests:
            return None
        return digests[0] if len(digests) == 1 else _combined(digests)

    def rows(self, table: str) -> int:
        """Rows of a stored table, from the files' footers."""
        return sum(pq.read_metadata(path).num_rows for path in self.files(table))

    @contextlib.contextmanager
    def session(self, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """An in-memory DuckDB with a view for each table named; a table never written is an empty view."""
        with engine.session(self.settings) as con:
            for table in tables:
                self.view(con, table)
            yield con

    def view(self, con: duckdb.DuckDBPyConnection, table: str) -> None:
        """Create the view of a stored table in a session."""
        files = [str(p) for p in self.files(table)]
        if not files:
            con.execute(f"CREATE VIEW {table} AS {contracts.empty_table_sql(contracts.load(table))}")
            return
        con.execute(f"CREATE VIEW {table} AS SELECT * FROM {engine.parquet(files)}")

    def write(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        query: str,
        *,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str, str] | None = None,
        partition: str | None = None,
    ) -> Written:
        """Write the result of a query as a table, or as one partition of it. See write_partitions."""
        return self.write_partitions(
            con, table, {partition: query}, parameters=parameters, inputs={partition: inputs or {}}
        )

    def write_partitions(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        queries: Mapping[str | None, str],
        *,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str | None, Mapping[str, str]] | None = None,
    ) -> Written:
        """Stage each query's result sorted by the key, audit all of them, then rename each into place.

        queries: partition -> SELECT with the contract's columns (None where the table has no partitions);
        inputs: partition -> name and digest of each input, for the provenance.
        Raises audit.AuditError, with nothing put in place, if the contract is broken.
        """
        contract = contracts.load(table)
        staged: dict[str | None, Path] = {}
        folder = self._staging / f"{table}-{uuid.uuid4().hex}"
        folder.mkdir(parents=True)
        try:
            for number, (partition, query) in enumerate(queries.items()):
                staged[partition] = folder / f"{number}.parquet"
                made_of = dict((inputs or {}).get(partition, {}))
                self._stage(con, contract, query, staged[partition], parameters or {}, made_of)
            checks = audit.audit(contract, list(staged.values()), self.settings)
            for partition, path in staged.items():
                put_in_place(path, self._target(contract, partition))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Written(table, sum(pq.read_metadata(self._target(contract, p)).num_rows for p in queries), checks)

    def _target(self, contract: Contract, partition: str | None) -> Path:
        folder = self.folder(contract)
        if contract.partition is None:
            return folder / FILE
        if partition is None:
            raise MigflowError(f"{contract.table} is partitioned by {contract.partition}: name the partition.")
        return folder / f"{contract.partition}={partition}" / FILE

    def _stage(
        self,
        con: duckdb.DuckDBPyConnection,
        contract: Contract,
        query: str,
        path: Path,
        parameters: Mapping[str, object],
        inputs: Mapping[str, str],
    ) -> None:
        provenance = Provenance(
            table=contract.table,
            contract_sha256=contract.sha256,
            code_sha256=code_digest(),
            inputs=inputs,
            parameters={name: str(value) for name, value in parameters.items()},
        )
        columns = ", ".join(f"CAST({c.name} AS {c.type}) AS {c.name}" for c in contract.columns)
        con.execute(
            f"COPY (SELECT {columns} FROM ({query.strip().rstrip(';')}) ORDER BY {', '.join(contract.key)}) "
            f"TO '{path}' ({provenance.copy_options()})",
            dict(parameters) or None,
        )

    def sweep(self) -> int:
        """Remove what a killed run left half-written; returns the number of entries removed."""
        litter = list(self._staging.glob("*")) if self._staging.is_dir() else []
        for path in litter:
            shutil.rmtree(path, ignore_errors=True)
        return len(litter)


def put_in_place(staged: Path, target: Path) -> None:
    """Rename a finished file or folder to its place and make the rename durable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sync(staged)
    staged.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Flush a file, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest_in(path: Path) -> str | None:
    if not path.is_file():
        return None
    text = recorded(pq.read_metadata(path))
    return _combined([text]) if text else None


def _combined(digests: list[str]) -> str:
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
