"""Names as units of writing: cleaned in bulk, then cut by the tables in a compiled loop."""

import os
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

from migflow.standardise.names import spellings
from migflow.standardise.names.spellings import ARABIC, BOUNDARY, CYRILLIC, FOREIGN, LATIN, NOTHING

# What is longer is cut: letters of a name, units of a word, words of a name.
LONGEST_NAME, LONGEST_WORD, MOST_WORDS = 200, 24, 8
BATCH = 50_000


class Encoded(NamedTuple):
    """Name k has words words[k]:words[k + 1]; word w has units start[w]:start[w + 1]; `arabic`: script of a name."""

    units: np.ndarray
    start: np.ndarray
    words: np.ndarray
    arabic: np.ndarray


def encode(names: Sequence[str | None]) -> Encoded:
    """Encode names; what is no letter or digit only separates words."""
    if len(names) <= BATCH:
        return _encode(names)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        parts = list(pool.map(_encode, (names[first : first + BATCH] for first in range(0, len(names), BATCH))))
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
    units = spellings.units()
    letters, first, last = _letters([(name or "")[:LONGEST_NAME] for name in names], units.chars)
    foreign = np.flatnonzero(_foreign(letters, first, last))
    if len(foreign):
        latin = [spellings.transliterated((names[k] or "")[:LONGEST_NAME])[:LONGEST_NAME] for k in foreign.tolist()]
        more, begin, end = _letters(latin, units.chars)
        first[foreign], last[foreign] = begin + len(letters), end + len(letters)
        letters = np.concatenate([letters, more])
    return Encoded(
        *_cut(
            letters,
            first,
            last,
            units.trie,
            units.ends,
            units.consumed,
            units.output,
            units.drops,
            units.script,
            units.twin,
        )
    )


def _letters(texts: list[str], chars: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Letter numbers of all texts one after another, and where each begins and ends."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        joined = "\n".join([text.replace("\n", " ") for text in texts])
    cleaned = unicodedata.normalize("NFKC", joined).casefold()
    points = np.frombuffer(cleaned.encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = chars[np.minimum(points, len(chars) - 1)]
    breaks = np.flatnonzero(points == ord("\n"))
    return letters, np.append(0, breaks + 1), np.append(breaks, len(points))


@njit(cache=True, nogil=True)
def _foreign(letters: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Whether a name has a letter of no table."""
    found = np.zeros(len(first), np.bool_)
    for k in range(len(first)):
        for p in range(first[k], last[k]):
            found[k] |= letters[p] == FOREIGN
    return found


@njit(cache=True, nogil=True)
def _prepare(letters: np.ndarray, first: int, last: int, name: np.ndarray) -> int:
    """Letters of one name between single edges of words, into `name`; how many."""
    name[0] = BOUNDARY
    n = 1
    for p in range(first, min(last, first + len(name) - 2)):
        if letters[p] > NOTHING and not (letters[p] == BOUNDARY and name[n - 1] == BOUNDARY):
            name[n] = letters[p]
            n += 1
    if name[n - 1] != BOUNDARY:
        name[n] = BOUNDARY
        n += 1
    return n


@njit(cache=True, nogil=True)
def _one_script(name: np.ndarray, n: int, script: np.ndarray, twin: np.ndarray) -> bool:
    """Letters of the rarer script in a word of Latin and Cyrillic become those that look alike; if any is Arabic."""
    first, arabic = 0, False
    for p in range(1, n):
        arabic |= script[name[p]] == ARABIC
        if name[p] != BOUNDARY:
            continue
        latin, cyrillic = 0, 0
        for q in range(first, p):
            latin += script[name[q]] == LATIN
            cyrillic += script[name[q]] == CYRILLIC
        if latin and cyrillic:
            rarer = LATIN if latin < cyrillic else CYRILLIC
            for q in range(first, p):
                if script[name[q]] == rarer and twin[name[q]]:
                    name[q] = twin[name[q]]
        first = p
    return arabic


@njit(cache=True, nogil=True, inline="always")
def _longest(
    name: np.ndarray, p: int, n: int, trie: np.ndarray, trie_ends: np.ndarray, drops: np.ndarray, keep: bool
) -> int:
    """The longest spelling that the name has from letter p on, -1 if none; `keep`: none that leaves out a word."""
    node, best = 0, -1
    for q in range(p, n):
        node = trie[node, name[q]]
        if node == 0:
            break
        end = trie_ends[node]
        if end >= 0 and not (keep and drops[end]):
            best = end
    return best


@njit(cache=True, nogil=True, inline="always")
def _put(
    output: np.ndarray,
    spelling: int,
    units: np.ndarray,
    at: int,
    start: np.ndarray,
    word: int,
    last_word: int,
    twice: bool,
) -> tuple[int, int]:
    """Add the units of a spelling; how many units and words there are then. `twice`: letters may stand doubled."""
    for place in range(output.shape[1]):
        unit = output[spelling, place]
        if unit < 0:
            break
        if unit == 0:
            if at > start[word] and word < last_word:
                word += 1
                start[word] = at
        elif at - start[word] < LONGEST_WORD and (twice or at == start[word] or units[at - 1] != unit):
            units[at] = unit
            at += 1
    return at, word


@njit(cache=True, nogil=True)
def _cut(
    letters: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    trie: np.ndarray,
    trie_ends: np.ndarray,
    consumed: np.ndarray,
    output: np.ndarray,
    drops: np.ndarray,
    script: np.ndarray,
    twin: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Units, starts of words, first words and scripts of names, whose letters are first:last."""
    units = np.empty(len(letters) * output.shape[1] + LONGEST_WORD, np.uint8)
    start = np.zeros(len(letters) + len(first) + 2, np.int64)
    words, arabic = np.zeros(len(first) + 1, np.int64), np.zeros(len(first), np.bool_)
    name = np.zeros(2 * LONGEST_NAME, np.int16)
    at, word = 0, 0
    for k in range(len(first)):
        n = _prepare(letters, first[k], last[k], name)
        arabic[k] = _one_script(name, n, script, twin)
        # A name of nothing but titles and particles keeps them.
        for keep in (False, True):
            p = 0
            while p < n - 1:
                best = _longest(name, p, n, trie, trie_ends, drops, keep)
                if best < 0:
                    p += 1
                    continue
                p += consumed[best]
                at, word = _put(output, best, units, at, start, word, words[k] + MOST_WORDS - 1, arabic[k])
            if at > start[word]:
                word += 1
                start[word] = at
            if word > words[k]:
                break
        words[k + 1] = word
    return units[:at].copy(), start[: word + 1].copy(), words, arabic
