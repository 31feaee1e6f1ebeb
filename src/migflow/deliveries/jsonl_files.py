"""JSON Lines files: one object a line, its keys the headers of the layout."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from migflow.deliveries.encodings import check_encoding, codec, encoding_error
from migflow.deliveries.fit import Misfit, schema
from migflow.deliveries.layouts import Layout

_ROWS = 50_000


def read(path: Path, layout: Layout) -> Iterator[pa.RecordBatch]:
    """Rows of the file as text, numbers as written, with their line numbers.

    A file of one blank line is a month without rows. Keys may be left out of a line, but a key found in no
    line is a missing column if the table requires it, or if the file has keys the layout does not know.
    """
    check_encoding(path, layout)
    records = _records(path, layout)
    keys: set[str] = set()
    while rows := list(islice(records, _ROWS)):
        keys.update(*(record.keys() for _, record in rows))
        texts = [
            pa.array([_text(record.get(header)) for _, record in rows], pa.string())
            for header in layout.columns.values()
        ]
        numbers = pa.array([line for line, _ in rows], pa.int64())
        yield pa.RecordBatch.from_arrays([*texts, numbers], schema=schema(layout))
    _check_keys(path, layout, keys)


def _records(path: Path, layout: Layout) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        with path.open(encoding=codec(layout.encoding), newline="\n") as file:
            for line, content in enumerate(file, start=1):
                if content.strip():
                    yield line, _object(path, line, content)
    except UnicodeDecodeError:
        raise encoding_error(path, layout) from None


def _object(path: Path, line: int, content: str) -> dict[str, object]:
    try:
        record = json.loads(content, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        cut = not content.endswith("\n")
        problem = "the last line is cut off" if cut else f"not JSON at character {error.pos + 1} ({error.msg})"
        raise Misfit(path, f"line {line:,}", f"{problem}.", "Ask for the file again.") from None
    if not isinstance(record, dict):
        raise Misfit(path, f"line {line:,}", "expected one JSON object a line.", "Ask for the file as JSON Lines.")
    return record


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check_keys(path: Path, layout: Layout, keys: set[str]) -> None:
    unknown = sorted(keys - set(layout.columns.values()))
    absent = {c: h for c, h in layout.columns.items() if keys and h not in keys}
    wrong = {c: h for c, h in absent.items() if unknown or c in layout.required}
    if wrong:
        listed = ", ".join(f"{header!r} ({column})" for column, header in wrong.items())
        raise Misfit(
            path,
            "all lines",
            f"key {listed} is in no line; found {', '.join(map(repr, sorted(keys)))}.",
            "Ask for a complete file, or name the new key in the provider's layout.",
        )
