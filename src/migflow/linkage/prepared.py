"""Tables made ready for linking: read, blocked, values laid out, the model trained; and their pairs weighed."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migflow.errors import MigflowError
from migflow.linkage import blocking, budget, copies, weighing
from migflow.linkage.blocking import Keys, Rule, encode_keys
from migflow.linkage.budget import BlockSize
from migflow.linkage.compare import Compared, prepare
from migflow.linkage.index import (
    SLACK,
    Index,
    Known,
    contents,
    known,
    largest_rise,
    pairs_of,
    shares_of,
    still_known,
)
from migflow.linkage.inputs import Side, Source, read
from migflow.linkage.model import LinkageModel
from migflow.linkage.random_pairs import all_pairs
from migflow.linkage.results import weight_of
from migflow.linkage.training import Training, train
from migflow.linkage.weighing import Scored, joined

PAIR_BUDGET = 2_000_000_000
# Told what is being done, and how far: (step, done, of how many).
Progress = Callable[[str, int, int], None]


def _silent(step: str, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Options:
    """How to run: threads (all cores if None), candidate pairs allowed, seed of the samples, who hears of progress.

    `keep_from`: match probability from which candidate pairs are kept in the result, links or not; none if None.
    `index`: what an earlier run left, to be used; `keep_index`: leave one for the next run.
    """

    threads: int | None = None
    pair_budget: int = PAIR_BUDGET
    seed: int = 1
    progress: Progress = _silent
    keep_from: float | None = None
    index: Index | None = None
    keep_index: bool = False

    def __post_init__(self) -> None:
        if self.threads is not None and self.threads < 1:
            raise MigflowError(f"threads is {self.threads}, expected 1 or more.")

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
    weights: weighing.Weights
    # All ids, and for each record the first equal to it, where copies were taken together.
    copies: tuple[pa.ChunkedArray, np.ndarray] | None = None
    # id and content of the records of both tables, and what an index knows of them.
    contents: tuple[pa.Table, pa.Table] | None = None
    known: Known | None = None

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
        least = self.least if asked is None else min(self.least, weight_of(asked))
        return min(least, self.least - SLACK) if self.contents else least

    @property
    def reuses(self) -> bool:
        """Whether pairs of an earlier run are used."""
        return self.known is not None

    def weigh(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Match weights of pairs given as record numbers."""
        return weighing.weigh(self.weights, left, right, self.options.workers)

    def score(self) -> Scored:
        """Candidate pairs from `kept_from` on, ordered by record numbers."""
        rules = list(self._rules())
        total, done = sum(rule.pairs for rule in rules), 0

        def advance(pairs: int) -> None:
            nonlocal done
            done += pairs
            self.options.progress("comparing", done, total)

        spans = weighing.score_rules(rules, self.keys, self.weights, self.kept_from, self.options.workers, advance)
        return joined([*self._again(), *spans])

    def _rules(self) -> Iterator[Rule]:
        for size in self.blocking:
            if size.pairs and self.known is None:
                yield blocking.rule_pairs(self.keys, size.number)
            elif size.pairs and self.known is not None:
                yield from blocking.rules_of_new(self.keys, size.number, self.known.new_left, self.known.new_right)

    def _again(self) -> Iterator[Scored]:
        """Pairs of an earlier run, weighed again: frequencies have shifted."""
        if self.known is not None:
            found = self.known.pairs
            weight = self.weigh(found.left, found.right)
            yield Scored(found.left, found.right, weight, found.rule).take(weight >= self.kept_from)

    def leave(self, scored: Scored) -> Index | None:
        """What the next run can use; None unless Options.keep_index asks for it."""
        if self.contents is None or not self.options.keep_index:
            return None
        floor = self.kept_from if self.known is None else max(self.kept_from, self.known.floor)
        kept = scored.take((scored.weight >= floor) & (scored.rule < len(self.blocking)))
        return Index(self.model, *self.contents, pairs_of(kept, self.left, self.other), self.shares(), floor)

    def shares(self) -> pa.Table:
        """Weights of equality by value, where frequency counts."""
        return shares_of(
            [(n, w) for w in self.weights.weighers for n, c in enumerate(self.compared) if c is w.compared]
        )


def prepare_tables(left: Source, right: Source | None, model: LinkageModel, options: Options) -> Prepared:
    """Read the tables, lay out blocks and values, train the model if it has no parameters.

    With an index its model is used; MigflowError if that has other rules or comparisons.
    """
    if options.index is not None:
        model = options.index.model_of(model)
    crossed = [b.name for b in model.blocks if b.right] + [c.name for c in model.compares if c.right]
    if right is None and crossed:
        raise MigflowError(f"{model.source}: {crossed[0]} has `right`, but there is one table; name its columns once.")
    with closing(duckdb.connect(config={"threads": options.workers})) as con:
        options.progress("reading", 0, 0)
        with ThreadPoolExecutor(2) as pool:
            # Each side on a connection of its own: a Parquet file of one row group is read by one thread.
            other = None if right is None else pool.submit(read, con.cursor(), right, model, right=True)
            one = read(con, left, model, right=False)
            two = None if other is None else other.result()
        keys = encode_keys(one, two, options.workers)
        sizes = budget.sizes(keys, model)
        together = None
        if two is None and copies.matter(sizes):
            together = (one.ids, copies.first_of(con, one))
            one = copies.subset(one, np.flatnonzero(together[1] == np.arange(len(one))))
            keys = encode_keys(one, None, options.workers)
            sizes = budget.sizes(keys, model)
        budget.check(con, sizes, keys, model, one.ids, options.pair_budget)
    options.progress("preparing values", 0, 0)
    with ThreadPoolExecutor(options.workers) as pool:
        numbers = range(len(model.compares))
        compared = tuple(pool.map(lambda n: prepare(model.compares[n], n, one, two), numbers))
    training = None
    if not model.trained:
        options.progress("training", 0, 0)
        counts = (len(one), len(one if two is None else two))
        model, training = train(
            model, compared, keys, counts, _given_prior(model, keys, counts), options.workers, options.seed
        )
        compared = tuple(replace(c, comparison=k) for c, k in zip(compared, model.compares, strict=True))
    made = weighing.weights_of(model, compared)
    prepared = Prepared(one, two, keys, compared, model, training, tuple(sizes), options, made, together)
    return _with_index(prepared) if (options.index or options.keep_index) and together is None else prepared


def _given_prior(model: LinkageModel, keys: Keys, sizes: tuple[int, int]) -> float | None:
    """The prior that deterministic rules set: their pairs, nearly all of one person, over the matches they keep."""
    total = all_pairs(sizes, keys.same_table)
    first = len(model.blocks)
    found = [
        float(budget.pairs_by_key(keys, first + n).sum()) / rule.recall for n, rule in enumerate(model.deterministic)
    ]
    return min(0.5, max(float(np.mean(found)), 0.5) / total) if found and total else None


def _with_index(prepared: Prepared) -> Prepared:
    """The run with what an earlier one knew, where that leads to the same result."""
    left = contents(prepared.left)
    right = left if prepared.right is None else contents(prepared.right)
    prepared = replace(prepared, contents=(left, right))
    before = prepared.options.index
    if before is None:
        return prepared
    floor = before.floor + largest_rise(before.shares, prepared.shares())
    if floor > prepared.least:
        return prepared
    new_left, new_right = ~known(before.left, left), ~known(before.right, right)
    pairs = still_known(before.pairs, prepared.left.ids, prepared.other.ids, new_left, new_right)
    return replace(prepared, known=Known(new_left, new_right, pairs, floor))


def record_numbers(side: Side, pairs: pa.Table, column: str) -> np.ndarray:
    """Record numbers of the ids in a column (left_id or right_id) of given pairs; MigflowError if they are none."""
    if column not in pairs.column_names:
        raise MigflowError(f"Given pairs need left_id and right_id; they have {', '.join(pairs.column_names)}.")
    try:
        ids = pairs[column].cast(side.ids.type)
    except pa.ArrowException as error:
        kinds = f"{pairs[column].type}, the ids of {side.name} {side.ids.type}"
        raise MigflowError(f"{column} of the given pairs is {kinds}.") from error
    found = pc.index_in(ids, value_set=side.ids)
    if found.null_count:
        raise MigflowError(f"{found.null_count:,} ids of the given pairs are not in {side.name}.")
    numbers: np.ndarray = found.to_numpy().astype(np.int32)
    return numbers
