"""Signs of life in other registers: who was at school, at work, paid, seen by a doctor or given a document."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow.simulation.config import OtherRegisters
from migflow.simulation.world import Ints, World

ACTIVITIES = ("education", "employment", "benefit", "health", "document")
EDUCATION, EMPLOYMENT, BENEFIT, HEALTH, DOCUMENT = range(5)
AGES = np.array([0, 3, 6, 18, 24, 40, 65])  # lower bounds of the age bands of the rates


@dataclass(frozen=True)
class Activity:
    """One entry a person, register and year; municipality -1 where it is not known."""

    person: Ints
    kind: Ints
    municipality: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True)
class Habits:
    """What makes some people leave more traces than others, one entry a person, drawn once."""

    chance: npt.NDArray[np.float64]  # by register and person: who is below the rate is on its rolls
    contacts: npt.NDArray[np.float64]  # factor of the mean number of contacts

    @classmethod
    def drawn(cls, rng: np.random.Generator, rates: OtherRegisters, persons: int) -> "Habits":
        """Habits of everybody; a few leave no trace at all."""
        chance = rng.random((3, persons))
        contacts = rng.gamma(rates.contact_shape, 1 / rates.contact_shape, persons)
        untraced = rng.random(persons) < rates.untraced
        return cls(np.where(untraced, 1.0, chance), np.where(untraced, 0.0, contacts))


def activity_of_year(
    rng: np.random.Generator,
    rates: OtherRegisters,
    world: World,
    habits: Habits,
    spells: dict[str, Ints],
    year: tuple[int, int],
) -> Activity:
    """Activity of days [year[0], year[1]) of residents while they live here, and of people abroad."""
    begin = np.maximum(spells["from"], year[0])
    end = np.where(spells["to"] < 0, year[1], np.minimum(spells["to"], year[1]))
    here = np.flatnonzero(end > begin)
    person, home = spells["person"][here], world.country.dwellings.municipality[spells["dwelling"][here]]
    parts = [_of_residents(rng, rates, world, habits, person, home, begin[here], end[here], year)]
    alive = (world.people.birth < year[0]) & (world.people.death >= year[1]) & (world.people.home >= 0)
    alive[person] = False
    parts.append(_of_absent(rng, rates, world, habits, np.flatnonzero(alive).astype(np.int32), year))
    columns = [np.concatenate([part[i] for part in parts]).astype(np.int32) for i in range(5)]
    return Activity(*(column[np.lexsort((columns[1], columns[0]))] for column in columns))


def _of_residents(
    rng: np.random.Generator,
    rates: OtherRegisters,
    world: World,
    habits: Habits,
    person: Ints,
    home: Ints,
    begin: Ints,
    end: Ints,
    year: tuple[int, int],
) -> tuple[npt.NDArray, ...]:
    """Rolls run as long as the stay, and some time on after it; contacts fall on days of the stay."""
    people, part = world.people, (end - begin) / (year[1] - year[0])
    band = np.searchsorted(AGES, people.age(person, (year[0] + year[1]) / 2), side="right") - 1
    band = np.maximum(band, 0)
    rows, kinds, firsts, lasts = [], [], [], []
    for kind, by_age in enumerate((rates.enrolled, rates.employed, rates.paid)):
        share = np.array(by_age)[band]
        if kind == EMPLOYMENT:
            share = share * np.where(people.sex[person] == 1, 1.0, rates.employed_women)
        new = rng.random(len(person)) < rates.turnover
        on = np.flatnonzero(np.where(new, rng.random(len(person)), habits.chance[kind, person]) < share)
        on = on[habits.contacts[person[on]] > 0]
        late = np.where(end[on] < year[1], rng.exponential(rates.deregistration_days, len(on)), 0)
        rows.append(on)
        kinds.append(np.full(len(on), kind))
        firsts.append(begin[on])
        lasts.append(np.minimum(end[on] - 1 + late.astype(np.int64), year[1] - 1))
    for kind, by_age in ((HEALTH, rates.contacts), (DOCUMENT, rates.documents)):
        mean = np.array(by_age)[band] * part * habits.contacts[person]
        seen, first, last = _contacts(rng, mean, begin, end)
        rows.append(seen)
        kinds.append(np.full(len(seen), kind))
        firsts.append(first)
        lasts.append(last)
    row, kind_of = np.concatenate(rows), np.concatenate(kinds)
    place = _places(rng, rates, world, home[row], kind_of)
    return person[row], kind_of, place, np.concatenate(firsts), np.concatenate(lasts)


def _of_absent(
    rng: np.random.Generator,
    rates: OtherRegisters,
    world: World,
    habits: Habits,
    person: Ints,
    year: tuple[int, int],
) -> tuple[npt.NDArray, ...]:
    """Former residents who live abroad: pensions still paid, documents renewed and doctors seen on a visit."""
    count, people = len(person), world.people
    old = people.age(person, year[0]) >= AGES[-1]
    chance = np.array(
        [
            np.full(count, rates.abroad_enrolled),
            np.full(count, rates.abroad_employed),
            np.where(old, rates.abroad_paid, 0.0),
            np.full(count, rates.abroad_contact),
            np.full(count, rates.abroad_document),
        ]
    )
    fixed = np.concatenate([habits.chance[:, person], rng.random((2, count))])
    kind, row = np.nonzero(fixed < chance)
    day = rng.integers(year[0], year[1], len(row))
    rolls = kind <= BENEFIT
    home = world.country.dwellings.municipality[people.home[person[row]]]
    place = _places(rng, rates, world, home, kind)
    first, last = np.where(rolls, year[0], day), np.where(rolls, year[1] - 1, day)
    return person[row], kind, place, first, last


def _contacts(
    rng: np.random.Generator, mean: npt.NDArray[np.float64], begin: Ints, end: Ints
) -> tuple[npt.NDArray, npt.NDArray, npt.NDArray]:
    """Rows with at least one contact, with the days of the first and the last."""
    number = rng.poisson(mean)
    seen = np.flatnonzero(number)
    number, length = number[seen], (end - begin)[seen]
    # The least of n uniform days, then the greatest of the other n - 1, which lie after it.
    least = 1 - rng.random(len(seen)) ** (1 / number)
    most = least + (1 - least) * rng.random(len(seen)) ** (1 / np.maximum(number - 1, 1))
    first = begin[seen] + (least * length).astype(np.int64)
    last = begin[seen] + (np.where(number > 1, most, least) * length).astype(np.int64)
    return seen, first, np.minimum(last, end[seen] - 1)


def _places(
    rng: np.random.Generator, rates: OtherRegisters, world: World, home: Ints, kind: npt.NDArray
) -> npt.NDArray:
    """Mostly the municipality of residence; otherwise where many people are."""
    pull = world.country.municipalities.population
    elsewhere = rng.random(len(home)) < np.array(rates.elsewhere)[kind]
    return np.where(elsewhere, rng.choice(len(pull), len(home), p=pull / pull.sum()), home)
