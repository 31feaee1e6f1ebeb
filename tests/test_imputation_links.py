"""Links drawn from their posterior: frequencies, and what never happens in any draw."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from migflow.imputation.links import NOBODY, UNSEEN, Uncertain, draw

NONE_TAKEN = np.empty((0, 2), int)


def records(candidates: list[dict[int, float]], *, unseen: float = 0.0, counter=None, taken=NONE_TAKEN) -> Uncertain:
    """Records with probabilities by person; counters and persons are numbers."""
    width = max(len(c) for c in candidates)
    person = np.full((len(candidates), width), NOBODY)
    probability = np.zeros((len(candidates), width))
    for at, found in enumerate(candidates):
        ordered = sorted(found.items(), key=lambda pair: -pair[1])
        person[at, : len(found)] = [who for who, _ in ordered]
        probability[at, : len(found)] = [p for _, p in ordered]
    alone = np.full(len(candidates), -1) if counter is None else np.array(counter)
    return Uncertain(person, probability, np.full(len(candidates), unseen), alone, np.asarray(taken))


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_candidates_and_nobody_are_drawn_as_often_as_they_are_probable():
    found = draw(records([{1: 0.6, 2: 0.3}]), 20_000, rng())
    shares = [(found == who).mean() for who in (1, 2, NOBODY)]
    assert np.allclose(shares, [0.6, 0.3, 0.1], atol=0.015)


def test_what_the_candidates_leave_is_somebody_unseen_as_often_as_asked():
    found = draw(records([{1: 0.5}], unseen=0.4), 20_000, rng())
    assert np.allclose([(found == UNSEEN).mean(), (found == NOBODY).mean()], [0.2, 0.3], atol=0.015)


def test_records_without_any_candidate_are_nobody_or_unseen():
    assert (draw(records([{}]), 10, rng()) == NOBODY).all()
    assert (draw(records([{}], unseen=1.0), 10, rng()) == UNSEEN).all()


def test_nobody_is_declared_twice_at_one_time():
    twins = records([{1: 0.5, 2: 0.5}, {1: 0.5, 2: 0.5}], counter=[7, 7])
    found = draw(twins, 500, rng())
    assert (found[0] != found[1]).all()
    # Each is either one as often.
    assert 0.4 < (found[0] == 1).mean() < 0.6


def test_at_different_times_the_same_person_may_be_meant():
    found = draw(records([{1: 1.0}, {1: 1.0}], counter=[7, 8]), 5, rng())
    assert (found == 1).all()


def test_whose_record_of_that_counter_is_certain_is_not_drawn_again():
    found = draw(records([{1: 0.9, 2: 0.1}], counter=[7], taken=[[7, 1]]), 200, rng())
    assert (found == 2).all()


@given(
    st.lists(
        st.tuples(st.dictionaries(st.integers(0, 4), st.floats(0.01, 0.2), max_size=4), st.integers(-1, 2)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 1000),
)
def test_no_draw_gives_a_person_two_records_of_one_counter(made, seed):
    asked = records([c for c, _ in made], unseen=0.5, counter=[k for _, k in made], taken=[[0, 3]])
    found = draw(asked, 20, np.random.default_rng(seed))
    for column in found.T:
        keys = [(k, who) for (_, k), who in zip(made, column, strict=True) if k >= 0 and who >= 0]
        assert len(keys) == len(set(keys))
        assert (0, 3) not in keys
    for (candidates, _), row in zip(made, found, strict=True):
        assert {int(who) for who in row} <= {*candidates, NOBODY, UNSEEN}
