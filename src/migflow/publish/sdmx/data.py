"""The observations of a table as SDMX-CSV 2.0, written in bulk by DuckDB."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from migflow import engine
from migflow.contracts import Contract
from migflow.publish.sdmx.concepts import Component, Role


def identifier(contract: Contract, agency: str) -> str:
    """Agency, id and version of the table's structure and dataflow: MIGFLOW:POPULATION(1.0.0)."""
    return f"{agency}:{contract.table.upper()}({contract.version})"


def write_data(
    con: duckdb.DuckDBPyConnection, source: Path, target: Path, parts: Sequence[Component], dataflow: str
) -> None:
    """Write a Parquet table as SDMX-CSV, one row an observation, in the order of its key.

    dataflow: agency, id and version. A value that is missing or suppressed is an empty field.
    """
    values = ", ".join(f"{part.value} AS {part.concept}" for part in parts)
    key = ", ".join(part.concept for part in parts if part.role is Role.DIMENSION)
    con.execute(
        f"COPY (SELECT 'dataflow' AS STRUCTURE, {_quoted(dataflow)} AS STRUCTURE_ID, 'I' AS ACTION, {values} "
        f"FROM {engine.parquet([str(source)])} ORDER BY {key}) TO {_quoted(str(target))} (FORMAT csv, HEADER)"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
