"""The civil registry: which records it holds, and how each changes as news reaches it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow.simulation import declarations as counters
from migflow.simulation.config import CivilRegistry
from migflow.simulation.declarations import ARRIVAL, CHANGE, DEPARTURE, Declarations
from migflow.simulation.population import NOBODY
from migflow.simulation.residence import Timeline, first_values
from migflow.simulation.world import BY_REQUEST, EMIGRATION, IMMIGRATION, Ints, World


@dataclass(frozen=True)
class Changes:
    """New values of one attribute of records, in the order of days."""

    record: Ints
    day: Ints
    value: Ints

    @classmethod
    def of(cls, record: npt.NDArray, day: npt.NDArray, value: npt.NDArray) -> "Changes":
        """Sort changes by day; records below 0 (persons without one) are left out."""
        keep = np.flatnonzero(record >= 0)
        order = keep[np.argsort(day[keep], kind="stable")]
        return cls(record[order].astype(np.int32), day[order].astype(np.int32), value[order].astype(np.int32))

    def apply(self, state: npt.NDArray, after: int, until: int, offset: int = 0) -> None:
        """Write the changes of days (after, until] into the state, offset added; the last of a record holds."""
        low, high = np.searchsorted(self.day, [after, until], side="right")
        state[self.record[low:high]] = self.value[low:high] + offset


@dataclass(frozen=True)
class Registry:
    """Records in the order of their numbers; attributes as of their entry, and the changes after it."""

    person: Ints
    entered: Ints  # day
    double: npt.NDArray[np.bool_]
    surname: Ints
    citizenship: Ints
    marital: Ints
    addresses: Changes  # value: row of address_dwelling and address_since
    address_dwelling: Ints
    address_since: Ints
    present: Changes
    surnames: Changes
    citizenships: Changes
    maritals: Changes
    deaths: Changes

    @property
    def count(self) -> int:
        """Number of records ever held."""
        return len(self.person)


def keep_registry(
    rng: np.random.Generator,
    rates: CivilRegistry,
    world: World,
    moves: dict[str, Ints],
    declared: Declarations,
    start: int,
    entered_births: tuple[Ints, Ints],
    entered_deaths: tuple[Ints, Ints],
) -> Registry:
    """Records of everyone the registry has heard of. Births and deaths: person and day of entry."""
    people = world.people
    person, entered, double = _entries(rng, rates, world, moves, start, entered_births)
    record = np.full(people.count, NOBODY, np.int32)
    record[person[~double]] = np.flatnonzero(~double)
    surname, surnames = _surnames(rng, rates, world, record, person)
    citizenship, citizenships = _citizenships(world, record, person)
    marital, maritals = _marital(world, record, person)
    addresses, dwelling, since = _addresses(rng, rates, world, moves, declared, record, person, entered, start)
    removal = _presence(rng, rates, moves, declared, record)
    dead, entry = entered_deaths
    return Registry(
        person=person,
        entered=entered,
        double=double,
        surname=surname,
        citizenship=citizenship,
        marital=marital,
        addresses=addresses,
        address_dwelling=dwelling,
        address_since=since,
        present=removal,
        surnames=surnames,
        citizenships=citizenships,
        maritals=maritals,
        deaths=Changes.of(record[dead], entry, people.death[dead]),
    )


def _entries(
    rng: np.random.Generator,
    rates: CivilRegistry,
    world: World,
    moves: dict[str, Ints],
    start: int,
    entered_births: tuple[Ints, Ints],
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Person, day of entry and whether it is a second one, of every record in the order of numbers."""
    initial = np.flatnonzero(world.people.birth < start)
    initial = initial[initial < len(world.first_resident)].astype(np.int32)
    arrived = np.flatnonzero((moves["kind"] == IMMIGRATION) & (rng.random(len(moves["kind"])) >= rates.foreigner_never))
    foreigners = moves["person"][arrived]
    waiting = (20 + rng.exponential(rates.foreigner_months * 30.4, len(arrived))).astype(np.int32)
    person = np.concatenate([initial, entered_births[0], foreigners])
    entered = np.concatenate([np.full(len(initial), start - 1), entered_births[1], moves["day"][arrived] + waiting])
    twice = np.flatnonzero(rng.random(len(person)) < rates.double_entry)
    again = np.where(entered[twice] < start, start - 1, entered[twice] + rng.integers(1, 200, len(twice)))
    double = np.append(np.zeros(len(person), bool), np.ones(len(twice), bool))
    person, entered = np.append(person, person[twice]), np.append(entered, again)
    heard = entered < world.end
    person, entered, double = person[heard], entered[heard], double[heard]
    order = np.lexsort((rng.random(len(person)), entered))
    return person[order].astype(np.int32), entered[order].astype(np.int32), double[order]


def _surnames(
    rng: np.random.Generator, rates: CivilRegistry, world: World, record: Ints, person: Ints
) -> tuple[Ints, Changes]:
    log = world.surname_changes.joined()
    first = first_values(world.people.surname, log["person"], log["day"], log["old"])
    lag = counters.delays(rng, len(log["day"]), rates.late_entry, rates.late_months, rates.prompt_days)
    reaches = (rng.random(len(log["day"])) >= rates.surname_update_never) | (log["cause"] == BY_REQUEST)
    changes = Changes.of(np.where(reaches, record[log["person"]], NOBODY), log["day"] + lag + 10, log["new"])
    return first[person], changes


def _citizenships(world: World, record: Ints, person: Ints) -> tuple[Ints, Changes]:
    log = world.citizenships.joined()
    first = first_values(world.people.citizenship, log["person"], log["day"], log["old"])
    return first[person], Changes.of(record[log["person"]], log["day"] + 20, log["new"])


def _marital(world: World, record: Ints, person: Ints) -> tuple[Ints, Changes]:
    """Marital status at the first change backwards is not logged: whoever marries was free, the others married."""
    log = world.marital.joined()
    before = np.where(log["status"] == 1, 0, 1)
    first = first_values(world.people.marital, log["person"], log["day"], before)
    return first[person], Changes.of(record[log["person"]], log["day"] + 15, log["status"])


def _presence(
    rng: np.random.Generator, rates: CivilRegistry, moves: dict[str, Ints], declared: Declarations, record: Ints
) -> Changes:
    """Declared emigrants are mostly taken out, and put back when they declare an arrival."""
    kind = moves["kind"][declared.move]
    leaves = (declared.kind == DEPARTURE) & (kind == EMIGRATION)
    leaves &= rng.random(len(kind)) >= rates.emigrant_stays
    news = leaves | (declared.kind == ARRIVAL)
    day = declared.declared[news] + rng.exponential(rates.update_days, int(news.sum())).astype(np.int32)
    persons = moves["person"][declared.move[news]]
    return Changes.of(record[persons], day, np.where(leaves[news], 0, 1))


def _addresses(
    rng: np.random.Generator,
    rates: CivilRegistry,
    world: World,
    moves: dict[str, Ints],
    declared: Declarations,
    record: Ints,
    person: Ints,
    entered: Ints,
    start: int,
) -> tuple[Changes, Ints, Ints]:
    """Registered addresses: at entry the true one, a stale one or the mother's; then what declarations bring."""
    news = np.isin(declared.kind, (ARRIVAL, CHANGE)) & (rng.random(len(declared.kind)) >= rates.update_never)
    told = declared.chosen(news)
    day = told.declared + rng.exponential(rates.update_days, len(told.move)).astype(np.int32)
    mover = record[moves["person"][told.move]]
    dwelling, since = moves["destination"][told.move], told.declared
    entry_dwelling, entry_since = _entry_addresses(rng, rates, world, moves, person, entered, start)
    children = np.flatnonzero((world.people.birth[person] >= start) & (world.people.mother[person] >= 0))
    mothers = record[world.people.mother[person[children]]]
    known = children[mothers >= 0]
    line = Timeline.of(
        np.concatenate([np.arange(len(person), dtype=np.int32), mover]),
        np.concatenate([np.minimum(entered, start - 1), day]).astype(np.int32),
        np.concatenate([entry_dwelling, dwelling]),
    )
    registered = line.at(mothers[mothers >= 0], entered[known], NOBODY)
    entry_dwelling[known] = np.where(registered >= 0, registered, entry_dwelling[known])
    rows = np.concatenate([entry_dwelling, dwelling]).astype(np.int32)
    changes = Changes.of(
        np.concatenate([np.arange(len(person), dtype=np.int32), mover]),
        np.concatenate([entered, np.maximum(day, entered[mover] + 1)]),
        np.arange(len(rows), dtype=np.int32),
    )
    return changes, rows, np.concatenate([entry_since, since]).astype(np.int32)


def _entry_addresses(
    rng: np.random.Generator,
    rates: CivilRegistry,
    world: World,
    moves: dict[str, Ints],
    person: Ints,
    entered: Ints,
    start: int,
) -> tuple[Ints, Ints]:
    """Dwelling and day of registration of each record when it is entered."""
    d, people, initial = world.country.dwellings, world.people, len(world.first_dwelling)
    home = np.full(people.count, -1, np.int32)
    home[:initial] = world.first_dwelling
    births = world.births.joined()
    home[births["person"]] = births["dwelling"]
    came = moves["kind"] == IMMIGRATION
    home[moves["person"][came]] = moves["destination"][came]
    dwelling = home[person]
    at_start = person < initial
    stale = at_start & (rng.random(len(person)) < rates.stale_at_start)
    standing = np.flatnonzero(d.valid_from < start - 365 * 3)
    elsewhere = rng.choice(standing, len(person))
    # Half of the stale addresses are in the same municipality.
    order = standing[np.argsort(d.municipality[standing], kind="stable")]
    count = np.bincount(d.municipality[standing], minlength=len(world.country.municipalities.code))
    place = d.municipality[dwelling]
    near = order[(np.cumsum(count) - count)[place] + (rng.random(len(person)) * count[place]).astype(np.int64)]
    other = np.where(rng.random(len(person)) < 0.5, near, elsewhere)
    dwelling = np.where(stale, other, dwelling).astype(np.int32)
    years = rng.exponential(9.0, len(person)) + 0.05
    since = start - 1 - (years * 365.25).astype(np.int32)
    since = np.maximum(np.maximum(since, people.birth[person]), d.valid_from[dwelling])
    since = np.where(
        at_start, np.minimum(since, start - 1), np.where(people.birth[person] >= start, people.birth[person], entered)
    )
    return dwelling, since.astype(np.int32)
