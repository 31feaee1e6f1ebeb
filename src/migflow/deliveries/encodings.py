"""Character encodings of text files: is the declared one the true one, and where is it not."""

import codecs
import csv
from pathlib import Path

from migflow.deliveries.fit import Misfit
from migflow.deliveries.layouts import Layout

_BLOCK = 1 << 22
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def codec(encoding: str, *, bom: bool = True) -> str:
    """Python's name; UTF-8 skips a byte order mark whether declared or not (bom=False: the reader does)."""
    if not is_utf8(encoding):
        return encoding
    return "utf-8-sig" if bom else "utf-8"


def is_utf8(encoding: str) -> bool:
    """Whether an encoding is UTF-8, with or without byte order mark."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def check_encoding(path: Path, layout: Layout) -> None:
    """Refuse UTF-8 and UTF-16 where the layout says a single-byte encoding, which would read it wrongly."""
    with path.open("rb") as file:
        start = file.read(3)
    for mark, name in _WIDE.items():
        if start.startswith(mark):
            raise _declared(path, layout, "line 1", f"the file is {name.upper()}")
    if not is_utf8(layout.encoding) and _holds_utf8(path):
        raise _declared(path, layout, "", "the whole file is valid UTF-8 with letters beyond ASCII")


def _holds_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    beyond_ascii = False
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                beyond_ascii = beyond_ascii or not block.isascii()
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return beyond_ascii


def encoding_error(path: Path, layout: Layout) -> Misfit:
    """The first byte that is not in the declared encoding: its line, its column, and what it may be."""
    found = _first_undecodable(path, layout)
    if found is None:
        return _declared(path, layout, "", f"the bytes are not {layout.encoding}")
    line, content, at = found
    before = content[:at].decode("latin-1")
    position = len(next(csv.reader([before], delimiter=layout.delimiter or ";"), [""])) - 1
    with path.open("rb") as file:
        header = file.readline().decode(codec(layout.encoding), "replace").rstrip("\r\n")
    names = next(csv.reader([header], delimiter=layout.delimiter or ";"), [])
    known = position < len(names) and names[position].strip() in layout.columns.values()
    column = f", column {names[position].strip()!r}" if known else ""
    return _declared(path, layout, f"line {line:,}{column}", f"byte 0x{content[at]:02X} is not {layout.encoding}")


def _first_undecodable(path: Path, layout: Layout) -> tuple[int, bytes, int] | None:
    with path.open("rb") as file:
        for number, content in enumerate(file, start=1):
            try:
                content.decode(codec(layout.encoding))
            except UnicodeDecodeError as error:
                return number, content, error.start
    return None


def _declared(path: Path, layout: Layout, where: str, problem: str) -> Misfit:
    return Misfit(
        path,
        where,
        f"{problem}, but the layout says {layout.encoding}.",
        "Ask for an export in that encoding, or correct the encoding in the provider's layout.",
    )
