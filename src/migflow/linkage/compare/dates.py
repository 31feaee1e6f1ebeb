"""Dates as written: exchanged day and month, one typing error, two of three parts, days apart."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from migflow.linkage.compare import edit_distance
from migflow.linkage.encode import MISSING, Codes

SWAPPED, TYPO, TWO_PARTS, DAYS = 0, 1, 2, 3
_KINDS = {"swapped": SWAPPED, "typo": TYPO, "two_parts": TWO_PARTS}
_NONE = -(2**31)
# Separated groups of digits, or eight digits; a time of day may follow.
_GROUPS = r"^(?P<a>\d{1,4})[-./ ](?P<b>\d{1,2})[-./ ](?P<c>\d{1,4})(?:[T ].*)?$"
_EIGHT = r"^(?P<digits>\d{8})$"


def kinds(levels: Sequence[float | str]) -> tuple[np.ndarray, np.ndarray]:
    """Levels, best first, as kinds and (for days) their numbers."""
    kind = [_KINDS[v] if isinstance(v, str) else DAYS for v in levels]
    days = [0.0 if isinstance(v, str) else float(v) for v in levels]
    return np.asarray(kind, np.int64), np.asarray(days)


def parts(values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Year, month and day of each text as written (n x 3, -1 where unreadable), and its day number (or a mark).

    The order of the parts is the one that makes the most texts of the column possible dates.
    """
    first, second, third = _groups(values)
    year_first = (first >= 1000) | (third < 32)
    best, most = None, -1
    for day, month in ((third, second), (second, third)):
        for other_day, other_month in ((first, second), (second, first)):
            ymd = np.column_stack(
                [
                    np.where(year_first, first, third),
                    np.where(year_first, month, other_month),
                    np.where(year_first, day, other_day),
                ]
            )
            possible = int(_possible(ymd).sum())
            if possible > most:
                best, most = ymd, possible
    assert best is not None
    best[first < 0] = -1
    number = np.full(len(values), _NONE, np.int64)
    valid = _possible(best)
    months = (best[valid, 0] - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (best[valid, 1] - 1)
    number[valid] = months.astype("datetime64[D]").astype(np.int64) + best[valid, 2] - 1
    return best.astype(np.int32), number


def written_alike(codes: Codes) -> Codes:
    """The same dates, each readable one as YYYY-MM-DD: two tables may write their dates in different orders."""
    sides = [_iso(codes.values, counts > 0) for counts in codes.counts()]
    if all(side.equals(codes.values) for side in sides):
        return codes
    encoded = pa.concat_arrays(sides).dictionary_encode()
    place = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    size = len(codes.values)
    left = np.append(place[:size], np.int32(MISSING))[codes.left]
    right = left if codes.same_table else np.append(place[size:], np.int32(MISSING))[codes.right]
    return Codes(left, right, encoded.dictionary)


def _iso(values: pa.Array, used: np.ndarray) -> pa.Array:
    """Texts with the readable dates among those used in one table as YYYY-MM-DD."""
    chosen = values.filter(pa.array(used))
    ymd, _ = parts(chosen)
    padded = [pc.utf8_lpad(pc.cast(pa.array(ymd[:, n]), pa.string()), w, "0") for n, w in enumerate((4, 2, 2))]
    written = pc.if_else(pa.array(ymd[:, 0] >= 0), pc.binary_join_element_wise(*padded, "-"), chosen)
    return pc.replace_with_mask(values, pa.array(used), written)


def _groups(values: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three groups of digits of each text; of eight digits without separators, as the column's dates suggest."""
    split = pc.extract_regex(values, _GROUPS)
    groups = [_integers(pc.struct_field(split, [part])) for part in range(3)]
    digits = pc.struct_field(pc.extract_regex(values, _EIGHT), [0])
    together = _integers(digits)
    eight = together >= 0
    if eight.any():
        leading = together[eight] // 10_000
        as_year = (leading >= 1800) & (leading <= 2200)
        if as_year.mean() >= 0.5:
            cut = (together // 10_000, together // 100 % 100, together % 100)
        else:
            cut = (together // 1_000_000, together // 10_000 % 100, together % 10_000)
        groups = [np.where(eight, c, g) for c, g in zip(cut, groups, strict=True)]
    return groups[0], groups[1], groups[2]


def _integers(texts: pa.Array) -> np.ndarray:
    """Texts of digits as integers, -1 where empty or null."""
    filled = pc.if_else(pc.equal(pc.fill_null(texts, ""), ""), "-1", pc.fill_null(texts, "-1"))
    numbers: np.ndarray = pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _possible(ymd: np.ndarray) -> np.ndarray:
    """Whether the parts are a date of the calendar."""
    year, month, day = ymd[:, 0], ymd[:, 1], ymd[:, 2]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    in_range = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12)
    last = lengths[np.where(in_range, month, 0)] + ((month == 2) & leap)
    possible: np.ndarray = in_range & (day >= 1) & (day <= last)
    return possible


def digits(ymd: np.ndarray) -> np.ndarray:
    """The eight digits of year, month and day, four bits each; -1 where unreadable."""
    packed = np.zeros(len(ymd), np.int64)
    for part, places in enumerate((4, 2, 2)):
        for place in reversed(range(places)):
            packed = packed << 4 | ymd[:, part].astype(np.int64) // 10**place % 10
    return np.where(ymd[:, 0] < 0, -1, packed)


@njit(cache=True, nogil=True)
def _one_digit(differ: int, a: int) -> bool:
    """Whether one digit differs, or two neighbours are exchanged; differ is a ^ b."""
    while differ & 15 == 0:
        differ >>= 4
        a >>= 4
    if differ < 16:
        return True
    # Two neighbours differ alike, in the bits in which they differ from each other.
    return differ < 256 and differ >> 4 == differ & 15 and (a & 15) ^ (a >> 4 & 15) == differ & 15


@njit(cache=True, nogil=True)
def _holds(kind: int, a: int, b: int) -> bool:
    """Whether the digits of two unequal dates agree so far as the kind says."""
    differ = a ^ b
    if kind == TYPO:
        return _one_digit(differ, a)
    if kind == SWAPPED:
        return differ >> 16 == 0 and a & 255 == b >> 8 & 255 and a >> 8 & 255 == b & 255
    return (differ >> 16 != 0) + (differ >> 8 & 255 != 0) + (differ & 255 != 0) <= 1


@njit(cache=True, nogil=True)
def levels(
    codes_left: np.ndarray,
    codes_right: np.ndarray,
    packed: np.ndarray,
    number: np.ndarray,
    chars: np.ndarray,
    start: np.ndarray,
    kind: np.ndarray,
    days: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair: -1 a date missing, 0 none of the kinds, the first kind that holds, equal above all.

    A text without a readable date can still be one typing error from another.
    """
    best = len(kind)
    for p in range(len(left)):
        i, j = codes_left[left[p]], codes_right[right[p]]
        if i < 0 or j < 0:
            out[p] = -1
            continue
        a, b = packed[i], packed[j]
        readable = a >= 0 and b >= 0
        if i == j or (readable and a == b):
            out[p] = best + 1
            continue
        level = 0
        for k in range(best):
            if kind[k] == DAYS:
                reached = number[i] != _NONE and number[j] != _NONE and abs(number[i] - number[j]) <= days[k]
            elif readable:
                reached = _holds(kind[k], a, b)
            else:
                reached = kind[k] == TYPO and edit_distance.one_edit(chars, start, i, j, True)
            if reached:
                level = best - k
                break
        out[p] = level
