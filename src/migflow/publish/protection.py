"""The statistics as readers may see them: Parquet files of a vintage, with conf_status, and what protection cost."""

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq

from migflow import contracts, engine, transformations
from migflow.contracts import CONF_STATUS, VALUE, Contract
from migflow.countries import Country
from migflow.disclosure import records
from migflow.disclosure.cells import CODES, Cells
from migflow.disclosure.loss import information_loss
from migflow.disclosure.suppression import Before
from migflow.disclosure.tables import protect, shown
from migflow.errors import MigflowError
from migflow.provenance import copy_options, recorded
from migflow.store import FILE, Store

KEY, LOSS = "disclosure.key", "disclosure.csv"


def write_protected(
    store: Store, country: Country, tables: Sequence[Contract], folder: Path, before: Path | None = None
) -> None:
    """Write every statistics table into a folder as <table>.parquet, with the columns of contracts.published.

    disclosure.csv says what protection cost. before: folder of the vintage before, whose readers are to learn nothing
    from the two together. Raises MigflowError if a table has not been built or cannot be protected.
    """
    stored = {contract.table: _stored(store, contract) for contract in tables}
    protected = {c.table: c for c in tables if contracts.published(c) != c}
    if not store.settings.disclosure_control:
        protected = {table: replace(c, disclosure=None) for table, c in protected.items()}
    for contract in tables:
        if contract.table not in protected:
            shutil.copyfile(stored[contract.table], folder / f"{contract.table}.parquet")
    with engine.session(store.settings) as con:
        transformations.bind_areas(con, country)
        for table in records.reads(protected.values()):
            store.view(con, table)
        sources = {table: engine.parquet([str(stored[table])]) for table in protected}
        earlier = (lambda cells: _before(con, cells, protected, before)) if before else None
        cells = protect(con, protected, sources, secret_key(store), before=earlier)
        for table, contract in protected.items():
            footer = copy_options(recorded(pq.read_metadata(stored[table])) or "")
            con.execute(
                f"COPY (SELECT * FROM ({shown(con, cells, contract)}) ORDER BY {', '.join(contract.key)}) "
                f"TO '{folder / f'{table}.parquet'}' ({footer})"
            )
    pyarrow.csv.write_csv(information_loss(cells), folder / LOSS)


def secret_key(store: Store) -> str:
    """The key that fixes the noise: the setting, or one drawn once for the home and kept in it for its owner only."""
    if store.settings.disclosure_key is not None:
        return store.settings.disclosure_key.get_secret_value()
    path = store.home / KEY
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii")


def _stored(store: Store, contract: Contract) -> Path:
    path = store.folder(contract) / FILE
    if not path.is_file():
        raise MigflowError(f"{contract.table} has not been built, so no vintage can be published: run the whole job.")
    return path


def _before(con: duckdb.DuckDBPyConnection, cells: Cells, tables: dict[str, Contract], vintage: Path) -> Before:
    """What an earlier vintage shows of each cell; nothing of a table that it lacks or that had another key."""
    found = Before(np.zeros(len(cells.value), dtype=bool), np.zeros(len(cells.value), dtype=np.int64))
    for table, contract in tables.items():
        path = vintage / f"{table}.parquet"
        if not path.is_file() or not {*contract.key, VALUE, CONF_STATUS} <= set(pq.read_schema(path).names):
            continue
        earlier = con.sql(
            f"SELECT t.cell, coalesce(e.{VALUE} = t.{VALUE}, false) AS same, e.{CONF_STATUS} AS code "
            f"FROM {table} AS t INNER JOIN {engine.parquet([str(path)])} AS e USING ({', '.join(contract.key)})"
        ).to_arrow_table()
        cell = earlier["cell"].to_numpy()
        found.shown[cell] = earlier["same"].to_numpy(zero_copy_only=False)
        found.status[cell] = [CODES.index(code) for code in earlier["code"].to_pylist()]
    return found
