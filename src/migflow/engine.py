"""DuckDB sessions: in memory, under the machine's limits, spilling to a folder of their own."""

import contextlib
import shutil
import uuid
from collections.abc import Iterator

import duckdb

from migflow.settings import Settings


@contextlib.contextmanager
def session(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty DuckDB session; what it spills is removed when it closes."""
    spill = settings.home / "store" / ".staging" / f"spill-{uuid.uuid4().hex}"
    # DuckDB makes the folder when it first spills, but not the folders above it.
    spill.parent.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(
        config={
            "memory_limit": settings.memory_limit,
            "threads": settings.threads,
            "temp_directory": str(spill),
        }
    )
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(spill, ignore_errors=True)


def parquet(files: list[str]) -> str:
    """SQL that reads Parquet files as one table, with nothing inferred from folder names."""
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{listed}], hive_partitioning = false)"
