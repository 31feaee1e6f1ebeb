"""Where everybody really lived: a time line a person, and the spells it makes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow.simulation.population import ABROAD
from migflow.simulation.world import EMIGRATION, IMMIGRATION, RETURN, Ints, World

START, BIRTH, ARRIVAL, INTERNAL, DEPARTURE = range(5)  # how a place on the time line is entered


@dataclass(frozen=True)
class Timeline:
    """Steps of a value by key (person or record) and day, in that order."""

    key: Ints
    day: Ints
    value: Ints

    @classmethod
    def of(cls, key: Ints, day: Ints, value: Ints) -> "Timeline":
        """Sort steps; of two on one day the later given holds."""
        order = np.lexsort((day, key))
        return cls(key[order], day[order], value[order])

    def at(self, key: Ints, day: Ints, default: int) -> Ints:
        """Value of each key at the end of a day, default before its first step."""
        sought = (key.astype(np.int64) << 32) + day
        steps = (self.key.astype(np.int64) << 32) + self.day
        position = np.searchsorted(steps, sought, side="right") - 1
        known = (position >= 0) & (self.key[position] == key)
        return np.where(known, self.value[position], default).astype(np.int32)


def first_values(current: npt.NDArray, key: Ints, day: Ints, old: Ints) -> Ints:
    """Value of each key before any change: the old value of its first change, else the current one."""
    first = current.astype(np.int32)
    latest_first = np.argsort(day, kind="stable")[::-1]
    first[key[latest_first]] = old[latest_first]
    return first


@dataclass(frozen=True)
class Steps:
    """Every change of residence by person and day: the dwelling entered (ABROAD outside), how, and the country."""

    person: Ints
    day: Ints
    dwelling: Ints
    entry: Ints
    country: Ints

    @property
    def timeline(self) -> Timeline:
        """Dwelling by person and day."""
        return Timeline(self.person, self.day, self.dwelling)


def steps(world: World, start: int) -> Steps:
    """Residence at the start (dated the day before it), births and moves, sorted."""
    first = np.flatnonzero(world.first_resident).astype(np.int32)
    births, moves = world.births.joined(), world.moves.joined()
    entry = np.select(
        [moves["kind"] == EMIGRATION, np.isin(moves["kind"], (IMMIGRATION, RETURN))], [DEPARTURE, ARRIVAL], INTERNAL
    )
    parts = (
        (
            first,
            np.full(len(first), start - 1),
            world.first_dwelling[first],
            np.full(len(first), START),
            np.zeros(len(first)),
        ),
        (
            births["person"],
            births["day"],
            births["dwelling"],
            np.full(len(births["day"]), BIRTH),
            np.zeros(len(births["day"])),
        ),
        (moves["person"], moves["day"], moves["destination"], entry, moves["country"]),
    )
    columns = [np.concatenate([part[i] for part in parts]).astype(np.int32) for i in range(5)]
    order = np.lexsort((columns[1], columns[0]))
    return Steps(*(column[order] for column in columns))


def spells(world: World, changes: Steps) -> dict[str, npt.NDArray]:
    """Uninterrupted residences: person, number, dwelling, from, to (-1 open), entry, exit, countries (0 none).

    exit: the entry of the next place, or BIRTH for death, -1 open.
    """
    follows = np.append(changes.person[1:] == changes.person[:-1], False)
    death = world.people.death[changes.person]
    died = ~follows & (death < world.end)
    ends = np.where(follows, np.append(changes.day[1:], 0), np.where(died, death, -1))
    leaves = np.where(follows, np.append(changes.entry[1:], 0), np.where(died, BIRTH, -1))
    to_country = np.where(leaves == DEPARTURE, np.append(changes.country[1:], 0), 0)
    inside = changes.dwelling != ABROAD
    person = changes.person[inside]
    starts = np.flatnonzero(np.append(True, person[1:] != person[:-1])) if len(person) else np.empty(0, int)
    number = np.arange(len(person)) - np.repeat(starts, np.diff(np.append(starts, len(person)))) + 1
    return {
        "person": person,
        "number": number,
        "dwelling": changes.dwelling[inside],
        "from": changes.day[inside],
        "to": ends[inside],
        "entry": changes.entry[inside],
        "exit": leaves[inside],
        "origin": np.where(changes.entry[inside] == ARRIVAL, changes.country[inside], 0),
        "destination": to_country[inside],
    }
