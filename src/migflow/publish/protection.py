"""The statistics as readers may see them: Parquet files of a vintage, with conf_status."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from migflow import contracts, engine
from migflow.contracts import CONF_STATUS, Contract
from migflow.errors import MigflowError
from migflow.provenance import copy_options, recorded
from migflow.store import FILE, Store


def write_protected(store: Store, tables: Sequence[Contract], folder: Path) -> None:
    """Write every statistics table into a folder as <table>.parquet, with the columns of contracts.published.

    Raises MigflowError if a table has not been built.
    """
    with engine.session(store.settings) as con:
        for contract in tables:
            stored, target = store.folder(contract) / FILE, folder / f"{contract.table}.parquet"
            if not stored.is_file():
                raise MigflowError(
                    f"{contract.table} has not been built, so no vintage can be published: run the whole job."
                )
            if contracts.published(contract) == contract:
                shutil.copyfile(stored, target)
                continue
            source = engine.parquet([str(stored)])
            con.execute(
                f"COPY (SELECT *, 'F' AS {CONF_STATUS} FROM {source} ORDER BY {', '.join(contract.key)}) "
                f"TO '{target}' ({copy_options(recorded(pq.read_metadata(stored)) or '')})"
            )
