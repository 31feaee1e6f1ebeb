"""Whether a file is what its layout says: kind of file by its content, and the columns in its header."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from migflow.deliveries.layouts import Layout
from migflow.errors import MigflowError

KINDS = {
    "csv": "CSV text",
    "xlsx": "an Excel workbook (XLSX)",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
}
# First bytes of files, from the formats' own specifications.
_SIGNATURES = (
    (b"PK\x03\x04", "xlsx", KINDS["xlsx"]),
    (b"PAR1", "parquet", KINDS["parquet"]),
    (b"\xd0\xcf\x11\xe0", "xls", "an old Excel workbook (XLS)"),
    (b"\x1f\x8b", "gzip", "a gzip archive"),
    (b"%PDF", "pdf", "a PDF document"),
)
_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".json": "jsonl",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


class Misfit(MigflowError):
    """A file does not fit its layout, so nothing of it enters."""

    def __init__(self, path: Path, where: str, problem: str, remedy: str) -> None:
        place = f"{path.name}, {where}" if where else path.name
        super().__init__(f"{place}: {problem} Nothing of the file was taken in. {remedy}")


def schema(layout: Layout) -> pa.Schema:
    """What every reader yields: the delivered columns as text, under contract names, and source_line."""
    texts = [pa.field(name, pa.string()) for name in layout.columns]
    return pa.schema([*texts, pa.field("source_line", pa.int64())])


def check_kind(path: Path, layout: Layout) -> None:
    """Refuse an empty file and one whose content or name is of another kind than the layout's."""
    with path.open("rb") as file:
        head = file.read(4096)
    declared = KINDS[layout.format]
    if not head:
        raise Misfit(path, "", f"the file is empty (0 bytes), expected {declared}.", "Ask for it again.")
    found = _kind(head)
    if found and found[0] != layout.format:
        raise Misfit(path, "", f"the content is {found[1]}, the layout says {declared}.", "Send it in that format.")
    if not found and layout.format in ("xlsx", "parquet"):
        raise Misfit(path, "", f"the content is not {declared}.", "Send it in that format.")
    named = _SUFFIXES.get(path.suffix.lower())
    if named and named != layout.format:
        raise Misfit(
            path,
            "",
            f"the name ends in {path.suffix}, the layout says {declared}.",
            "Send the right file, or name it for what it is.",
        )


def _kind(head: bytes) -> tuple[str, str] | None:
    for start, kind, words in _SIGNATURES:
        if head.startswith(start):
            return kind, words
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "jsonl", KINDS["jsonl"]
    return None


def match_headers(path: Path, layout: Layout, headers: Sequence[str]) -> dict[str, int]:
    """Position in the file of each delivered column; other columns of the file are not needed."""
    found = [header.strip() for header in headers]
    missing = {c: h for c, h in layout.columns.items() if h not in found}
    if missing:
        listed = ", ".join(f"{header!r} ({column})" for column, header in missing.items())
        # Where no header is known, line 1 may be a person's row, which no message shows.
        headless = len(missing) == len(layout.columns)
        seen = "perhaps the file has no header" if headless else f"found {', '.join(map(repr, found))}"
        raise Misfit(
            path,
            "header",
            f"column {listed} is missing; {seen}.",
            "Ask for a complete file, or name the new header in the provider's layout.",
        )
    counts = Counter(found)
    twice = [header for header in layout.columns.values() if counts[header] > 1]
    if twice:
        raise Misfit(path, "header", f"column {twice[0]!r} occurs {counts[twice[0]]} times.", "It must occur once.")
    return {column: found.index(header) for column, header in layout.columns.items()}
