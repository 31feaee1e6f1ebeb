"""Parquet files, streamed by Arrow; whatever the types, every column is handed on as text."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from migflow.deliveries.fit import Misfit, match_headers, schema
from migflow.deliveries.layouts import Layout

_ROWS = 1 << 17


def read(path: Path, layout: Layout) -> Iterator[pa.RecordBatch]:
    """Rows of the file as text with their numbers from 1; time stamps are cut to the day."""
    file = _open(path)
    names = file.schema_arrow.names
    positions = match_headers(path, layout, names)
    _check_types(path, file.schema_arrow, positions)
    wanted = [names[at] for at in positions.values()]
    done = 0
    try:
        for batch in file.iter_batches(_ROWS, columns=wanted):
            numbers = pa.array(range(done + 1, done + 1 + batch.num_rows), pa.int64())
            done += batch.num_rows
            texts = [_text(batch.column(name)) for name in wanted]
            yield pa.RecordBatch.from_arrays([*texts, numbers], schema=schema(layout))
    except (pa.ArrowException, OSError) as error:
        raise Misfit(path, f"after row {done:,}", f"damaged ({error}).", "Ask for it again.") from None


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise Misfit(
            path,
            "",
            "the Parquet footer is missing or damaged: the file was cut off.",
            "Ask for it again.",
        ) from None


def _check_types(path: Path, types: pa.Schema, positions: dict[str, int]) -> None:
    for column, at in positions.items():
        if pa.types.is_nested(types.types[at]):
            raise Misfit(
                path,
                f"column {types.names[at]!r} ({column})",
                f"of type {types.types[at]}, expected one value a row.",
                "Ask for a flat file.",
            )


def _text(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.date32(), safe=False)
    return values.cast(pa.string())
