"""Indices of a migration age profile: its level, the young adults' peak, the slopes on both sides of it."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from migflow.statistics.indices.flows import IndexInputError, numbers, shown

PEAK_AGES = (5, 65)
PEAK_HALF_WIDTH = 5
ROUNDING = 1e-12


def age_indices(age: Iterable[float], migrants: Iterable[float], population: Iterable[float]) -> pd.Series:
    """Indices of Rogers (1975), Bell and Muhidin (2009), Bernard, Bell and Charles-Edwards (2014); docs/indices.md.

    One value an age; ages evenly spaced, in any order. The peak is sought at ages 5 to 65, the youngest of equals.
    gmr is per person; peak_intensity, peak_breadth (sum over five years on either side of the peak) and peak_share (of
    all ages' intensities) are per 100; the changes are those of the profile that sums to 1, per year of age, both
    positive; asymmetry is upward over downward. pd.NA where not defined: all but gmr if nobody from 5 to 65 moves.
    Raises IndexInputError for missing or negative values, an age twice or left out, an age without population.
    """
    ages, moved, residents = _profile(age, migrants, population)
    rate = moved / residents
    width = float(ages[1] - ages[0])
    names = ["gmr", "peak_age", "peak_intensity", "peak_breadth", "peak_share"]
    names += ["max_upward_change", "max_downward_change", "asymmetry"]
    studied = (ages >= PEAK_AGES[0]) & (ages <= PEAK_AGES[1])
    highest = rate[studied].max()
    if not highest:
        return shown(pd.Series([width * rate.sum()] + [np.nan] * 7, index=names, name="value"))
    # Rates that differ by rounding alone are equal.
    peak = np.flatnonzero(studied & (rate >= highest * (1 - ROUNDING)))[0]
    around = np.abs(ages - ages[peak]) <= PEAK_HALF_WIDTH
    change = np.diff(rate[studied])
    change = np.where(np.abs(change) > ROUNDING * highest, change, 0.0) / (rate.sum() * width**2)
    upward, downward = max(0.0, change.max()), max(0.0, -change.min())
    values = [
        width * rate.sum(),
        ages[peak],
        100 * rate[peak],
        100 * width * rate[around].sum(),
        100 * rate[around].sum() / rate.sum(),
        upward,
        downward,
        upward / downward if downward else np.nan,
    ]
    return shown(pd.Series(values, index=names, name="value", dtype=float))


def _profile(
    age: Iterable[float], migrants: Iterable[float], population: Iterable[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ages, moved, residents = numbers(age, "age"), numbers(migrants, "migrants"), numbers(population, "population")
    if not len(ages) == len(moved) == len(residents):
        raise IndexInputError("age, migrants and population must be of one length.")
    order = np.argsort(ages, kind="stable")
    ages, moved, residents = ages[order], moved[order], residents[order]
    steps = np.diff(ages)
    if len(ages) < 3 or steps.min() <= 0 or not np.allclose(steps, steps[0]):
        raise IndexInputError("age: expected at least three ages, evenly spaced, each once and none left out.")
    if ((ages >= PEAK_AGES[0]) & (ages <= PEAK_AGES[1])).sum() < 2:
        raise IndexInputError("age: fewer than two ages from 5 to 65, where the peak is sought.")
    if (residents == 0).any():
        empty = ages[residents == 0][0]
        raise IndexInputError(f"population: nobody of age {empty:g}; leave out the oldest ages or join them to others.")
    return ages, moved, residents
