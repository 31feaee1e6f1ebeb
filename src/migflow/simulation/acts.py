"""Acts of the civil registry: births, deaths, marriages, divorces, changes of name and citizenship, as entered."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow.simulation.config import CivilRegistry
from migflow.simulation.declarations import delays
from migflow.simulation.population import NOBODY
from migflow.simulation.residence import Timeline, first_values
from migflow.simulation.world import BY_REQUEST, Ints, World

ACTS = ("birth", "death", "marriage", "divorce", "name_change", "citizenship_change")
BIRTH, DEATH, MARRIAGE, DIVORCE, NAME_CHANGE, CITIZENSHIP_CHANGE = range(6)


@dataclass(frozen=True)
class Acts:
    """One entry an act, in the order of entry; -1 where a column does not apply."""

    kind: Ints
    person: Ints  # of a marriage or divorce the wife
    partner: Ints
    day: Ints
    entered: Ints
    surname: Ints  # before the act
    new_surname: Ints
    new_citizenship: Ints

    def entries(self, kind: int) -> tuple[Ints, Ints]:
        """Persons and days of entry of the acts of one kind."""
        at = self.kind == kind
        return self.person[at], self.entered[at]


def register_acts(rng: np.random.Generator, rates: CivilRegistry, world: World) -> Acts:
    """Acts entered before the simulation ends; a few births and deaths never are."""
    births, deaths = world.births.joined(), world.deaths.joined()
    marriages, divorces = world.marriages.joined(), world.divorces.joined()
    names, citizenships = world.surname_changes.joined(), world.citizenships.joined()
    requested = names["cause"] == BY_REQUEST
    surnames = _Surnames(world, names)
    parts = [
        _part(BIRTH, births["person"], births["day"], world.people.birth_surname[births["person"]]),
        _part(DEATH, deaths["person"], deaths["day"], surnames.at(deaths["person"], deaths["day"])),
        _part(
            MARRIAGE,
            marriages["wife"],
            marriages["day"],
            marriages["old_surname"],
            marriages["new_surname"],
            marriages["husband"],
        ),
        _part(
            DIVORCE,
            divorces["wife"],
            divorces["day"],
            divorces["old_surname"],
            divorces["new_surname"],
            divorces["husband"],
        ),
        _part(
            NAME_CHANGE,
            names["person"][requested],
            names["day"][requested],
            names["old"][requested],
            names["new"][requested],
        ),
        _part(
            CITIZENSHIP_CHANGE,
            citizenships["person"],
            citizenships["day"],
            surnames.at(citizenships["person"], citizenships["day"]),
            citizenship=citizenships["new"],
        ),
    ]
    kind, person, partner, day, surname, new_surname, citizenship = (
        np.concatenate([p[i] for p in parts]).astype(np.int32) for i in range(7)
    )
    entered = day + delays(rng, len(day), rates.late_entry, rates.late_months, rates.prompt_days)
    forgotten = np.isin(kind, (BIRTH, DEATH)) & (rng.random(len(kind)) < rates.event_never)
    order = np.lexsort((person, kind, entered))
    order = order[((entered < world.end) & ~forgotten)[order]]
    columns = (kind, person, partner, day, entered, surname, new_surname, citizenship)
    return Acts(*(column[order] for column in columns))


def _part(
    kind: int,
    person: Ints,
    day: Ints,
    surname: npt.NDArray,
    new_surname: Ints | int = NOBODY,
    partner: Ints | int = NOBODY,
    citizenship: Ints | int = NOBODY,
) -> tuple[npt.NDArray, ...]:
    columns = (np.int32(kind), person, partner, day, surname, new_surname, citizenship)
    return tuple(np.broadcast_to(column, person.shape) for column in columns)


class _Surnames:
    """Surnames by person and day."""

    def __init__(self, world: World, changes: dict[str, Ints]) -> None:
        self._line = Timeline.of(changes["person"], changes["day"], changes["new"])
        self._first = first_values(world.people.surname, changes["person"], changes["day"], changes["old"])

    def at(self, person: Ints, day: Ints) -> Ints:
        """Surname of each person at the end of a day."""
        changed = self._line.at(person, day, NOBODY)
        return np.where(changed >= 0, changed, self._first[person]).astype(np.int32)
