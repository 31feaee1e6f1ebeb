"""Link two tables, or a table with itself: the pairs of a prepared run, decided."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from migflow.errors import MigflowError
from migflow.linkage import assignment
from migflow.linkage.blocking import in_earlier_rule
from migflow.linkage.clusters import clusters
from migflow.linkage.encode import encode
from migflow.linkage.inputs import Source
from migflow.linkage.model import LinkageModel
from migflow.linkage.prepared import Options, Prepared, prepare_tables, record_numbers
from migflow.linkage.results import DedupeResult, LinkResult, probability_of
from migflow.linkage.weighing import Scored, joined


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
    scored = prepared.score()
    if candidates is not None:
        scored = joined([scored, _given(prepared, candidates, kept_from)])
    linked = np.flatnonzero(scored.weight >= least)
    if one_to_one and len(linked):
        prepared.options.progress("choosing one to one", 0, 0)
        over = scored.take(linked)
        linked = linked[assignment.one_to_one(over.left, over.right, over.weight - least + 1e-6)]
    pairs = pairs_table(prepared, scored.take(linked))
    kept = _candidates(prepared, scored, np.isin(np.arange(len(scored)), linked))
    return LinkResult(
        pairs, prepared.model, prepared.training, prepared.blocking, kept, prepared.leave(scored), prepared.reuses
    )


def dedupe(table: Source, model: LinkageModel, *, options: Options | None = None) -> DedupeResult:
    """Find the records of one table that are one person; as for link.

    Where blocks are very large, records equal in all that is compared are taken for one first: pairs then name one of
    them only.
    """
    return dedupe_prepared(prepare_tables(table, None, model, options or Options()))


def dedupe_prepared(prepared: Prepared) -> DedupeResult:
    """As dedupe, of a table already prepared."""
    least = prepared.least
    scored = prepared.score()
    prepared.options.progress("clustering", 0, 0)
    conflicts = _conflicts(prepared)

    def shifted(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.where(conflicts(left, right), -np.inf, prepared.weigh(left, right) - least)

    left_behind = prepared.leave(scored)
    scored = scored.take(~conflicts(scored.left, scored.right))
    over = scored.take(scored.weight >= least)
    labels = clusters(len(prepared.left), over.left, over.right, over.weight - least, weigh=shifted)
    inside = over.take(labels[over.left] == labels[over.right])
    found = _clusters_table(prepared, labels)
    pairs = pairs_table(prepared, inside)
    kept = _candidates(prepared, scored, labels[scored.left] == labels[scored.right])
    return DedupeResult(
        found, pairs, prepared.model, prepared.training, prepared.blocking, kept, left_behind, prepared.reuses
    )


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
    one, two = record_numbers(prepared.left, pairs, "left_id"), record_numbers(prepared.other, pairs, "right_id")
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
    left = record_numbers(prepared.left, candidates, "left_id")
    right = record_numbers(prepared.other, candidates, "right_id")
    pairs = np.unique(left.astype(np.int64) << 32 | right)
    left, right = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    new = ~in_earlier_rule(prepared.keys, left, right, rules)
    weight = prepared.weigh(left[new], right[new])
    return Scored(left[new], right[new], weight, np.full(len(weight), rules, np.int16)).take(weight >= least)


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
