"""A vintage in a session: its tables, and what its protection cost, under the names that charts read."""

from pathlib import Path

import duckdb
import pyarrow.csv

from migflow import engine
from migflow.publish.protection import LOSS
from migflow.statistics import plots


def bind_vintage(con: duckdb.DuckDBPyConnection, vintage: Path) -> frozenset[str]:
    """Make the Parquet files of a vintage readable, and its disclosure.csv if it has one; the names of both."""
    tables = {path.stem: engine.parquet([str(path)]) for path in sorted(vintage.glob("*.parquet"))}
    plots.bind(con, tables)
    loss = vintage / LOSS
    if not loss.is_file():
        return frozenset(tables)
    con.register(loss.stem, pyarrow.csv.read_csv(loss))
    return frozenset({*tables, loss.stem})
