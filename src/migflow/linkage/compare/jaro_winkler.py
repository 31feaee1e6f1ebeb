"""Jaro-Winkler similarity of laid-out texts in compiled loops, after an upper bound that rules most pairs out.

The similarity is that of Winkler (1990): Jaro's, plus a tenth of what is missing to 1 for each of up to four equal
first letters where Jaro's is above 0.7.
"""

import numpy as np
from numba import njit

from migflow.linkage.compare.texts import letters

PREFIX_SCALE = 0.1
BOOST_FROM = 0.7
# Texts from this length on are compared without bits and bounds.
LONGEST = 64


@njit(cache=True, nogil=True)
def _prefix(chars: np.ndarray, a: int, b: int, shorter: int) -> int:
    n = 0
    while n < 4 and n < shorter and chars[a + n] == chars[b + n]:
        n += 1
    return n


@njit(cache=True, nogil=True)
def least_matches(cutoff: float) -> np.ndarray:
    """Matching letters that texts of these lengths need to reach a cutoff, if they start unlike (0) or alike (1).

    2 x 65 x 65, by the lengths; the last place stands for all longer texts. Letters out of order are not considered,
    and an equal beginning is taken for four equal letters.
    """
    least = np.zeros((2, LONGEST + 1, LONGEST + 1), np.uint8)
    for alike in range(2):
        for len_a in range(1, LONGEST):
            for len_b in range(1, LONGEST):
                matches = 1
                while matches <= min(len_a, len_b):
                    jaro = (matches / len_a + matches / len_b + 1.0) / 3.0
                    if jaro > BOOST_FROM and alike:
                        jaro += PREFIX_SCALE * min(4, len_a, len_b) * (1.0 - jaro)
                    # A hair more, so that rounding rules out no pair at the cutoff.
                    if jaro + 1e-9 >= cutoff:
                        break
                    matches += 1
                least[alike, len_a, len_b] = matches
    return least


@njit(cache=True, nogil=True)
def may_reach(chars: np.ndarray, start: np.ndarray, masks: np.ndarray, least: np.ndarray, a: int, b: int) -> bool:
    """Whether the letters that texts a and b contain, and their first letters, leave a cutoff within reach."""
    a0, b0 = start[a], start[b]
    len_a, len_b = start[a + 1] - a0, start[b + 1] - b0
    matches = min(len_a - letters(masks[a] & ~masks[b]), len_b - letters(masks[b] & ~masks[a]))
    alike = 1 if chars[a0] == chars[b0] else 0
    return matches >= least[alike, min(len_a, LONGEST), min(len_b, LONGEST)]


@njit(cache=True, nogil=True)
def _set_places(chars: np.ndarray, first: int, last: int, table: np.ndarray) -> None:
    """Set, for each letter of a text of up to 64, the bits of the places where it stands."""
    for p in range(first, last):
        table[chars[p]] |= np.uint64(1) << np.uint64(p - first)


@njit(cache=True, nogil=True)
def _clear_places(chars: np.ndarray, first: int, last: int, table: np.ndarray) -> None:
    for p in range(first, last):
        table[chars[p]] = np.uint64(0)


@njit(cache=True, nogil=True)
def _matches_table(table: np.ndarray, chars: np.ndarray, b0: int, len_b: int, window: int) -> tuple[int, int]:
    """Matching letters of the text in the table with another, and how many of them stand in another order."""
    one = np.uint64(1)
    zero = np.uint64(0)
    taken_a, taken_b = zero, zero
    for j in range(len_b):
        low = j - window
        reach = (~zero) if j + window >= 63 else (one << np.uint64(j + window + 1)) - one
        if low > 0:
            reach &= ~zero if low >= LONGEST else ~((one << np.uint64(low)) - one)
        found = table[chars[b0 + j]] & reach & ~taken_a
        if found:
            taken_a |= found & (~found + one)
            taken_b |= one << np.uint64(j)
    matches = letters(taken_a)
    moved = 0
    rest = taken_a
    for j in range(len_b):
        if (taken_b >> np.uint64(j)) & one:
            lowest = rest & (~rest + one)
            if not table[chars[b0 + j]] & lowest:
                moved += 1
            rest ^= lowest
    return matches, moved


@njit(cache=True, nogil=True)
def _matches(chars: np.ndarray, a0: int, len_a: int, b0: int, len_b: int, window: int) -> tuple[int, int]:
    """The same for texts of any length and alphabet."""
    taken_a, taken_b = np.zeros(len_a, np.bool_), np.zeros(len_b, np.bool_)
    matches = 0
    for j in range(len_b):
        for i in range(max(0, j - window), min(len_a, j + window + 1)):
            if not taken_a[i] and chars[b0 + j] == chars[a0 + i]:
                taken_a[i], taken_b[j] = True, True
                matches += 1
                break
    moved, j = 0, 0
    for i in range(len_a):
        if taken_a[i]:
            while not taken_b[j]:
                j += 1
            if chars[a0 + i] != chars[b0 + j]:
                moved += 1
            j += 1
    return matches, moved


@njit(cache=True, nogil=True)
def _score(chars: np.ndarray, a0: int, len_a: int, b0: int, len_b: int, matches: int, moved: int) -> float:
    if matches == 0:
        return 0.0
    jaro = (matches / len_a + matches / len_b + (matches - moved // 2) / matches) / 3.0
    if jaro <= BOOST_FROM:
        return jaro
    return jaro + PREFIX_SCALE * _prefix(chars, a0, b0, min(len_a, len_b)) * (1.0 - jaro)


@njit(cache=True, nogil=True)
def similarity(chars: np.ndarray, start: np.ndarray, a: int, b: int) -> float:
    """Jaro-Winkler similarity of texts a and b, 0 to 1."""
    a0, b0 = start[a], start[b]
    len_a, len_b = start[a + 1] - a0, start[b + 1] - b0
    window = max(max(len_a, len_b) // 2 - 1, 0)
    matches, moved = _matches(chars, a0, len_a, b0, len_b, window)
    return _score(chars, a0, len_a, b0, len_b, matches, moved)


@njit(cache=True, nogil=True)
def levels(
    codes_left: np.ndarray,
    codes_right: np.ndarray,
    chars: np.ndarray,
    start: np.ndarray,
    masks: np.ndarray,
    byte_letters: bool,
    cutoffs: np.ndarray,
    least: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair: -1 a value missing, 0 below all cutoffs (falling), up to len(cutoffs) + 1 equal.

    Pairs of one left record are best given in a row: the places of its letters are then worked out once.
    """
    best = len(cutoffs)
    table = np.zeros(256, np.uint64)
    in_table = -1
    for p in range(len(left)):
        a, b = codes_left[left[p]], codes_right[right[p]]
        if a < 0 or b < 0:
            out[p] = -1
            continue
        if a == b:
            out[p] = best + 1
            continue
        level = 0
        if best and may_reach(chars, start, masks, least, a, b):
            a0, b0 = start[a], start[b]
            len_a, len_b = start[a + 1] - a0, start[b + 1] - b0
            window = max(max(len_a, len_b) // 2 - 1, 0)
            if byte_letters and len_a < LONGEST and len_b < LONGEST:
                if in_table != a:
                    if in_table >= 0:
                        _clear_places(chars, start[in_table], start[in_table + 1], table)
                    _set_places(chars, a0, a0 + len_a, table)
                    in_table = a
                matches, moved = _matches_table(table, chars, b0, len_b, window)
            else:
                matches, moved = _matches(chars, a0, len_a, b0, len_b, window)
            score = _score(chars, a0, len_a, b0, len_b, matches, moved)
            while level < best and score >= cutoffs[best - 1 - level]:
                level += 1
        out[p] = level
