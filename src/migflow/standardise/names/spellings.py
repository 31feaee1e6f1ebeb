"""spellings.csv made into units of writing: what groups of letters stand for, found by a trie."""

import csv
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from anyascii import anyascii

# Letter numbers of what is nothing, of the edge of a word, and of a letter of no table.
NOTHING, BOUNDARY, FOREIGN = 0, 1, -1
LATIN, CYRILLIC, ARABIC = 1, 2, 3
# Letters of the tables' scripts have code points below.
_CHARS = 0x3000
# Vowels after which c and g are soft, and all vowels: contexts (E) and (V) of spellings.csv.
_CONTEXTS = {"(E)": "eiyéíěäöêî", "(V)": "aeiouáéíóúöüāēīō"}
_APOSTROPHES = "'`´‘’ʻʼʽʹʿʾ‛′ˈ"
_SAME = {"ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۿ": "ه", "ے": "ي"}
_LOOK_ALIKE = ("aeopcyxijhə", "аеорсухіјһә")
Reading = tuple[str, float, frozenset[str]]


class Units(NamedTuple):
    """Spellings and what they stand for.

    chars: letter number of a code point; trie: next node (node x letter), 0 none; ends: the spelling that ends at a
    node, -1 none. By spelling: consumed, letters that it takes; output, its units (-1 none); drops, whether it leaves
    out a word. By unit: readings. By letter: script, and twin, the letter that looks alike in the other script.
    """

    chars: np.ndarray
    trie: np.ndarray
    ends: np.ndarray
    consumed: np.ndarray
    output: np.ndarray
    drops: np.ndarray
    readings: tuple[tuple[Reading, ...], ...]
    script: np.ndarray
    twin: np.ndarray


def rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a table of the package."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _readings(text: str) -> tuple[Reading, ...]:
    """`k c:.05@sr+sq`: sounds with the cost of taking the spelling so, and the only profiles that have it."""
    found = []
    for part in text.split():
        # The first sign is the sound, which may itself be @.
        cost, _, profiles = part[1:].partition("@")
        found.append((part[0], float(cost[1:] or 0), frozenset(profiles.split("+")) if profiles else frozenset()))
    return tuple(found)


def _written(spelling: str) -> Iterator[tuple[str, int]]:
    """Spellings with their context written out, and how many of the last letters are only looked at."""
    for mark, letters in _CONTEXTS.items():
        if mark in spelling:
            yield from ((spelling.replace(mark, letter), 1) for letter in letters)
            return
    yield spelling, int(spelling.endswith("|") and len(spelling) > 1)


class _Spelling(NamedTuple):
    """A row of the table: what is written, how many of its last letters are only looked at, and its units."""

    written: str
    ahead: int
    units: list[int]


@cache
def units() -> Units:
    """Spellings of all scripts; unit 0 is the edge of a word."""
    known: dict[tuple[Reading, ...], int] = {(): 0}
    spellings = []
    for row in rows("spellings.csv"):
        sounds = row["sounds"].removesuffix("+")
        pieces: list[tuple[Reading, ...]]
        if sounds.startswith("="):
            pieces = [() if sound == "|" else ((sound, 0.0, frozenset[str]()),) for sound in sounds[1:]]
        else:
            pieces = [(), _readings(sounds)] if row["spelling"].startswith("|") else [_readings(sounds)]
        made = [known.setdefault(piece, len(known)) for piece in pieces]
        for written, ahead in _written(row["spelling"]):
            spellings.append(_Spelling(written, 0 if row["sounds"].endswith("+") else ahead, made))
    spellings.append(_Spelling("|", 0, [0]))
    alphabet = {"|": BOUNDARY}
    for letter in "".join(spelling.written for spelling in spellings):
        alphabet.setdefault(letter, len(alphabet) + 1)
    trie, ends = _trie([[alphabet[letter] for letter in spelling.written] for spelling in spellings], len(alphabet) + 2)
    output = np.full((len(spellings), 1 + max(len(spelling.units) for spelling in spellings)), -1, np.int16)
    for number, spelling in enumerate(spellings):
        output[number, : len(spelling.units)] = spelling.units
    return Units(
        _letters(alphabet),
        trie,
        ends,
        np.array([len(spelling.written) - spelling.ahead for spelling in spellings], np.int8),
        output,
        np.array([spelling.written.startswith("|") and not spelling.units for spelling in spellings], np.bool_),
        tuple(known),
        *_scripts(alphabet),
    )


def _trie(spellings: list[list[int]], letters: int) -> tuple[np.ndarray, np.ndarray]:
    """Next node by node and letter, and which spelling ends at each node."""
    nodes: list[dict[int, int]] = [{}]
    ends: dict[int, int] = {}
    for number, spelling in enumerate(spellings):
        node = 0
        for letter in spelling:
            if letter not in nodes[node]:
                nodes[node][letter] = len(nodes)
                nodes.append({})
            node = nodes[node][letter]
        ends[node] = number
    trie = np.zeros((len(nodes), letters), np.int16)
    for node, children in enumerate(nodes):
        trie[node, list(children)] = list(children.values())
    return trie, np.array([ends.get(node, -1) for node in range(len(nodes))], np.int16)


def _scripts(alphabet: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Script of each letter (1 Latin, 2 Cyrillic, 3 Arabic, 0 none), and the letter of the other that looks alike."""
    script, twin = np.zeros(len(alphabet) + 2, np.int8), np.zeros(len(alphabet) + 2, np.int16)
    for letter, number in alphabet.items():
        known = unicodedata.name(letter).split()[0]
        script[number] = {"LATIN": LATIN, "CYRILLIC": CYRILLIC, "ARABIC": ARABIC}.get(known, 0)
    for latin, cyrillic in zip(*_LOOK_ALIKE, strict=True):
        twin[alphabet[latin]], twin[alphabet[cyrillic]] = alphabet[cyrillic], alphabet[latin]
    return script, twin


def _letters(alphabet: dict[str, int]) -> np.ndarray:
    """Letter number of each code point: 0 nothing, BOUNDARY, a letter of the tables, or -1 for other scripts."""
    chars = np.full(_CHARS, FOREIGN, np.int16)
    for point in range(_CHARS):
        chars[point] = _letter(chr(point), alphabet)
    # The last stands for all code points from there on.
    chars[-1] = FOREIGN
    return chars


def _letter(char: str, alphabet: dict[str, int]) -> int:
    if char in _APOSTROPHES:
        return alphabet["'"]
    char = _SAME.get(char, char)
    if char.isdecimal():
        return alphabet[str(unicodedata.decimal(char))]
    if char in alphabet and char != "|":
        return alphabet[char]
    base = unicodedata.normalize("NFD", char)[:1]
    if base in alphabet and base != "|":
        return alphabet[base]
    category = unicodedata.category(char)
    if char in "ـ" or category in ("Mn", "Cf", "Me", "Lm"):
        return NOTHING
    if category[0] in "LN":
        return FOREIGN
    return BOUNDARY


def transliterated(text: str) -> str:
    """A text with letters of no table in Latin letters; signs that are no letters, as emojis, become spaces."""
    return anyascii("".join([char if ord(char) < _CHARS or char.isalpha() else " " for char in text])).lower()
