"""One reader for every format: the rows of a file as text under contract names."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from migflow.deliveries import csv_files, jsonl_files, parquet_files, xlsx_files
from migflow.deliveries.fit import check_kind, schema
from migflow.deliveries.layouts import Layout


def read(path: Path, layout: Layout, rows: int | None = None) -> pa.RecordBatchReader:
    """Stream of the file's rows: a text column for each delivered column, and source_line.

    rows: how many the file has, if known, so that CSV line numbers are exact whatever its line breaks.
    Raises Misfit, perhaps only while it is read, when the file does not fit its layout.
    """
    return pa.RecordBatchReader.from_batches(schema(layout), batches(path, layout, rows))


def batches(path: Path, layout: Layout, rows: int | None = None) -> Iterator[pa.RecordBatch]:
    """The same as read, batch by batch in Python."""
    check_kind(path, layout)
    if layout.format == "csv":
        return csv_files.read(path, layout, rows)
    if layout.format == "xlsx":
        return xlsx_files.read(path, layout)
    if layout.format == "jsonl":
        return jsonl_files.read(path, layout)
    return parquet_files.read(path, layout)


def count_rows(path: Path, layout: Layout) -> int:
    """Read the whole file to see that it fits its layout; the number of its rows."""
    return sum(batch.num_rows for batch in batches(path, layout))
