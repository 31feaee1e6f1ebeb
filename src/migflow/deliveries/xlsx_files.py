"""XLSX files, read by calamine. Slow beside the other formats, so meant for small offices."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from migflow.deliveries.fit import Misfit, match_headers, schema
from migflow.deliveries.layouts import Layout


def read(path: Path, layout: Layout) -> Iterator[pa.RecordBatch]:
    """Rows of the sheet as text (dates as 2024-03-05) with their row numbers; blank rows are left out."""
    rows = _sheet(path, layout)
    header = [text(cell) for cell in rows[0]] if rows else []
    positions = match_headers(path, layout, header)
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(c != "" for c in row)]
    for number, row in filled:
        beyond = [i for i, cell in enumerate(row) if cell != "" and (i >= len(header) or not header[i])]
        if beyond:
            raise Misfit(
                path,
                f"sheet {layout.sheet!r}, row {number:,}",
                f"a value in column {beyond[0] + 1}, which has no header.",
                "Ask for a corrected file.",
            )
    texts = [pa.array([text(row[at]) for _, row in filled], pa.string()) for at in positions.values()]
    numbers = pa.array([number for number, _ in filled], pa.int64())
    yield pa.RecordBatch.from_arrays([*texts, numbers], schema=schema(layout))


def _sheet(path: Path, layout: Layout) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = [s.name for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
        if layout.sheet in sheets:
            return list(book.get_sheet_by_name(layout.sheet).to_python(skip_empty_area=False))
    except (CalamineError, OSError) as error:
        raise Misfit(
            path,
            "",
            f"not readable as an Excel workbook, probably cut off ({error}).",
            "Ask for it again.",
        ) from None
    raise Misfit(
        path,
        "",
        f"there is no sheet {layout.sheet!r}; found {', '.join(map(repr, sheets))}.",
        "Ask for the right workbook, or correct the sheet in the provider's layout.",
    )


def text(cell: object) -> str:
    """A cell as a person would type it: no .0 after whole numbers, days without a time."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)
