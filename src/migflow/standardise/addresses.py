"""Written addresses taken apart into their parts, by the words of the country's words.toml."""

import re
import unicodedata
from collections.abc import Sequence
from string import ascii_lowercase

import pyarrow as pa
import pyarrow.compute as pc

from migflow.countries import Country
from migflow.standardise import address_grammar as grammar
from migflow.standardise import address_patterns as patterns
from migflow.standardise import names
from migflow.standardise import words as dictionaries
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
    "municipality",
    "postcode",
    "po_box",
    "former_street",
    "remainder",
    "problem",
)
EMPTY, NO_WORDS, TOO_LONG = "empty", "no letters or digits", "too long"
OTHER_SCRIPT, NO_ADDRESS = "script without a profile", "not an address"
# Longer texts are not addresses; cutting them bounds the time a text can take.
LONGEST = 300

_TOKEN = re.compile(
    r"(?:[a-z]\.){2,}[a-z]\.?(?![a-z])|[a-z]+\.?"  # an acronym (u.c.k.), a word
    r"|\d+(?:[a-z](?![a-z0-9])|\.|(?<=\b\d\d) \d{3}(?! ?\d))?"  # 12, 12a, 7., the postcode 10 000
    r"|[,()/#]| ?-+ ?|\+[\d ()/-]{6,}\d"  # a separator, a telephone number
)
_WORD = re.compile("[a-z0-9]")
_SAME_AS = {"\r": ",", ";": ",", "|": ",", "[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "°": "o", "+": "+"}
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10}
_HOUSE_NUMBER = re.compile(r"(\d+)\s*[-/]?\s*([a-z]?)")
# Within these, numerals and ordinal words become digits: hyrja II, kati i tretë.
_COUNTED = ("entrance", "floor", "dwelling")


class _Kinds(dict[str, str]):
    """Token -> its kind, worked out at its first sight."""

    def __init__(self, words: Words) -> None:
        super().__init__({"#": "S"} | {mark: mark for mark in ",()/"})
        self.postcode = re.compile("|".join(words.of("postcodes")) or "(?!)")
        # The other words of each phrase that begins with a word, and the kind of the phrase; longest first.
        self.phrases: dict[str, list[tuple[list[str], str]]] = {}
        for key, kind in patterns.KINDS.items():
            for word in words.of(key):
                self._learn(word, kind)
        for phrases in self.phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))
        self.phrases |= {f"{first}.": phrases for first, phrases in self.phrases.items()}

    def _learn(self, word: str, kind: str) -> None:
        first, *rest = word.split()
        if rest:
            self.phrases.setdefault(first, []).append((rest, kind))
            if all(len(part) == 1 for part in (first, *rest)):  # b b is also written b/b, b-b and bb
                self.setdefault("".join((first, *rest)), kind)
                for mark in "/-":
                    self.phrases[first].append(([p for part in rest for p in (mark, part)], kind))
        elif len(word) == 1:
            self.setdefault(f"{word}.", patterns.DOTTED_LETTERS.get(kind, kind))
            if kind in patterns.BARE_LETTERS:
                self.setdefault(word, patterns.BARE_LETTERS[kind])
        else:
            self.setdefault(word, kind)
            self.setdefault(f"{word}.", kind)

    def __missing__(self, token: str) -> str:
        kind = self[token] = self._shape(token)
        return kind

    def _shape(self, token: str) -> str:
        first, last = token[0], token[-1]
        if first.isdigit():
            digits = token.rstrip(".").replace(" ", "")
            if self.postcode.fullmatch(digits):
                return patterns.POSTCODE
            if sum(map(str.isdigit, digits)) > 4:
                return patterns.LONG
            return patterns.DIGITS_DOT if last == "." else patterns.DIGITS if last.isdigit() else patterns.DIGITS_LETTER
        if first == "+":
            return patterns.LONG
        if "-" in token:
            return "~" if first == last == " " else "-"
        word = token.rstrip(".")
        if len(word) == 1:
            return patterns.ROMAN_LETTER if word in "ivx" else patterns.LETTER if last != "." else patterns.INITIAL
        return patterns.ROMAN if _ROMAN.fullmatch(word) else patterns.WORD

    def shape(self, tokens: list[str]) -> str:
        """The kinds of tokens; tokens that make a phrase are joined, in the list as well."""
        if not self.phrases.keys().isdisjoint(tokens):
            for start in [i for i, token in enumerate(tokens) if token in self.phrases][::-1]:
                self._join_phrase(tokens, start)
        return "".join(map(self.__getitem__, tokens))

    def _join_phrase(self, tokens: list[str], start: int) -> None:
        for rest, kind in self.phrases[tokens[start]]:
            stop = start + 1 + len(rest)
            if [token.rstrip(".") for token in tokens[start + 1 : stop]] == rest:
                tokens[start:stop] = [" ".join(token for token in tokens[start:stop] if token not in "/-")]
                self[tokens[start]] = kind
                return


def parse(texts: Sequence[str | None], country: Country | Words) -> pa.Table:
    """Take addresses apart: a row a text, the columns PARTS, folded, null where not written.

    number is digits, number_suffix a letter; entrance, floor and dwelling have numerals as digits. remainder holds
    what is no part: a landmark, who lives there, a second street, in the order written. problem says why a text
    could not be read, or not wholly: EMPTY, NO_WORDS, TOO_LONG (cut at LONGEST), OTHER_SCRIPT, NO_ADDRESS.
    """
    words = _words(country)
    kinds, numerals = _Kinds(words), _ARABIC | dict(words.ordinals)
    normalised = _normalised(texts)
    columns: dict[str, list[str | None]] = {part: [None] * len(texts) for part in PARTS}
    columns["problem"] = _flags(texts, normalised, words)
    for row, line in enumerate(_plain(normalised, len(texts))):
        tokens = _TOKEN.findall(line)
        parts = grammar.read(kinds.shape(tokens))
        if not parts or parts[0][0] == "remainder":
            columns["problem"][row] = columns["problem"][row] or _unread(texts[row], line, parts)
        for part, places in parts:
            columns[part][row] = tokens[places[0]] if len(places) == 1 else " ".join([tokens[i] for i in places])
    return pa.table(
        {part: _finished(part, pa.array(values, pa.string()), numerals) for part, values in columns.items()}
    )


def _finished(part: str, written: pa.Array, numerals: dict[str, str]) -> pa.Array:
    """A column of parts in its final form, from the tokens as they are written."""
    if part == "problem":
        return written
    bare = pc.replace_substring(written, ".", "")
    if part == "number":
        return pc.utf8_rtrim(bare, ascii_lowercase)
    if part == "number_suffix":
        return pc.utf8_slice_codeunits(bare, -1)
    if part == "postcode":
        return pc.replace_substring(bare, " ", "")
    if part == "remainder":
        return pc.utf8_trim(pc.replace_substring_regex(bare, "[^a-z0-9]+", " "), " ")
    if part in _COUNTED:
        distinct = (bare if part == "floor" else pc.replace_substring(bare, " ", "")).dictionary_encode()
        values = [numerals.get(value, value) for value in distinct.dictionary.to_pylist()]
        return pa.array(values, pa.string()).take(distinct.indices)
    return bare


def parse_one(text: str | None, country: Country | Words) -> dict[str, str | None]:
    """The parts of one address, as parse gives them; for many, parse is faster."""
    row: dict[str, str | None] = parse([text], country).to_pylist()[0]
    return row


def streets(texts: Sequence[str | None], country: Country | Words) -> list[str | None]:
    """Names of streets without their type, folded, as parse gives them."""
    kinds = _Kinds(_words(country))
    out: list[str | None] = []
    for line in _plain(_normalised(texts), len(texts)):
        tokens = _TOKEN.findall(line)
        name = grammar.street_name(kinds.shape(tokens))
        out.append(" ".join([tokens[i] for i in name]).replace(".", "") or None)
    return out


def house_numbers(texts: Sequence[str | None]) -> list[str | None]:
    """House, entrance or dwelling numbers in one form: digits and suffix together (12 A, 12-a, 12/A: 12a; II: 2)."""
    out: list[str | None] = []
    for line in _plain(_normalised(texts), len(texts)):
        number = line.strip(" .")
        found = _HOUSE_NUMBER.fullmatch(number)
        out.append("".join(found.groups()) if found else _ARABIC.get(number, names.words(number)) or None)
    return out


def _words(country: Country | Words) -> Words:
    return country if isinstance(country, Words) else dictionaries.load(country.folder)


def _arabic(roman: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in roman]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


_ARABIC = {
    roman: str(_arabic(roman))
    for tens in ("", "x", "xx", "xxx")
    for ones in ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
    if (roman := tens + ones)
}


def _normalised(texts: Sequence[str | None]) -> str:
    """All texts, a line each: cut, in lower case, in one Unicode form."""
    cut = ((text or "")[:LONGEST].replace("\n", ",") for text in texts)
    return unicodedata.normalize("NFKC", "\n".join(cut)).lower()


def _plain(normalised: str, count: int) -> list[str]:
    """The lines in ASCII with their punctuation; what a character becomes is looked up once for all of them."""
    return normalised.translate({ord(c): _character(c) for c in set(normalised) - {"\n"}}).split("\n")[:count]


def _character(character: str) -> str:
    """A separator's common form, nothing for an invisible mark, a space for a symbol, else what names.plain makes."""
    if character in _SAME_AS:
        return _SAME_AS[character]
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me"):
        return ""
    return " " if category[0] in "CSZ" else names.plain(character).replace("\n", " ")


def _flags(texts: Sequence[str | None], normalised: str, words: Words) -> list[str | None]:
    """What is known before a text is read: that it is too long, or in a script that the profile does not know."""
    flags: list[str | None] = [TOO_LONG if text and len(text) > LONGEST else None for text in texts]
    if foreign := _foreign_letters(normalised, words.of("scripts")):
        for row, line in enumerate(normalised.split("\n")):
            if not foreign.isdisjoint(line):
                flags[row] = flags[row] or OTHER_SCRIPT
    return flags


def _unread(text: str | None, plain: str, parts: grammar.Parts) -> str | None:
    """Why a text has no part but a remainder; None if it says that there is no number, and no more."""
    if not text or text.isspace():
        return EMPTY
    if not _WORD.search(plain):
        return NO_WORDS
    return NO_ADDRESS if parts else None


def _foreign_letters(normalised: str, scripts: Sequence[str]) -> set[str]:
    """Letters of none of the scripts; none if the profile does not name its scripts."""
    letters = (c for c in set(normalised) if unicodedata.category(c) in ("Ll", "Lo"))
    return {c for c in letters if unicodedata.name(c, "").split(" ")[0].lower() not in scripts} if scripts else set()
