"""The simulated country: settlements, streets, buildings and dwellings of the real municipalities."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow import countries
from migflow.simulation import calendar, spelling
from migflow.simulation.config import Lives
from migflow.simulation.names import COMMUNITIES, rows

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

NO_STREET = -1
# Municipalities whose signs and street names follow the Serbian tradition.
SERBIAN_MAJORITY = ("XK12", "XK14", "XK23", "XK28", "XK29", "XK34", "XK35", "XK36", "XK37", "XK38")
_KM_PER_DEGREE = 111.2
_DWELLINGS_PER_STREET = 45


@dataclass(frozen=True)
class Municipalities:
    """One entry a municipality, in the order of its code."""

    code: list[str]
    name: list[str]
    name_second: list[str]
    population: Floats
    latitude: Floats
    longitude: Floats
    community_shares: Floats  # municipality x community, rows add up to 1

    @property
    def distances(self) -> Floats:
        """Kilometres between municipalities."""
        north = (self.latitude[:, None] - self.latitude[None, :]) * _KM_PER_DEGREE
        narrowing = np.cos(np.radians(self.latitude.mean()))
        east = (self.longitude[:, None] - self.longitude[None, :]) * _KM_PER_DEGREE * narrowing
        return np.hypot(north, east)


@dataclass(frozen=True)
class Settlements:
    """One entry a settlement."""

    name: list[str]
    name_second: list[str]
    postcode: list[str]
    municipality: Ints
    town: npt.NDArray[np.bool_]
    share: Floats  # of the municipality's dwellings
    latitude: Floats
    longitude: Floats


@dataclass(frozen=True)
class Dwellings:
    """One entry a dwelling (address); street is an index into the street names or NO_STREET."""

    settlement: Ints
    municipality: Ints
    street: Ints
    building: Ints
    house_number: Ints
    suffix: npt.NDArray[np.int8]  # 0 none, 1 a, 2 b, 3 c
    entrance: npt.NDArray[np.int8]  # 0 none
    dwelling: npt.NDArray[np.int16]  # 0 none
    latitude: Floats
    longitude: Floats
    valid_from: Ints
    valid_to: Ints  # NEVER while it stands; nobody lives in what will be torn down

    def standing(self, on: int) -> npt.NDArray[np.bool_]:
        """Which are built by a day and never torn down."""
        return (self.valid_from <= on) & (self.valid_to == calendar.NEVER)


@dataclass(frozen=True)
class Country:
    """Where people can live; streets: rows of streets.csv plus streets named after persons."""

    municipalities: Municipalities
    settlements: Settlements
    streets: list[tuple[str, str, str, str]]  # name_sq, name_sr, former_sq, former_sr ("" if none)
    dwellings: Dwellings


def load_municipalities() -> Municipalities:
    """The municipalities of the shipped country with the shares of communities in them."""
    areas = countries.load("kosovo").municipalities
    shares = np.zeros((len(areas), len(COMMUNITIES)))
    position = {area.code: i for i, area in enumerate(areas)}
    for row in rows("communities.csv"):
        shares[position[row["municipality"]], COMMUNITIES.index(row["community"])] = float(row["percent"])
    return Municipalities(
        code=[a.code for a in areas],
        name=[a.name for a in areas],
        name_second=[a.name_second for a in areas],
        population=np.array([a.population or 0 for a in areas], np.float64),
        latitude=np.array([a.latitude or 0.0 for a in areas]),
        longitude=np.array([a.longitude or 0.0 for a in areas]),
        community_shares=shares / shares.sum(axis=1, keepdims=True),
    )


def build_country(
    rng: np.random.Generator, lives: Lives, municipalities: Municipalities, households: Ints, start: int, years: int
) -> Country:
    """Dwellings for so many households a municipality, plus those built while the simulation runs."""
    settlements = _settlements(rng, municipalities)
    streets = [(r["name_sq"], r["name_sr"], r["former_sq"], r["former_sr"]) for r in rows("streets.csv")]
    albanian = np.array([i for i, r in enumerate(rows("streets.csv")) if r["tradition"] == "albanian"])
    serbian = np.array([i for i, r in enumerate(rows("streets.csv")) if r["tradition"] == "serbian"])
    streets += _streets_of_persons(rng, 500)
    albanian = np.concatenate([albanian, np.arange(len(streets) - 500, len(streets))])
    parts = []
    for m, code in enumerate(municipalities.code):
        count = int(np.ceil(households[m] * lives.dwellings_per_household * (1 + lives.new_dwellings * years))) + 12
        names = serbian if code in SERBIAN_MAJORITY else albanian
        members = np.flatnonzero(settlements.municipality == m)
        for s, size in zip(members, rng.multinomial(count, settlements.share[members]), strict=True):
            named = bool(settlements.town[s]) or rng.random() >= lives.villages_without_street_names
            parts.append(_settlement_dwellings(rng, settlements, int(s), int(size), names if named else None))
    fields = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    offsets = np.repeat(
        np.cumsum([0] + [int(p["building"].max(initial=-1)) + 1 for p in parts[:-1]]), [len(p["street"]) for p in parts]
    )
    building = (fields.pop("building") + offsets).astype(np.int32)
    valid_from = _construction_days(rng, int(building.max()) + 1, lives, start, years)[building]
    doomed = rng.random(int(building.max()) + 1) < lives.demolished
    torn_down = np.where(doomed, start + rng.integers(200, int(years * 365.25) + 200, len(doomed)), calendar.NEVER)
    valid_to = np.maximum(torn_down[building], valid_from + 1).astype(np.int32)
    dwellings = Dwellings(building=building, valid_from=valid_from, valid_to=valid_to, **fields)
    return Country(municipalities, settlements, streets, dwellings)


def _settlements(rng: np.random.Generator, municipalities: Municipalities) -> Settlements:
    table = rows("settlements.csv")
    of = np.array([municipalities.code.index(r["municipality"]) for r in table], np.int32)
    town = np.array([r["town_share_percent"] != "" for r in table])
    share = np.array([float(r["town_share_percent"] or 0) / 100 for r in table])
    weight = np.where(town, 0.0, rng.lognormal(0, 0.7, len(table)))
    rest = 1 - np.bincount(of, share)
    share = share + weight * (rest / np.bincount(of, weight))[of]
    # Villages lie around the town, the farther out the larger the municipality.
    radius = np.where(town, 0.0, 2 + rng.random(len(table)) * (2 + np.sqrt(municipalities.population[of]) / 45))
    angle = rng.random(len(table)) * 2 * np.pi
    latitude = municipalities.latitude[of] + radius * np.sin(angle) / _KM_PER_DEGREE
    narrowing = np.cos(np.radians(latitude)) * _KM_PER_DEGREE
    longitude = municipalities.longitude[of] + radius * np.cos(angle) / narrowing
    return Settlements(
        name=[r["name"] for r in table],
        name_second=[r["name_second"] for r in table],
        postcode=[r["postcode"] for r in table],
        municipality=of,
        town=town,
        share=share,
        latitude=latitude,
        longitude=longitude,
    )


def _streets_of_persons(rng: np.random.Generator, count: int) -> list[tuple[str, str, str, str]]:
    """Streets named after (invented) persons, which towns need by the hundred."""
    first = [r["name"] for r in rows("first_names.csv") if r["community"] == "albanian" and r["sex"] == "M"][:120]
    last = [r["surname"] for r in rows("surnames.csv") if r["community"] == "albanian"][:200]
    pairs: dict[str, None] = {}
    while len(pairs) < count:
        pairs[f"{first[rng.integers(len(first))]} {last[rng.integers(len(last))]}"] = None
    return [(name, spelling.to_serbian(name), "", "") for name in pairs]


def _settlement_dwellings(
    rng: np.random.Generator, settlements: Settlements, settlement: int, count: int, names: Ints | None
) -> dict[str, npt.NDArray]:
    """Buildings along the streets of a settlement until it has so many dwellings."""
    blocks = 0.02 + 0.03 * np.log10(max(count, 10)) if settlements.town[settlement] else 0.0
    buildings = max(count, 1)
    size = np.where(
        rng.random(buildings) < blocks, rng.integers(8, 49, buildings), rng.choice([1, 1, 1, 1, 2], buildings)
    )
    ends = np.cumsum(size)
    building = np.searchsorted(ends, np.arange(count), side="right").astype(np.int32)
    within = np.arange(count) - np.concatenate([[0], ends])[building]
    streets = max(1, round(count / _DWELLINGS_PER_STREET))
    local = rng.integers(0, streets, buildings)
    chosen = np.full(streets, NO_STREET) if names is None else rng.permutation(names)[np.arange(streets) % len(names)]
    if names is None:
        local[:] = 0
    number = _rank(local) + 1
    spread = 0.2 + 0.02 * np.sqrt(count)  # km
    offset = rng.normal(0, spread, (streets, 2))[local] + rng.normal(0, 0.08, (buildings, 2))
    latitude = settlements.latitude[settlement] + offset[:, 0] / _KM_PER_DEGREE
    longitude = settlements.longitude[settlement] + offset[:, 1] / (_KM_PER_DEGREE * 0.737)
    suffix = rng.choice(4, buildings, p=[0.93, 0.04, 0.02, 0.01])
    in_block = size[building] > 2
    return {
        "settlement": np.full(count, settlement, np.int32),
        "municipality": np.full(count, settlements.municipality[settlement], np.int32),
        "street": chosen[local[building]].astype(np.int32),
        "building": building,
        "house_number": number[building].astype(np.int32),
        "suffix": suffix[building].astype(np.int8),
        "entrance": np.where(in_block & (size[building] > 16), within // 16 + 1, 0).astype(np.int8),
        "dwelling": np.where(size[building] > 1, within + 1, 0).astype(np.int16),
        "latitude": np.round(latitude[building], 6),
        "longitude": np.round(longitude[building], 6),
    }


def _rank(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0, 1, 2, ... within each group, in the order given."""
    order = np.argsort(groups, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(groups[order])) + 1])
    lengths = np.diff(np.concatenate([starts, [len(groups)]]))
    out = np.empty(len(groups), np.int64)
    out[order] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return out


def _construction_days(rng: np.random.Generator, buildings: int, lives: Lives, start: int, years: int) -> Ints:
    new = rng.random(buildings) < 1 - 1 / (1 + lives.new_dwellings * years)
    old = rng.integers(calendar.day(1955), start - 400, buildings)
    fresh = start + rng.integers(0, max(1, int(years * 365.25) - 200), buildings)
    return np.where(new, fresh, old).astype(np.int32)
