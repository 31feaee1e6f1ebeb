"""How often each level of a comparison occurs among random pairs, from which u comes."""

from collections.abc import Sequence

import numpy as np

from migflow.linkage.compare import Compared
from migflow.linkage.samples import levels_of

PAIRS = 1_000_000
# Counts added to each level, so that one that was never seen is unlikely and not impossible.
UNSEEN = 0.5
# How much more often than chance, and in how many random pairs at least, comparisons that belong together are equal.
LIFT = 5.0
LEAST_PAIRS = 30


def all_pairs(sizes: tuple[int, int], same_table: bool) -> int:
    """Pairs of two tables, or of one with itself."""
    return sizes[0] * (sizes[0] - 1) // 2 if same_table else sizes[0] * sizes[1]


def random_levels(
    compared: Sequence[Compared],
    sizes: tuple[int, int],
    same_table: bool,
    total: int,
    threads: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Levels of random pairs, pairs x comparisons, -1 where a value is missing."""
    if total == 0:
        return np.empty((0, len(compared)), np.int8)
    if total <= PAIRS:
        left, right = np.divmod(np.arange(sizes[0] * sizes[1]), sizes[1])
    else:
        left, right = rng.integers(0, sizes[0], PAIRS), rng.integers(0, sizes[1], PAIRS)
    if same_table:
        left, right = left[left != right], right[left != right]
    return levels_of(compared, left.astype(np.int32), right.astype(np.int32), threads)


def belong_together(levels: np.ndarray, tops: Sequence[int], prior: float) -> tuple[int, ...]:
    """The largest group of comparisons that are equal together in random pairs far more often than chance has it.

    Such are the parts of an address, which neighbours share and which all change when a person moves. Random pairs
    hold `prior` matches, in which everything is equal together; they do not count.
    """
    equal = (levels == np.asarray(tops, np.int8)).astype(np.float64)
    both = equal.T @ equal
    expected = np.outer(np.diag(both), np.diag(both)) / max(len(levels), 1)
    linked = both - prior * len(levels) > np.maximum(LIFT * expected, LEAST_PAIRS)
    groups = []
    for start in range(len(tops)):
        group, fringe = {start}, [start]
        while fringe:
            new = set(map(int, np.flatnonzero(linked[fringe.pop()]))) - group
            group |= new
            fringe += new
        groups.append(tuple(sorted(group)))
    largest = max(groups, key=len)
    return largest if len(largest) > 1 else ()


def frequencies(compared: Compared, levels: np.ndarray) -> np.ndarray:
    """Frequency of each level in random pairs; that of equality from the values' frequencies, which is exact."""
    counts = np.bincount(levels[levels >= 0], minlength=compared.level_count)
    shares = (counts + UNSEEN) / (counts.sum() + UNSEEN * len(counts))
    if compared.codes is None:
        return shares
    left, right = compared.codes.counts()
    if compared.codes.same_table:
        pairs, equal = int(left.sum()) * (int(left.sum()) - 1), int((left * (left - 1)).sum())
    else:
        pairs, equal = int(left.sum()) * int(right.sum()), int((left * right).sum())
    if pairs <= 0:
        return shares
    exact = min(max(equal / pairs, 0.5 / pairs), 1 - 1e-6)
    shares[:-1] *= (1 - exact) / shares[:-1].sum()
    shares[-1] = exact
    return shares


def without_matches(frequency: np.ndarray, m: np.ndarray, prior: float, total: int) -> np.ndarray:
    """u of each level: its frequency in random pairs less what the matches among them bring."""
    u = np.maximum((frequency - prior * m) / (1 - prior), np.minimum(frequency, 0.5 / max(total, 1)))
    return u / u.sum()
