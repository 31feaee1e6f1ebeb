"""Samples of the pairs that blocking rules make, as patterns of levels with their counts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from migflow.linkage import blocking
from migflow.linkage.blocking import Keys, Rule
from migflow.linkage.compare import Compared
from migflow.linkage.expressions import columns_of
from migflow.linkage.model import LinkageModel
from migflow.linkage.weighing import BATCH

PAIRS = 250_000
# A rule that makes many pairs for each record holds few matches among them: a larger sample is taken.
SPARSE = 500
PAIRS_IF_SPARSE = 4_000_000


@dataclass
class Sample:
    """One rule's sampled pairs: patterns of levels (p x comparisons, -1 missing) and how often each occurs.

    `first_counts` are of pairs that no earlier rule makes; `trains`: which comparisons the rule does not block on.
    `share` of matches, `apart_share` of the second kind among them, and `u` are found in training; `known`: how much u
    of random pairs counts in this u, in pairs for each pair.
    """

    rule: Rule
    patterns: np.ndarray
    counts: np.ndarray
    first_counts: np.ndarray
    trains: np.ndarray
    share: float = 0.0
    apart_share: float = 0.0
    known: float = 0.0
    u: list[np.ndarray] = field(default_factory=list)

    @property
    def trained(self) -> list[int]:
        """Numbers of the comparisons that the rule trains."""
        return [int(c) for c in np.flatnonzero(self.trains)]

    @property
    def scale(self) -> float:
        """Pairs of the rule for each pair sampled."""
        return self.rule.pairs / max(float(self.counts.sum()), 1.0)


def levels_of(compared: Sequence[Compared], left: np.ndarray, right: np.ndarray, threads: int) -> np.ndarray:
    """Levels of given pairs, pairs x comparisons, -1 where a value is missing."""
    out = np.empty((len(compared), len(left)), np.int8)

    def part(first: int) -> None:
        stop = first + BATCH
        for c, comparison in enumerate(compared):
            comparison.levels(left[first:stop], right[first:stop], out[c, first:stop])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, range(0, len(left), BATCH)))
    return out.T


def draw(
    model: LinkageModel, compared: Sequence[Compared], keys: Keys, threads: int, rng: np.random.Generator
) -> list[Sample]:
    """A sample of each rule's pairs, as patterns of levels with their counts."""
    samples = []
    for number, block in enumerate(model.blocks):
        rule = blocking.rule_pairs(keys, number)
        if rule.pairs == 0:
            continue
        on = set().union(*(columns_of(e) for right in (False, True) for e in block.side(right)))
        used = [set().union(*(columns_of(e) for r in (False, True) for e in c.side(r))) for c in model.compares]
        trains = np.array([not columns & on for columns in used])
        samples.append(_sample(rule, compared, keys, trains, threads, rng))
    return samples


def _sample(
    rule: Rule,
    compared: Sequence[Compared],
    keys: Keys,
    trains: np.ndarray,
    threads: int,
    rng: np.random.Generator,
) -> Sample:
    size = min(rule.pairs, PAIRS if rule.pairs < SPARSE * len(rule.members) else PAIRS_IF_SPARSE)
    positions = np.arange(rule.pairs) if size == rule.pairs else np.sort(rng.integers(0, rule.pairs, size))
    left, right = blocking.pairs_at(rule, positions)
    levels = levels_of(compared, left, right, threads)
    first = ~blocking.in_earlier_rule(keys, left, right, rule.number)
    numbers = _pattern_numbers(levels, [c.level_count for c in compared])
    _, at, place, counts = np.unique(numbers, return_index=True, return_inverse=True, return_counts=True)
    first_counts = np.bincount(place, weights=first, minlength=len(at))
    return Sample(rule, levels[at], counts.astype(float), first_counts, trains)


def _pattern_numbers(levels: np.ndarray, level_counts: Sequence[int]) -> np.ndarray:
    """A number for each pattern of levels (pairs x comparisons)."""
    numbers, size = np.zeros(len(levels), np.int64), 1
    for c, count in enumerate(level_counts):
        if size * (count + 1) > 2**62:
            numbers = np.unique(numbers, return_inverse=True)[1]
            size = len(levels)
        numbers = numbers * (count + 1) + levels[:, c] + 1
        size *= count + 1
    return numbers
