"""One-to-one linking against all matchings of small graphs, worked examples, shapes that are easy to get wrong."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.linkage.assignment import one_to_one

Pairs = dict[tuple[int, int], float]
WEIGHTS = st.one_of(st.integers(-3, 4).map(float), st.floats(-10, 30))
PAIRS = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), WEIGHTS, max_size=14)


def chosen(pairs: Pairs, floor: float = 0.0) -> set[tuple[int, int]]:
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))
    mask = one_to_one(left, right, np.array(list(pairs.values())), floor=floor)
    return {pair for pair, kept in zip(pairs, mask, strict=True) if kept}


def best_total(pairs: list[tuple[tuple[int, int], float]]) -> float:
    """Largest sum over all matchings: each pair is left out or taken, in turn."""
    if not pairs:
        return 0.0
    ((left, right), weight), rest = pairs[0], pairs[1:]
    free = [(pair, value) for pair, value in rest if pair[0] != left and pair[1] != right]
    return max(best_total(rest), weight + best_total(free)) if weight > 0 else best_total(rest)


def test_two_good_links_beat_the_single_best_one():
    pairs = {(0, 0): 10.0, (0, 1): 9.0, (1, 0): 9.0, (1, 1): 1.0}
    assert chosen(pairs) == {(0, 1), (1, 0)}


def test_one_strong_link_beats_two_weak_ones():
    assert chosen({(0, 0): 10.0, (0, 1): 4.0, (1, 0): 4.0}) == {(0, 0)}


def test_a_record_taken_early_is_given_up_along_a_path():
    assert chosen({(0, 0): 5.0, (1, 0): 5.0, (1, 1): 4.0, (2, 1): 3.0, (2, 2): 1.0}) == {(0, 0), (1, 1), (2, 2)}


def test_of_a_star_the_best_pair_is_kept_whichever_side_the_hub_is_on():
    assert chosen({(7, 1): 2.0, (7, 5): 6.0, (7, 9): 4.0}) == {(7, 5)}
    assert chosen({(1, 7): 2.0, (5, 7): 6.0, (9, 7): 4.0}) == {(5, 7)}


def test_pairs_at_or_below_the_floor_are_never_chosen():
    pairs = {(0, 0): -1.0, (1, 1): 0.0, (2, 2): 0.5}
    assert chosen(pairs) == {(2, 2)}
    assert chosen(pairs, floor=-2.0) == {(0, 0), (1, 1), (2, 2)}
    assert chosen(pairs, floor=0.5) == set()


def test_the_floor_decides_between_one_pair_and_two():
    pairs = {(0, 0): 5.0, (0, 1): 3.0, (1, 0): 3.0}
    assert chosen(pairs, floor=0.0) == {(0, 1), (1, 0)}
    assert chosen(pairs, floor=2.0) == {(0, 0)}


def test_no_pairs_and_undefined_or_infinite_weights():
    assert chosen({}) == set()
    assert chosen({(0, 0): np.nan, (1, 1): -np.inf, (2, 2): np.inf, (2, 3): 40.0}) == {(2, 2)}


def test_equal_weights_go_to_the_smallest_indices():
    assert chosen({(1, 1): 2.0, (1, 0): 2.0, (0, 1): 2.0}) == {(0, 1), (1, 0)}
    assert chosen({(3, 4): 2.0, (3, 2): 2.0, (3, 9): 2.0}) == {(3, 2)}


@given(PAIRS, st.sampled_from([0.0, -1.5, 2.0]))
@settings(max_examples=300)
def test_the_total_is_the_largest_there_is_and_no_record_is_used_twice(pairs: Pairs, floor: float):
    kept = chosen(pairs, floor)
    assert len({left for left, _ in kept}) == len({right for _, right in kept}) == len(kept)
    assert all(pairs[pair] > floor for pair in kept)
    above = [(pair, value - floor) for pair, value in pairs.items()]
    np.testing.assert_allclose(sum(pairs[pair] - floor for pair in kept), best_total(above), atol=1e-9)


@given(PAIRS, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_pairs_does_not_matter(pairs: Pairs, random):
    shuffled = list(pairs.items())
    random.shuffle(shuffled)
    assert chosen(dict(shuffled)) == chosen(pairs)


def test_a_chain_of_equal_pairs_is_matched_in_full():
    size = 20_000
    pairs = {(row, column): 1.0 for row in range(size) for column in (row, row + 1)}
    assert len(chosen(pairs)) == size


def test_links_hidden_in_one_large_component_are_all_found():
    random = np.random.default_rng(3)
    left, right = np.divmod(np.unique(random.integers(0, 2_000 * 2_000, 20_000)), 2_000)
    planted = np.arange(2_000)
    left, right = np.append(left, planted), np.append(right, planted[::-1])
    weight = np.append(random.uniform(0, 5, len(left) - 2_000), np.full(2_000, 11.0))
    mask = one_to_one(left, right, weight)
    assert weight[mask].sum() == 2_000 * 11.0
