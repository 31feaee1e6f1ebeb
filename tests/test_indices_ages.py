"""Indices of age profiles, model migration schedules and intensities over several zonings."""

import math

import numpy as np
import pandas as pd
import pytest

from migflow.errors import MigflowError
from migflow.statistics.indices import age_indices, aggregate_cmi, fit_rogers_castro, rogers_castro

# The fundamental parameters of Rogers and Castro (1981).
FUNDAMENTAL = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20, "lambda2": 0.4, "c": 0.003}
RETIREMENT = {"a3": 0.01, "alpha3": 0.5, "mu3": 63, "lambda3": 0.4}
ELDERLY = {"a4": 0.0002, "lambda4": 0.04}


def test_indices_of_a_triangle():
    age = np.arange(0, 81)
    migrants = np.where(np.abs(age - 25) < 10, 10 - np.abs(age - 25), 0)
    found = age_indices(age, migrants, np.full(81, 100))
    # 100 moves in all, 10 % at the peak; ages 20 to 30 hold 5+6+7+8+9+10+9+8+7+6+5 = 80.
    assert found["gmr"] == pytest.approx(1)
    expected = [25, 10, 80, 80, 0.01, 0.01, 1]
    assert found.drop("gmr").tolist() == pytest.approx(expected)


def test_the_peak_is_not_among_infants_and_order_does_not_matter():
    age, migrants = np.arange(0, 60), np.full(60, 2.0)
    migrants[0], migrants[27] = 50, 5
    found = age_indices(age[::-1], migrants[::-1], np.full(60, 100))
    assert found["peak_age"] == 27
    assert found["peak_breadth"] == pytest.approx(10 * 2 + 5)


@pytest.mark.parametrize(
    ("age", "migrants", "population", "said"),
    [
        ([20, 21, 23], [1, 1, 1], [9, 9, 9], "evenly spaced"),
        ([20, 21, 22], [1, -1, 1], [9, 9, 9], "migrants: row 1"),
        ([20, 21, 22], [1, 1, 1], [9, 0, 9], "nobody of age 21"),
        ([70, 71, 72], [1, 1, 1], [9, 9, 9], "5 to 65"),
        ([20, 21, 22], [1, 1], [9, 9, 9], "one length"),
    ],
)
def test_bad_profiles_are_told(age, migrants, population, said):
    with pytest.raises(MigflowError, match=said):
        age_indices(age, migrants, population)


def test_no_migration_has_a_level_and_no_peak():
    found = age_indices(range(10, 30), [0] * 20, [5] * 20)
    assert found["gmr"] == 0
    assert found.drop("gmr").isna().all()


def test_migration_of_infants_alone_has_no_peak():
    found = age_indices(range(70), [0, 0, 3] + [0] * 67, [10] * 70)
    assert found["gmr"] == pytest.approx(0.3)
    assert found.drop("gmr").isna().all()


def test_a_constant_rate_has_no_slope_and_its_peak_at_the_youngest_whatever_is_rounded():
    population = np.random.default_rng(2).uniform(1000, 9000, 70)
    found = age_indices(range(70), population * 0.07, population)
    assert found["peak_age"] == 5
    assert found["max_upward_change"] == found["max_downward_change"] == 0
    assert found["asymmetry"] is pd.NA


def test_a_schedule_by_hand():
    assert rogers_castro([20], **FUNDAMENTAL).iloc[0] == pytest.approx(0.02 * math.exp(-2) + 0.06 / math.e + 0.003)
    assert rogers_castro([0, 90], c=0.1, **ELDERLY).tolist() == pytest.approx([0.1002, 0.1 + 0.0002 * math.exp(3.6)])
    with pytest.raises(MigflowError, match="'mu9'"):
        rogers_castro([1], mu9=3)
    with pytest.raises(MigflowError, match="'lambda3' is missing"):
        rogers_castro([1], a3=1, alpha3=1, mu3=60)


@pytest.mark.parametrize(
    ("components", "known"),
    [
        (7, FUNDAMENTAL),
        (9, FUNDAMENTAL | ELDERLY),
        (11, FUNDAMENTAL | RETIREMENT),
        (13, FUNDAMENTAL | RETIREMENT | ELDERLY),
    ],
)
def test_known_parameters_are_recovered(components, known):
    age = np.arange(0, 91)
    fit = fit_rogers_castro(age, rogers_castro(age, **known), components)
    assert pytest.approx(1, abs=1e-10) == fit.R2
    for name, value in known.items():
        assert fit.parameters[name] == pytest.approx(value, rel=1e-4), name


def test_intervals_hold_the_parameters_of_a_noisy_profile():
    age = np.arange(0, 91)
    truth = rogers_castro(age, **FUNDAMENTAL)
    noisy = np.maximum(truth + np.random.default_rng(7).normal(0, 0.0004, len(age)), 0)
    fit = fit_rogers_castro(age, noisy)
    known = pd.Series(FUNDAMENTAL)[fit.intervals.index]
    wide = 2 * fit.intervals["standard_error"]
    assert ((fit.intervals["estimate"] - known).abs() < 2 * wide).all()
    assert (fit.intervals["lower"] < fit.intervals["upper"]).all()
    assert 0.99 < fit.R2 < 1
    assert fit.fitted.tolist() == pytest.approx(rogers_castro(age, **fit.parameters).tolist())


def test_profiles_that_cannot_be_fitted_are_told():
    with pytest.raises(MigflowError, match="7, 9, 11 or 13"):
        fit_rogers_castro(range(50), range(50), 8)
    with pytest.raises(MigflowError, match="more ages"):
        fit_rogers_castro(range(7), range(7))
    with pytest.raises(MigflowError, match="same at every age"):
        fit_rogers_castro(range(50), [0] * 50)


def test_all_moves_from_a_line_over_zonings():
    households, zones = 1_000_000, np.array([10, 100, 5000])
    measured = 15 - 1.1 * np.log(households / zones)
    assert aggregate_cmi(measured, zones, households) == pytest.approx(15, rel=1e-12)
    assert aggregate_cmi(measured, zones, [households] * 3) == pytest.approx(15, rel=1e-12)
    with pytest.raises(MigflowError, match="at least two"):
        aggregate_cmi([3], [10], households)
    with pytest.raises(MigflowError, match="above zero"):
        aggregate_cmi([3, 4], [10, 0], households)
