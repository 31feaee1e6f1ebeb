"""Flows, populations and distances as given, checked and laid out by zone; results as they are shown."""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from migflow.errors import MigflowError

Floats = npt.NDArray[np.float64]
Population = pd.Series | pd.DataFrame | Mapping[Hashable, float]


class IndexInputError(MigflowError):
    """Flows, populations, distances or ages of which no index can be computed."""


class Flows(NamedTuple):
    """A square matrix with a zero diagonal, rows origins; the population of each zone, if given."""

    zones: pd.Index
    matrix: Floats
    population: Floats | None


def read_flows(od: pd.DataFrame, population: Population | None) -> Flows:
    """Every zone of `od` (on either side, or only on the diagonal) and of `population`; pairs not named are 0."""
    pairs = _pairs(od, "flow", "od")
    inhabitants = None if population is None else _population(population)
    named = {*pairs["origin"], *pairs["destination"], *([] if inhabitants is None else inhabitants.index)}
    zones = pd.Index(_ordered(named), name="zone")
    if len(zones) < 2:
        raise IndexInputError(f"od: {len(zones)} zone(s); migration between zones needs at least two.")
    matrix = np.zeros((len(zones), len(zones)))
    between = pairs[pairs["origin"] != pairs["destination"]]
    matrix[_places(zones, between["origin"]), _places(zones, between["destination"])] = between["flow"]
    if inhabitants is None:
        return Flows(zones, matrix, None)
    absent = zones.difference(inhabitants.index, sort=False)
    if len(absent):
        raise IndexInputError(f"population: zone {absent[0]!r} has flows but no population; add it (zero is allowed).")
    return Flows(zones, matrix, inhabitants.loc[zones].to_numpy())


def read_distances(distance: pd.DataFrame, zones: pd.Index) -> Floats:
    """Distance of every pair of different zones, in the unit given; 0 on the diagonal. Other zones are left out."""
    pairs = _pairs(distance, "distance", "distance")
    between = pairs[(pairs["origin"] != pairs["destination"])]
    between = between[between["origin"].isin(zones) & between["destination"].isin(zones)]
    matrix = np.zeros((len(zones), len(zones)))
    matrix[_places(zones, between["origin"]), _places(zones, between["destination"])] = between["distance"]
    lacking = np.argwhere((matrix == 0) & ~np.eye(len(zones), dtype=bool))
    if len(lacking):
        i, j = lacking[0]
        raise IndexInputError(
            f"distance: from {zones[i]!r} to {zones[j]!r} is missing or zero; "
            "give a positive distance for every pair of different zones, in both directions."
        )
    return matrix


def numbers(values: Iterable[float] | pd.Series, name: str) -> Floats:
    """`values` as finite, non-negative float64; IndexInputError names the first row (from 0) that is not."""
    converted = pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce")
    array = converted.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))
    if len(wrong):
        raise IndexInputError(
            f"{name}: row {wrong[0]} (counted from 0) is missing, negative or no number; "
            "expected a finite number of at least 0."
        )
    return array


def shown(values: pd.Series) -> pd.Series:
    """NaN, which stands for "not defined" inside, as pd.NA."""
    return pd.Series(
        pd.arrays.FloatingArray(np.nan_to_num(values.to_numpy(dtype=float)), values.isna().to_numpy()),
        index=values.index,
        name=values.name,
    )


def _pairs(table: pd.DataFrame, value: str, name: str) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        wanted = f"a DataFrame with the columns origin, destination and {value}"
        raise IndexInputError(f"{name}: expected {wanted}, got {type(table).__name__}.")
    missing = [column for column in ("origin", "destination", value) if column not in table.columns]
    if missing:
        raise IndexInputError(f"{name}: no column {missing[0]!r}; expected origin, destination and {value}.")
    pairs = table[["origin", "destination", value]].reset_index(drop=True)
    for side in ("origin", "destination"):
        unnamed = np.flatnonzero(pairs[side].isna())
        if len(unnamed):
            raise IndexInputError(f"{name}: row {unnamed[0]} (counted from 0) has no {side}.")
    pairs = pairs.astype({"origin": object, "destination": object})
    within = (pairs["origin"] == pairs["destination"]).to_numpy(dtype=bool)
    measured = pairs[value].astype(object).where(~within, 0.0)
    pairs[value] = numbers(measured, f"{name}.{value}")
    repeated = np.flatnonzero(pairs.duplicated(["origin", "destination"]).to_numpy() & ~within)
    if len(repeated):
        pair = pairs.iloc[repeated[0]]
        raise IndexInputError(
            f"{name}: {pair['origin']!r} to {pair['destination']!r} is given twice; give each pair one row."
        )
    return pairs


def _population(population: Population) -> pd.Series:
    if isinstance(population, pd.DataFrame):
        if not {"zone", "population"} <= set(population.columns):
            raise IndexInputError("population: expected the columns zone and population, or a Series indexed by zone.")
        population = population.set_index("zone")["population"]
    series = pd.Series(population, dtype=object)
    if series.index.hasnans or not series.index.is_unique:
        raise IndexInputError("population: a zone is missing or given twice; give each zone one row.")
    return pd.Series(numbers(series, "population"), index=series.index.astype(object))


def _places(zones: pd.Index, named: pd.Series) -> npt.NDArray[np.intp]:
    return zones.get_indexer(pd.Index(named))


def _ordered(zones: set[Hashable]) -> list[Hashable]:
    """In an order that does not depend on the rows', also where codes are of several types."""
    return sorted(zones, key=lambda zone: (type(zone).__name__, zone))
