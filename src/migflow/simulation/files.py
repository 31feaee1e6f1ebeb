"""Delivery files: columns under contract names written as a provider's layout says."""

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import xlsxwriter

from migflow.deliveries.layouts import EXCEL, Layout
from migflow.simulation import spelling
from migflow.simulation.handwriting import Texts

EXTENSIONS = {"csv": "csv", "xlsx": "xlsx", "jsonl": "jsonl", "parquet": "parquet"}
_EPOCH = dt.date(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2040, 1, 1)
_ROWS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Dates:
    """A column of day numbers; days outside 1900 to 2039 are missing."""

    days: np.ndarray


Column: TypeAlias = "Texts | Dates | pa.Array"


def rendered(columns: Mapping[str, Column], layout: Layout, rows: np.ndarray | slice = slice(None)) -> pa.Table:
    """The rows as the file's columns under the file's headers; dates are days only where the format has them."""
    arrays, headers = [], []
    for position, (name, header) in enumerate(layout.columns.items()):
        column = columns[name]
        if isinstance(column, Dates):
            array = _dates(column.days[rows], layout)
        elif isinstance(column, Texts):
            array = _codes(column, layout, name).array(rows)
        else:
            array = column[rows] if isinstance(rows, slice) else column.take(pa.array(rows))
        token = layout.missing[position % len(layout.missing)]
        if token and array.null_count and not pa.types.is_date(array.type):
            array = pc.fill_null(_plain(array), token)
        arrays.append(array)
        headers.append(header)
    return pa.table(arrays, headers)


def write_whole(path: Path, table: pa.Table, layout: Layout) -> Path:
    """Write one large CSV or Parquet file, a part at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if layout.format == "parquet":
        plain = pa.table({n: _plain(table[n]) for n in table.column_names})
        pyarrow.parquet.write_table(plain, path, compression="zstd")
        return path
    with path.open("wb") as file:
        file.write(_encode(_header(layout), layout))
        for start in range(0, table.num_rows, _ROWS_AT_ONCE):
            file.write(_csv(table.slice(start, _ROWS_AT_ONCE), layout))
    return path


def write_months(paths: Sequence[Path], ends: Sequence[int], table: pa.Table, layout: Layout) -> None:
    """Write the table's rows, in order, into one file a month: rows up to ends[0] into paths[0], and so on.

    A month without rows is a file without rows; in JSON Lines an empty line, as an empty file is none.
    """
    starts = [0, *ends[:-1]]
    if layout.format == "csv":
        lines = _csv(table, layout).splitlines(keepends=True)
        head = _encode(_header(layout), layout)
        contents = [head + b"".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)]
    elif layout.format == "jsonl":
        records = [
            json.dumps(r, ensure_ascii=False) + "\n"
            for r in pa.table([_plain(c) for c in table.columns], table.column_names).to_pylist()
        ]
        contents = [_encode("".join(records[a:b]) or "\n", layout) for a, b in zip(starts, ends, strict=True)]
    else:
        rows = list(zip(*(_plain(c).to_pylist() for c in table.columns), strict=True))
        contents = [_workbook(table.column_names, rows[a:b], layout) for a, b in zip(starts, ends, strict=True)]
    for path, content in zip(paths, contents, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _plain(array: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array


def _codes(texts: Texts, layout: Layout, name: str) -> Texts:
    """Values in the provider's own codes, the first text of each."""
    codes = layout.codes.get(name)
    if not codes:
        return texts
    first: dict[str, str] = {}
    for theirs, ours in codes.items():
        first.setdefault(ours, theirs)
    return Texts(texts.codes, [first.get(value, value) for value in texts.values])


def _dates(days: np.ndarray, layout: Layout) -> pa.Array:
    """Dates in the layout's first format; real dates for Parquet and Excel."""
    first, last = (_FIRST_DAY - _EPOCH).days, (_LAST_DAY - _EPOCH).days
    missing = (days < first) | (days >= last)
    if layout.format == "parquet" or layout.dates[0] == EXCEL:
        return pa.array(days, pa.int32(), mask=missing).cast(pa.date32())
    return pa.DictionaryArray.from_arrays(pa.array(days - first, pa.int32(), mask=missing), _calendar(layout.dates[0]))


@lru_cache
def _calendar(form: str) -> pa.Array:
    """Every day of the calendar written in a format."""
    span = (_LAST_DAY - _FIRST_DAY).days
    return pa.array([(_FIRST_DAY + dt.timedelta(days=i)).strftime(form) for i in range(span)])


def _header(layout: Layout) -> str:
    return layout.delimiter.join(layout.columns.values()) + "\n"


def _csv(table: pa.Table, layout: Layout) -> bytes:
    plain = pa.table([_plain(c) for c in table.columns], table.column_names)
    sink = pa.BufferOutputStream()
    options = pa.csv.WriteOptions(include_header=False, delimiter=layout.delimiter, quoting_style="none")
    try:
        pa.csv.write_csv(plain, sink, options)
    except pa.ArrowInvalid:  # a text holds the delimiter
        options.quoting_style = "needed"
        sink = pa.BufferOutputStream()
        pa.csv.write_csv(plain, sink, options)
    content = sink.getvalue().to_pybytes()
    if layout.encoding.startswith("utf-8"):
        return content
    return _encode(content.decode(), layout)


def _encode(text: str, layout: Layout) -> bytes:
    return spelling.fit_encoding(text, layout.encoding).encode(layout.encoding)


def _workbook(headers: Sequence[str], rows: Sequence[tuple], layout: Layout) -> bytes:
    """An Excel workbook with one sheet; its creation date is fixed so that the bytes are."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True, "in_memory": True})
    book.set_properties({"created": dt.datetime(2020, 1, 1)})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet(layout.sheet)
    sheet.write_row(0, 0, headers)
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if isinstance(value, dt.date):
                sheet.write_datetime(number, at, dt.datetime.combine(value, dt.time()), day)
            elif value is not None:
                sheet.write_string(number, at, value)
    book.close()
    return content.getvalue()
