"""JSON Lines files: one object a line, its keys the headers of the layout."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from migflow.deliveries.encodings import check_encoding, codec, encoding_error
from migflow.deliveries.fit import Misfit, schema
from migflow.deliveries.layouts import Layout

_ROWS = 50_000
_KEYS_NAMED = 30
# Surrogates, which stand for a character in pairs only.
_HALVES = re.compile("[\\ud800-\\udfff]")


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
        texts = [_column(path, header, rows) for header in layout.columns.values()]
        numbers = pa.array([line for line, _ in rows], pa.int64())
        yield pa.RecordBatch.from_arrays([*texts, numbers], schema=schema(layout))
    _check_keys(path, layout, keys)


def _column(path: Path, header: str, rows: list[tuple[int, dict[str, object]]]) -> pa.Array:
    texts = [_text(record.get(header)) for _, record in rows]
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        line = next(line for (line, _), text in zip(rows, texts, strict=True) if text and _HALVES.search(text))
        problem = f"key {header!r} holds half a character (a lone surrogate such as \\ud800)."
        raise Misfit(path, f"line {line:,}", problem, "Ask for the file again.") from None


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
        record = json.loads(content, parse_int=str, parse_float=str, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        cut = not content.endswith("\n")
        problem = "the last line is cut off" if cut else f"not JSON at character {error.pos + 1} ({error.msg})"
        raise Misfit(path, f"line {line:,}", f"{problem}.", "Ask for the file again.") from None
    except RecursionError:
        problem = "objects inside objects, too many to read."
        raise Misfit(path, f"line {line:,}", problem, "Ask for one flat object a line.") from None
    except _Repeated:
        raise Misfit(path, f"line {line:,}", "a key occurs twice.", "Each key must occur once in a line.") from None
    if not isinstance(record, dict):
        raise Misfit(path, f"line {line:,}", "expected one JSON object a line.", "Ask for the file as JSON Lines.")
    return record


class _Repeated(Exception):
    """A key occurs twice in one object."""


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise _Repeated
    return record


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check_keys(path: Path, layout: Layout, keys: set[str]) -> None:
    unknown = sorted(keys - set(layout.columns.values()))
    absent = {c: h for c, h in layout.columns.items() if keys and h not in keys}
    wrong = {c: h for c, h in absent.items() if unknown or c in layout.required}
    if wrong:
        listed = ", ".join(f"{header!r} ({column})" for column, header in wrong.items())
        # Where no key is known the keys may be persons' numbers, which no message shows.
        unlike = len(absent) == len(layout.columns) or len(keys) > _KEYS_NAMED
        seen = "the keys are not those of the layout" if unlike else f"found {', '.join(map(repr, sorted(keys)))}"
        raise Misfit(
            path,
            "all lines",
            f"key {listed} is in no line; {seen}.",
            "Ask for a complete file, or name the new key in the provider's layout.",
        )
