"""Expected quality: hand-checked sums, and estimates held against the truth where the model is exactly right."""

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, DedupeResult, LinkageModel, LinkResult, Options, Parameters, dedupe, link
from migflow.linkage.expected import (
    KEEP_FROM,
    _matching_probability,
    expected,
    expected_by_group,
    expected_by_threshold,
    judge,
)
from migflow.linkage.results import probability_of

MODEL = LinkageModel("id", (Block(("a",)),), (Comparison(("b",)),))


def candidates(rows: list[tuple[str, str, float, bool]]) -> pa.Table:
    """Candidate pairs: left_id, right_id, probability, linked."""
    left, right, probability, linked = zip(*rows, strict=True)
    p = np.asarray(probability)
    return pa.table(
        {
            "left_id": left,
            "right_id": right,
            "match_weight": np.log2(p / (1 - p)),
            "match_probability": p,
            "linked": linked,
        }
    )


def linked(rows: list[tuple[str, str, float, bool]]) -> LinkResult:
    found = candidates(rows)
    return LinkResult(found.filter(found["linked"]), MODEL, None, (), found)


def test_precision_is_the_mean_probability_of_links_and_recall_their_share_of_all() -> None:
    found = expected(judge(linked([("1", "1", 0.9, True), ("2", "2", 0.7, True), ("3", "3", 0.4, False)])))
    assert found.links == 2
    assert found.matches == pytest.approx(2.0)
    assert found.precision == pytest.approx(0.8)
    assert found.recall == pytest.approx(0.8)


def test_without_links_precision_is_not_a_number() -> None:
    found = expected(judge(linked([("3", "3", 0.4, False)])))
    assert math.isnan(found.precision) and found.recall == 0


def test_candidates_must_have_been_kept() -> None:
    with pytest.raises(MigflowError, match="keep_from"):
        judge(LinkResult(candidates([("1", "1", 0.9, True)]), MODEL, None, ()))


def test_by_threshold_counts_pairs_from_it_on() -> None:
    judged = judge(linked([("1", "1", 0.9, True), ("2", "2", 0.7, True), ("3", "3", 0.4, False)]))
    table = expected_by_threshold(judged, [0.3, 0.8]).set_index("threshold")
    assert table["links"].to_dict() == {0.3: 3, 0.5: 2, 0.8: 1}
    assert table.loc[0.3, "expected_precision"] == pytest.approx(2 / 3)
    assert table.loc[0.8, "expected_recall"] == pytest.approx(0.45)
    assert table.loc[0.5, "match_weight"] == 0


def test_groups_are_those_of_the_left_records_and_add_up() -> None:
    judged = judge(linked([("1", "1", 0.9, True), ("2", "2", 0.7, True), ("3", "3", 0.4, False)]))
    ids, groups = pa.chunked_array([["1", "2", "3", "4"]]), pa.chunked_array([["F", "M", "M", None]])
    table = expected_by_group(judged, ids, groups).set_index("group")
    assert list(table.index) == ["F", "M"]
    assert table.loc["M", "expected_recall"] == pytest.approx(0.7 / 1.1)
    assert table["expected_matches"].sum() == pytest.approx(expected(judged).matches)


def test_record_without_group_is_counted_apart() -> None:
    judged = judge(linked([("1", "1", 0.9, True), ("2", "2", 0.7, True)]))
    table = expected_by_group(judged, pa.chunked_array([["1"]]), pa.chunked_array([["F"]]))
    assert table["links"].to_list() == [1, 1] and table["group"].isna().to_list() == [False, True]


def test_equal_rivals_share_one_match() -> None:
    result = linked([("1", "1", 0.9, True), ("1", "2", 0.9, False)])
    assert judge(result, one_to_one=True).probability == pytest.approx([0.5, 0.5], abs=0.001)


def test_pair_whose_rivals_are_ruled_out_is_surer_than_alone() -> None:
    # Two sure matches leave the last pair to the records that have nobody else; one match of 0.5 is still expected.
    rows = [("1", "1", 0.999, True), ("1", "2", 0.3, False), ("2", "2", 0.3, True)]
    found = judge(linked(rows), one_to_one=True).probability
    assert found[1] < 0.01 and found[2] > 0.3
    assert found.sum() == pytest.approx(1.599, abs=0.01)


def matched(result: LinkResult) -> np.ndarray:
    """Marginals of matchings at the pairs' own odds."""
    assert result.candidates is not None
    left, right = (np.asarray(result.candidates[side].to_pylist(), int) for side in ("left_id", "right_id"))
    p = result.candidates["match_probability"].to_numpy()
    return _matching_probability(left, right, p / (1 - p), np.ones(len(p)), np.ones(len(p)))


def exact_marginals(pairs: list[tuple[int, int]], odds: list[float]) -> np.ndarray:
    """By all matchings."""
    total, inside = 0.0, np.zeros(len(pairs))
    for chosen in itertools.product((False, True), repeat=len(pairs)):
        taken = [p for p, c in enumerate(chosen) if c]
        if len({pairs[p][0] for p in taken}) == len({pairs[p][1] for p in taken}) == len(taken):
            weight = math.prod(odds[p] for p in taken)
            total += weight
            inside[taken] += weight
    return inside / total


@given(st.lists(st.floats(0.01, 0.9999), min_size=1, max_size=7))
@settings(max_examples=30)
def test_rivals_along_a_path_have_the_probabilities_of_all_matchings(probabilities: list[float]) -> None:
    # 0-0, 1-0, 1-1, 2-1, ...: each pair shares a record with the next, and there is no ring.
    pairs = [((n + 1) // 2, n // 2) for n in range(len(probabilities))]
    result = linked([(str(a), str(b), p, False) for (a, b), p in zip(pairs, probabilities, strict=True)])
    found = matched(result)
    assert found == pytest.approx(exact_marginals(pairs, [p / (1 - p) for p in probabilities]), abs=1e-4)


def test_rivals_in_a_ring_come_close_to_all_matchings() -> None:
    pairs, p = [(0, 0), (0, 1), (1, 0), (1, 1)], 0.999
    found = matched(linked([(str(a), str(b), p, False) for a, b in pairs]))
    assert found == pytest.approx(exact_marginals(pairs, [p / (1 - p)] * 4), abs=0.02)


def test_pairs_of_a_cluster_are_as_sure_as_their_best_chain() -> None:
    found = candidates([("a", "b", 0.9, True), ("b", "c", 0.8, True), ("a", "d", 0.1, False), ("c", "d", 0.01, False)])
    clusters = pa.table({"record_id": ["a", "b", "c", "d"], "cluster_id": ["a", "a", "a", "d"]})
    judged = judge(DedupeResult(clusters, found.filter(found["linked"]), MODEL, None, (), found))
    assert len(judged) == 5
    assert (judged.left_id[4].as_py(), judged.right_id[4].as_py()) == ("a", "c")
    assert judged.probability == pytest.approx([0.9, 0.8, 0.1, 0.01, 0.72])
    quality = expected(judged)
    assert quality.links == 3
    assert quality.precision == pytest.approx((0.9 + 0.8 + 0.72) / 3)
    assert quality.recall == pytest.approx((0.9 + 0.8 + 0.72) / (0.9 + 0.8 + 0.72 + 0.11))


# Simulated after Fellegi and Sunter: fields independent, m and u known, so the probabilities are right.
SIZES = (30, 25, 20, 12, 10, 2)
ERROR = 0.08


def known_model(prior: float) -> LinkageModel:
    compares = []
    for n, size in enumerate(SIZES):
        # Each record's value is a random one with probability ERROR.
        u = 1 / size
        m = (1 - ERROR) ** 2 + (1 - (1 - ERROR) ** 2) * u
        compares.append(Comparison((f"f{n}",), parameters=Parameters((1 - m, m), (1 - u, u))))
    return LinkageModel("id", (Block(("every",)),), tuple(compares), prior=prior)


def observed(persons: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> pa.Table:
    """A record of each person named."""
    columns: dict[str, object] = {"id": np.arange(len(persons)), "every": ["1"] * len(persons)}
    for n, size in enumerate(SIZES):
        wrong = rng.random(len(persons)) < ERROR
        columns[f"f{n}"] = np.where(wrong, rng.integers(0, size, len(persons)), truth[persons, n])
    return pa.table(columns)


def true_quality(pairs: pa.Table, left: np.ndarray, right: np.ndarray, matches: int) -> tuple[float, float]:
    same = left[pairs["left_id"].to_numpy()] == right[pairs["right_id"].to_numpy()]
    return float(same.mean()), float(same.sum() / matches)


@pytest.fixture(scope="module")
def two_files() -> tuple[pa.Table, pa.Table, np.ndarray, np.ndarray, LinkageModel]:
    rng = np.random.default_rng(5)
    truth = np.column_stack([rng.integers(0, size, 1500) for size in SIZES])
    left, right = rng.permutation(1500)[:1000], rng.permutation(1500)[:1000]
    matches = len(np.intersect1d(left, right))
    model = known_model(matches / 1_000_000)
    return observed(left, truth, rng), observed(right, truth, rng), left, right, model


def test_expected_quality_of_links_is_the_true_one_where_the_model_is_right(
    two_files: tuple[pa.Table, pa.Table, np.ndarray, np.ndarray, LinkageModel],
) -> None:
    one, two, left, right, model = two_files
    result = link(one, two, model, options=Options(threads=2, keep_from=KEEP_FROM))
    found = expected(judge(result))
    precision, recall = true_quality(result.pairs, left, right, len(np.intersect1d(left, right)))
    assert 0.5 < precision < 0.97, "the links must be uncertain for this test to say something"
    assert found.precision == pytest.approx(precision, abs=0.03)
    assert found.recall == pytest.approx(recall, abs=0.03)


def test_expected_quality_of_one_to_one_links_is_the_true_one_where_the_model_is_right(
    two_files: tuple[pa.Table, pa.Table, np.ndarray, np.ndarray, LinkageModel],
) -> None:
    one, two, left, right, model = two_files
    result = link(one, two, model, one_to_one=True, options=Options(threads=2, keep_from=KEEP_FROM))
    found = expected(judge(result, one_to_one=True))
    precision, recall = true_quality(result.pairs, left, right, len(np.intersect1d(left, right)))
    assert found.precision == pytest.approx(precision, abs=0.03)
    assert found.recall == pytest.approx(recall, abs=0.03)


def test_expected_quality_of_clusters_is_near_the_true_one_where_the_model_is_right() -> None:
    rng = np.random.default_rng(7)
    truth = np.column_stack([rng.integers(0, size, 600) for size in SIZES])
    persons = np.repeat(np.arange(600), rng.integers(1, 4, 600))
    sizes = np.bincount(persons)
    matches = int((sizes * (sizes - 1) // 2).sum())
    records = observed(persons, truth, rng)
    model = known_model(matches / (len(persons) * (len(persons) - 1) / 2))
    result = dedupe(records, model, options=Options(threads=2, keep_from=KEEP_FROM))
    found = expected(judge(result))
    cluster = result.clusters["cluster_id"].to_numpy()
    inside = cluster[:, None] == cluster[None, :]
    same = persons[:, None] == persons[None, :]
    upper = np.triu(np.ones(inside.shape, bool), 1)
    precision = float(same[inside & upper].mean())
    recall = float((same & inside & upper).sum() / matches)
    assert found.links == int((inside & upper).sum())
    assert found.precision == pytest.approx(precision, abs=0.04)
    assert found.recall == pytest.approx(recall, abs=0.06)


def test_by_threshold_is_calibrated_where_levels_are_drawn_from_known_m_and_u() -> None:
    rng = np.random.default_rng(3)
    pairs, prior = 200_000, 0.02
    m, u = np.array([0.9, 0.85, 0.95, 0.7]), np.array([0.05, 0.1, 0.3, 0.02])
    match = rng.random(pairs) < prior
    agree = rng.random((pairs, 4)) < np.where(match[:, None], m, u)
    weight = np.log2(prior / (1 - prior)) + np.where(agree, np.log2(m / u), np.log2((1 - m) / (1 - u))).sum(axis=1)
    ids = np.arange(pairs).astype(str)
    found = pa.table(
        {
            "left_id": ids,
            "right_id": ids,
            "match_weight": weight,
            "match_probability": probability_of(weight),
            "linked": weight >= 0,
        }
    )
    table = expected_by_threshold(judge(LinkResult(found, MODEL, None, (), found)), [0.1, 0.9])
    for row in table.to_dict("records"):
        over = weight >= row["match_weight"]
        assert row["expected_precision"] == pytest.approx(match[over].mean(), abs=0.01)
        assert row["expected_recall"] == pytest.approx(match[over].sum() / match.sum(), abs=0.01)
