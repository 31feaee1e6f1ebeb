"""Expectation-maximisation on counts of patterns: m, each rule's share of matches, and u where a rule has its own.

Matches may be of two kinds. Comparisons that agree or differ together (the parts of an address: a person who moves
changes all of them) are no independent evidence; for those the kinds have an m each, the others have one in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from migflow.linkage.random_pairs import UNSEEN
from migflow.linkage.samples import Sample

ITERATIONS = 500
TOLERANCE = 1e-5
# How much u of random pairs counts in the u of a rule that makes lookalikes, in pairs for each pair of the rule. Other
# rules have the u of random pairs: with one of their own, matches with many errors pass for a kind of non-matches.
KNOWN_AMONG_LOOKALIKES = 0.05

Levels = list[np.ndarray]


@dataclass
class State:
    """Parameters while they are being found.

    `m`, `u` by comparison; `lookalikes`: numbers of the rules that make them; `together`: comparisons that
    agree or differ together, and `apart`: their m in the second kind of matches (that of the others is `m`), which
    has `apart_share` of the matches. `seen`: expected matches at each level.
    """

    m: Levels
    u: Levels
    prior: float
    lookalikes: set[int]
    together: tuple[int, ...] = ()
    apart: Levels = field(default_factory=list)
    apart_share: float = 0.0
    seen: Levels = field(default_factory=list)
    steps: int = 0
    change: float = float("inf")


def log_ratio(patterns: np.ndarray, which: Sequence[int], m: Levels, u: Levels) -> np.ndarray:
    """ln of P(pattern | m) / P(pattern | u), over the comparisons named."""
    out = np.zeros(len(patterns))
    for c in which:
        out += np.append(np.log(m[c]) - np.log(u[c]), 0.0)[patterns[:, c]]
    return out


def match_ratio(
    patterns: np.ndarray, which: Sequence[int], state: State, u: Levels, apart_share: float
) -> tuple[np.ndarray, np.ndarray]:
    """ln of P(pattern | match) / P(pattern | u), and the share of the second kind in a match with the pattern."""
    first = log_ratio(patterns, which, state.m, u)
    if not state.together:
        return first, np.zeros(len(patterns))
    one = first + np.log1p(-apart_share)
    two = log_ratio(patterns, which, state.apart, u) + np.log(apart_share)
    both = np.logaddexp(one, two)
    return both, np.exp(two - both)


def posterior(ratio: np.ndarray, share: float) -> np.ndarray:
    """P(match) of patterns, where matches are this share of pairs."""
    odds = np.clip(ratio + np.log(share) - np.log1p(-share), -700, 700)
    return 1 / (1 + np.exp(-odds))


def matched(sample: Sample, state: State) -> tuple[np.ndarray, np.ndarray]:
    """Expected matches of each pattern, from what the rule can teach; and those of the second kind."""
    ratio, apart = match_ratio(sample.patterns, sample.trained, state, sample.u, sample.apart_share)
    found = sample.counts * posterior(ratio, sample.share)
    return found, found * apart


def maximise(samples: Sequence[Sample], state: State, tolerance: float = TOLERANCE) -> None:
    """Improve the state until nothing changes by more than the tolerance, or to the most iterations."""
    state.change = float("inf")
    for _ in range(ITERATIONS):
        found = [np.zeros(len(m)) for m in state.m]
        second = [np.zeros(len(m)) for m in state.m]
        change = 0.0
        for sample in samples:
            matches, apart = matched(sample, state)
            share = _share(matches, sample.counts)
            change, sample.share = max(change, abs(share - sample.share)), share
            sample.apart_share = _share(apart, matches)
            for c in sample.trained:
                kind = apart if c in state.together else 0 * apart
                found[c] += sample.scale * by_level(sample, c, matches - kind, len(found[c]))
                second[c] += sample.scale * by_level(sample, c, kind, len(found[c]))
                sample.u[c] = outside(sample, c, sample.counts - matches, state.u[c])
        change = max(change, _improve(state.m, found))
        if state.together:
            for c in range(len(state.m)):
                if c not in state.together:
                    state.apart[c] = state.m[c]
            change = max(change, _improve(state.apart, second))
        state.seen = [one + two for one, two in zip(found, second, strict=True)]
        state.change, state.steps = change, state.steps + 1
        if change < tolerance:
            return


def _share(part: np.ndarray, of: np.ndarray) -> float:
    return float(np.clip(part.sum() / max(float(of.sum()), 1e-9), 1e-9, 1 - 1e-9))


def _improve(m: Levels, found: Levels) -> float:
    """Set m from expected counts where there are any; returns the largest change."""
    change = 0.0
    for column, counts in enumerate(found):
        if counts.sum() > 0:
            smoothed = (counts + UNSEEN) / (counts.sum() + UNSEEN * len(counts))
            change = max(change, float(np.abs(smoothed - m[column]).max()))
            m[column] = smoothed
    return change


def by_level(sample: Sample, c: int, counts: np.ndarray, levels: int) -> np.ndarray:
    """Counts of one comparison's levels."""
    level = sample.patterns[:, c]
    present = level >= 0
    return np.bincount(level[present], counts[present], minlength=levels)


def outside(sample: Sample, c: int, counts: np.ndarray, u: np.ndarray) -> np.ndarray:
    """u of one comparison inside a rule, from its pairs weighted by `counts` and from random pairs."""
    if np.isinf(sample.known):
        return u
    found = by_level(sample, c, counts, len(u))
    known = sample.known * sample.counts.sum()
    mixed: np.ndarray = (found + known * u) / (found.sum() + known)
    return mixed
