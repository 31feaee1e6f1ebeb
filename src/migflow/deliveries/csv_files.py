"""CSV files: streamed by Arrow; what is wrong with one is located afterwards, line and column, in Python."""

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from migflow.deliveries.encodings import check_encoding, codec, encoding_error
from migflow.deliveries.fit import Misfit, match_headers, schema
from migflow.deliveries.layouts import Layout

_BLOCK = 1 << 22


def read(path: Path, layout: Layout, rows: int | None = None) -> Iterator[pa.RecordBatch]:
    """Rows of the file as text with their line numbers.

    A value that goes on over a line end is refused unless the layout allows it: a stray quotation mark, and
    another one further down, would make one value of all rows between them.

    rows: how many the file has, if known; where that is not one a line (line breaks inside quotes, blank
    lines), the line numbers are found by a second, slower reading.
    """
    lines, quotes = _count(path)
    check_encoding(path, layout)
    _check_ends(path, layout, lines, quotes)
    header, header_end = _header(path, layout)
    positions = match_headers(path, layout, header)
    exact = _line_numbers(path, layout) if rows is not None and rows + 1 != lines else None
    done = 0
    for batch in _batches(path, layout, len(header), header_end):
        numbers = exact[done : done + batch.num_rows] if exact is not None else None
        if numbers is None:
            numbers = np.arange(done + 2, done + 2 + batch.num_rows)
        done += batch.num_rows
        texts = [batch.column(position) for position in positions.values()]
        yield pa.RecordBatch.from_arrays([*texts, pa.array(numbers, pa.int64())], schema=schema(layout))
    if done + 1 != lines:
        deque(_records(path, layout), maxlen=0)


def _batches(path: Path, layout: Layout, width: int, header_end: int) -> Iterator[pa.RecordBatch]:
    names = [str(number) for number in range(width)]
    try:
        yield from pc.open_csv(
            path,
            read_options=pc.ReadOptions(
                encoding=codec(layout.encoding, bom=False),
                column_names=names,
                skip_rows=header_end,
                block_size=_BLOCK,
            ),
            parse_options=pc.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=pc.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except UnicodeDecodeError:
        raise encoding_error(path, layout) from None
    except pa.ArrowInvalid:
        raise _located(path, layout, width) from None


def _header(path: Path, layout: Layout) -> tuple[list[str], int]:
    """Fields of the header, and the line it ends in."""
    try:
        _, last, record = next(_records(path, layout), (1, 1, list[str]()))
        return record, last
    except UnicodeDecodeError:
        raise encoding_error(path, layout) from None


def _records(path: Path, layout: Layout, *, strict: bool = False) -> Iterator[tuple[int, int, list[str]]]:
    """First line, last line and fields of every record but blank lines: exact and slow.

    Raises Misfit at a record of several lines where the layout has one a line.
    """
    with path.open(encoding=codec(layout.encoding), newline="") as file:
        reader = csv.reader(file, delimiter=layout.delimiter, strict=strict)
        line = 1
        try:
            for record in reader:
                if reader.line_num > line and not layout.newlines_in_values:
                    raise _spanning(path, line, reader.line_num)
                if record:
                    yield line, reader.line_num, record
                line = reader.line_num + 1
        except csv.Error:
            raise Misfit(
                path,
                f"line {line:,}",
                "a quotation mark is opened and not closed, so fields cannot be told apart.",
                "Ask for the file again, with quotation marks inside values doubled.",
            ) from None


def _spanning(path: Path, first: int, last: int) -> Misfit:
    return Misfit(
        path,
        f"line {first:,}",
        f"a value in quotation marks goes on to line {last:,}, so rows may be swallowed by it.",
        "Ask for the file again, with quotation marks inside values doubled; for a provider that writes line "
        "breaks inside values set newlines_in_values = true.",
    )


def _line_numbers(path: Path, layout: Layout) -> np.ndarray:
    return np.fromiter((line for line, _, _ in _records(path, layout)), np.int64)[1:]


def _count(path: Path) -> tuple[int, int]:
    """Line ends and quotation marks in the file."""
    lines = quotes = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            content = np.frombuffer(block, np.uint8)
            lines += int(np.count_nonzero(content == ord("\n")))
            quotes += int(np.count_nonzero(content == ord('"')))
    return lines, quotes


def _check_ends(path: Path, layout: Layout, lines: int, quotes: int) -> None:
    """Refuse a file that stops inside its last line or inside quotes."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        ended = file.read(1) in (b"\n", b"\r")
    if layout.final_newline and not ended:
        raise Misfit(
            path,
            f"line {lines + 1:,}",
            "the last line has no line end, so the file may have been cut off.",
            "Ask for it again; for a provider that never ends its last line set final_newline = false.",
        )
    if quotes % 2:
        deque(_records(path, layout, strict=True), maxlen=0)


def _located(path: Path, layout: Layout, width: int) -> Misfit:
    """What Arrow could not read, with the line it is in."""
    try:
        wrong = next(((line, r) for line, _, r in _records(path, layout) if len(r) != width), None)
    except UnicodeDecodeError:
        return encoding_error(path, layout)
    if wrong is None:
        # Arrow's own words may hold the text of a row.
        return Misfit(path, "", "not readable as CSV.", "Ask for the file again.")
    line, record = wrong
    difference = len(record) - width
    many = f"{abs(difference)} field{'s' if abs(difference) > 1 else ''} too {'many' if difference > 0 else 'few'}"
    cause = (
        f"Probably a value holds {layout.delimiter!r} without quotation marks"
        if difference > 0
        else "Probably the file was cut off, or a line was broken inside a value"
    )
    return Misfit(
        path,
        f"line {line:,}",
        f"{len(record)} fields where the header has {width} ({many}).",
        f"{cause}; ask for a corrected file.",
    )
