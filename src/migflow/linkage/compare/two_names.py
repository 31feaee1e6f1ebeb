"""First name and surname together: both, one, or each in the other's place."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from migflow.linkage.compare import jaro_winkler

ONE_ALIKE, BOTH_ALIKE, SWAPPED, ONE_EQUAL = 0, 1, 2, 3
_KINDS = {"one_alike": ONE_ALIKE, "both_alike": BOTH_ALIKE, "swapped": SWAPPED, "one_equal": ONE_EQUAL}
# Jaro-Winkler from which two spellings may be one name: a typing error in a name of five letters stays above it.
ALIKE = 0.85


def kinds(levels: Sequence[float | str]) -> np.ndarray:
    """Levels, best first, as kinds."""
    return np.asarray([_KINDS[str(v)] for v in levels], np.int64)


@njit(cache=True, nogil=True)
def _alike(chars: np.ndarray, start: np.ndarray, masks: np.ndarray, least: np.ndarray, a: int, b: int) -> bool:
    if a == b:
        return True
    if not jaro_winkler.may_reach(chars, start, masks, least, a, b):
        return False
    return jaro_winkler.similarity(chars, start, a, b) >= ALIKE


@njit(cache=True, nogil=True)
def levels(
    first_left: np.ndarray,
    first_right: np.ndarray,
    last_left: np.ndarray,
    last_right: np.ndarray,
    chars: np.ndarray,
    start: np.ndarray,
    masks: np.ndarray,
    least: np.ndarray,
    kind: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair: -1 if a name of the four is missing, both equal above all kinds; codes of one dictionary."""
    best = len(kind)
    for p in range(len(left)):
        a, b = first_left[left[p]], first_right[right[p]]
        c, d = last_left[left[p]], last_right[right[p]]
        if a < 0 or b < 0 or c < 0 or d < 0:
            out[p] = -1
            continue
        if a == b and c == d:
            out[p] = best + 1
            continue
        first, last = _alike(chars, start, masks, least, a, b), _alike(chars, start, masks, least, c, d)
        one = a == b or c == d
        crossed = _alike(chars, start, masks, least, a, d) and _alike(chars, start, masks, least, c, b)
        level = 0
        for k in range(best):
            holds = (
                (kind[k] == ONE_ALIKE and one and first and last)
                or (kind[k] == BOTH_ALIKE and first and last)
                or (kind[k] == SWAPPED and crossed)
                or (kind[k] == ONE_EQUAL and one)
            )
            if holds:
                level = best - k
                break
        out[p] = level
