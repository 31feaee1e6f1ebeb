"""A vintage in SDMX: one structure message (SDMX-ML 3.0) and the data of each table (SDMX-CSV 2.0)."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from migflow.contracts import Contract
from migflow.publish.sdmx import codelists
from migflow.publish.sdmx.concepts import components, is_dataset
from migflow.publish.sdmx.data import identifier, write_data

FOLDER = "sdmx"
STRUCTURE = "structure.xml"


def build_sdmx(
    con: duckdb.DuckDBPyConnection, vintage: Path, tables: Sequence[Contract], agency: str, as_of: date
) -> list[Path]:
    """Write sdmx/ in a vintage's folder from the Parquet files there; the files written.

    tables: contracts as they are published. Raises MigflowError where a code cannot be written in SDMX.
    """
    # Half a second to import, and only publication needs it.
    from migflow.publish.sdmx.structure import write_structure

    target = vintage / FOLDER
    target.mkdir()
    datasets = {contract: components(contract) for contract in tables if is_dataset(contract)}
    codes = codelists.of_tables(con, vintage, datasets)
    write_structure(target / STRUCTURE, datasets, codes, agency, as_of)
    for contract, parts in datasets.items():
        source = vintage / f"{contract.table}.parquet"
        write_data(con, source, target / f"{contract.table}.csv", parts, identifier(contract, agency))
    return sorted(target.iterdir())
