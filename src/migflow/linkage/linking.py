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
from migflow.linkage import assignment, budget, copies, weighing
from migflow.linkage.blocking import Keys, encode_keys, in_earlier_rule, rule_pairs
from migflow.linkage.budget import BlockSize
from migflow.linkage.clusters import clusters
from migflow.linkage.compare import Compared, prepare
from migflow.linkage.encode import encode
from migflow.linkage.inputs import Side, Source, read
from migflow.linkage.model import LinkageModel
from migflow.linkage.results import DedupeResult, LinkResult, probability_of, weight_of
from migflow.linkage.training import Training, train
from migflow.linkage.weighing import Scored

PAIR_BUDGET = 2_000_000_000
# Told what is being done, and how far: (step, done, of how many).
Progress = Callable[[str, int, int], None]


def _silent(step: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Options:
    """How to run: threads (all cores if None), candidate pairs allowed, seed of the samples, who hears of progress.

    `keep_from`: match probability from which candidate pairs are kept in the result, links or not; none if None.
    """

    threads: int | None = None
    pair_budget: int = PAIR_BUDGET
    seed: int = 1
    progress: Progress = _silent
    keep_from: float | None = None

    @property
    def workers(self) -> int:
        """Threads to use."""
        return self.threads or os.cpu_count() or 1


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
    # All ids, and for each record the first equal to it, where copies were taken together.
    copies: tuple[pa.ChunkedArray, np.ndarray] | None = None

    @property
    def other(self) -> Side:
        """The right table, or the one table."""
        return self.left if self.right is None else self.right

    @property
    def least(self) -> float:
        """The match weight from which a pair can be a link."""
        return weight_of(self.model.threshold)

    @property
    def kept_from(self) -> float:
        """The match weight from which pairs are kept."""
        asked = self.options.keep_from
        return self.least if asked is None else min(self.least, weight_of(asked))

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
    return link_prepared(prepared, one_to_one=one_to_one, candidates=candidates)


def link_prepared(prepared: Prepared, *, one_to_one: bool = False, candidates: pa.Table | None = None) -> LinkResult:
    """As link, of tables already prepared."""
    least, kept_from = prepared.least, prepared.kept_from
    scored = prepared.score(kept_from)
    if candidates is not None:
        scored = _joined(iter([scored, _given(prepared, candidates, kept_from)]))
    linked = np.flatnonzero(scored.weight >= least)
    if one_to_one and len(linked):
        prepared.options.progress("choosing one to one", 0, 0)
        over = scored.take(linked)
        linked = linked[assignment.one_to_one(over.left, over.right, over.weight - least + 1e-6)]
    pairs = pairs_table(prepared, scored.take(linked))
    kept = _candidates(prepared, scored, np.isin(np.arange(len(scored)), linked))
    return LinkResult(pairs, prepared.model, prepared.training, prepared.blocking, kept)


def dedupe(table: Source, model: LinkageModel, *, options: Options | None = None) -> DedupeResult:
    """Find the records of one table that are one person; as for link.

    Where blocks are very large, records equal in all that is compared are taken for one first: pairs then name one of
    them only.
    """
    return dedupe_prepared(prepare_tables(table, None, model, options or Options()))


def dedupe_prepared(prepared: Prepared) -> DedupeResult:
    """As dedupe, of a table already prepared."""
    least = prepared.least
    scored = prepared.score(prepared.kept_from)
    prepared.options.progress("clustering", 0, 0)
    conflicts = _conflicts(prepared)

    def shifted(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.where(conflicts(left, right), -np.inf, prepared.weigh(left, right) - least)

    scored = scored.take(~conflicts(scored.left, scored.right))
    over = scored.take(scored.weight >= least)
    labels = clusters(len(prepared.left), over.left, over.right, over.weight - least, weigh=shifted)
    inside = over.take(labels[over.left] == labels[over.right])
    found = _clusters_table(prepared, labels)
    pairs = pairs_table(prepared, inside)
    kept = _candidates(prepared, scored, labels[scored.left] == labels[scored.right])
    return DedupeResult(found, pairs, prepared.model, prepared.training, prepared.blocking, kept)


def _clusters_table(prepared: Prepared, labels: np.ndarray) -> pa.Table:
    """record_id and cluster_id of all records, copies with the one that stands for them."""
    ids = prepared.left.ids
    if prepared.copies is None:
        return pa.table({"record_id": ids, "cluster_id": ids.take(pa.array(labels))})
    every, first = prepared.copies
    alone = np.arange(len(first))
    stands = np.flatnonzero(first == alone)
    place = np.searchsorted(stands, first)
    # Equal in everything compared may still be too little to be one person.
    itself = np.arange(len(stands))
    enough = prepared.weigh(itself, itself) >= prepared.least
    label = np.where(enough[place] | (first == alone), stands[labels[place]], alone)
    return pa.table({"record_id": every, "cluster_id": every.take(pa.array(label))})


def prepare_tables(left: Source, right: Source | None, model: LinkageModel, options: Options) -> Prepared:
    """Read the tables, lay out blocks and values, train the model if it has no parameters."""
    with closing(duckdb.connect(config={"threads": options.workers})) as con:
        options.progress("reading", 0, 0)
        one = read(con, left, model, right=False)
        two = None if right is None else read(con, right, model, right=True)
        keys = encode_keys(one, two)
        sizes = budget.sizes(keys, model)
        together = None
        if two is None and copies.matter(sizes):
            together = (one.ids, copies.first_of(con, one))
            one = copies.subset(one, np.flatnonzero(together[1] == np.arange(len(one))))
            keys = encode_keys(one, None)
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
    return Prepared(one, two, keys, compared, model, training, tuple(sizes), options, made, together)


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


def _candidates(prepared: Prepared, scored: Scored, linked: np.ndarray) -> pa.Table | None:
    """What pairs_table has, and whether each pair is linked; None unless asked for."""
    if prepared.options.keep_from is None:
        return None
    return pairs_table(prepared, scored).append_column("linked", pa.array(linked))
