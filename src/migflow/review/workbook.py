"""How the workbook for review looks: a row a pair, differing values marked, empty cells for the decision."""

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from migflow.review.decisions import DIFFERENT, SAME, Pair

SHEET = "pairs"
UNSURE = "unsure"
WEIGHT = "weight: "
# An Excel sheet has 2^20 rows, the first is the header; a cell holds 32,767 characters.
MOST_ROWS = 2**20 - 1
MOST_CHARACTERS = 32_767
GIVEN = {
    "decision": "same, different or unsure; leave it empty for later. Unsure counts as no decision.",
    "decided_by": "Who decided; needed with a decision.",
    "decided_on": "Day of the decision, YYYY-MM-DD; may be left empty if the import says it for all (--on).",
    "note": "What the decision rests on, if it is worth keeping.",
}
_GIVEN_KINDS = ("text", "text", "date", "text")
WEIGHTS = {
    "match_weight": "Sum of the weights that follow: +1 doubles the odds that both are one person, -1 halves them.",
    "match_probability": "The model's probability that both are one person.",
}
KEY = {
    "pair_id": "Names the pair in messages. Do not change this column nor the next three.",
    "source": "Table of the record.",
    "record_id": "The record.",
    "person_id": "The person.",
}
INSTRUCTIONS = (
    "Each row of the sheet 'pairs' asks: is this record about this person?",
    "A record's values stand next to the person's (person_...); where they differ both are coloured. "
    "The candidates of one record stand together below a line, likeliest first: at most one of them is the same.",
    "Fill in the first columns. Rows may be sorted and filtered, but only as a whole.",
    "Then: migflow review import FILE. Nothing is taken unless everything is right; messages name rows and pairs.",
    "This file holds personal data: keep it where only reviewers can read it, and delete it after the import.",
)


@dataclass(frozen=True)
class Row:
    """A pair: values by column, weights (in all, probability, by comparison), and what was decided before."""

    pair: Pair
    values: Mapping[str, Any]
    weights: Sequence[float | None]
    given: Sequence[object]


Formats = Callable[[str, bool, bool], Format]


def write(path: Path, sides: Mapping[str, str], comparisons: Sequence[str], rows: Iterable[Row]) -> None:
    """Write the workbook: sides has the columns that stand side by side, record's then person's, with meanings."""
    # In memory: temporary files of the writer would be personal data left behind by a crash. Same rows, same bytes.
    with xlsxwriter.Workbook(path, {"in_memory": True, "constant_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2020, 1, 1)})
        columns = [*GIVEN, *sides, *WEIGHTS, *(WEIGHT + name for name in comparisons), *KEY]
        sheet = book.add_worksheet(SHEET)
        instructions = book.add_worksheet("instructions")
        formats = _formats(book)
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        _lay_out(sheet, columns, len(sides), bold)
        last, before = 0, None
        for last, row in enumerate(rows, start=1):
            record = row.pair.source, row.pair.record_id
            _write_row(sheet, last, row, list(sides), formats, record != before)
            before = record
        sheet.autofilter(0, 0, last, len(columns) - 1)
        _accept(sheet, last)
        _instruct(instructions, sides, bold, book.add_format({"text_wrap": True, "valign": "top"}))


def _lay_out(sheet: Worksheet, columns: Sequence[str], sides: int, bold: Format) -> None:
    widths = [11, 14, 12, 20, *[20] * sides, *[10] * (len(columns) - len(GIVEN) - sides - len(KEY)), 19, 24, 26, 19]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, bold)


def _write_row(sheet: Worksheet, number: int, row: Row, sides: Sequence[str], formats: Formats, first: bool) -> None:
    values = [row.values[column] for column in sides]
    differ = [_differ(values[at - at % 2], values[at - at % 2 + 1]) for at in range(len(values))]
    key = [row.pair.pair_id, row.pair.source, row.pair.record_id, row.pair.person_id]
    shown = [*row.given, *values, *row.weights, *key]
    marked = [*[False] * len(row.given), *differ, *[False] * (len(row.weights) + len(key))]
    kinds = [*_GIVEN_KINDS, *map(_kind, values), "weight", "probability", *["weight"] * (len(row.weights) - 2)]
    kinds += ["text"] * len(key)
    for at, (value, kind, mark) in enumerate(zip(shown, kinds, marked, strict=True)):
        _write_cell(sheet, number, at, value, formats(kind, mark, first))


def _differ(declared: object, known: object) -> bool:
    """Whether both are there and not written alike; capital letters do not count."""
    if declared is None or known is None:
        return False
    return str(declared).strip().casefold() != str(known).strip().casefold()


def _kind(value: object) -> str:
    if isinstance(value, dt.date):
        return "date"
    return "weight" if isinstance(value, float) else "text"


def _write_cell(sheet: Worksheet, row: int, column: int, value: object, look: Format) -> None:
    if value is None:
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, look)
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, look)
    else:
        # As text whatever it begins with: a name is no formula.
        sheet.write_string(row, column, str(value)[:MOST_CHARACTERS], look)


def _formats(book: xlsxwriter.Workbook) -> Formats:
    """A format for each kind of value, marked or not, with a line above the first candidate of a record."""
    numbers = {"date": "yyyy-mm-dd", "weight": "0.0", "probability": "0.0%", "text": "@"}

    @functools.cache
    def made(kind: str, marked: bool, first: bool) -> Format:
        look: dict[str, object] = {"num_format": numbers[kind]}
        look |= {"bg_color": "#FFD9B3"} if marked else {}
        look |= {"top": 1} if first else {}
        return book.add_format(look)

    return made


def _accept(sheet: Worksheet, last: int) -> None:
    """Let the cells of the decision take only what the import takes."""
    choice = {"validate": "list", "source": [SAME, DIFFERENT, UNSURE], "error_message": GIVEN["decision"]}
    day = {"validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "error_message": GIVEN["decided_on"]}
    for column, rule in (("decision", choice), ("decided_on", day)):
        at = list(GIVEN).index(column)
        sheet.data_validation(1, at, max(last, 1), at, rule)


def _instruct(sheet: Worksheet, sides: Mapping[str, str], bold: Format, wrapped: Format) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    for number, text in enumerate(INSTRUCTIONS):
        sheet.write_number(number, 0, number + 1, wrapped)
        sheet.write_string(number, 1, text, wrapped)
    of_comparisons = {WEIGHT + "...": "What the agreement or disagreement in this adds to the weight."}
    for number, (column, meaning) in enumerate(
        {**GIVEN, **sides, **WEIGHTS, **of_comparisons, **KEY}.items(), start=len(INSTRUCTIONS) + 1
    ):
        sheet.write_string(number, 0, column, bold)
        sheet.write_string(number, 1, meaning, wrapped)
