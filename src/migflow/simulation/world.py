"""What the life events act on: people, their households and dwellings, one period at a time."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from migflow.simulation.config import Lives
from migflow.simulation.country import Country
from migflow.simulation.names import Names
from migflow.simulation.population import ABROAD, NOBODY, Log, People

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

BY_MARRIAGE, BY_DIVORCE, BY_REQUEST = range(3)  # causes of a change of surname
INTERNAL, EMIGRATION, IMMIGRATION, RETURN = range(4)  # kinds of move
WORK, FAMILY, MARRIAGE, HOUSING, STUDY = range(5)  # reasons
MOVE_COLUMNS = ("person", "day", "origin", "destination", "kind", "country", "unit", "reason", "surname", "citizenship")


@dataclass
class World:
    """State of the simulation; logs hold every event in the order of periods.

    Logs: moves (MOVE_COLUMNS; origin and destination are dwellings, ABROAD outside; unit groups those who
    move together), marriages (wife, husband, day, new_surname or -1), divorces (wife, husband, day,
    new_surname or -1), deaths and births of residents (person, day; births with dwelling), surname_changes
    (person, day, old, new, cause), citizenships (person, day, old, new), marital (person, day, status).
    """

    rng: np.random.Generator
    lives: Lives
    country: Country
    people: People
    dwelling: Ints  # of each household, ABROAD outside
    first_dwelling: Ints  # of each person at the start, of those abroad the one they left
    first_resident: npt.NDArray[np.bool_]  # of each person at the start
    first_names: Names
    surnames: Names
    abroad_in: Ints = field(default_factory=lambda: np.empty(0, np.int32))  # country of each household abroad
    moves: Log = field(default_factory=lambda: Log(*MOVE_COLUMNS))
    marriages: Log = field(default_factory=lambda: Log("wife", "husband", "day", "new_surname", "old_surname"))
    divorces: Log = field(default_factory=lambda: Log("wife", "husband", "day", "new_surname", "old_surname"))
    births: Log = field(default_factory=lambda: Log("person", "day", "dwelling"))
    deaths: Log = field(default_factory=lambda: Log("person", "day"))
    surname_changes: Log = field(default_factory=lambda: Log("person", "day", "old", "new", "cause"))
    citizenships: Log = field(default_factory=lambda: Log("person", "day", "old", "new"))
    marital: Log = field(default_factory=lambda: Log("person", "day", "status"))
    units: int = 0

    def begin_period(self, start: int, end: int) -> None:
        """Days [start, end) come next; who is there and which dwellings stand empty is taken stock of."""
        p = self.people
        self.start, self.end = start, end
        alive = p.death >= start
        place = self.dwelling[p.household]
        self.residents = np.flatnonzero(alive & (place != ABROAD)).astype(np.int32)
        self.absent = np.flatnonzero(alive & (place == ABROAD)).astype(np.int32)
        self.busy = np.zeros(p.count, bool)
        self.municipality = np.where(place == ABROAD, -1, self.country.dwellings.municipality[place]).astype(np.int32)
        self._take_stock_of_vacancies(place)

    @property
    def share_of_year(self) -> float:
        """Length of the period in years."""
        return (self.end - self.start) / 365.25

    @property
    def middle(self) -> float:
        """Middle day of the period."""
        return (self.start + self.end) / 2

    def days(self, count: int) -> Ints:
        """Uniform days of the period."""
        return self.rng.integers(self.start, self.end, count).astype(np.int32)

    def expected(self, per_thousand: float) -> float:
        """Events expected in the period at a rate per 1,000 residents and year."""
        return per_thousand / 1000 * len(self.residents) * self.share_of_year

    def happens(self, weight: Floats, expected: float, size: Floats | None = None) -> npt.NDArray[np.bool_]:
        """Whom an event befalls: chances in proportion to weight, scaled so that weight times size meets expected."""
        total = float((weight if size is None else weight * size).sum())
        chance = weight * (expected / total) if total > 0 else weight
        return self.rng.random(len(weight)) < chance

    def new_households(self, dwelling: Ints, country: Ints | int = 0) -> Ints:
        """Found a household in each dwelling (ABROAD with the country it is in)."""
        first = len(self.dwelling)
        self.dwelling = np.concatenate([self.dwelling, dwelling.astype(np.int32)])
        self.abroad_in = np.concatenate([self.abroad_in, np.broadcast_to(np.int32(country), dwelling.shape)])
        return np.arange(first, first + len(dwelling), dtype=np.int32)

    def next_units(self, count: int) -> Ints:
        """Numbers for groups that move together."""
        self.units += count
        return np.arange(self.units - count, self.units, dtype=np.int32)

    def vacant(self, municipality: Ints) -> Ints:
        """An empty dwelling in the municipality of each; shared with others once all are taken."""
        order = np.argsort(municipality, kind="stable")
        sizes = np.bincount(municipality, minlength=len(self._free_count))
        rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        where = municipality[order]
        out = np.empty(len(order), np.int32)
        slot = (self._free_used[where] + rank) % self._free_count[where]
        out[order] = self._free[self._free_start[where] + slot]
        self._free_used += sizes
        return out

    def log_moves(self, persons: Ints, day: Ints, destination: Ints, kind: Ints | int, **rest: Ints | int) -> None:
        """Record moves from where each person's household lives now; the household is changed by the caller."""
        p = self.people
        self.moves.add(
            person=persons,
            day=day,
            origin=self.dwelling[p.household[persons]],
            destination=destination,
            kind=kind,
            surname=p.surname[persons],
            citizenship=p.citizenship[persons],
            **rest,
        )

    def _take_stock_of_vacancies(self, place: Ints) -> None:
        d = self.country.dwellings
        lived_in = np.zeros(len(d.street), bool)
        lived_in[place[self.residents]] = True
        free = np.flatnonzero(d.standing(self.start) & ~lived_in)
        missing = np.setdiff1d(np.arange(len(self.country.municipalities.code)), d.municipality[free])
        free = np.concatenate([free, np.flatnonzero(np.isin(d.municipality, missing))])
        free = self.rng.permutation(free)
        free = free[np.argsort(d.municipality[free], kind="stable")].astype(np.int32)
        self._free = free
        self._free_count = np.bincount(d.municipality[free], minlength=len(self.country.municipalities.code))
        self._free_start = np.cumsum(self._free_count) - self._free_count
        self._free_used = np.zeros(len(self._free_count), np.int64)


def children_of(people: People, parents: npt.NDArray[np.bool_], candidates: Ints, at: float) -> tuple[Ints, Ints]:
    """Minors among the candidates who share a household with a marked parent (mother first), and that parent."""
    minors = candidates[people.age(candidates, at) < 18]
    found = np.full(len(minors), NOBODY, np.int32)
    for parent in (people.father[minors], people.mother[minors]):
        along = (parent >= 0) & parents[parent] & (people.household[parent] == people.household[minors])
        found = np.where(along, parent, found)
    return minors[found >= 0], found[found >= 0].astype(np.int32)
