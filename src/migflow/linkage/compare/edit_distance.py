"""Edit distances of laid-out texts in compiled loops: Levenshtein's, and with transpositions (optimal alignment)."""

import numpy as np
from numba import njit

from migflow.linkage.compare.texts import letters

_LONGEST = 256


@njit(cache=True, nogil=True)
def distance(chars: np.ndarray, start: np.ndarray, a: int, b: int, transpositions: bool, rows: np.ndarray) -> int:
    """Edits that turn text a into text b; a transposition of neighbours counts one if transpositions."""
    a0, b0 = start[a], start[b]
    n, m = start[a + 1] - a0, start[b + 1] - b0
    if m + 1 > rows.shape[1]:
        rows = np.empty((3, m + 1), np.int64)
    for j in range(m + 1):
        rows[1, j] = j
    for i in range(1, n + 1):
        # Row i takes the place of row i - 3.
        now, last, before = (i + 1) % 3, i % 3, (i - 1) % 3
        rows[now, 0] = i
        for j in range(1, m + 1):
            same = chars[a0 + i - 1] == chars[b0 + j - 1]
            best = min(rows[last, j] + 1, rows[now, j - 1] + 1, rows[last, j - 1] + (0 if same else 1))
            if transpositions and i > 1 and j > 1 and not same:
                crossed = chars[a0 + i - 1] == chars[b0 + j - 2] and chars[a0 + i - 2] == chars[b0 + j - 1]
                if crossed:
                    best = min(best, rows[before, j - 2] + 1)
            rows[now, j] = best
    return rows[(n + 1) % 3, m]


@njit(cache=True, nogil=True)
def one_edit(chars: np.ndarray, start: np.ndarray, a: int, b: int, transpositions: bool) -> bool:
    """Whether one edit at most turns text a into text b."""
    a0, a1, b0, b1 = start[a], start[a + 1], start[b], start[b + 1]
    if abs((a1 - a0) - (b1 - b0)) > 1:
        return False
    while a0 < a1 and b0 < b1 and chars[a0] == chars[b0]:
        a0 += 1
        b0 += 1
    while a0 < a1 and b0 < b1 and chars[a1 - 1] == chars[b1 - 1]:
        a1 -= 1
        b1 -= 1
    # What is left between the equal beginnings and ends.
    if a1 - a0 <= 1 and b1 - b0 <= 1:
        return True
    two = a1 - a0 == 2 and b1 - b0 == 2
    return transpositions and two and chars[a0] == chars[b0 + 1] and chars[a0 + 1] == chars[b0]


@njit(cache=True, nogil=True)
def within(
    chars: np.ndarray,
    start: np.ndarray,
    masks: np.ndarray,
    a: int,
    b: int,
    most: float,
    transpositions: bool,
    rows: np.ndarray,
) -> int:
    """The distance; or, where letters that only one has or the lengths show that it exceeds `most`, a number above."""
    apart = abs((start[a + 1] - start[a]) - (start[b + 1] - start[b]))
    apart = max(apart, letters(masks[a] & ~masks[b]), letters(masks[b] & ~masks[a]))
    if apart > most:
        return apart
    if most < 2:
        return 1 if one_edit(chars, start, a, b, transpositions) else 2
    return distance(chars, start, a, b, transpositions, rows)


@njit(cache=True, nogil=True)
def levels(
    codes_left: np.ndarray,
    codes_right: np.ndarray,
    chars: np.ndarray,
    start: np.ndarray,
    masks: np.ndarray,
    cutoffs: np.ndarray,
    relative: bool,
    transpositions: bool,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair; cutoffs are most edits (rising), or if relative least 1 - edits / longer length (falling)."""
    best = len(cutoffs)
    rows = np.empty((3, _LONGEST), np.int64)
    for p in range(len(left)):
        a, b = codes_left[left[p]], codes_right[right[p]]
        if a < 0 or b < 0:
            out[p] = -1
            continue
        if a == b:
            out[p] = best + 1
            continue
        longer = max(start[a + 1] - start[a], start[b + 1] - start[b])
        level = 0
        if best:
            worst = cutoffs[best - 1]
            most = (1.0 - worst) * longer + 1e-9 if relative else worst
            edits = within(chars, start, masks, a, b, most, transpositions, rows)
            score = 1.0 - edits / longer + 1e-12 if relative else -float(edits)
            while level < best and score >= (cutoffs[best - 1 - level] if relative else -cutoffs[best - 1 - level]):
                level += 1
        out[p] = level
