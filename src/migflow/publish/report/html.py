"""Pieces of a page: sections, tables, figures as text. Everything that comes from data is escaped here."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from migflow.statistics.plots.chart import SUPPRESSED as COUNT

SUPPRESSED, NOT_AVAILABLE = "suppressed", "not available"
SHOWN_ROWS = 250


def figure(value: Any) -> str:
    """A figure for people: thousands parted, rates to four digits, none rounded up to 1; a missing one in words."""
    if pd.isna(value):
        return NOT_AVAILABLE
    if float(value).is_integer():
        return f"{value:,.0f}"
    if 0.999 < value < 1:
        return f"{value:.6f}" if value < 0.9999995 else "> 0.999999"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:,.4g}"


def section(anchor: str, title: str, *parts: str) -> str:
    """A section of the page with its heading."""
    return f'<section id="{escape(anchor)}">\n<h2>{escape(title)}</h2>\n{"".join(parts)}</section>\n'


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f"<p{f' class={kind!r}' if kind else ''}>{escape(text)}</p>\n"


def details(summary: str, content: str) -> str:
    """Content that opens on demand."""
    return f"<details><summary>{escape(summary)}</summary>\n{content}</details>\n"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; columns of numbers are right-aligned."""
    held = [tuple(row) for row in rows]
    first = held[0] if held else ("",) * len(header)
    head = "".join(
        f'<th scope="col"{_kind(value)}>{escape(name)}</th>' for name, value in zip(header, first, strict=True)
    )
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>\n" for row in held)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n'


def _cell(value: Any) -> str:
    return f"<td{_kind(value)}>{escape(value if isinstance(value, str) else figure(value))}</td>"


def _kind(value: Any) -> str:
    return "" if isinstance(value, str) else ' class="n"'


def data_table(rows: pd.DataFrame, source: str) -> str:
    """The rows of a chart as a table: a figure that is suppressed, or a sum that lacks some, says so.

    source: the table in which all rows are found where only the first are shown.
    """
    columns = [column for column in rows.columns if column not in (COUNT, "first_age") and not _is_coordinate(column)]
    whole = {column for column in columns if column in ("year", "age")}
    hidden = rows[COUNT].tolist() if COUNT in rows else [0] * len(rows)
    shown = [
        [_shown(row[column], column in whole, count) for column in columns]
        for row, count in zip(rows.head(SHOWN_ROWS).to_dict("records"), hidden, strict=False)
    ]
    made = table([_heading(column) for column in columns], shown)
    if len(rows) > SHOWN_ROWS:
        made += paragraph(f"The first {SHOWN_ROWS} of {len(rows):,} rows; the table {source} holds all.")
    return made


def _heading(column: str) -> str:
    """Name of a column in words; table_name is Table, changed_percent Changed, %."""
    return column.removesuffix("_name").replace("_percent", ", %").replace("_", " ").capitalize()


def _is_coordinate(column: str) -> bool:
    return column.endswith(("_longitude", "_latitude", "_net"))


def _shown(value: Any, whole: bool, hidden: int) -> Any:
    if isinstance(value, str):
        return value
    if whole:
        return str(int(value))
    if pd.isna(value):
        return SUPPRESSED if hidden else NOT_AVAILABLE
    return f"{figure(value)} without {hidden} suppressed" if hidden else value


def page(title: str, body: str, scripts: str = "") -> str:
    """A whole page; its style is beside this file."""
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n<style>\n{style}</style>\n</head>\n'
        f"<body>\n{body}{scripts}</body>\n</html>\n"
    )


def inert(value: Any) -> str:
    """JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
