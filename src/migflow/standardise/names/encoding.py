"""Names as units of writing: cleaned in bulk, then cut by the tables in a compiled loop."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from migflow.standardise.names import tables

# What is longer is cut: letters of a name, units of a word, words of a name.
LONGEST_NAME, LONGEST_WORD, MOST_WORDS = 200, 24, 8
BATCH = 200_000


class Encoded(NamedTuple):
    """Name k has words words[k]:words[k + 1]; word w has units start[w]:start[w + 1]; `arabic`: script of a name."""

    units: np.ndarray
    start: np.ndarray
    words: np.ndarray
    arabic: np.ndarray


def encode(names: Sequence[str | None]) -> Encoded:
    """Encode names; what is no letter or digit only separates words."""
    parts = [_encode(names[first : first + BATCH]) for first in range(0, max(len(names), 1), BATCH)]
    if len(parts) == 1:
        return parts[0]
    start, words, units_before, words_before = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)], 0, 0
    for part in parts:
        start.append(part.start[1:] + units_before)
        words.append(part.words[1:] + words_before)
        units_before, words_before = units_before + len(part.units), words_before + len(part.start) - 1
    return Encoded(
        np.concatenate([part.units for part in parts]),
        np.concatenate(start),
        np.concatenate(words),
        np.concatenate([part.arabic for part in parts]),
    )


def _encode(names: Sequence[str | None]) -> Encoded:
    units = tables.units()
    letters, ends = _letters([(name or "")[:LONGEST_NAME] for name in names], units.chars)
    other = np.flatnonzero(_any_below(letters, ends))
    if len(other):
        texts = [(name or "")[:LONGEST_NAME] for name in names]
        for k in other:
            texts[k] = tables.transliterated(texts[k])[:LONGEST_NAME]
        letters, ends = _letters(texts, units.chars)
    out = _cut(
        letters,
        ends,
        units.trie,
        units.ends,
        units.consumed,
        units.output,
        units.drops,
        units.script,
        units.twin,
    )
    return Encoded(*out)


def _letters(texts: list[str], chars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Letter numbers of all texts one after another, and where each ends."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        joined = "\n".join([text.replace("\n", " ") for text in texts])
    cleaned = unicodedata.normalize("NFKC", joined).casefold()
    cleaned = unicodedata.normalize("NFC", cleaned)
    points = np.frombuffer(cleaned.encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = np.full(len(points), -1, np.int16)
    known = points < len(chars)
    letters[known] = chars[points[known]]
    breaks = np.flatnonzero(points == 10)
    return letters, np.append(breaks, len(points))


@njit(cache=True, nogil=True)
def _any_below(letters: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether a name has a letter of no table."""
    found = np.zeros(len(ends), np.bool_)
    first = 0
    for k in range(len(ends)):
        for p in range(first, ends[k]):
            if letters[p] < 0:
                found[k] = True
        first = ends[k] + 1
    return found


@njit(cache=True, nogil=True)
def _one_script(name: np.ndarray, n: int, script: np.ndarray, twin: np.ndarray) -> None:
    """Letters of the rarer script in a word that mixes Latin and Cyrillic become those that look alike."""
    first = 0
    for p in range(1, n):
        if name[p] != 1:
            continue
        counts = np.zeros(4, np.int64)
        for q in range(first, p):
            counts[script[name[q]]] += 1
        if counts[1] and counts[2]:
            rarer = 1 if counts[1] < counts[2] else 2
            for q in range(first, p):
                if script[name[q]] == rarer and twin[name[q]]:
                    name[q] = twin[name[q]]
        first = p


@njit(cache=True, nogil=True)
def _prepare(letters: np.ndarray, first: int, last: int, name: np.ndarray) -> int:
    """Letters of one name between single boundaries."""
    name[0] = 1
    n = 1
    for p in range(first, last):
        letter = letters[p]
        if letter <= 0 or (letter == 1 and name[n - 1] == 1) or n >= len(name) - 2:
            continue
        name[n] = letter
        n += 1
    if name[n - 1] != 1:
        name[n] = 1
        n += 1
    return n


@njit(cache=True, nogil=True)
def _cut(
    letters: np.ndarray,
    ends: np.ndarray,
    trie: np.ndarray,
    trie_ends: np.ndarray,
    consumed: np.ndarray,
    output: np.ndarray,
    drops: np.ndarray,
    script: np.ndarray,
    twin: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    units = np.empty(len(letters) * 4 + 8, np.uint8)
    start = np.zeros(len(letters) + len(ends) + 2, np.int64)
    words = np.zeros(len(ends) + 1, np.int64)
    arabic = np.zeros(len(ends), np.bool_)
    name = np.zeros(260, np.int16)
    at, word, first = 0, 0, 0
    for k in range(len(ends)):
        n = _prepare(letters, first, ends[k], name)
        first = ends[k] + 1
        _one_script(name, n, script, twin)
        for p in range(n):
            if script[name[p]] == 3:
                arabic[k] = True
        for keep in range(2):
            opened, word_before = False, word
            p = 0
            while p < n - 1:
                node, best, q = 0, -1, p
                while q < n:
                    node = trie[node, name[q]]
                    if node == 0:
                        break
                    q += 1
                    if trie_ends[node] >= 0 and not (keep and drops[trie_ends[node]]):
                        best = trie_ends[node]
                if best < 0:
                    p += 1
                    continue
                p += consumed[best]
                for place in range(output.shape[1]):
                    unit = output[best, place]
                    if unit < 0:
                        break
                    if unit == 0:
                        if opened and at > start[word] and word - words[k] < 7:
                            word += 1
                            start[word] = at
                        opened = True
                    elif at - start[word] < 24 and (arabic[k] or at == start[word] or units[at - 1] != unit):
                        units[at] = unit
                        at += 1
            if at > start[word]:
                word += 1
                start[word] = at
            if word > word_before:
                break
        words[k + 1] = word
    return units[:at].copy(), start[: word + 1].copy(), words, arabic
