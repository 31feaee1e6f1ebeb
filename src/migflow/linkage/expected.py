"""Quality without truth: expected precision and recall of links, from the match probabilities of candidate pairs.

Precision is the mean probability of the links, recall their sum of probabilities over that of all pairs judged. Both
are as right as the model's probabilities; matches that no blocking rule makes a candidate pair are not seen, so recall
is that among candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from migflow.errors import MigflowError
from migflow.linkage.results import DedupeResult, LinkResult, weight_of

# Candidate pairs less probable than this hold next to no matches; they are not kept for estimates.
KEEP_FROM = 0.001
THRESHOLDS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)
# Odds beyond this many bits are certainty; floating point sums of them would lose the others.
_CERTAIN = 40.0
_STEPS, _TOLERANCE = 200, 1e-7
# Bits by which odds are raised at most where pairs exclude each other, and how exactly that is worked out.
_MOST_RAISED, _RAISED_WITHIN = 10.0, 0.02
# Records of a cluster up to which chains of pairs are followed.
_CHAINED = 200


Kind = Literal["pairs", "one to one", "clusters"]


@dataclass(frozen=True)
class Judged:
    """Pairs, one a row: ids, match weight (NaN where no rule made the pair), probability, whether it is a link.

    `probability` takes into account what the linking assumes: of pairs that exclude each other (one-to-one), and of
    chains of pairs inside clusters. `threshold`: the match probability from which pairs were linked.
    """

    left_id: pa.Array
    right_id: pa.Array
    weight: np.ndarray
    probability: np.ndarray
    linked: np.ndarray
    threshold: float
    kind: Kind

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True)
class Expected:
    """Expected quality of links; `matches`: how many of the pairs judged are of one person. NaN where there is none."""

    links: int
    matches: float
    precision: float
    recall: float


def judge(result: LinkResult | DedupeResult, *, one_to_one: bool = False) -> Judged:
    """The candidate pairs of a result with their probabilities; of a result made with Options.keep_from.

    one_to_one: the result was linked so; a record's pairs then exclude each other, by belief propagation for
    matchings (Bayati, Gamarnik, Katz, Nair and Tetali 2007), exact where candidate pairs form no rings. Pairs inside
    a cluster count the chain of pairs that most surely joins them, if that is surer than the pair itself; copies that
    deduplication took together are judged as the one record that stands for them.
    MigflowError if candidates were not kept.
    """
    found = result.candidates
    if found is None:
        raise MigflowError("The result has no candidate pairs; link with Options(keep_from=expected.KEEP_FROM).")
    weight = found["match_weight"].to_numpy()
    linked = found["linked"].to_numpy()
    left_id, right_id = found["left_id"].combine_chunks(), found["right_id"].combine_chunks()
    threshold = result.model.threshold
    probability = found["match_probability"].to_numpy()
    judged = Judged(left_id, right_id, weight, probability, linked, threshold, "pairs")
    if isinstance(result, DedupeResult):
        return _with_chains(judged, result.clusters)
    if not one_to_one:
        return judged
    probability = _one_to_one_probability(_numbered(left_id), _numbered(right_id), weight)
    return replace(judged, probability=probability, kind="one to one")


def expected(judged: Judged) -> Expected:
    """Expected quality of all links."""
    return _quality(judged.probability, judged.linked, float(judged.probability.sum()))


def expected_by_threshold(judged: Judged, thresholds: Sequence[float] = THRESHOLDS) -> pd.DataFrame:
    """Expected quality by threshold: threshold, match_weight, links, expected_precision, expected_recall.

    For one-to-one links and clusters, which a lower threshold would change, only from the threshold used on.
    """
    free = judged.kind == "pairs"
    least = 0.0 if free else judged.threshold
    total = float(judged.probability.sum())
    rows = []
    for threshold in sorted({*thresholds, judged.threshold}):
        if threshold < least:
            continue
        # A pair without a weight of its own is in a cluster through others.
        over = (judged.weight >= weight_of(threshold)) | (np.isnan(judged.weight) & (threshold <= judged.threshold))
        found = _quality(judged.probability, over if free else over & judged.linked, total)
        rows.append((threshold, weight_of(threshold), found.links, found.precision, found.recall))
    return pd.DataFrame(rows, columns=["threshold", "match_weight", "links", "expected_precision", "expected_recall"])


def expected_by_group(judged: Judged, record_id: pa.ChunkedArray, group: pa.ChunkedArray) -> pd.DataFrame:
    """Expected quality by group of the left records: group, links, expected_matches, _precision, _recall.

    record_id and group: a row for each record of the left table (of the one table, for clusters, where a pair counts
    for each of its records). Records without a group are the group None.
    """
    names = group.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = pc.fill_null(names.indices, len(names.dictionary)).to_numpy(zero_copy_only=False)
    labels: list[str | None] = [*names.dictionary.to_pylist(), None]
    ends = [judged.left_id, judged.right_id] if judged.kind == "clusters" else [judged.left_id]
    of_pair = np.concatenate([_groups_of(end, record_id, codes, len(labels) - 1) for end in ends])
    probability, linked = np.tile(judged.probability, len(ends)), np.tile(judged.linked, len(ends))
    rows = []
    for code, label in enumerate(labels):
        inside = of_pair == code
        if inside.any():
            p = probability[inside]
            found = _quality(p, linked[inside], float(p.sum()))
            rows.append((label, found.links, found.matches, found.precision, found.recall))
    columns = ["group", "links", "expected_matches", "expected_precision", "expected_recall"]
    return pd.DataFrame(rows, columns=columns).sort_values("group", ignore_index=True)


def _quality(probability: np.ndarray, linked: np.ndarray, matches: float) -> Expected:
    right, links = float(probability[linked].sum()), int(linked.sum())
    return Expected(links, matches, right / links if links else np.nan, right / matches if matches else np.nan)


def _numbered(ids: pa.Array) -> np.ndarray:
    numbers: np.ndarray = ids.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return numbers


def _groups_of(ids: pa.Array, record_id: pa.ChunkedArray, codes: np.ndarray, none: int) -> np.ndarray:
    row = pc.fill_null(pc.index_in(ids.cast(pa.string()), value_set=record_id.cast(pa.string())), len(codes))
    of_pair: np.ndarray = np.append(codes, none)[row.to_numpy(zero_copy_only=False)]
    return of_pair


def _one_to_one_probability(left: np.ndarray, right: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Probability of each pair where each record is in one match at most.

    How many matches there are is known from the pairs taken one by one; that they exclude each other only says which.
    All odds are therefore raised by the factor that keeps their number, since a record whose other pairs are ruled out
    is the more likely to be in this one.
    """
    odds = np.exp2(np.clip(weight, -_CERTAIN, _CERTAIN))
    probability = odds / (1 + odds)
    matches = float(probability.sum())
    rival = np.flatnonzero((np.bincount(left)[left] > 1) | (np.bincount(right)[right] > 1)) if len(odds) else left
    one, other = left[rival], right[rival]
    from_left, from_right = np.ones(len(rival)), np.ones(len(rival))
    low, high = 0.0, _MOST_RAISED if len(rival) else 0.0
    while high - low > _RAISED_WITHIN:
        middle = (low + high) / 2
        raised = odds * 2**middle
        probability = raised / (1 + raised)
        probability[rival] = _matching_probability(one, other, raised[rival], from_left, from_right)
        low, high = (middle, high) if probability.sum() < matches else (low, middle)
    return probability


@njit(cache=True, nogil=True)
def _matching_probability(
    left: np.ndarray, right: np.ndarray, odds: np.ndarray, from_left: np.ndarray, from_right: np.ndarray
) -> np.ndarray:
    """Marginals of matchings weighted by the product of their odds; the messages are improved in place."""
    for _ in range(_STEPS):
        change = _send(left, odds * from_right, from_left)
        change = max(change, _send(right, odds * from_left, from_right))
        if change < _TOLERANCE:
            break
    both = odds * from_left * from_right
    return both / (1 + both)


@njit(cache=True, nogil=True)
def _send(record: np.ndarray, strength: np.ndarray, message: np.ndarray) -> float:
    """Renew messages: that a record is in none of its other pairs; returns the largest change."""
    total = np.zeros(record.max() + 1 if len(record) else 0)
    for p in range(len(record)):
        total[record[p]] += strength[p]
    change = 0.0
    for p in range(len(record)):
        others = max(total[record[p]] - strength[p], 0.0)
        # The geometric mean of old and new keeps rings of surely rival pairs from swinging to and fro.
        new = np.sqrt(message[p] / (1 + others))
        change = max(change, abs(new - message[p]))
        message[p] = new
    return change


def _with_chains(judged: Judged, clusters: pa.Table) -> Judged:
    """Clusters' pairs: those a rule made, raised to their best chain, and the others by their best chain alone."""
    record, label = clusters["record_id"], _numbered(clusters["cluster_id"].combine_chunks())
    left = pc.index_in(judged.left_id, value_set=record).to_numpy().astype(np.int64)
    right = pc.index_in(judged.right_id, value_set=record).to_numpy().astype(np.int64)
    order = np.argsort(label, kind="stable")
    sizes = np.bincount(label)
    starts = np.cumsum(sizes) - sizes
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    inside = np.flatnonzero(judged.linked)
    inside = inside[np.argsort(label[left[inside]], kind="stable")]
    a, b = place[left[inside]], place[right[inside]]
    first = np.searchsorted(label[left[inside]], np.arange(len(sizes) + 1))
    raised = judged.probability.copy()
    one, two, added = _chains(sizes, starts, first, a, b, inside, raised)
    ids = record.combine_chunks()
    return Judged(
        pa.concat_arrays([judged.left_id, ids.take(pa.array(order[one]))]),
        pa.concat_arrays([judged.right_id, ids.take(pa.array(order[two]))]),
        np.concatenate([judged.weight, np.full(len(added), np.nan)]),
        np.concatenate([raised, added]),
        np.concatenate([judged.linked, np.ones(len(added), bool)]),
        judged.threshold,
        "clusters",
    )


@njit(cache=True, nogil=True)
def _chains(
    sizes: np.ndarray,
    starts: np.ndarray,
    first: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    pair: np.ndarray,
    probability: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Raise pairs of clusters in place to their best chain; returns the pairs that no rule made.

    Pairs of cluster c are pair[first[c]:first[c + 1]], between its members a and b.
    """
    small = sizes <= _CHAINED
    inner = np.where(small, sizes * (sizes - 1) // 2 - np.diff(first), 0)
    one, two, added = np.empty(inner.sum(), np.int64), np.empty(inner.sum(), np.int64), np.empty(inner.sum())
    n = 0
    for c in range(len(sizes)):
        size = sizes[c]
        if size < 3 or not small[c]:
            continue
        best = np.zeros((size, size))
        made = np.zeros((size, size), np.bool_)
        for k in range(first[c], first[c + 1]):
            best[a[k], b[k]] = best[b[k], a[k]] = probability[pair[k]]
            made[a[k], b[k]] = made[b[k], a[k]] = True
        for via in range(size):
            for i in range(size):
                for j in range(size):
                    best[i, j] = max(best[i, j], best[i, via] * best[via, j])
        for k in range(first[c], first[c + 1]):
            probability[pair[k]] = best[a[k], b[k]]
        for i in range(size):
            for j in range(i + 1, size):
                # Copies that were taken together before have no pair and no chain: they are not judged.
                if not made[i, j] and best[i, j] > 0:
                    one[n], two[n], added[n] = starts[c] + i, starts[c] + j, best[i, j]
                    n += 1
    return one[:n], two[:n], added[:n]
