"""Shapes over age: fertility, mortality and the model migration schedule."""

import numpy as np
import numpy.typing as npt

from migflow.simulation.config import AgeProfile

Floats = npt.NDArray[np.float64]


def migration(age: Floats, profile: AgeProfile) -> Floats:
    """Rogers and Castro's schedule, not yet scaled to an intensity."""
    p = profile
    labour = p.a2 * np.exp(-p.alpha2 * (age - p.mu2) - np.exp(np.clip(-p.lambda2 * (age - p.mu2), None, 50)))
    return p.a1 * np.exp(-p.alpha1 * age) + labour + p.c


def fertility(age: Floats) -> Floats:
    """Relative rate of a woman, highest at 28."""
    return np.where((age >= 16) & (age < 47), np.exp(-(((age - 28) / 6.0) ** 2) / 2), 0.0)


def mortality(age: Floats, male: npt.NDArray[np.bool_]) -> Floats:
    """Gompertz hazard with an infant excess; men a third higher."""
    hazard = 0.00005 * np.exp(0.098 * age) + np.where(age < 1, 0.006, 0.0)
    return hazard * np.where(male, 1.15, 0.87)


def marriage(age: Floats) -> Floats:
    """Relative rate of an unmarried person."""
    return np.where(age >= 18, np.exp(-(((age - 27) / 6.5) ** 2) / 2) + 0.005, 0.0) * (age < 65)
