"""Intensity of all changes of address, from intensities measured between the zones of several zonings."""

from collections.abc import Iterable

import numpy as np

from migflow.statistics.indices.flows import IndexInputError, numbers


def aggregate_cmi(intensities: Iterable[float], zones: Iterable[float], households: float | Iterable[float]) -> float:
    """Aggregate crude migration intensity (Courgeau, Muhidin and Bell 2012), in the unit of `intensities`.

    One intensity and one number of zones for each zoning; `households` of the country, or one number for each zoning.
    Intensity falls linearly with ln(households per zone); the line's value at one household a zone counts every move
    to another dwelling. Raises IndexInputError for fewer than two sizes of zones.
    """
    measured, counts = numbers(intensities, "intensities"), numbers(zones, "zones")
    given = numbers([households] if np.isscalar(households) else households, "households")  # type: ignore[list-item, arg-type]
    if len(measured) != len(counts) or len(given) not in (1, len(counts)):
        raise IndexInputError("Give one intensity and one number of zones for each zoning; households once or each.")
    if (counts == 0).any() or (given == 0).any():
        raise IndexInputError("zones and households must be above zero.")
    sizes = np.log(given / counts)
    if len(sizes) < 2 or np.ptp(sizes) == 0:
        raise IndexInputError("Give at least two zonings whose zones differ in households; one point makes no line.")
    centred = sizes - sizes.mean()
    slope = (centred * (measured - measured.mean())).sum() / (centred**2).sum()
    return float(measured.mean() - slope * sizes.mean())
