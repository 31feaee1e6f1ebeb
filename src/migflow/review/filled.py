"""A workbook for review, or a CSV file saved from it, as it comes back: rows of text."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from migflow.deliveries.xlsx_files import text
from migflow.errors import MigflowError
from migflow.review.workbook import GIVEN, KEY, SHEET

OPTIONAL = ("decided_on", "note")
NEEDED = tuple(name for name in (*GIVEN, *KEY) if name not in OPTIONAL)


@dataclass(frozen=True)
class FilledRow:
    """One row: its number as a spreadsheet counts (the header is row 1), and trimmed texts by column."""

    number: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def read(path: Path) -> list[FilledRow]:
    """Rows with anything in them; only the columns of the key and of the decision are kept.

    Dates are YYYY-MM-DD. Raises MigflowError if it is no such file or lacks a column.
    """
    if not path.is_file():
        raise MigflowError(f"{path}: there is no such file.")
    rows = _csv(path) if path.suffix.lower() == ".csv" else _sheet(path)
    header = [text(cell).strip() for cell in rows[0]] if rows else []
    _check_header(path, header)
    at = {name: header.index(name) for name in (*GIVEN, *KEY) if name in header}
    return [
        FilledRow(number, {name: text(row[i]).strip() if i < len(row) else "" for name, i in at.items()})
        for number, row in enumerate(rows[1:], start=2)
        if any(text(cell).strip() for cell in row)
    ]


def _check_header(path: Path, header: Sequence[str]) -> None:
    if missing := [name for name in NEEDED if name not in header]:
        raise MigflowError(
            f"{path}: the first row has no column {', '.join(missing)}. "
            "Fill in a file that migflow review export wrote, and keep its columns."
        )
    times = Counter(header)
    if twice := [name for name in (*GIVEN, *KEY) if times[name] > 1]:
        raise MigflowError(f"{path}: the first row has the column {', '.join(twice)} more than once; keep one.")


def _sheet(path: Path) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_path(path)
        if SHEET in book.sheet_names:
            return list(book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False))
    except (CalamineError, OSError) as error:
        raise MigflowError(f"{path} is neither a readable Excel workbook nor a .csv file ({error}).") from None
    raise MigflowError(f"{path}: there is no sheet {SHEET!r}; found {', '.join(map(repr, book.sheet_names))}.")


def _csv(path: Path) -> list[list[Any]]:
    """Rows of a CSV file in UTF-8, delimited by comma, semicolon or tab as spreadsheets in different places do."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise MigflowError(f"{path} is not in UTF-8 ({error.reason}). Save it as 'CSV UTF-8'.") from None
    except OSError as error:
        raise MigflowError(f"{path} cannot be read: {error.strerror}.") from None
    header = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise MigflowError(f"{path} is not a CSV file: {error}.") from None
