"""Parameters without labels: u from random pairs and exact frequencies, m by expectation-maximisation, the prior.

Fellegi and Sunter (1969); EM on counts of patterns of levels after Winkler (1988). Each blocking rule's pairs say
nothing of the columns of that rule: they train the other comparisons only. m is common to all rules, the share of
matches each rule's own.

Two things break the independence that the theory supposes. The pairs of some rules that are not matches have more in
common than chance: those of one address are households, those of one postcode are of one municipality. EM would take
what they share for evidence. Such rules are found by training twice, with u of random pairs and with a u of each rule's
own: where the second finds less than half of the matches of the first, the rule keeps its own u and becomes a class of
lookalikes. And some comparisons differ together in matches: all parts of an address, when a person moves. They are
found among random pairs, in which they are equal together far more often than chance; matches then are of two kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from migflow.linkage.blocking import Keys
from migflow.linkage.compare import Compared
from migflow.linkage.expectation import (
    ITERATIONS,
    KNOWN_AMONG_LOOKALIKES,
    TOLERANCE,
    Levels,
    State,
    maximise,
    outside,
)
from migflow.linkage.model import LinkageModel, Lookalikes, MatchKind, Parameters
from migflow.linkage.random_pairs import UNSEEN, all_pairs, belong_together, frequencies, random_levels, without_matches
from migflow.linkage.samples import Sample, draw
from migflow.linkage.structure import class_levels, prior

ROUNDS = 3
# Share of matches from which EM starts in each rule, and of the second kind among them.
FIRST_SHARE = 0.05
FIRST_APART = 0.1
# What a parameter may still change where only the order of magnitude of matches is asked for.
ROUGHLY = 1e-3
# A rule's own u is kept where it leaves less than this of the matches.
FEWER_MATCHES = 0.5


@dataclass(frozen=True)
class RuleTraining:
    """What one rule taught: its pairs, those looked at, the matches found, whether the rest are lookalikes."""

    rule: str
    pairs: int
    sampled: int
    matches: float
    lookalikes: bool


@dataclass(frozen=True)
class Training:
    """How training went: iterations, whether it converged, largest last change of a parameter, what to beware of."""

    iterations: int
    converged: bool
    last_change: float
    rules: tuple[RuleTraining, ...]
    random_pairs: int
    warnings: tuple[str, ...]


def train(
    model: LinkageModel,
    compared: Sequence[Compared],
    keys: Keys,
    sizes: tuple[int, int],
    given_prior: float | None,
    threads: int,
    seed: int,
) -> tuple[LinkageModel, Training]:
    """The model with prior and parameters, and how training went; the prior is found unless one is given."""
    rng = np.random.default_rng(seed)
    total = all_pairs(sizes, keys.same_table)
    drawn = random_levels(compared, sizes, keys.same_table, total, threads, rng)
    random = [frequencies(c, drawn[:, n]) for n, c in enumerate(compared)]
    samples = draw(model, compared, keys, threads, rng)
    first_prior = min(0.5, max(1.0, 0.5 * min(sizes)) / max(total, 2))
    start = State([_first_m(len(f)) for f in random], random, first_prior, _structured(samples, random, total))
    state = _fit(samples, random, start, total)
    group = belong_together(drawn, [c.level_count - 1 for c in compared], state.prior)
    if group:
        state = _fit(samples, random, _in_two_kinds(state, group), total)
    # Only now: u is freed of the matches among random pairs by the prior found, a wrong one would distort it.
    state.prior = given_prior or state.prior
    return _trained(model, samples, state, total), _report(model, samples, state, len(drawn))


def _first_m(levels: int) -> np.ndarray:
    """Before anything is known: one person's values mostly agree."""
    m = np.full(levels, 0.2 / (levels - 1))
    m[-1] = 0.8
    return m


def _structured(samples: Sequence[Sample], random: Levels, total: int) -> set[int]:
    """Numbers of the rules that make lookalikes: their non-matches have more in common than chance."""
    found = []
    for known in (np.inf, KNOWN_AMONG_LOOKALIKES):
        state = State([_first_m(len(f)) for f in random], list(random), 0.5 / max(total, 1), set())
        for sample in samples:
            sample.known = known
        _begin(samples, state)
        maximise(samples, state, ROUGHLY)
        found.append([s.share for s in samples])
    alike = {s.rule.number for s, one, own in zip(samples, *found, strict=True) if own < FEWER_MATCHES * one}
    for sample in samples:
        sample.known = KNOWN_AMONG_LOOKALIKES if sample.rule.number in alike else np.inf
    return alike


def _in_two_kinds(state: State, group: tuple[int, ...]) -> State:
    """The state to start from where the comparisons of a group go together: a second kind in which they differ."""
    apart = [m if c not in group else 0.5 * (state.u[c] + m) for c, m in enumerate(state.m)]
    return replace(state, m=list(state.m), together=group, apart=apart, apart_share=FIRST_APART)


def _fit(samples: Sequence[Sample], random: Levels, start: State, total: int) -> State:
    """Find all parameters, from a state to start with."""
    state = replace(start, m=list(start.m), u=list(start.u))
    _begin(samples, state)
    for _ in range(ROUNDS):
        maximise(samples, state)
        prior(samples, state, total)
        # Random pairs hold matches too, which in small tables make up most of the agreements.
        mixed = _mixed(state)
        state.u = [without_matches(f, m, state.prior, total) for f, m in zip(random, mixed, strict=True)]
    return state


def _begin(samples: Sequence[Sample], state: State) -> None:
    """Set what EM starts from in each rule."""
    for sample in samples:
        sample.share, sample.apart_share = FIRST_SHARE, FIRST_APART
        # As if none of the rule's pairs were matches: what all of them share tells nothing.
        sample.u = [outside(sample, c, sample.counts, u) for c, u in enumerate(state.u)]


def _mixed(state: State) -> Levels:
    """m of matches of both kinds."""
    if not state.together:
        return state.m
    share = state.apart_share
    return [(1 - share) * one + share * two for one, two in zip(state.m, state.apart, strict=True)]


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(map(float, values))


def _trained(model: LinkageModel, samples: Sequence[Sample], state: State, total: int) -> LinkageModel:
    parameters = [Parameters(_plain(m), _plain(u)) for m, u in zip(_mixed(state), state.u, strict=True)]
    lookalikes = tuple(
        Lookalikes(
            model.blocks[s.rule.number].name,
            (1 - s.share) * s.rule.pairs / total,
            tuple(_plain(levels) for levels in class_levels(s, state)),
        )
        for s in samples
        if s.rule.number in state.lookalikes
    )
    kinds: tuple[MatchKind, ...] = ()
    if state.together:
        shares = ((1 - state.apart_share, state.m), (state.apart_share, state.apart))
        kinds = tuple(MatchKind(share, tuple(_plain(m) for m in levels)) for share, levels in shares)
    return model.with_parameters(state.prior, parameters, lookalikes, kinds)


def _report(model: LinkageModel, samples: Sequence[Sample], state: State, drawn: int) -> Training:
    rules = tuple(
        RuleTraining(
            model.blocks[s.rule.number].name,
            s.rule.pairs,
            int(s.counts.sum()),
            s.share * s.rule.pairs,
            s.rule.number in state.lookalikes,
        )
        for s in samples
    )
    warnings = _warnings(model, samples, state)
    return Training(state.steps, state.change < TOLERANCE, state.change, rules, drawn, warnings)


def _warnings(model: LinkageModel, samples: Sequence[Sample], state: State) -> tuple[str, ...]:
    """What a person should know before trusting the parameters."""
    if not samples:
        return ("No rule makes a candidate pair: parameters are the starting values.",)
    found = []
    if state.change >= TOLERANCE:
        found.append(f"EM did not converge in {ITERATIONS} iterations (last change {state.change:.1e}).")
    for comparison, counts in zip(model.compares, state.seen, strict=True):
        if counts.sum() == 0:
            found.append(
                f"{comparison.name}: every rule blocks on it, so nothing is learnt of it; add a rule without it."
            )
            continue
        found += [
            f"{comparison.name}: level {label!r} was never seen among likely matches."
            for label, count in zip(comparison.level_names, counts, strict=True)
            if count < UNSEEN
        ]
    return tuple(found)
