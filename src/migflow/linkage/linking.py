"""Link two tables, or a table with itself: read, block, train, weigh, decide."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migflow.errors import MigflowError
from migflow.linkage import assignment, budget, weighing
from migflow.linkage.blocking import Keys, encode_keys, in_earlier_rule, rule_pairs
from migflow.linkage.budget import BlockSize
from migflow.linkage.clusters import clusters
from migflow.linkage.compare import Compared, prepare
from migflow.linkage.encode import encode
from migflow.linkage.inputs import Side, Source, read
from migflow.linkage.model import LinkageModel
from migflow.linkage.training import Training, train
from migflow.linkage.weighing import Scored

PAIR_BUDGET = 2_000_000_000
# Told what is being done, and how far: (step, done, of how many).
Progress = Callable[[str, int, int], None]


def _silent(step: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Options:
    """How to run: threads (all cores if None), candidate pairs allowed, seed of the samples, who hears of progress."""

    threads: int | None = None
    pair_budget: int = PAIR_BUDGET
    seed: int = 1
    progress: Progress = _silent

    @property
    def workers(self) -> int:
        """Threads to use."""
        return self.threads or os.cpu_count() or 1


@dataclass(frozen=True)
class LinkResult:
    """Links: pairs (left_id, right_id, match_weight in log2, match_probability, rule), ordered by the ids.

    `model` as trained, `training` how that went (None if it was trained before), `blocking` what each rule made.
    """

    pairs: pa.Table
    model: LinkageModel
    training: Training | None
    blocking: tuple[BlockSize, ...]


@dataclass(frozen=True)
class DedupeResult:
    """Clusters: record_id and cluster_id (the smallest record_id of the cluster), ordered by record_id.

    The rest as for links; pairs are those inside clusters that a rule made, left_id before right_id.
    """

    clusters: pa.Table
    pairs: pa.Table
    model: LinkageModel
    training: Training | None
    blocking: tuple[BlockSize, ...]


@dataclass(frozen=True)
class Prepared:
    """Two tables (or one) ready to be weighed under a trained model."""

    left: Side
    right: Side | None
    keys: Keys
    compared: tuple[Compared, ...]
    model: LinkageModel
    training: Training | None
    blocking: tuple[BlockSize, ...]
    options: Options
    weighers: Sequence[weighing.Weigher]

    @property
    def other(self) -> Side:
        """The right table, or the one table."""
        return self.left if self.right is None else self.right

    def weigh(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Match weights of pairs given as record numbers."""
        return weighing.weigh(self.weighers, self.model.prior_weight, left, right, self.options.workers)

    def score(self, least: float) -> Scored:
        """Candidate pairs of match weight `least` or more, ordered by record numbers."""
        total, done = sum(b.pairs for b in self.blocking), 0

        def advance(pairs: int) -> None:
            nonlocal done
            done += pairs
            self.options.progress("comparing", done, total)

        rules = (rule_pairs(self.keys, b.number) for b in self.blocking if b.pairs)
        spans = weighing.score_rules(
            rules, self.keys, self.weighers, self.model.prior_weight, least, self.options.workers, advance
        )
        return _joined(spans)


def _joined(spans: Iterator[Scored]) -> Scored:
    parts = list(spans) or [Scored(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0, np.int16))]
    columns = (np.concatenate([getattr(p, name) for p in parts]) for name in ("left", "right", "weight", "rule"))
    scored = Scored(*columns)
    return scored.take(np.lexsort((scored.right, scored.left)))


def link(
    left: Source,
    right: Source,
    model: LinkageModel,
    *,
    one_to_one: bool = False,
    candidates: pa.Table | None = None,
    options: Options | None = None,
) -> LinkResult:
    """Link records of two tables (Arrow, pandas, DuckDB relation, or path of Parquet or CSV).

    one_to_one: each record in at most one link, chosen by the largest total weight. candidates: pairs (left_id,
    right_id) to weigh besides those of the rules; their rule is 'given'. A model without parameters is trained first.
    MigflowError if a table does not fit the model or a rule makes more pairs than the budget.
    """
    prepared = prepare_tables(left, right, model, options or Options())
    least = weight_of(prepared.model.threshold)
    scored = prepared.score(least)
    if candidates is not None:
        scored = _joined(iter([scored, _given(prepared, candidates, least)]))
    if one_to_one and len(scored):
        prepared.options.progress("choosing one to one", 0, 0)
        scored = scored.take(assignment.one_to_one(scored.left, scored.right, scored.weight - least + 1e-6))
    pairs = pairs_table(prepared, scored)
    return LinkResult(pairs, prepared.model, prepared.training, prepared.blocking)


def dedupe(table: Source, model: LinkageModel, *, options: Options | None = None) -> DedupeResult:
    """Find the records of one table that are one person; as for link."""
    options = options or Options()
    prepared = prepare_tables(table, None, model, options)
    least = weight_of(prepared.model.threshold)
    scored = prepared.score(least)
    options.progress("clustering", 0, 0)
    conflicts = _conflicts(prepared)

    def shifted(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.where(conflicts(left, right), -np.inf, prepared.weigh(left, right) - least)

    scored = scored.take(~conflicts(scored.left, scored.right))
    labels = clusters(len(prepared.left), scored.left, scored.right, scored.weight - least, weigh=shifted)
    inside = scored.take(labels[scored.left] == labels[scored.right])
    ids = prepared.left.ids
    found = pa.table({"record_id": ids, "cluster_id": ids.take(pa.array(labels))})
    return DedupeResult(found, pairs_table(prepared, inside), prepared.model, prepared.training, prepared.blocking)


def weight_of(probability: float) -> float:
    """log2 of the odds of a probability."""
    return float(np.log2(probability) - np.log2(1 - probability))


def probability_of(weight: np.ndarray) -> np.ndarray:
    """The probability of log2 odds."""
    return 1 / (1 + np.exp2(-weight))


def prepare_tables(left: Source, right: Source | None, model: LinkageModel, options: Options) -> Prepared:
    """Read the tables, lay out blocks and values, train the model if it has no parameters."""
    with closing(duckdb.connect(config={"threads": options.workers})) as con:
        options.progress("reading", 0, 0)
        one = read(con, left, model, right=False)
        two = None if right is None else read(con, right, model, right=True)
        keys = encode_keys(one, two)
        sizes = budget.sizes(keys, model)
        budget.check(con, sizes, keys, model, one.name, options.pair_budget)
    options.progress("preparing values", 0, 0)
    with ThreadPoolExecutor(options.workers) as pool:
        numbers = range(len(model.compares))
        compared = tuple(pool.map(lambda n: prepare(model.compares[n], n, one, two), numbers))
    training = None
    if not model.trained:
        options.progress("training", 0, 0)
        counts = (len(one), len(one if two is None else two))
        model, training = train(model, compared, keys, counts, options.workers, options.seed)
        compared = tuple(replace(c, comparison=k) for c, k in zip(compared, model.compares, strict=True))
    made = weighing.weighers(compared)
    return Prepared(one, two, keys, compared, model, training, tuple(sizes), options, made)


def weigh_pairs(
    left: Source, right: Source, model: LinkageModel, pairs: pa.Table, *, options: Options | None = None
) -> pa.Table:
    """Weigh given pairs (left_id, right_id) under a trained model.

    left_id, right_id, evidence (log2 of the likelihood ratio, without the prior), match_weight, match_probability.
    MigflowError if the model is not trained or an id is of neither table.
    """
    if not model.trained:
        raise MigflowError(f"{model.source} has no parameters; train it by linking first.")
    prepared = prepare_tables(left, right, model, options or Options())
    one, two = _numbers(prepared.left, pairs["left_id"]), _numbers(prepared.other, pairs["right_id"])
    weight = prepared.weigh(one, two)
    return pa.table(
        {
            "left_id": pairs["left_id"],
            "right_id": pairs["right_id"],
            "evidence": weight - model.prior_weight,
            "match_weight": weight,
            "match_probability": probability_of(weight),
        }
    )


def _given(prepared: Prepared, candidates: pa.Table, least: float) -> Scored:
    """Given pairs that no rule makes, of weight `least` or more."""
    rules = len(prepared.model.blocks)
    left, right = _numbers(prepared.left, candidates["left_id"]), _numbers(prepared.other, candidates["right_id"])
    pairs = np.unique(left.astype(np.int64) << 32 | right)
    left, right = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    new = ~in_earlier_rule(prepared.keys, left, right, rules)
    weight = prepared.weigh(left[new], right[new])
    return Scored(left[new], right[new], weight, np.full(len(weight), rules, np.int16)).take(weight >= least)


def _numbers(side: Side, ids: pa.ChunkedArray) -> np.ndarray:
    """Record numbers of ids."""
    found = pc.index_in(ids, value_set=side.ids)
    if found.null_count:
        raise MigflowError(f"{found.null_count:,} ids of the given pairs are not in {side.name}.")
    numbers: np.ndarray = found.to_numpy().astype(np.int32)
    return numbers


def _conflicts(prepared: Prepared) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Whether pairs cannot be one person: an equal value of a unique column, or the lowest level of a conflict."""
    unique = [encode(column, None).left for column in prepared.left.unique]
    levels = [c for c in prepared.compared if c.comparison.conflict]

    def conflicting(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        found = np.zeros(len(left), bool)
        for codes in unique:
            found |= (codes[left] == codes[right]) & (codes[left] >= 0)
        out = np.empty(len(left), np.int8)
        for compared in levels:
            compared.levels(left, right, out)
            found |= out == 0
        return found

    return conflicting


def pairs_table(prepared: Prepared, scored: Scored) -> pa.Table:
    """left_id, right_id, match_weight, match_probability, rule."""
    names = pa.array([*(b.name for b in prepared.model.blocks), "given"])
    return pa.table(
        {
            "left_id": prepared.left.ids.take(pa.array(scored.left)),
            "right_id": prepared.other.ids.take(pa.array(scored.right)),
            "match_weight": scored.weight,
            "match_probability": probability_of(scored.weight),
            "rule": names.take(pa.array(scored.rule)),
        }
    )
