"""Model migration schedules of Rogers and Castro (1981): intensities from parameters, parameters from intensities."""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import least_squares, nnls
from scipy.special import stdtrit

from migflow.statistics.indices.flows import Floats, IndexInputError, numbers, shown

_STANDARD = ("a1", "alpha1", "a2", "alpha2", "mu2", "lambda2", "c")
_RETIREMENT = ("a3", "alpha3", "mu3", "lambda3")
_ELDERLY = ("a4", "lambda4")
COMPONENTS = {
    7: _STANDARD,
    9: _STANDARD + _ELDERLY,
    11: _STANDARD + _RETIREMENT,
    13: _STANDARD + _RETIREMENT + _ELDERLY,
}
LEVELS = {"a1", "a2", "a3", "a4", "c"}
BOUNDS = {
    "alpha1": (0.0, 2.0),
    "alpha2": (0.0, 2.0),
    "mu2": (5.0, 55.0),
    "lambda2": (0.01, 5.0),
    "alpha3": (0.0, 5.0),
    "mu3": (45.0, 85.0),
    "lambda3": (0.01, 5.0),
    "lambda4": (0.0, 0.3),
}
STARTS: dict[str, tuple[float, ...]] = {
    "alpha1": (0.05, 0.15),
    "alpha2": (0.05, 0.15),
    "mu2": (17.0, 20.0, 24.0, 29.0),
    "lambda2": (0.2, 0.5),
    "alpha3": (0.2, 0.8),
    "mu3": (58.0, 63.0, 68.0),
    "lambda3": (0.2, 0.6),
    "lambda4": (0.02, 0.06),
}
REFINED_STARTS = 6


class RogersCastroFit(NamedTuple):
    """parameters by name; fitted intensity by age; share of variance explained; estimate, standard error, interval.

    intervals: one row a parameter, columns estimate, standard_error, lower, upper (95 %, Student's t), Float64.
    """

    parameters: pd.Series
    fitted: pd.Series
    R2: float
    intervals: pd.DataFrame


def rogers_castro(age: Iterable[float], **parameters: float) -> pd.Series:
    """Intensity at each age: childhood, labour force, constant, and retirement peak, rise of the oldest where given.

    The parameters of COMPONENTS[7], [9], [11] or [13]; a whole component may be left out. Raises IndexInputError
    for an unknown name or half a component.
    """
    ages = numbers(age, "age")
    unknown = sorted(set(parameters) - set(COMPONENTS[13]))
    if unknown:
        raise IndexInputError(f"rogers_castro: no parameter {unknown[0]!r}; known are {', '.join(COMPONENTS[13])}.")
    for component in (_STANDARD[:2], _STANDARD[2:6], _RETIREMENT, _ELDERLY):
        lacking = [name for name in component if name not in parameters]
        if lacking and len(lacking) < len(component):
            raise IndexInputError(f"rogers_castro: {lacking[0]!r} is missing; {', '.join(component)} go together.")
    levels = np.array([parameters[name] for name in _levels(parameters)])
    curves = _curves(ages, parameters)
    return pd.Series(curves @ levels, index=pd.Index(ages, name="age"), name="intensity")


def fit_rogers_castro(age: Iterable[float], intensity: Iterable[float], components: int = 7) -> RogersCastroFit:
    """Least squares from many starts, every level at least zero; deterministic.

    components: 7, 9 (with the rise of the oldest), 11 (with a retirement peak) or 13 (both). Raises IndexInputError
    for another number, missing or negative values, no more ages than parameters, or no migration at all.
    """
    ages, observed = numbers(age, "age"), numbers(intensity, "intensity")
    if components not in COMPONENTS:
        raise IndexInputError(f"components: {components}; expected 7, 9, 11 or 13.")
    names = COMPONENTS[components]
    if len(ages) != len(observed) or len(np.unique(ages)) != len(ages) or len(ages) <= len(names):
        raise IndexInputError(f"Give one intensity for each age, each age once, and more ages than {len(names)}.")
    if not observed.any() or np.ptp(observed) == 0:
        raise IndexInputError("intensity: the same at every age; a profile is needed to fit one.")
    order = np.argsort(ages)
    scale = observed.max()
    solution, jacobian, residuals = _best(ages[order], observed[order] / scale, names)
    rescale = np.array([scale if name in LEVELS else 1.0 for name in names])
    fitted = (observed[order] / scale + residuals) * scale
    parameters = pd.Series(solution * rescale, index=pd.Index(names, name="parameter"), name="estimate")
    deviations = observed - observed.mean()
    return RogersCastroFit(
        parameters,
        pd.Series(fitted, index=pd.Index(ages[order], name="age"), name="intensity"),
        float(1 - ((residuals * scale) ** 2).sum() / (deviations**2).sum()),
        _intervals(parameters, jacobian, residuals, rescale),
    )


def _levels(parameters: Iterable[str]) -> list[str]:
    return [name for name in ("a1", "a2", "a3", "a4", "c") if name in parameters]


def _curves(ages: Floats, shape: dict[str, float]) -> Floats:
    """The curve that each level of `shape` multiplies, as ages by levels."""
    curves = []
    with np.errstate(over="ignore"):
        if "alpha1" in shape:
            curves.append(np.exp(-shape["alpha1"] * ages))
        for k in ("2", "3"):
            if f"mu{k}" in shape:
                since = ages - shape[f"mu{k}"]
                curves.append(np.exp(-shape[f"alpha{k}"] * since - np.exp(-shape[f"lambda{k}"] * since)))
        if "lambda4" in shape:
            curves.append(np.exp(shape["lambda4"] * ages))
        if "c" in shape:
            curves.append(np.ones_like(ages))
    return np.column_stack(curves) if curves else np.zeros((len(ages), 0))


def _best(ages: Floats, observed: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats, Floats]:
    levels = _levels(names)

    def residuals(values: Floats) -> Floats:
        shape = dict(zip(names, values, strict=True))
        return np.asarray(_curves(ages, shape) @ np.array([shape[name] for name in levels]) - observed)

    low = np.array([BOUNDS.get(name, (0.0, np.inf))[0] for name in names])
    high = np.array([BOUNDS.get(name, (0.0, np.inf))[1] for name in names])
    best = None
    for start in _starts(ages, observed, names):
        found = least_squares(
            residuals, start, bounds=(low, high), x_scale="jac", xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=400
        )
        if best is None or found.cost < best.cost * (1 - 1e-9):
            best = found
        if best.cost < 1e-24:
            break
    assert best is not None
    return best.x, best.jac, best.fun


def _starts(ages: Floats, observed: Floats, names: tuple[str, ...]) -> list[Floats]:
    """The starts of the grid of shapes whose best levels leave least unexplained."""
    shapes = [name for name in names if name not in LEVELS]
    ranked = []
    for values in product(*(STARTS[name] for name in shapes)):
        shape: dict[str, float] = dict(zip(shapes, values, strict=True))
        levels, left = nnls(_curves(ages, {**shape, "c": 1.0}), observed)
        shape |= dict(zip(_levels(names), levels + 1e-6, strict=True))
        ranked.append((left, [shape[name] for name in names]))
    ranked.sort()
    return [np.array(start) for _, start in ranked[:REFINED_STARTS]]


def _intervals(parameters: pd.Series, jacobian: Floats, residuals: Floats, rescale: Floats) -> pd.DataFrame:
    """From the Jacobian at the solution; pd.NA for all where it does not determine every parameter."""
    freedom = len(residuals) - len(parameters)
    errors = np.full(len(parameters), np.nan)
    norms = np.linalg.norm(jacobian, axis=0)
    if norms.all():
        unit = jacobian / norms
        if np.linalg.matrix_rank(unit, tol=1e-9) == len(parameters):
            variance = (residuals**2).sum() / freedom * np.diag(np.linalg.inv(unit.T @ unit))
            errors = np.sqrt(np.maximum(variance, 0.0)) / norms * rescale
    margin = stdtrit(freedom, 0.975) * errors
    table = pd.DataFrame({"estimate": parameters, "standard_error": errors})
    table["lower"], table["upper"] = parameters - margin, parameters + margin
    return table.apply(shown)
