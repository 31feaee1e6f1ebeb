"""How often each level of a comparison occurs among random pairs, from which u comes."""

from collections.abc import Sequence

import numpy as np

from migflow.linkage.compare import Compared
from migflow.linkage.samples import levels_of

PAIRS = 1_000_000
# Counts added to each level, so that one that was never seen is unlikely and not impossible.
UNSEEN = 0.5


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
) -> tuple[list[np.ndarray], int]:
    """Counts of each comparison's levels in random pairs; how many pairs were drawn."""
    if total == 0:
        return [np.zeros(c.level_count) for c in compared], 0
    if total <= PAIRS:
        left, right = np.divmod(np.arange(sizes[0] * sizes[1]), sizes[1])
    else:
        left, right = rng.integers(0, sizes[0], PAIRS), rng.integers(0, sizes[1], PAIRS)
    if same_table:
        left, right = left[left != right], right[left != right]
    levels = levels_of(compared, left.astype(np.int32), right.astype(np.int32), threads)
    counts = [np.bincount(levels[:, c][levels[:, c] >= 0], minlength=k.level_count) for c, k in enumerate(compared)]
    return counts, len(left)


def frequencies(compared: Compared, counts: np.ndarray) -> np.ndarray:
    """Frequency of each level in random pairs; that of equality from the values' frequencies, which is exact."""
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
