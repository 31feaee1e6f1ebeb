"""The package's tables of spellings and sounds, made into units of writing, their trie and the costs of edits."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from anyascii import anyascii

from migflow.errors import MigflowError

LONGEST = 200
BOUNDARY = 1
_DROP, _CHARS = 0, 0x3000
# Vowels after which c and g are soft, and all vowels: contexts (E) and (V) of spellings.csv.
_CONTEXTS = {"(E)": "eiyéíěäöêî", "(V)": "aeiouáéíóúöüāēīō"}
_APOSTROPHES = "'`´‘’ʻʼʹʿʾ‛′ˈ＇"
_SAME = {"ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۿ": "ه", "ے": "ي", "ێ": "ێ", "ﻯ": "ى", "ʺ": "", "ʽ": "'"}
_LOOK_ALIKE = ("aeopcyxijhə", "аеорсухіјһә")
_FAR = 1.0
# Costs are kept in whole thousandths.
_SCALE = 1000
# Sounds that stand for the ending of a father's name.
_FATHERS = "PF"
VOWELS = "aeiouyOA@"
# An Arabic text leaves short vowels unwritten: what a vowel of the other text then costs, of its usual cost.
UNWRITTEN = 0.2

Reading = tuple[str, float, frozenset[str]]


@dataclass(frozen=True)
class Units:
    """Characters and spellings: `chars` code point -> letter number; the trie over letter numbers; what ends give."""

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


@cache
def units() -> Units:
    """Spellings of all scripts; unit 0 is the boundary of words."""
    alphabet: dict[str, int] = {"|": BOUNDARY}
    known: dict[tuple[Reading, ...], int] = {(): 0}
    entries: list[tuple[str, int, list[int], bool]] = []
    for row in rows("spellings.csv"):
        joins = row["sounds"].endswith("+")
        sounds = row["sounds"].removesuffix("+")
        starts = row["spelling"].startswith("|") and sounds[:1] != "="
        made = [0] if starts else []
        pieces = [(s, ((s, 0.0, frozenset()),)) for s in sounds[1:]] if sounds[:1] == "=" else [("", _readings(sounds))]
        for sound, readings in pieces:
            if sound == "|":
                made.append(0)
                continue
            key: tuple[Reading, ...] = tuple(readings)
            if key not in known:
                known[key] = len(known)
            made.append(known[key])
        for spelling, ahead in _written(row["spelling"]):
            for letter in spelling:
                alphabet.setdefault(letter, len(alphabet) + 1)
            drops = not made and spelling.startswith("|")
            entries.append((spelling, 0 if joins else ahead, made, drops))
    entries.append(("|", 0, [0], False))
    readings_of = sorted(known, key=lambda readings: known[readings])
    return _trie(alphabet, entries, tuple(readings_of))


def _trie(
    alphabet: dict[str, int], entries: list[tuple[str, int, list[int], bool]], readings: tuple[tuple[Reading, ...], ...]
) -> Units:
    nodes: list[dict[int, int]] = [{}]
    ends: dict[int, int] = {}
    for number, (spelling, _, _, _) in enumerate(entries):
        node = 0
        for letter in spelling:
            after = nodes[node].get(alphabet[letter])
            if after is None:
                nodes.append({})
                after = nodes[node][alphabet[letter]] = len(nodes) - 1
            node = after
        ends[node] = number
    trie = np.zeros((len(nodes), len(alphabet) + 2), np.int16)
    for node, children in enumerate(nodes):
        for letter_number, child in children.items():
            trie[node, letter_number] = child
    at = np.full(len(nodes), -1, np.int16)
    for node, number in ends.items():
        at[node] = number
    output = np.full((len(entries), 8), -1, np.int16)
    for number, (_, _, made, _) in enumerate(entries):
        output[number, : len(made)] = made
    return Units(
        _letters(alphabet),
        trie,
        at,
        np.array([len(spelling) - ahead for spelling, ahead, _, _ in entries], np.int8),
        output,
        np.array([drops for _, _, _, drops in entries], np.bool_),
        readings,
        *_scripts(alphabet),
    )


def _scripts(alphabet: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Script of each letter (1 Latin, 2 Cyrillic, 3 Arabic, 0 none), and the letter of the other that looks alike."""
    script, twin = np.zeros(len(alphabet) + 2, np.int8), np.zeros(len(alphabet) + 2, np.int16)
    for letter, number in alphabet.items():
        known = unicodedata.name(letter).split()[0]
        script[number] = {"LATIN": 1, "CYRILLIC": 2, "ARABIC": 3}.get(known, 0)
    for latin, cyrillic in zip(*_LOOK_ALIKE, strict=True):
        twin[alphabet[latin]], twin[alphabet[cyrillic]] = alphabet[cyrillic], alphabet[latin]
    return script, twin


def _letters(alphabet: dict[str, int]) -> np.ndarray:
    """Letter number of each code point: 0 nothing, BOUNDARY, a letter of the tables, or -1 for other scripts."""
    chars = np.full(_CHARS, -1, np.int16)
    for point in range(_CHARS):
        chars[point] = _letter(chr(point), alphabet)
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
    category = unicodedata.category(char or " ")
    if char in "ـ" or category in ("Mn", "Cf", "Me", "Lm"):
        return _DROP
    if category[0] in "LN":
        return -1
    return BOUNDARY


def transliterated(text: str) -> str:
    """A text with letters of no table in Latin letters; signs that are no letters, as emojis, become spaces."""
    return anyascii("".join([char if ord(char) < _CHARS or char.isalpha() else " " for char in text])).lower()


class Costs(NamedTuple):
    """Costs of edits, in thousandths: `swap` (units x units), `gap` (2 x units: usually, beside an Arabic text)."""

    swap: np.ndarray
    gap: np.ndarray


def sound_costs(lines: Iterable[Mapping[str, str]]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Costs of leaving out a sound, and of swapping two (in both orders), from rows like sounds.csv's."""
    gaps, swaps = {}, {}
    for row in lines:
        if row["other"]:
            swaps[row["one"], row["other"]] = swaps[row["other"], row["one"]] = float(row["cost"])
        else:
            gaps[row["one"]] = float(row["cost"])
    return gaps, swaps


PROFILES = ("sq", "sr", "ru", "ky", "kk", "uz", "tg", "tr", "ku", "ar", "fa", "ckb", "en")


def _check(profiles: Sequence[str]) -> None:
    wrong = sorted(set(profiles) - set(PROFILES))
    if wrong:
        raise MigflowError(f"No profile of names is called {', '.join(wrong)}; expected {', '.join(PROFILES)}.")


@lru_cache(maxsize=32)
def costs(profiles: tuple[str, ...] | None = None) -> Costs:
    """Costs under profiles, all of them if None; MigflowError names a profile that does not exist."""
    _check(profiles or ())
    return unit_costs(*sound_costs(rows("sounds.csv")), profiles)


def unit_costs(
    gaps: Mapping[str, float], swaps: Mapping[tuple[str, str], float], profiles: tuple[str, ...] | None
) -> Costs:
    """Costs of units from those of sounds."""
    readings = units().readings
    taken = [_taken(unit, profiles) for unit in readings]
    swap, gap = np.zeros((len(readings), len(readings)), np.int16), np.zeros((2, len(readings)), np.int16)
    for a, sounds in enumerate(taken):
        if not sounds:
            continue
        gap[:, a] = round(_SCALE * gaps[sounds[0][0]])
        if all(sound in VOWELS for sound, _ in sounds):
            gap[1, a] = round(_SCALE * gaps[sounds[0][0]] * UNWRITTEN)
        for b, others in enumerate(taken):
            if others and a != b:
                swap[a, b] = round(
                    _SCALE
                    * min((0.0 if x == y else swaps.get((x, y), _FAR)) + p + q for x, p in sounds for y, q in others)
                )
    return Costs(swap, gap)


def _taken(unit: Sequence[Reading], profiles: tuple[str, ...] | None) -> list[tuple[str, float]]:
    """Readings of a unit with their costs; one that belongs to a profile costs nothing there, and elsewhere is not."""
    if profiles is None:
        return [(sound, cost) for sound, cost, _ in unit]
    own = [(sound, 0.0) for sound, _, of in unit if of & set(profiles)]
    shared = [(sound, cost) for sound, cost, of in unit if not of]
    return own + shared or [(sound, cost) for sound, cost, _ in unit]


def read_as(profile: str) -> list[str]:
    """The sound of each unit under a profile; MigflowError if there is no such profile."""
    _check((profile,))
    return [taken[0][0] if (taken := _taken(unit, (profile,))) else "" for unit in units().readings]


@cache
def fathers() -> np.ndarray:
    """Whether a unit is the ending of a father's name."""
    return np.array([any(sound in _FATHERS for sound, _, _ in unit) for unit in units().readings], np.bool_)
