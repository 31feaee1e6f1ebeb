"""What random pairs do not show: lookalikes among non-matches, and comparisons that go together in matches."""

from collections.abc import Sequence

import numpy as np

from migflow.linkage.expectation import Levels, State, by_level, log_ratio, match_ratio, matched, posterior
from migflow.linkage.random_pairs import UNSEEN
from migflow.linkage.samples import Sample

# Correlation, among expected matches, from which two comparisons go together: at the correlation of .3 that parts of
# one address have if one match in ten has moved and one in ten of the others has an error in each part.
TOGETHER = 0.3
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


def go_together(samples: Sequence[Sample], state: State) -> tuple[int, ...]:
    """The largest group of comparisons whose agreement is correlated among expected matches; none if there is none."""
    count = len(state.m)
    linked = np.zeros((count, count), bool)
    for a in range(count):
        for b in range(a):
            linked[a, b] = linked[b, a] = _correlation(samples, state, a, b) >= TOGETHER
    groups = []
    for start in range(count):
        group, fringe = {start}, [start]
        while fringe:
            new = set(map(int, np.flatnonzero(linked[fringe.pop()]))) - group
            group |= new
            fringe += new
        groups.append(tuple(sorted(group)))
    largest = max(groups, key=len)
    return largest if len(largest) > 1 else ()


def _correlation(samples: Sequence[Sample], state: State, a: int, b: int) -> float:
    """Correlation of equality in two comparisons, among the expected matches of rules that block on neither."""
    table = np.zeros((2, 2))
    for sample in samples:
        if sample.trains[a] and sample.trains[b]:
            one, two = sample.patterns[:, a], sample.patterns[:, b]
            both = (one >= 0) & (two >= 0)
            cell = 2 * (one == len(state.m[a]) - 1) + (two == len(state.m[b]) - 1)
            weight = sample.scale * matched(sample, state)[0]
            table += np.bincount(cell[both], weight[both], minlength=4).reshape(2, 2)
    total = table.sum()
    spread = np.sqrt(np.prod(table.sum(0)) * np.prod(table.sum(1))) if total else 0.0
    return float((table[0, 0] * table[1, 1] - table[0, 1] * table[1, 0]) / spread) if spread else 0.0


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
        new = state.prior if state.prior_given else min(max(matches, 0.5) / total, 0.5)
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
