"""Intervals of cells from their draws, against figures worked out by hand and limits that must hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migflow.imputation.rubin import pool

# Quantiles .975 of Student's t, as printed in tables.
T3, T19 = 3.182446, 2.093024


def test_four_draws_by_hand():
    # 10, 10, 11, 11: mean 10.5, B = 4 x .25 / 3 = 1/3, T = (1 + 1/4) / 3 = 5/12.
    found = pool(np.array([10.0]), np.array([0, 0]), np.array([1.0, 1.0]), 4)
    half = T3 * math.sqrt(5 / 12)
    assert [found.mean[0], found.lower[0], found.upper[0]] == pytest.approx([10.5, 10.5 - half, 10.5 + half], abs=1e-5)


def test_variance_within_the_draws_adds_degrees_of_freedom():
    # B (1 + 1/4) = 5/12 and U = 5/12: (m - 1)(1 + 1)^2 = 12 degrees of freedom, whose quantile is 2.178813.
    found = pool(np.array([10.0]), np.array([0, 0]), np.array([1.0, 1.0]), 4, within=5 / 12)
    assert found.upper[0] - found.mean[0] == pytest.approx(2.178813 * math.sqrt(5 / 6), abs=1e-5)


def test_a_cell_that_no_draw_changes_has_no_width():
    found = pool(np.array([7.0, 3.0]), np.array([1]), np.array([2.0]), 20)
    assert (found.lower[0], found.mean[0], found.upper[0]) == (7, 7, 7)
    # One draw of twenty says 5: mean 3.1, B = (1.9^2 + 19 x .1^2) / 19 = .2.
    assert found.mean[1] == pytest.approx(3.1)
    assert found.upper[1] - 3.1 == pytest.approx(T19 * math.sqrt(1.05 * 0.2), abs=1e-5)


def test_a_table_without_cells():
    assert len(pool(np.empty(0), np.empty(0, int), np.empty(0), 20).mean) == 0


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=12), st.integers(-3, 3))
def test_the_same_change_in_every_draw_moves_the_interval_and_leaves_its_width(changes, step):
    draws = len(changes)
    cell = np.zeros(draws, int)
    plain = pool(np.array([50.0]), cell, np.array(changes, float), draws)
    moved = pool(np.array([50.0]), cell, np.array(changes, float) + step, draws)
    assert moved.mean[0] == pytest.approx(plain.mean[0] + step)
    assert moved.upper[0] - moved.lower[0] == pytest.approx(plain.upper[0] - plain.lower[0])


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=12), st.integers(-50, 50), st.floats(0, 10))
def test_the_interval_holds_the_mean_and_has_no_width_where_all_draws_agree(changes, value, within):
    draws, cell = len(changes), np.zeros(len(changes), int)
    narrow = pool(np.array([float(value)]), cell, np.array(changes, float), draws)
    wide = pool(np.array([float(value)]), cell, np.array(changes, float), draws, within)
    assert narrow.mean[0] == pytest.approx(value + np.mean(changes))
    for found in (narrow, wide):
        assert found.lower[0] <= found.mean[0] <= found.upper[0]
    if len(set(changes)) == 1:
        assert narrow.lower[0] == pytest.approx(narrow.upper[0])
