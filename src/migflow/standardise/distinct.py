"""What Python works out of a text is worked out once for each distinct text, then joined back in SQL."""

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

BATCH = 100_000


def derive(
    con: duckdb.DuckDBPyConnection, table: str, query: str, columns: Callable[[list[str]], Mapping[str, Any]]
) -> None:
    """Create a table of the distinct texts of a one-column query (column text) and what a function makes of them.

    The function gets a list of texts and returns named columns of the same length; it sees BATCH texts at a time.
    """
    found = con.sql(f"SELECT DISTINCT text FROM ({query}) AS q(text) WHERE text IS NOT NULL ORDER BY text")
    texts = pa.table(found.to_arrow_reader()).column("text")
    made = []
    for start in range(0, max(len(texts), 1), BATCH):
        batch = texts.slice(start, BATCH)
        made.append(pa.table({"text": batch, **columns(batch.to_pylist())}))
    con.register("derived", pa.concat_tables(made))
    con.execute(f"CREATE TABLE {table} AS SELECT * FROM derived")
    con.unregister("derived")
