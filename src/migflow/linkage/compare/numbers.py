"""Numbers by their difference, places by their distance in km, lists by what they have in common."""

import numpy as np
from numba import njit

# Mean radius of the Earth (IUGG), km.
EARTH_RADIUS = 6371.0088


@njit(cache=True, nogil=True)
def _level(distance: float, cutoffs: np.ndarray) -> int:
    """Cutoffs rise from the best level on."""
    best = len(cutoffs)
    for k in range(best):
        if distance <= cutoffs[k]:
            return best - k
    return 0


@njit(cache=True, nogil=True)
def difference_levels(
    values_left: np.ndarray,
    values_right: np.ndarray,
    cutoffs: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair of numbers, NaN where missing."""
    for p in range(len(left)):
        a, b = values_left[left[p]], values_right[right[p]]
        if np.isnan(a) or np.isnan(b):
            out[p] = -1
        elif a == b:
            out[p] = len(cutoffs) + 1
        else:
            out[p] = _level(abs(a - b), cutoffs)


@njit(cache=True, nogil=True)
def distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance of two points in degrees (haversine)."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(min(1.0, half)))


@njit(cache=True, nogil=True)
def distance_levels(
    lat_left: np.ndarray,
    lat_right: np.ndarray,
    lon_left: np.ndarray,
    lon_right: np.ndarray,
    cutoffs: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair of places, NaN where missing."""
    for p in range(len(left)):
        i, j = left[p], right[p]
        if np.isnan(lat_left[i]) or np.isnan(lon_left[i]) or np.isnan(lat_right[j]) or np.isnan(lon_right[j]):
            out[p] = -1
        elif lat_left[i] == lat_right[j] and lon_left[i] == lon_right[j]:
            out[p] = len(cutoffs) + 1
        else:
            out[p] = _level(distance_km(lat_left[i], lon_left[i], lat_right[j], lon_right[j]), cutoffs)


@njit(cache=True, nogil=True)
def _common(items_left: np.ndarray, i: int, i_end: int, items_right: np.ndarray, j: int, j_end: int) -> int:
    """How many items two sorted lists have in common."""
    common = 0
    while i < i_end and j < j_end:
        if items_left[i] == items_right[j]:
            common += 1
            i += 1
            j += 1
        elif items_left[i] < items_right[j]:
            i += 1
        else:
            j += 1
    return common


@njit(cache=True, nogil=True)
def nested_levels(
    begin_left: np.ndarray,
    begin_right: np.ndarray,
    end_left: np.ndarray,
    end_right: np.ndarray,
    items_left: np.ndarray,
    items_right: np.ndarray,
    level: int,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Raise to `level` the pairs whose lists have an item in common; -1 stays only where no list so far has items."""
    for p in range(len(left)):
        i, i_end = begin_left[left[p]], end_left[left[p]]
        j, j_end = begin_right[right[p]], end_right[right[p]]
        if i < i_end and j < j_end:
            reached = level if _common(items_left, i, i_end, items_right, j, j_end) else 0
            out[p] = max(out[p], reached)


@njit(cache=True, nogil=True)
def overlap_levels(
    begin_left: np.ndarray,
    begin_right: np.ndarray,
    end_left: np.ndarray,
    end_right: np.ndarray,
    items_left: np.ndarray,
    items_right: np.ndarray,
    cutoffs: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair of lists (sorted codes); cutoffs fall: a number in common from 1, a share of all below 1."""
    best = len(cutoffs)
    for p in range(len(left)):
        i, i_end = begin_left[left[p]], end_left[left[p]]
        j, j_end = begin_right[right[p]], end_right[right[p]]
        if i == i_end or j == j_end:
            out[p] = -1
            continue
        lengths = (i_end - i) + (j_end - j)
        common = _common(items_left, i, i_end, items_right, j, j_end)
        share = common / (lengths - common)
        if 2 * common == lengths:
            out[p] = best + 1
            continue
        level = 0
        for k in range(best):
            reached = common if cutoffs[k] >= 1 else share
            if reached >= cutoffs[k]:
                level = best - k
                break
        out[p] = level
