"""Partition of small sets of records by the weights of all their pairs: largest sum inside clusters, none of -inf."""

import numpy as np
from numba import njit

_EXACT = 8
_ROUNDS = 50
_GAIN = 1e-9
"""Bits below which a change is not worth making; keeps rounding from deciding, or from going on for ever."""


@njit(cache=True, nogil=True)
def partition(sizes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Position of the first member of the cluster of each member of consecutive groups.

    ``weight`` has the pairs of each group in turn: (0, 1), (0, 2), ..., (1, 2), ... Groups of up to 8 get the
    optimum; larger ones average linkage and then moves of single records, which is a local optimum.
    """
    label = np.empty(sizes.sum(), np.int64)
    start, first_pair = 0, 0
    for size in sizes:
        pairs = size * (size - 1) // 2
        inner = weight[first_pair : first_pair + pairs]
        if inner.min() > 0:
            label[start : start + size] = start
        else:
            square = _square(size, inner)
            found = _best_partition(square) if size <= _EXACT else _good_partition(square)
            label[start : start + size] = start + _first_members(found)
        start += size
        first_pair += pairs
    return label


@njit(cache=True, nogil=True)
def _square(size: int, inner: np.ndarray) -> np.ndarray:
    square = np.zeros((size, size))
    place = 0
    for i in range(size):
        for j in range(i + 1, size):
            square[i, j] = square[j, i] = inner[place]
            place += 1
    return square


@njit(cache=True, nogil=True)
def _first_members(label: np.ndarray) -> np.ndarray:
    """The same clusters, each named by its first member."""
    first = np.full(len(label), -1)
    named = np.empty(len(label), np.int64)
    for i in range(len(label)):
        if first[label[i]] < 0:
            first[label[i]] = i
        named[i] = first[label[i]]
    return named


@njit(cache=True, nogil=True)
def _best_partition(square: np.ndarray) -> np.ndarray:
    """The optimum, by dynamic programming over subsets (bit masks): the cluster of the first member, then the rest."""
    size = len(square)
    inside, best = np.zeros(1 << size), np.zeros(1 << size)
    cluster = np.zeros(1 << size, np.int64)
    for subset in range(1, 1 << size):
        first = 0
        while not subset >> first & 1:
            first += 1
        rest = subset & ~(1 << first)
        inside[subset] = inside[rest]
        for other in range(first + 1, size):
            if rest >> other & 1:
                inside[subset] += square[first, other]
        best[subset], cluster[subset] = best[rest], 1 << first
        joined = rest
        while joined:
            with_first = joined | 1 << first
            total = inside[with_first] + best[subset & ~with_first]
            if total > best[subset] + _GAIN:
                best[subset], cluster[subset] = total, with_first
            joined = (joined - 1) & rest
    label = np.zeros(size, np.int64)
    left, name = (1 << size) - 1, 0
    while left:
        for member in range(size):
            if cluster[left] >> member & 1:
                label[member] = name
        left &= ~cluster[left]
        name += 1
    return label


@njit(cache=True, nogil=True)
def _good_partition(square: np.ndarray) -> np.ndarray:
    """The better of two local optima: from single records, and from the whole where it may stay whole."""
    size = len(square)
    label = _improve(square, np.arange(size))
    if square.min() > -np.inf:
        other = _improve(square, np.zeros(size, np.int64))
        if _inside(square, other) > _inside(square, label) + _GAIN:
            return other
    return label


@njit(cache=True, nogil=True)
def _inside(square: np.ndarray, label: np.ndarray) -> float:
    total = 0.0
    for i in range(len(label)):
        for j in range(i):
            if label[i] == label[j]:
                total += square[i, j]
    return total


@njit(cache=True, nogil=True)
def _improve(square: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Merge clusters and move single records until neither adds to the weight inside clusters."""
    for _ in range(_ROUNDS):
        label = _merge(square, label)
        if not _move(square, label):
            break
    return label


@njit(cache=True, nogil=True)
def _merge(square: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Average linkage from ``label`` on, as long as an average is positive, by chains of nearest neighbours.

    Murtagh (1983): neighbours that are each other's nearest may be merged at once, which takes n squared steps in all.
    """
    label = _first_members(label)
    size = len(label)
    total, members = np.zeros((size, size)), np.zeros(size)
    for i in range(size):
        members[label[i]] += 1
        for j in range(size):
            if label[i] != label[j]:
                total[label[i], label[j]] += square[i, j]
    open_ = members > 0
    chain, length = np.empty(size, np.int64), 0
    for start in range(size):
        while open_[start]:
            if length == 0:
                chain[0], length = start, 1
            tip = chain[length - 1]
            before = chain[length - 2] if length > 1 else -1
            nearest = _nearest(total, members, open_, tip, before)
            if nearest < 0:
                open_[tip], length = False, 0
            elif nearest != before:
                chain[length] = nearest
                length += 1
            else:
                keep, gone = min(tip, before), max(tip, before)
                total[keep] += total[gone]
                total[:, keep] = total[keep]
                members[keep] += members[gone]
                open_[gone] = False
                label[label == gone] = keep
                length -= 2
    return label


@njit(cache=True, nogil=True)
def _nearest(total: np.ndarray, members: np.ndarray, open_: np.ndarray, tip: int, before: int) -> int:
    """Open cluster of the highest positive average with ``tip``, or -1; of equals ``before``, then the first."""
    mean = total[tip, before] / (members[tip] * members[before]) if before >= 0 else 0.0
    nearest = before
    for other in range(len(total)):
        if open_[other] and other != tip:
            linkage = total[tip, other] / (members[tip] * members[other])
            if linkage > mean + _GAIN:
                nearest, mean = other, linkage
    return nearest


@njit(cache=True, nogil=True)
def _move(square: np.ndarray, label: np.ndarray) -> bool:
    """Give each record in turn the cluster where its weights sum to most, or one of its own; was any moved.

    An unused label stands for a cluster of its own; the diagonal of ``square`` is zero.
    """
    size = len(label)
    sums = np.zeros(size)
    moved = False
    for _ in range(_ROUNDS):
        stable = True
        for record in range(size):
            sums[:] = 0.0
            for other in range(size):
                sums[label[other]] += square[record, other]
            here = label[record]
            best, gain = here, sums[here]
            for cluster in range(size):
                if sums[cluster] > gain + _GAIN:
                    best, gain = cluster, sums[cluster]
            if best != here:
                label[record] = best
                stable, moved = False, True
        if stable:
            break
    return moved
