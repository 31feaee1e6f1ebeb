"""Writes small delivery files as a provider would: the reverse of the readers, for tests."""

import csv
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from migflow import contracts
from migflow.deliveries.layouts import EXCEL, Layout

SUFFIX = {"csv": ".csv", "xlsx": ".xlsx", "jsonl": ".jsonl", "parquet": ".parquet"}


def write(path: Path, layout: Layout, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows (contract column -> our value) the way the layout says; returns the path."""
    headers = list(layout.columns.values())
    cells = [[_cell(layout, column, row.get(column)) for column in layout.columns] for row in rows]
    if layout.format == "csv":
        with path.open("w", encoding=layout.encoding, newline="") as file:
            csv.writer(file, delimiter=layout.delimiter).writerows([headers, *cells])
    elif layout.format == "jsonl":
        lines = [json.dumps(dict(zip(headers, row, strict=True)), ensure_ascii=False) for row in cells]
        path.write_text("\n".join(lines) + "\n", encoding=layout.encoding)
    elif layout.format == "parquet":
        columns = zip(*cells, strict=True) if cells else [[] for _ in headers]
        pq.write_table(pa.table([pa.array(list(c), pa.string()) for c in columns], names=headers), path)
    else:
        write_sheet(path, layout.sheet, [headers, *cells])
    return path


def write_sheet(path: Path, sheet: str, rows: Sequence[Sequence[object]]) -> None:
    """Write one sheet; dates as Excel dates."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": dt.datetime(2024, 1, 1)})
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for at, value in enumerate(row):
                if isinstance(value, dt.date):
                    page.write_datetime(number, at, dt.datetime.combine(value, dt.time()), day)
                else:
                    page.write(number, at, value)


def _cell(layout: Layout, column: str, value: object) -> object:
    if value is None:
        return layout.missing[-1]
    if column in layout.codes:
        return next((theirs for theirs, ours in layout.codes[column].items() if ours == value), value)
    if contracts.load(layout.source).column(column).type == "DATE" and isinstance(value, dt.date):
        return value if layout.dates[0] == EXCEL else value.strftime(layout.dates[0])
    return str(value)
