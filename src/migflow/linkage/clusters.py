"""Deduplication: which records are one person, from the match weights of pairs.

Candidate pairs link records to components; a component is then cut so that no cluster holds two records that cannot
be one person, and the sum of what its inner pairs count is as large as can be found (correlation clustering; Bansal,
Blum and Chawla 2004). All inner pairs count, also those that no blocking rule made: what is missing between two records
that share a third is what tells a false link from a bad record.

The pairs of one record are not independent: its errors speak against it once with every neighbour. Much that agrees
hardly ever does so by chance. So a weight against counts as it is, and one for one person the more the higher it is:
a bad record stays with the one it clearly resembles.
"""

from collections.abc import Callable

import numpy as np
from numba import njit

from migflow.linkage.partition import partition

Weigh = Callable[[np.ndarray, np.ndarray], np.ndarray]

CAP = 20.0
"""Bits that a weight counts at most, before what stands for one person is raised."""
_WHOLE = 3_000
"""Records of the largest component that is partitioned in one go, with all its pairs."""
_PIECE = 250
"""Records of the pieces that larger components are first cut to."""
_SAMPLE = 8
"""Records of either cluster by which two clusters of a larger component are compared."""
_BATCH = 4_000_000
"""Inner pairs weighed at once."""


def clusters(
    records: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray, *, weigh: Weigh, cap: float = CAP
) -> np.ndarray:
    """Cluster of each record 0..records-1, int64: the smallest record index in it.

    ``left``, ``right`` and ``weight`` are candidate pairs and their match weights (log2 odds), shifted so that a
    positive one speaks for one person. ``weigh`` gives the same for any pairs of records (left < right), -inf where the
    two cannot be one person. A weight is cut to ``cap`` bits for or against; a positive w then counts w + w * w / cap.

    In components of up to 3,000 records the pairs are all weighed, and no cluster has one of -inf. Larger ones are
    cut into pieces of 250 records along their strongest links; the clusters found there are then compared by 8 records
    of either, evenly spaced, and partitioned again, until little more merges. There a pair of -inf is only noticed
    among the compared records.
    """

    def inner(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return counted(weigh(np.minimum(a, b), np.maximum(a, b)), cap)

    left, right = left.astype(np.int64), right.astype(np.int64)
    label, cut = _round(records, left, right, counted(weight, cap), inner)
    while cut.any():
        nodes, node = np.unique(label[cut], return_inverse=True)
        place = np.full(records, -1)
        place[cut] = node
        a, b = _node_pairs(place[left], place[right], len(nodes))
        weigh_nodes = _between(np.flatnonzero(cut), node, inner)
        node_label, node_cut = _round(len(nodes), a, b, weigh_nodes(a, b), weigh_nodes)
        label[cut] = nodes[node_label[node]]
        if len(np.unique(node_label)) > 0.9 * len(nodes):
            break
        cut[cut] = node_cut[node]
    return label


def counted(weight: np.ndarray, cap: float = CAP) -> np.ndarray:
    """What match weights count in a cluster."""
    weight = np.asarray(weight, dtype=np.float64)
    cut = np.clip(weight, -cap, cap)
    return np.where(weight == -np.inf, weight, cut * (1 + np.maximum(cut, 0.0) / cap))


def _round(
    count: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray, weigh: Weigh
) -> tuple[np.ndarray, np.ndarray]:
    """Cluster of each of ``count`` nodes, and which nodes were in components too large to be partitioned whole."""
    for_one = np.flatnonzero(weight > 0)
    label = _components(count, left[for_one], right[for_one])
    size = np.bincount(label, minlength=count)[label]
    cut = size > _WHOLE
    several = np.flatnonzero((size > 2) & ~cut)
    several = several[np.argsort(label[several], kind="stable")]
    _partition_groups(label, several, _run_lengths(label[several]), weigh)
    if cut.any():
        inside = for_one[cut[left[for_one]]]
        order = inside[np.lexsort((right[inside], left[inside], -weight[inside]))]
        sequence = _strongest_together(count, left[order], right[order])
        sequence = sequence[cut[sequence]]
        pieces = np.full(-(-len(sequence) // _PIECE), _PIECE)
        pieces[-1] -= pieces.sum() - len(sequence)
        _partition_groups(label, _sorted_within(sequence, pieces), pieces, weigh)
    return label, cut


def _partition_groups(label: np.ndarray, members: np.ndarray, sizes: np.ndarray, weigh: Weigh) -> None:
    """Partition each group of consecutive ``members`` by all its pairs; write the clusters into ``label``."""
    pairs = sizes * (sizes - 1) // 2
    ends, pair_ends = np.cumsum(sizes), np.cumsum(pairs)
    first = 0
    while first < len(sizes):
        before = pair_ends[first] - pairs[first]
        last = max(first + 1, int(np.searchsorted(pair_ends, before + _BATCH, side="right")))
        batch = members[ends[first] - sizes[first] : ends[last - 1]]
        a, b = _inner_pairs(sizes[first:last])
        label[batch] = batch[partition(sizes[first:last], weigh(batch[a], batch[b]))]
        first = last


def _node_pairs(a: np.ndarray, b: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct pairs of different nodes; -1 is no node."""
    between = (a >= 0) & (b >= 0) & (a != b)
    a, b = a[between], b[between]
    first, second = np.divmod(np.unique(np.minimum(a, b) * count + np.maximum(a, b)), count)
    return first, second


def _between(members: np.ndarray, node: np.ndarray, weigh: Weigh) -> Weigh:
    """Weight between two nodes, each some of ``members``: sum over their pairs, estimated from a sample."""
    order = np.argsort(node, kind="stable")
    members, sizes = members[order], np.bincount(node)
    starts = np.cumsum(sizes) - sizes

    def weigh_nodes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        total = np.empty(len(a))
        step = _BATCH // _SAMPLE**2
        for begin in range(0, len(a), step):
            part = slice(begin, begin + step)
            one, two, counts = _sampled_pairs(starts, sizes, a[part], b[part])
            sums = np.add.reduceat(weigh(members[one], members[two]), np.cumsum(counts) - counts)
            total[part] = sums * (sizes[a[part]] * sizes[b[part]] / counts)
        return total

    return weigh_nodes


def _run_lengths(values: np.ndarray) -> np.ndarray:
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else np.empty(0, np.int64)
    return np.diff(np.append(starts, len(values)))


def _sorted_within(sequence: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return sequence[np.lexsort((sequence, np.repeat(np.arange(len(sizes)), sizes)))]


@njit(cache=True, nogil=True)
def _root(parent: np.ndarray, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@njit(cache=True, nogil=True)
def _components(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Smallest node of the connected component of each node."""
    parent = np.arange(count)
    for a, b in zip(left, right):  # noqa: B905 (numba)
        first, second = _root(parent, a), _root(parent, b)
        parent[max(first, second)] = min(first, second)
    for node in range(count):
        parent[node] = parent[parent[node]]
    return parent


@njit(cache=True, nogil=True)
def _strongest_together(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """All nodes in an order that keeps those together which pairs, strongest first, join early."""
    parent, tail, follower = np.arange(count), np.arange(count), np.full(count, -1)
    for a, b in zip(left, right):  # noqa: B905 (numba)
        one, two = _root(parent, a), _root(parent, b)
        first, second = min(one, two), max(one, two)
        if first != second:
            parent[second] = first
            follower[tail[first]] = second
            tail[first] = tail[second]
    sequence, place = np.empty(count, np.int64), 0
    for start in range(count):
        if parent[start] == start:
            node = start
            while node >= 0:
                sequence[place] = node
                place += 1
                node = follower[node]
    return sequence


@njit(cache=True, nogil=True)
def _inner_pairs(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of both members of all pairs inside consecutive groups."""
    total = (sizes * (sizes - 1) // 2).sum()
    a, b = np.empty(total, np.int64), np.empty(total, np.int64)
    place, start = 0, 0
    for size in sizes:
        for i in range(start, start + size):
            for j in range(i + 1, start + size):
                a[place], b[place] = i, j
                place += 1
        start += size
    return a, b


@njit(cache=True, nogil=True)
def _sampled_pairs(
    starts: np.ndarray, sizes: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of evenly spaced members of both nodes of each pair, all with all, and how many there are."""
    taken = np.minimum(sizes, _SAMPLE)
    counts = taken[a] * taken[b]
    one, two = np.empty(counts.sum(), np.int64), np.empty(counts.sum(), np.int64)
    place = 0
    for pair in range(len(a)):
        first, second = a[pair], b[pair]
        for i in range(taken[first]):
            for j in range(taken[second]):
                one[place] = starts[first] + i * sizes[first] // taken[first]
                two[place] = starts[second] + j * sizes[second] // taken[second]
                place += 1
    return one, two, counts
