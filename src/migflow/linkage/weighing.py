"""Match weights of pairs: levels to log2(m / u), frequent values telling less, pairs out of reach dropped early."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from migflow.linkage import blocking
from migflow.linkage.blocking import Keys, Rule
from migflow.linkage.compare import Compared
from migflow.linkage.model import LinkageModel, Lookalikes, MatchKind

# Pairs handled at once: their arrays stay in the processor's cache.
BATCH = 1 << 16
# Pairs of one task of the thread pool.
SPAN = 1 << 22
# Pairs for each record from which the records of a span are copied together before they are compared.
DENSE = 4
# Methods by what a pair costs.
_COST = {
    "exact": 0,
    "numeric": 0,
    "date": 1,
    "array_overlap": 1,
    "distance_km": 1,
    "nested_overlap": 1,
    "levenshtein": 3,
    "damerau": 3,
    "names": 3,
}
_DEAR = 4


@dataclass(frozen=True)
class Weigher:
    """One comparison with its weights: by level (missing first), and of equality by code where frequency counts."""

    compared: Compared
    by_level: np.ndarray
    codes: np.ndarray
    by_code: np.ndarray
    # What a kind of matches can add to each level's weight at most.
    reach: np.ndarray

    @property
    def bound(self) -> np.ndarray:
        """What each level adds at most."""
        return self.by_level + self.reach

    @property
    def bound_by_code(self) -> np.ndarray:
        """What equality adds at most, by code."""
        return self.by_code + self.reach[-1]

    @property
    def most(self) -> float:
        """The highest weight a pair can get."""
        return max(float((self.by_level + self.reach).max()), float(self.by_code.max(initial=-np.inf) + self.reach[-1]))

    def of(self, left: np.ndarray, right: np.ndarray) -> "Weigher":
        """The same for some records of each table, numbered anew."""
        codes = self.codes[left] if len(self.by_code) else self.codes
        return replace(self, compared=self.compared.of(left, right), codes=codes)


@dataclass(frozen=True)
class PairClass:
    """A class of pairs (a kind of matches, lookalikes): log2 of its share; log2(P(level) / u) by level, missing first.

    `equality`: log2 P(equality), of which the frequency of the value is taken where it counts.
    """

    share: float
    by_level: tuple[np.ndarray, ...]
    equality: tuple[float, ...]


@dataclass(frozen=True)
class Weights:
    """All that weighs a pair: comparisons in the order in which they are made, the prior (log2 odds), classes.

    `kinds` of matches are empty where m is the same for all; then, and without lookalikes, weights just add up.
    """

    weighers: tuple[Weigher, ...]
    prior: float
    kinds: tuple[PairClass, ...]
    lookalikes: tuple[PairClass, ...]

    @property
    def independent(self) -> bool:
        """Whether the weights of comparisons just add up."""
        return not self.kinds and not self.lookalikes

    def of(self, left: np.ndarray, right: np.ndarray) -> "Weights":
        """The same for some records of each table, numbered anew."""
        return replace(self, weighers=tuple(weigher.of(left, right) for weigher in self.weighers))


@dataclass(frozen=True)
class Scored:
    """Pairs with their weight (log2 odds, prior included) and the number of the rule that made them."""

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    rule: np.ndarray

    def __len__(self) -> int:
        return len(self.left)

    def take(self, chosen: np.ndarray) -> "Scored":
        """Some of the pairs, by mask or number."""
        return Scored(self.left[chosen], self.right[chosen], self.weight[chosen], self.rule[chosen])


def joined(parts: Iterable[Scored]) -> Scored:
    """All pairs of several parts, ordered by record numbers."""
    every = [Scored(*_no_pairs(), np.empty(0, np.int16)), *parts]
    columns = (np.concatenate([getattr(part, name) for part in every]) for name in ("left", "right", "weight", "rule"))
    scored = Scored(*columns)
    return scored.take(np.argsort(scored.left.astype(np.int64) << 32 | scored.right))


def weights_of(model: LinkageModel, compared: Sequence[Compared]) -> Weights:
    """Weights of a trained model, the cheapest and most telling comparison first."""
    made = [(_weigher(c, model, n), n) for n, c in enumerate(compared)]
    made.sort(key=lambda w: (_cost(w[0].compared), -float(np.ptp(w[0].by_level))))
    order = [n for _, n in made]
    kinds = tuple(_class(kind, model, order) for kind in model.kinds)
    lookalikes = tuple(_class(alike, model, order) for alike in model.lookalikes)
    return Weights(tuple(w for w, _ in made), model.prior_weight, kinds, lookalikes)


def _class(part: Lookalikes | MatchKind, model: LinkageModel, order: Sequence[int]) -> PairClass:
    by_level, equality = [], []
    for n in order:
        parameters = model.compares[n].parameters
        assert parameters is not None
        levels = np.log2(np.asarray(part.levels[n]))
        by_level.append(np.concatenate([[0.0], levels - np.log2(np.asarray(parameters.u))]))
        equality.append(float(levels[-1]))
    return PairClass(float(np.log2(part.share)), tuple(by_level), tuple(equality))


def _cost(compared: Compared) -> int:
    method = compared.comparison.method
    return _COST.get(method, 2) if isinstance(method, str) and method != "token_set" else _DEAR


def _weigher(compared: Compared, model: LinkageModel, number: int) -> Weigher:
    parameters = compared.comparison.parameters
    assert parameters is not None
    by_level = np.concatenate([[0.0], parameters.weights])
    reach = np.zeros(len(by_level))
    for kind in model.kinds:
        reach[1:] = np.maximum(reach[1:], np.log2(np.asarray(kind.levels[number])) - np.log2(np.asarray(parameters.m)))
    none = np.empty(0, np.int32), np.empty(0)
    if not compared.comparison.term_frequency or compared.codes is None:
        return Weigher(compared, by_level, *none, reach)
    left, right = compared.codes.counts()
    total = left + (0 if compared.codes.same_table else right)
    # Winkler (2000): two persons share a value with its frequency, one person has it whatever its frequency.
    share = np.maximum(total, 1) / max(int(total.sum()), 1)
    by_code = np.log2(parameters.m[-1]) - np.log2(share)
    return Weigher(compared, by_level, compared.codes.left, by_code, reach)


@njit(cache=True, nogil=True)
def _add_and_keep(
    levels: np.ndarray,
    by_level: np.ndarray,
    codes: np.ndarray,
    by_code: np.ndarray,
    need: float,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
) -> int:
    """Add one comparison's weight; keep, in place, the pairs that reach `need`; returns how many."""
    n = 0
    top = len(by_level) - 2
    for p in range(len(levels)):
        if levels[p] == top and len(by_code):
            w = weight[p] + by_code[codes[left[p]]]
        else:
            w = weight[p] + by_level[levels[p] + 1]
        if w >= need:
            left[n] = left[p]
            right[n] = right[p]
            weight[n] = w
            n += 1
    return n


class _Buffers:
    """Arrays of one task, for a batch of pairs."""

    def __init__(self) -> None:
        self.left = np.empty(BATCH, np.int32)
        self.right = np.empty(BATCH, np.int32)
        self.weight = np.empty(BATCH, np.float64)
        self.levels = np.empty(BATCH, np.int8)


def _needs(weighing: Sequence[Weigher], least: float) -> list[float]:
    """What a pair must have after each comparison to reach `least` still."""
    rest = np.cumsum([0.0] + [w.most for w in reversed(weighing)])[::-1]
    # A hair below, so that rounding drops no pair that equals the threshold.
    return [float(least - r - 1e-9) for r in rest[1:]]


def _weigh_batch(buffers: _Buffers, n: int, weights: Weights, needs: Sequence[float]) -> int:
    left, right, weight = buffers.left, buffers.right, buffers.weight
    weight[:n] = weights.prior
    for weigher, need in zip(weights.weighers, needs, strict=True):
        levels = buffers.levels[:n]
        weigher.compared.levels(left[:n], right[:n], levels)
        n = _add_and_keep(levels, weigher.bound, weigher.codes, weigher.bound_by_code, need, left, right, weight)
        if n == 0:
            break
    return n


def settle(weights: Weights, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Match weights of pairs where matches are of several kinds or lookalikes are known."""
    levels = np.empty(len(left), np.int8)
    classes = [*weights.kinds, *weights.lookalikes]
    totals = [np.full(len(left), part.share) for part in classes]
    plain = np.zeros(len(left))
    for c, weigher in enumerate(weights.weighers):
        weigher.compared.levels(left, right, levels)
        equal = np.flatnonzero(levels == weigher.compared.level_count - 1) if len(weigher.by_code) else None
        plain += weigher.by_level[levels + 1]
        for part, total in zip(classes, totals, strict=True):
            total += part.by_level[c][levels + 1]
        if equal is not None:
            m = weigher.compared.comparison.parameters
            assert m is not None
            by_code = weigher.by_code[weigher.codes[left[equal]]]
            plain[equal] += by_code - weigher.by_level[-1]
            share = np.log2(m.m[-1]) - by_code
            for part, total in zip(classes, totals, strict=True):
                total[equal] += part.equality[c] - share - part.by_level[c][-1]
    kinds, lookalikes = totals[: len(weights.kinds)], totals[len(weights.kinds) :]
    match = np.logaddexp2.reduce(kinds) if kinds else plain
    # A pair is one of one class of lookalikes: the classes overlap, as households of one surname and of one address.
    taken = np.logaddexp2(0.0, np.maximum.reduce(lookalikes)) if lookalikes else 0.0
    settled: np.ndarray = weights.prior + match - taken
    return settled


def weigh(weights: Weights, left: np.ndarray, right: np.ndarray, threads: int = 1) -> np.ndarray:
    """Match weights of given pairs."""
    out = np.empty(len(left))
    always = [-np.inf] * len(weights.weighers)

    def part(first: int) -> None:
        buffers = _Buffers()
        for at in range(first, min(first + SPAN, len(left)), BATCH):
            stop = min(at + BATCH, first + SPAN, len(left))
            n = stop - at
            if weights.independent:
                buffers.left[:n], buffers.right[:n] = left[at:stop], right[at:stop]
                _weigh_batch(buffers, n, weights, always)
                out[at:stop] = buffers.weight[:n]
            else:
                out[at:stop] = settle(weights, left[at:stop], right[at:stop])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, range(0, len(left), SPAN)))
    return out


def score_rules(
    rules: Iterable[Rule],
    keys: Keys,
    weights: Weights,
    least: float,
    threads: int,
    progress: Callable[[int], None],
) -> Iterator[Scored]:
    """Candidate pairs of weight `least` or more, each under the first rule that makes it, in spans of pairs.

    progress is told how many candidate pairs were looked at.
    """
    needs = _needs(weights.weighers, least)
    with ThreadPoolExecutor(threads) as pool:
        for rule in rules:
            starts = range(0, rule.pairs, SPAN)

            def span(first: int, rule: Rule = rule) -> Scored:
                stop = min(first + SPAN, rule.pairs)
                if rule.pairs < DENSE * len(rule.members) or rule.unordered:
                    return _score_span(rule, first, stop, keys, weights, needs, least)
                return _score_apart(rule, first, stop, keys, weights, needs, least)

            for first, scored in zip(starts, pool.map(span, starts), strict=True):
                progress(min(SPAN, rule.pairs - first))
                yield scored


def _score_apart(
    rule: Rule, first: int, stop: int, keys: Keys, weights: Weights, needs: Sequence[float], least: float
) -> Scored:
    """As _score_span, with a copy of the records of these blocks: a pair then costs no trip to the main memory."""
    blocks, left, right = blocking.blocks_of(rule, first, stop)
    own_keys = Keys(keys.left[left], keys.right[right])
    scored = _score_span(blocks, first, stop, own_keys, weights.of(left, right), needs, least)
    return replace(scored, left=left[scored.left], right=right[scored.right])


def _score_span(
    rule: Rule, first: int, stop: int, keys: Keys, weights: Weights, needs: Sequence[float], least: float
) -> Scored:
    buffers = _Buffers()
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for at in range(first, stop, BATCH):
        n = blocking.expand(
            rule.members,
            rule.before,
            rule.start,
            rule.right_members,
            at,
            min(at + BATCH, stop),
            rule.number,
            keys.left,
            keys.right,
            buffers.left,
            buffers.right,
        )
        if rule.unordered:
            left, right = buffers.left[:n], buffers.right[:n]
            left[:], right[:] = np.minimum(left, right), np.maximum(left, right)
        n = _weigh_batch(buffers, n, weights, needs)
        if n:
            kept.append((buffers.left[:n].copy(), buffers.right[:n].copy(), buffers.weight[:n].copy()))
    left, right, weight = (np.concatenate(p) for p in zip(*kept, strict=True)) if kept else _no_pairs()
    rules = np.full(len(left), rule.number, np.int16)
    if not weights.independent:
        weight = settle(weights, left, right)
    scored = Scored(left, right, weight, rules)
    return scored.take(weight >= least)


def _no_pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
