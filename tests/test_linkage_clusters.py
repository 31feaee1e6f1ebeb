"""Clusters of records: worked examples, all partitions of small components as the oracle, shapes that could hang."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.linkage.clusters import clusters, counted

Weights = dict[tuple[int, int], float]
NEVER = -np.inf


def labels(records: int, weights: Weights, otherwise: float = -6.0, candidates: list[tuple[int, int]] | None = None):
    """Clusters when only ``candidates`` (by default the positive pairs) were made by blocking."""
    pairs = [pair for pair, weight in weights.items() if weight > 0] if candidates is None else candidates
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))

    def weigh(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        assert np.all(a < b)
        return np.array([weights.get(pair, otherwise) for pair in zip(a.tolist(), b.tolist(), strict=True)])

    return clusters(records, left, right, weigh(left, right), weigh=weigh).tolist()


def inside(label: list[int], weights: Weights, otherwise: float = -6.0) -> float:
    """What the pairs inside clusters count, none above the cap: a positive w counts w + w * w / 20."""
    joined = [(i, j) for j in range(len(label)) for i in range(j) if label[i] == label[j]]
    found = [weights.get(pair, otherwise) for pair in joined]
    return sum(w + w * w / 20 if w > 0 else w for w in found)


def partitions(records: int) -> Iterator[list[int]]:
    """All partitions, each cluster named by its smallest member."""
    if records == 0:
        yield []
        return
    for label in partitions(records - 1):
        for name in [*sorted(set(label)), records - 1]:
            yield [*label, name]


def components(records: int, weights: Weights) -> list[int]:
    label = list(range(records))
    for _ in range(records):
        for (a, b), weight in weights.items():
            if weight > 0:
                label[a] = label[b] = min(label[a], label[b])
    return label


def test_no_pairs_leave_every_record_alone():
    assert labels(3, {}) == [0, 1, 2]
    assert labels(0, {}) == []


def test_a_pair_and_a_triangle_are_kept():
    assert labels(5, {(1, 3): 2.0, (0, 2): 1.0, (0, 4): 1.0, (2, 4): 1.0}) == [0, 1, 0, 1, 0]


def test_a_chain_of_two_that_cannot_be_one_person_splits_at_the_weaker_link():
    assert labels(3, {(0, 1): 3.0, (1, 2): 5.0, (0, 2): NEVER}) == [0, 1, 1]
    assert labels(3, {(0, 1): 5.0, (1, 2): 3.0, (0, 2): NEVER}) == [0, 0, 2]


def test_two_bad_records_that_agree_with_a_third_stay_together():
    assert labels(3, {(0, 1): 8.0, (1, 2): 7.0, (0, 2): -4.0}) == [0, 0, 0]


def test_a_bad_record_stays_with_the_one_it_clearly_resembles():
    person = dict.fromkeys([(0, 1), (0, 2), (1, 2)], 15.0)
    assert labels(4, {**person, (0, 3): 12.0, (1, 3): -7.0, (2, 3): -7.0}) == [0, 0, 0, 0]
    assert labels(4, {**person, (0, 3): 6.0, (1, 3): -7.0, (2, 3): -7.0}) == [0, 0, 0, 3]


def test_a_weight_for_one_person_counts_up_to_twice_one_against_as_it_is():
    weights = [4.0, 10.0, 20.0, 50.0, 0.0, -4.0, -20.0, -50.0, NEVER]
    assert counted(np.array(weights)).tolist() == pytest.approx([4.8, 15, 40, 40, 0, -4, -20, -20, NEVER])


def test_a_false_link_between_two_families_is_cut():
    one = dict.fromkeys([(0, 1), (0, 2), (1, 2)], 6.0)
    two = dict.fromkeys([(3, 4), (3, 5), (4, 5)], 6.0)
    assert labels(6, {**one, **two, (2, 3): 9.0}) == [0, 0, 0, 3, 3, 3]


def test_a_false_link_between_two_persons_of_many_records_is_cut():
    weights = {(i, j): 6.0 for j in range(20) for i in range(j) if (i < 12) == (j < 12)}
    assert labels(20, {**weights, (11, 12): 15.0}) == [0] * 12 + [12] * 8


def test_a_pair_without_a_link_is_weighed_too():
    assert labels(3, {(0, 1): 4.0, (1, 2): 4.0, (0, 2): 4.0}, candidates=[(0, 1), (1, 2)]) == [0, 0, 0]
    assert labels(3, {(0, 1): 4.0, (1, 2): 3.0, (0, 2): -9.0}, candidates=[(0, 1), (1, 2)]) == [0, 0, 2]


def test_one_extreme_pair_counts_no_more_than_the_cap():
    weights = dict.fromkeys([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)], 11.0)
    assert labels(4, {**weights, (2, 3): -500.0}) == [0, 0, 0, 0]


def test_equal_links_split_the_same_way_however_they_are_given():
    chain = {(0, 1): 3.0, (1, 2): 3.0, (0, 2): NEVER}
    assert labels(3, chain) == labels(3, dict(reversed(chain.items())))


@st.composite
def weighed_records(draw: Callable, most: int) -> tuple[int, Weights]:
    records = draw(st.integers(1, most))
    weight = st.one_of(st.integers(-4, 4).map(float), st.floats(-15, 15), st.just(NEVER))
    pairs = [(i, j) for j in range(records) for i in range(j)]
    return records, {pair: draw(weight) for pair in pairs}


@given(weighed_records(6))
@settings(max_examples=200)
def test_small_components_get_the_best_of_all_partitions(drawn: tuple[int, Weights]):
    records, weights = drawn
    label, component = labels(records, weights), components(records, weights)
    within = [p for p in partitions(records) if all(component[a] == component[p[a]] for a in range(records))]
    assert inside(label, weights) == pytest.approx(max(inside(p, weights) for p in within), abs=1e-6)


@given(weighed_records(14), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_clusters_hold_no_impossible_pair_and_no_change_of_one_record_adds_weight(drawn: tuple[int, Weights], random):
    records, weights = drawn
    label = labels(records, weights)
    found, component = inside(label, weights), components(records, weights)
    assert found > NEVER
    assert all(label[label[a]] == label[a] <= a and component[label[a]] == component[a] for a in range(records))
    assert found >= inside(component, weights) - 1e-6
    for record in range(records):
        for other in range(records):
            if component[record] == component[other]:
                moved = [-label[a] if a != record else -label[other] for a in range(records)]
                alone = [-label[a] if a != record else 1 for a in range(records)]
                assert found >= max(inside(moved, weights), inside(alone, weights)) - 1e-6
    shuffled = list(weights.items())
    random.shuffle(shuffled)
    assert labels(records, dict(shuffled)) == label


def persons(size: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda a, b: np.where(a // size == b // size, 5.0, -9.0)


def test_a_number_used_by_thousands_does_not_make_them_one_person():
    records, size = 12_000, 4
    following = np.arange(records - 1)
    label = clusters(records, following, following + 1, np.full(records - 1, 5.0), weigh=persons(size))
    assert label.tolist() == (np.arange(records) // size * size).tolist()


def test_a_hub_of_thousands_keeps_only_its_own():
    records = 5_000
    label = clusters(records, np.zeros(records - 1), np.arange(1, records), np.full(records - 1, 5.0), weigh=persons(2))
    assert label.tolist() == (np.arange(records) // 2 * 2).tolist()


def test_thousands_of_records_of_one_person_are_one_cluster():
    following = np.arange(19_999)
    label = clusters(20_000, following, following + 1, np.full(19_999, 5.0), weigh=lambda a, b: np.full(len(a), 5.0))
    assert not label.any()


def test_large_components_do_not_depend_on_the_order_of_pairs():
    random = np.random.default_rng(5)
    left = random.integers(0, 6_000, 15_000)
    right = np.minimum(left + random.integers(1, 5, 15_000), 6_000)
    weight = (left * 7 + right * 13) % 11 - 3.0

    def weigh(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(b - a < 5, (a * 7 + b * 13) % 11 - 3.0, -5.0)

    order = random.permutation(len(left))
    label = clusters(6_001, left, right, weight, weigh=weigh)
    again = clusters(6_001, left[order], right[order], weight[order], weigh=weigh)
    assert np.bincount(label).max() > 1
    assert np.array_equal(label, again)
