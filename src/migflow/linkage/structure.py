"""What random pairs do not show: lookalikes among non-matches, and comparisons that go together in matches."""

from collections.abc import Sequence

import numpy as np

from migflow.linkage.expectation import Levels, State, by_level, log_ratio, match_ratio, matched, posterior
from migflow.linkage.random_pairs import UNSEEN
from migflow.linkage.samples import Sample

ITERATIONS = 500
TOLERANCE = 1e-6


def class_levels(sample: Sample, state: State) -> Levels:
    """Levels of a rule's pairs that are not matches, of what it blocks on too."""
    other = sample.counts - matched(sample, state)[0]
    levels = []
    for c, u in enumerate(state.u):
        found = by_level(sample, c, other, len(u)) + UNSEEN
        levels.append(sample.u[c] if sample.trains[c] else found / found.sum())
    return levels


def prior(samples: Sequence[Sample], state: State, total: int) -> None:
    """Set the share of matches among all pairs, and of the second kind among them, from the candidates of all rules."""
    if not samples or not total:
        return
    every = range(len(state.m))
    taken = [_lookalike_ratio(samples, s, state, total) for s in samples]
    for _ in range(ITERATIONS):
        matches = apart = 0.0
        for sample, less in zip(samples, taken, strict=True):
            ratio, second = match_ratio(sample.patterns, every, state, state.u, max(state.apart_share, 1e-9))
            found = sample.scale * sample.first_counts * posterior(ratio - less, state.prior)
            matches, apart = matches + float(found.sum()), apart + float(found @ second)
        new = min(max(matches, 0.5) / total, 0.5)
        change = abs(new - state.prior) / state.prior
        if state.together:
            share = float(np.clip(apart / max(matches, 1e-9), 1e-6, 1 - 1e-6))
            change, state.apart_share = max(change, abs(share - state.apart_share)), share
        state.prior = new
        if change <= TOLERANCE:
            return


def _lookalike_ratio(samples: Sequence[Sample], of: Sample, state: State, total: int) -> np.ndarray:
    """ln of 1 + P(pattern, lookalikes) / P(pattern, random), for the patterns of one sample."""
    less = np.zeros(len(of.patterns))
    for other in samples:
        if other.rule.number in state.lookalikes:
            share = np.log((1 - other.share) * other.rule.pairs / total)
            ratio = log_ratio(of.patterns, range(len(state.m)), class_levels(other, state), state.u)
            less = np.maximum(less, np.logaddexp(0.0, share + ratio))
    return less
