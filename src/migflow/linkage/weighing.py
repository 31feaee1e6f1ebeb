"""Match weights of pairs: levels to log2(m / u), frequent values telling less, pairs out of reach dropped early."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from migflow.linkage import blocking
from migflow.linkage.blocking import Keys, Rule
from migflow.linkage.compare import Compared

# Pairs handled at once: their arrays stay in the processor's cache.
BATCH = 1 << 16
# Pairs of one task of the thread pool.
SPAN = 1 << 22
# Methods by what a pair costs.
_COST = {"exact": 0, "numeric": 0, "date": 1, "array_overlap": 1, "distance_km": 1, "nested_overlap": 1, "names": 3}
_DEAR = 4


@dataclass(frozen=True)
class Weigher:
    """One comparison with its weights: by level (missing first), and of equality by code where frequency counts."""

    compared: Compared
    by_level: np.ndarray
    codes: np.ndarray
    by_code: np.ndarray

    @property
    def most(self) -> float:
        """The highest weight a pair can get."""
        return max(float(self.by_level.max()), float(self.by_code.max(initial=-np.inf)))


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
    return scored.take(np.lexsort((scored.right, scored.left)))


def weighers(compared: Sequence[Compared]) -> list[Weigher]:
    """Weights of trained comparisons, the cheapest and most telling first."""
    made = [_weigher(c) for c in compared]
    return sorted(made, key=lambda w: (_cost(w.compared), -float(np.ptp(w.by_level))))


def _cost(compared: Compared) -> int:
    method = compared.comparison.method
    return _COST.get(method, 2) if isinstance(method, str) and method != "token_set" else _DEAR


def _weigher(compared: Compared) -> Weigher:
    parameters = compared.comparison.parameters
    assert parameters is not None
    by_level = np.concatenate([[0.0], parameters.weights])
    none = np.empty(0, np.int32), np.empty(0)
    if not compared.comparison.term_frequency or compared.codes is None:
        return Weigher(compared, by_level, *none)
    left, right = compared.codes.counts()
    total = left + (0 if compared.codes.same_table else right)
    # Winkler (2000): two persons share a value with its frequency, one person has it whatever its frequency.
    share = np.maximum(total, 1) / max(int(total.sum()), 1)
    return Weigher(compared, by_level, compared.codes.left, np.log2(parameters.m[-1]) - np.log2(share))


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


def _weigh_batch(
    buffers: _Buffers, n: int, weighing: Sequence[Weigher], needs: Sequence[float], prior_weight: float
) -> int:
    left, right, weight = buffers.left, buffers.right, buffers.weight
    weight[:n] = prior_weight
    for weigher, need in zip(weighing, needs, strict=True):
        levels = buffers.levels[:n]
        weigher.compared.levels(left[:n], right[:n], levels)
        n = _add_and_keep(levels, weigher.by_level, weigher.codes, weigher.by_code, need, left, right, weight)
        if n == 0:
            break
    return n


def weigh(
    weighing: Sequence[Weigher], prior_weight: float, left: np.ndarray, right: np.ndarray, threads: int = 1
) -> np.ndarray:
    """Match weights of given pairs."""
    out = np.empty(len(left))

    def part(first: int) -> None:
        buffers = _Buffers()
        for at in range(first, min(first + SPAN, len(left)), BATCH):
            stop = min(at + BATCH, first + SPAN, len(left))
            n = stop - at
            buffers.left[:n], buffers.right[:n] = left[at:stop], right[at:stop]
            _weigh_batch(buffers, n, weighing, [-np.inf] * len(weighing), prior_weight)
            out[at:stop] = buffers.weight[:n]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, range(0, len(left), SPAN)))
    return out


def score_rules(
    rules: Iterable[Rule],
    keys: Keys,
    weighing: Sequence[Weigher],
    prior_weight: float,
    least: float,
    threads: int,
    progress: Callable[[int], None],
) -> Iterator[Scored]:
    """Candidate pairs of weight `least` or more, each under the first rule that makes it, in spans of pairs.

    progress is told how many candidate pairs were looked at.
    """
    needs = _needs(weighing, least)
    with ThreadPoolExecutor(threads) as pool:
        for rule in rules:
            starts = range(0, rule.pairs, SPAN)

            def span(first: int, rule: Rule = rule) -> Scored:
                return _score_span(rule, first, keys, weighing, needs, prior_weight)

            for first, scored in zip(starts, pool.map(span, starts), strict=True):
                progress(min(SPAN, rule.pairs - first))
                yield scored


def _score_span(
    rule: Rule, first: int, keys: Keys, weighing: Sequence[Weigher], needs: Sequence[float], prior_weight: float
) -> Scored:
    buffers = _Buffers()
    kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    stop = min(first + SPAN, rule.pairs)
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
        n = _weigh_batch(buffers, n, weighing, needs, prior_weight)
        if n:
            kept.append((buffers.left[:n].copy(), buffers.right[:n].copy(), buffers.weight[:n].copy()))
    left, right, weight = (np.concatenate(p) for p in zip(*kept, strict=True)) if kept else _no_pairs()
    return Scored(left, right, weight, np.full(len(left), rule.number, np.int16))


def _no_pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
