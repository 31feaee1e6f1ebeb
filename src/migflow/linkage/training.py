"""Parameters without labels: u from random pairs and exact frequencies, m by expectation-maximisation, the prior.

Fellegi and Sunter (1969); EM on counts of patterns of levels after Winkler (1988). Each blocking rule's pairs say
nothing of the columns of that rule: they train the other comparisons only. m is common to all rules; the share of
matches and u are each rule's own, since inside blocks of one postcode all are of one municipality and inside those of
one address all of one surname: taken for evidence, that would make every pair of the rule a match.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from migflow.linkage import blocking
from migflow.linkage.blocking import Keys, Rule
from migflow.linkage.compare import Compared
from migflow.linkage.expressions import columns_of
from migflow.linkage.model import LinkageModel, Parameters
from migflow.linkage.weighing import BATCH

RANDOM_PAIRS = 1_000_000
RULE_PAIRS = 250_000
# With fewer expected matches than this in a rule's sample, a larger sample is taken.
ENOUGH_MATCHES = 5_000
RULE_PAIRS_MOST = 4_000_000
ITERATIONS = 500
TOLERANCE = 1e-6
# Counts added to each level, so that one that was never seen is unlikely and not impossible.
UNSEEN = 0.5
ROUNDS = 3
# How much u of random pairs counts in a rule's own u, in pairs for each pair of the rule: enough that matches with many
# errors do not pass for a kind of non-matches where a rule makes few others.
OUTSIDE_KNOWLEDGE = 0.2


@dataclass(frozen=True)
class RuleTraining:
    """What one rule taught: its pairs, those looked at, the share of matches found among them."""

    rule: str
    pairs: int
    sampled: int
    matches: float


@dataclass(frozen=True)
class Training:
    """How training went: iterations, whether it converged, largest last change of a parameter, what to beware of."""

    iterations: int
    converged: bool
    last_change: float
    rules: tuple[RuleTraining, ...]
    random_pairs: int
    warnings: tuple[str, ...]


@dataclass
class _Sample:
    """Patterns of one rule's sampled pairs (p x comparisons, -1 missing) with counts, and their part of the pairs."""

    rule: Rule
    patterns: np.ndarray
    counts: np.ndarray
    first_counts: np.ndarray
    trains: np.ndarray
    share: float
    u: list[np.ndarray]

    @property
    def scale(self) -> float:
        """Pairs of the rule for each pair sampled."""
        return self.rule.pairs / max(float(self.counts.sum()), 1.0)


def train(
    model: LinkageModel, compared: Sequence[Compared], keys: Keys, sizes: tuple[int, int], threads: int, seed: int
) -> tuple[LinkageModel, Training]:
    """The model with prior and parameters, and how training went."""
    rng = np.random.default_rng(seed)
    total = _all_pairs(sizes, keys.same_table)
    random_counts, drawn = _random_levels(compared, sizes, keys.same_table, total, threads, rng)
    frequencies = [_random_frequencies(c, counts) for c, counts in zip(compared, random_counts, strict=True)]
    samples = _samples(model, compared, keys, threads, rng)
    prior = min(0.5, max(1.0, 0.5 * min(sizes)) / max(total, 2))
    u = [f.copy() for f in frequencies]
    m = [_first_m(len(f)) for f in u]
    for sample in samples:
        sample.u = [f.copy() for f in u]
    steps, change = 0, float("inf")
    for _ in range(ROUNDS):
        taken, change, seen = _maximise(samples, m, u)
        steps += taken
        prior = _prior(model, samples, m, u, prior, total, keys)
        # Random pairs hold matches too, which in small tables make up most of the agreements.
        u = [_without_matches(f, mm, prior, total) for f, mm in zip(frequencies, m, strict=True)]
    parameters = [Parameters(tuple(map(float, a)), tuple(map(float, b))) for a, b in zip(m, u, strict=True)]
    rules = tuple(
        RuleTraining(model.blocks[s.rule.number].name, s.rule.pairs, int(s.counts.sum()), s.share * s.rule.pairs)
        for s in samples
    )
    warnings = _warnings(model, samples, seen, change)
    trained = model.with_parameters(prior, parameters)
    return trained, Training(steps, change < TOLERANCE, float(change), rules, drawn, warnings)


def _all_pairs(sizes: tuple[int, int], same_table: bool) -> int:
    return sizes[0] * (sizes[0] - 1) // 2 if same_table else sizes[0] * sizes[1]


def _first_m(levels: int) -> np.ndarray:
    """Before anything is known: one person's values mostly agree."""
    m = np.full(levels, 0.2 / (levels - 1))
    m[-1] = 0.8
    return m


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


def _random_levels(
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
    if total <= RANDOM_PAIRS:
        left, right = np.divmod(np.arange(sizes[0] * sizes[1]), sizes[1])
    else:
        left, right = rng.integers(0, sizes[0], RANDOM_PAIRS), rng.integers(0, sizes[1], RANDOM_PAIRS)
    if same_table:
        left, right = left[left != right], right[left != right]
    levels = levels_of(compared, left.astype(np.int32), right.astype(np.int32), threads)
    counts = [np.bincount(levels[:, c][levels[:, c] >= 0], minlength=k.level_count) for c, k in enumerate(compared)]
    return counts, len(left)


def _random_frequencies(compared: Compared, counts: np.ndarray) -> np.ndarray:
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


def _without_matches(frequency: np.ndarray, m: np.ndarray, prior: float, total: int) -> np.ndarray:
    """u of each level: its frequency in random pairs less what the matches among them bring."""
    u = np.maximum((frequency - prior * m) / (1 - prior), np.minimum(frequency, 0.5 / max(total, 1)))
    return u / u.sum()


def _samples(
    model: LinkageModel, compared: Sequence[Compared], keys: Keys, threads: int, rng: np.random.Generator
) -> list[_Sample]:
    """A sample of each rule's pairs, as patterns of levels with their counts."""
    samples = []
    for number, block in enumerate(model.blocks):
        rule = blocking.rule_pairs(keys, number)
        if rule.pairs == 0:
            continue
        on = set().union(*(columns_of(e) for right in (False, True) for e in block.side(right)))
        used = [set().union(*(columns_of(e) for r in (False, True) for e in c.side(r))) for c in model.compares]
        trains = np.array([not columns & on for columns in used])
        samples.append(_sample(rule, compared, keys, trains, RULE_PAIRS_MOST, threads, rng))
    return samples


def _sample(
    rule: Rule,
    compared: Sequence[Compared],
    keys: Keys,
    trains: np.ndarray,
    most: int,
    threads: int,
    rng: np.random.Generator,
) -> _Sample:
    size = min(rule.pairs, RULE_PAIRS if rule.pairs < ENOUGH_MATCHES * 100 * len(rule.members) else most)
    positions = np.arange(rule.pairs) if size == rule.pairs else np.sort(rng.integers(0, rule.pairs, size))
    left, right = blocking.pairs_at(rule, positions)
    levels = levels_of(compared, left, right, threads)
    first = ~blocking.in_earlier_rule(keys, left, right, rule.number)
    radix = np.cumprod([1] + [c.level_count + 1 for c in compared[:-1]]).astype(np.int64)
    _, at, place, counts = np.unique(
        (levels.astype(np.int64) + 1) @ radix, return_index=True, return_inverse=True, return_counts=True
    )
    first_counts = np.bincount(place, weights=first, minlength=len(at))
    return _Sample(rule, levels[at], counts.astype(float), first_counts, trains, 0.05, [])


def _log_ratio(patterns: np.ndarray, which: np.ndarray, m: list[np.ndarray], u: list[np.ndarray]) -> np.ndarray:
    """ln of P(pattern | one person) / P(pattern | two persons), over the comparisons named."""
    out = np.zeros(len(patterns))
    for c in np.flatnonzero(which):
        out += np.append(np.log(m[c]) - np.log(u[c]), 0.0)[patterns[:, c]]
    return out


def _posterior(log_ratio: np.ndarray, share: float) -> np.ndarray:
    odds = np.clip(log_ratio + np.log(share) - np.log1p(-share), -700, 700)
    return 1 / (1 + np.exp(-odds))


def _maximise(
    samples: Sequence[_Sample], m: list[np.ndarray], u: list[np.ndarray]
) -> tuple[int, float, list[np.ndarray]]:
    """EM in place on m and on each sample's share of matches: steps, last change, expected matches at each level."""
    seen = [np.zeros(len(mm)) for mm in m]
    change, step = float("inf"), 0
    while step < ITERATIONS and change >= TOLERANCE:
        step += 1
        found = [np.zeros(len(mm)) for mm in m]
        shares = []
        for sample in samples:
            probability = _posterior(_log_ratio(sample.patterns, sample.trains, m, sample.u), sample.share)
            matched, other = sample.counts * probability, sample.counts * (1 - probability)
            shares.append(float(np.clip(matched.sum() / sample.counts.sum(), 1e-9, 1 - 1e-9)))
            for c in np.flatnonzero(sample.trains):
                level = sample.patterns[:, c]
                present = level >= 0
                found[c] += sample.scale * np.bincount(level[present], matched[present], minlength=len(m[c]))
                outside = np.bincount(level[present], other[present], minlength=len(m[c]))
                known = OUTSIDE_KNOWLEDGE * sample.counts.sum()
                sample.u[c] = (outside + known * u[c]) / (outside.sum() + known)
        change = max((abs(new - s.share) for new, s in zip(shares, samples, strict=True)), default=0.0)
        for sample, share in zip(samples, shares, strict=True):
            sample.share = share
        for column, counts in enumerate(found):
            if counts.sum() > 0:
                smoothed = (counts + UNSEEN) / (counts.sum() + UNSEEN * len(counts))
                change = max(change, float(np.abs(smoothed - m[column]).max()))
                m[column] = smoothed
        seen = found
    return step, change, seen


def _prior(
    model: LinkageModel,
    samples: Sequence[_Sample],
    m: list[np.ndarray],
    u: list[np.ndarray],
    prior: float,
    total: int,
    keys: Keys,
) -> float:
    """Share of matches among all pairs: the expected matches among the candidates of all rules together."""
    if not samples or not total:
        return prior
    everything = np.ones(len(m), bool)
    ratios = [_log_ratio(s.patterns, everything, m, u) for s in samples]
    for _ in range(ITERATIONS):
        found = [s.scale * float(s.first_counts @ _posterior(r, prior)) for s, r in zip(samples, ratios, strict=True)]
        new = min(max(sum(found), 0.5) / total, 0.5)
        if abs(new - prior) <= TOLERANCE * prior:
            break
        prior = new
    return new


def _warnings(
    model: LinkageModel, samples: Sequence[_Sample], seen: Sequence[np.ndarray], change: float
) -> tuple[str, ...]:
    """What a person should know before trusting the parameters."""
    found = []
    if not samples:
        found.append("No rule makes a candidate pair: parameters are the starting values.")
    if change >= TOLERANCE:
        found.append(f"EM did not converge in {ITERATIONS} iterations (last change {change:.1e}).")
    for number, comparison in enumerate(model.compares):
        counts = seen[number]
        if samples and counts.sum() == 0:
            found.append(
                f"{comparison.name}: every rule blocks on it, so nothing is learnt of it; add a rule without it."
            )
            continue
        found += [
            f"{comparison.name}: level {label!r} was never seen among likely matches."
            for label, count in zip(comparison.level_names, counts, strict=True)
            if samples and count < UNSEEN
        ]
    return tuple(found)
