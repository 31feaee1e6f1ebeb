"""Written addresses split into street, number, entrance, dwelling and settlement, by the words of words.toml."""

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa

from migflow.standardise import names
from migflow.standardise.words import Words

PARTS = (
    "street_type",
    "street",
    "number",
    "number_suffix",
    "entrance",
    "floor",
    "dwelling",
    "settlement",
    "postcode",
    "remainder",
)
# 12, 12a, 12-a, 12/a; 12/4 is dwelling 4 of number 12.
_NUMBER = (
    r"(?P<number>\d+)(?:\s*[-/]?\s*(?P<number_suffix>[a-z])(?![a-z]|\.\s*\d))?"
    r"(?:\s*/\s*(?P<after_slash>\d+))?(?!\w)"
)
_HOUSE_NUMBER = re.compile(r"(\d+)\s*[-/]?\s*([a-z]?)")
# Longer texts are not addresses; cutting them bounds the time a text can take.
_LONGEST = 300

_Parts = dict[str, str]


def _any_of(words: Iterable[str]) -> str:
    """One of the words, longest first, a single letter only with its dot; matches nothing if there are no words."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    forms = [rf"{w}\s*\." if len(w) == 1 else w.replace(" ", r"\W*") + r"\b\s*\.?" for w in ordered]
    return rf"\b(?:{'|'.join(forms)})" if forms else r"(?!)"


class _Parser:
    """The patterns of one country's words, and how a text is taken apart with them."""

    def __init__(self, words: Words) -> None:
        sign = _any_of(words.of("number_signs"))
        after = rf"\s*(?:{sign})?\s*"
        # One scan finds every part that a word or form of its own announces.
        self.announced = re.compile(
            rf"{_any_of(words.of('dwellings'))}{after}(?P<dwelling>\d+[a-z]?)\b"
            rf"|{_any_of(words.of('entrances'))}{after}(?P<entrance>\d+[a-z]?|[a-z])\b"
            rf"|{_any_of(words.of('floors'))}{after}(?P<floor>\d+|[ivx]+)\b"
            rf"|(?P<no_number>{_any_of(words.of('no_number'))})(?=\W|$)"
            rf"|{sign}\s*{_NUMBER}"
            rf"|\b(?P<postcode>{'|'.join(words.of('postcodes')) or '(?!)'})\b"
        )
        self.trailing = re.compile(rf"(?:^|(?<=[\s.])){_NUMBER}[\s.]*$")
        self.street_type = re.compile(rf"\W*({_any_of(words.of('street_types'))})\s*")
        self.settlement = re.compile(rf"\W*{_any_of(words.of('settlements'))}\s*")

    def parse(self, text: str | None) -> _Parts:
        """Parts of one address; a part that is not written is left out."""
        parts: _Parts = {}
        if not text:
            return parts
        plain = names.plain(text[:_LONGEST].replace("№", "no. "))
        rest = self.announced.sub(lambda found: _note(found, parts), plain)
        # A segment with a street type is the street, wherever it stands.
        segments = [(segment, self.street_type.match(segment)) for segment in rest.split(",") if segment.strip(" .")]
        for segment, street_type in sorted(segments, key=lambda pair: pair[1] is None):
            self._place(segment, street_type, parts)
        parts.pop("no_number", None)
        return parts

    def _place(self, segment: str, street_type: re.Match[str] | None, parts: _Parts) -> None:
        """Give a text between commas its part: a street or settlement by its word, else what is still open."""
        settlement = None if street_type else self.settlement.match(segment)
        word = street_type or settlement
        name = segment[word.end() :] if word else segment
        if "number" not in parts and "no_number" not in parts:
            name = self.trailing.sub(lambda found: _note(found, parts), name)
        folded = names.words(name)
        if not folded:
            return
        if "street" not in parts and not settlement:
            parts["street"] = folded
            if street_type:
                parts["street_type"] = names.words(street_type.group(1))
        elif "settlement" not in parts:
            parts["settlement"] = folded
        else:
            parts["remainder"] = f"{parts.get('remainder', '')} {folded}".strip()

    def street(self, name: str | None) -> str | None:
        """Folded name of a street without its type; None if there is none."""
        plain = names.plain(name or "")
        found = self.street_type.match(plain)
        return names.words(plain[found.end() :] if found else plain) or None


def _note(found: re.Match[str], parts: _Parts) -> str:
    """Keep what a pattern's groups hold, the first time it is written; leaves a comma in its place."""
    for part, value in found.groupdict().items():
        if value and value.strip(" /-."):
            parts.setdefault("dwelling" if part == "after_slash" else part, value)
    return ","


def parse(texts: Sequence[str | None], words: Words) -> pa.Table:
    """Split each address into PARTS, folded; one row a text, nulls for what is not written."""
    parser = _Parser(words)
    rows = [parser.parse(text) for text in texts]
    return pa.table({part: pa.array([row.get(part) for row in rows], pa.string()) for part in PARTS})


def streets(texts: Sequence[str | None], words: Words) -> list[str | None]:
    """Names of streets without their type, folded, as parse gives them."""
    parser = _Parser(words)
    return [parser.street(text) for text in texts]


def house_numbers(texts: Sequence[str | None]) -> list[str | None]:
    """House, entrance or dwelling numbers in one form: digits and suffix together (12 A, 12-a, 12/A: 12a)."""
    out: list[str | None] = []
    for text in texts:
        number = names.plain(text or "").strip()
        found = _HOUSE_NUMBER.fullmatch(number)
        out.append("".join(found.groups()) if found else names.fold([number])[0] or None)
    return out
