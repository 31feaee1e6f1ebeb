"""How alike two encoded names are: words aligned by weighted edit distances of their units, in compiled loops.

A word's length is what it would cost to leave it out. Two words of lengths x and y at distance d agree by
1 - 2d / (x + y): 1 for equal sounds, -1 for none in common.
"""

import numpy as np
from numba import njit

from migflow.standardise.names.encoding import LONGEST_WORD, MOST_WORDS

# Words that agree less are two words; two words written as one agree at least so.
LEAST, LEAST_JOINED = 0.5, 0.6
# Words that agree so have found their like.
LIKE = 0.85
# Agreement of words as evidence: a logistic curve with this middle and width.
MIDDLE, WIDTH = 0.7, 0.12
_FULL = 1 + np.exp((MIDDLE - 1) / WIDTH)
# What a word without partner weighs: of the name with less such words, of the other, and there if one word only met.
CONTRADICTED, LEFT_OUT, LEFT_OUT_OF_ONE = 1.5, 0.15, 0.4
# A father's name beside two other words tells half of what another word of its length does.
FATHER = 0.5
_FEW = 200
# An initial agrees so with a word that begins with a sound this near, and weighs as much as a short name at least.
INITIAL, NEAR, STANDS_FOR = 0.8, 300, 2000


@njit(cache=True, nogil=True)
def lengths(units: np.ndarray, start: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Length of each word beside a text of its own kind of script, and beside an Arabic one (2 x words)."""
    out = np.zeros((2, len(start) - 1), np.int64)
    for kind in range(2):
        for w in range(out.shape[1]):
            total = 0
            for p in range(start[w], start[w + 1]):
                total += gap[kind, units[p]]
            out[kind, w] = max(total, _FEW)
    return out


@njit(cache=True, nogil=True, inline="always")
def _lesser(a: np.int64, b: np.int64) -> np.int64:
    """The lesser of two numbers without a branch, which here is mispredicted so often that it halves the speed."""
    apart = a - b
    return b + (apart & (apart >> 63))


@njit(cache=True, nogil=True)
def _distance(
    units: np.ndarray,
    a: int,
    a_to: int,
    b: int,
    b_to: int,
    swap: np.ndarray,
    gap: np.ndarray,
    kind_a: int,
    kind_b: int,
    most: int,
    row: np.ndarray,
) -> np.int64:
    """Least cost of edits that turn units a:a_to into units b:b_to; something above `most` if it is more than that."""
    m = b_to - b
    total = np.int64(0)
    for j in range(m):
        total += gap[kind_b, units[b + j]]
        row[j] = total
    corner = np.int64(0)
    for i in range(a, a_to):
        one = units[i]
        gone = np.int64(gap[kind_a, one])
        diagonal = corner
        corner += gone
        beside = corner
        least = beside
        for j in range(m):
            other = units[b + j]
            above = row[j]
            beside = _lesser(_lesser(diagonal + swap[one, other], above + gone), beside + gap[kind_b, other])
            row[j] = beside
            diagonal = above
            least = _lesser(least, beside)
        if least > most:
            return least
    return row[m - 1]


@njit(cache=True, nogil=True)
def _is_initial(units: np.ndarray, start: np.ndarray, one: int, other: int, swap: np.ndarray) -> bool:
    """Whether one of two words is a single unit and the other begins with its like."""
    single, alone = start[one + 1] - start[one] == 1, start[other + 1] - start[other] == 1
    return single != alone and swap[units[start[one]], units[start[other]]] <= NEAR


@njit(cache=True, nogil=True)
def _candidates(
    units: np.ndarray,
    start: np.ndarray,
    ta: int,
    n: int,
    tb: int,
    m: int,
    swap: np.ndarray,
    gap: np.ndarray,
    length: np.ndarray,
    kind_a: int,
    kind_b: int,
    row: np.ndarray,
    spans: np.ndarray,
    agree: np.ndarray,
) -> int:
    """Words, or two neighbours and a word, that agree enough: their places in both names and how much; the number."""
    found, like_a, like_b = 0, 0, 0
    # Whole words first; those that have found their like are not half of another one.
    for joined in range(3):
        least = LEAST_JOINED if joined else LEAST
        wide, high = 1 + (joined == 1), 1 + (joined == 2)
        for i in range(n - wide + 1):
            x = length[kind_a, ta + i] + (length[kind_a, ta + i + 1] if wide == 2 else 0)
            mask_a = ((1 << wide) - 1) << i
            for j in range(m - high + 1):
                if joined and (like_a & mask_a or like_b & (((1 << high) - 1) << j)):
                    continue
                y = length[kind_b, tb + j] + (length[kind_b, tb + j + 1] if high == 2 else 0)
                if not joined and _is_initial(units, start, ta + i, tb + j, swap):
                    spans[found, 0], spans[found, 1], spans[found, 2], spans[found, 3] = i, i + 1, j, j + 1
                    agree[found] = INITIAL
                    found += 1
                    continue
                most = int((1 - least) * (x + y) / 2)
                # The distance is at least the difference of the lengths.
                if abs(x - y) > most:
                    continue
                a, a_to, b, b_to = start[ta + i], start[ta + i + wide], start[tb + j], start[tb + j + high]
                apart = _distance(units, a, a_to, b, b_to, swap, gap, kind_a, kind_b, most, row)
                if apart > most:
                    continue
                spans[found, 0], spans[found, 1], spans[found, 2], spans[found, 3] = i, i + wide, j, j + high
                agree[found] = 1 - 2 * apart / (x + y)
                if joined == 0 and agree[found] > LIKE:
                    like_a |= 1 << i
                    like_b |= 1 << j
                found += 1
    return found


@njit(cache=True, nogil=True)
def _weights(
    units: np.ndarray,
    start: np.ndarray,
    length: np.ndarray,
    father: np.ndarray,
    first: int,
    count: int,
    kind: int,
    out: np.ndarray,
) -> np.float32:
    """What each word of a name weighs; their sum."""
    total = np.float32(0)
    for w in range(count):
        out[w] = length[kind, first + w]
        if count > 2 and father[units[start[first + w + 1] - 1]]:
            out[w] *= np.float32(FATHER)
        if count > 1 and start[first + w + 1] - start[first + w] == 1:
            out[w] = max(out[w], np.float32(STANDS_FOR))
        total += out[w]
    return total


@njit(cache=True, nogil=True)
def _sum(values: np.ndarray, first: int, last: int) -> np.float32:
    total = np.float32(0)
    for p in range(first, last):
        total += values[p]
    return total


@njit(cache=True, nogil=True)
def _matched(
    found: int, spans: np.ndarray, agree: np.ndarray, wa: np.ndarray, wb: np.ndarray
) -> tuple[np.float32, np.float32, np.float32, int]:
    """Take the weightiest agreement while there is one: evidence, weights matched in both names, how many."""
    taken_a, taken_b, count = 0, 0, 0
    evidence, in_a, in_b = np.float32(0), np.float32(0), np.float32(0)
    while True:
        best, pick = np.float32(-1), -1
        for c in range(found):
            mask_a = (1 << spans[c, 1]) - (1 << spans[c, 0])
            mask_b = (1 << spans[c, 3]) - (1 << spans[c, 2])
            if taken_a & mask_a or taken_b & mask_b:
                continue
            weight = _sum(wa, spans[c, 0], spans[c, 1]) + _sum(wb, spans[c, 2], spans[c, 3])
            gain = (agree[c] - np.float32(LEAST)) * weight
            if gain > best:
                best, pick = gain, c
        if pick < 0:
            return evidence, in_a, in_b, count
        x, y = _sum(wa, spans[pick, 0], spans[pick, 1]), _sum(wb, spans[pick, 2], spans[pick, 3])
        taken_a |= (1 << spans[pick, 1]) - (1 << spans[pick, 0])
        taken_b |= (1 << spans[pick, 3]) - (1 << spans[pick, 2])
        in_a += x
        in_b += y
        evidence += (
            np.float32(_FULL) * (x + y) / 2 / (1 + np.exp((np.float32(MIDDLE) - agree[pick]) / np.float32(WIDTH)))
        )
        count += 1


@njit(cache=True, nogil=True)
def similarities(
    units: np.ndarray,
    start: np.ndarray,
    words: np.ndarray,
    arabic: np.ndarray,
    swap: np.ndarray,
    gap: np.ndarray,
    length: np.ndarray,
    father: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Similarity of each pair of encoded names, 0 where one has no word; father: units that end a father's name."""
    most = 3 * MOST_WORDS * MOST_WORDS
    spans, agree = np.zeros((most, 4), np.int64), np.zeros(most, np.float32)
    row = np.zeros(2 * LONGEST_WORD, np.int64)
    wa, wb = np.zeros(MOST_WORDS, np.float32), np.zeros(MOST_WORDS, np.float32)
    for p in range(len(left)):
        k, other = left[p], right[p]
        ta, tb = words[k], words[other]
        n, m = words[k + 1] - ta, words[other + 1] - tb
        out[p] = 0
        if n == 0 or m == 0:
            continue
        kind_a = 1 if arabic[other] and not arabic[k] else 0
        kind_b = 1 if arabic[k] and not arabic[other] else 0
        found = _candidates(units, start, ta, n, tb, m, swap, gap, length, kind_a, kind_b, row, spans, agree)
        if found == 0:
            continue
        all_a = _weights(units, start, length, father, ta, n, kind_a, wa)
        all_b = _weights(units, start, length, father, tb, m, kind_b, wb)
        evidence, in_a, in_b, count = _matched(found, spans, agree, wa, wb)
        rest_a, rest_b = all_a - in_a, all_b - in_b
        left_out = np.float32(LEFT_OUT if count > 1 else LEFT_OUT_OF_ONE)
        rest = np.float32(CONTRADICTED) * min(rest_a, rest_b) + left_out * max(rest_a, rest_b)
        out[p] = max(np.float32(0), min(np.float32(1), evidence / ((in_a + in_b) / 2 + max(rest, np.float32(0)))))
