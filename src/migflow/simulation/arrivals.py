"""People who come from abroad: foreigners, and emigrants who return."""

import numpy as np

from migflow.simulation.moves import Gravity
from migflow.simulation.names import COMMUNITIES
from migflow.simulation.population import ABROAD, MARRIED, SINGLE
from migflow.simulation.relocation import relocate
from migflow.simulation.world import FAMILY, IMMIGRATION, RETURN, STUDY, WORK, Floats, Ints, World

# Communities whose names citizens of a country bear (code of countries.csv: community); others "other".
NAMED_LIKE = {
    "AL": "albanian",
    "MK": "albanian",
    "RS": "serbian",
    "ME": "serbian",
    "BA": "bosniak",
    "TR": "turkish",
}
_FAMILIES = 0.35  # share of immigrating groups that are a couple with or without children
_MEMBERS = 4  # man, woman, two children


def immigrate(world: World, codes: list[str], shares: Floats) -> None:
    """Foreigners arrive alone or as a family and found a household."""
    rng, p = world.rng, world.people
    persons = rng.poisson(world.expected(world.lives.immigration))
    groups = round(persons / (1 + _FAMILIES * 1.8))
    present = np.zeros((groups, _MEMBERS), bool)
    family = rng.random(groups) < _FAMILIES
    man = rng.random(groups) < 0.6
    present[:, 0], present[:, 1] = family | man, family | ~man
    present[:, 2] = family & (rng.random(groups) < 0.5)
    present[:, 3] = present[:, 2] & (rng.random(groups) < 0.6)
    age = np.column_stack([19 + rng.gamma(2.2, 5.5, groups)] * 2 + [rng.uniform(0.3, 12, groups)] * 2)
    age[:, 1] -= rng.uniform(-1, 4, groups)
    age[:, 3] = rng.uniform(0.3, 14, groups)
    age[:, 2:] = np.minimum(age[:, 2:], np.maximum(age[:, 1:2] - 18, 0.3))
    country = rng.choice(len(shares), groups, p=shares).astype(np.int32) + 1
    municipality = _destinations(world, groups)
    household = world.new_households(np.full(groups, ABROAD, np.int32), country)
    numbers, group = _enter(world, present, age, country, household, codes)
    target = world.new_households(world.vacant(municipality))
    reason = np.where(family, FAMILY, rng.choice([WORK, WORK, STUDY], groups)).astype(np.int32)
    world.busy = np.concatenate([world.busy, np.ones(len(numbers), bool)])
    unit = world.next_units(groups)
    relocate(world, numbers, group, world.days(groups), target, unit, IMMIGRATION, country, reason)
    p.birth_municipality[numbers] = -1


def come_back(world: World, gravity: Gravity) -> None:
    """Households abroad return, mostly to the municipality they had left."""
    p, rng = world.people, world.rng
    absent = world.absent[p.death[world.absent] >= world.end]
    size = np.bincount(p.household[absent], minlength=len(world.dwelling)).astype(np.float64)
    households = np.flatnonzero(size)
    chosen = world.happens(np.ones(len(households)), world.expected(world.lives.returns), size[households])
    households = households[chosen]
    group_of = np.full(len(world.dwelling), -1, np.int32)
    group_of[households] = np.arange(len(households))
    persons = absent[group_of[p.household[absent]] >= 0]
    group = group_of[p.household[persons]]
    former, community = np.zeros(len(households), np.int32), np.zeros(len(households), np.int8)
    former[group] = world.country.dwellings.municipality[p.home[persons]]
    community[group] = p.community[persons]
    same = rng.random(len(households)) < world.lives.return_to_former_municipality
    municipality = np.where(same, former, gravity.destination(rng, community, former))
    target = world.new_households(world.vacant(municipality))
    country = world.abroad_in[households]
    unit = world.next_units(len(households))
    relocate(world, persons, group, world.days(len(households)), target, unit, RETURN, country, FAMILY)


def _destinations(world: World, count: int) -> Ints:
    pull = world.country.municipalities.population**1.15
    return world.rng.choice(len(pull), count, p=pull / pull.sum()).astype(np.int32)


def _enter(
    world: World, present: np.ndarray, age: Floats, country: Ints, household: Ints, codes: list[str]
) -> tuple[Ints, Ints]:
    """Foreigners as persons in their household abroad, and the group each belongs to."""
    rng = world.rng
    group, role = np.nonzero(present)
    like = np.array([COMMUNITIES.index(NAMED_LIKE.get(code, "other")) for code in codes], np.int8)
    community = like[country - 1][group]
    sex = np.where(role < 2, 1 - role, rng.random(len(role)) < 0.51).astype(np.int8)
    surname = world.surnames.draw(rng, like[country - 1])[group]
    maiden = world.surnames.draw(rng, community)
    couple = present[:, 0] & present[:, 1]
    wife = (role == 1) & couple[group]
    position = np.where(present, np.cumsum(present).reshape(present.shape) - 1, -1) + world.people.count
    position = np.where(present, position, -1).astype(np.int32)
    spouse = np.where(couple[group] & (role < 2), position[group, np.clip(1 - role, 0, 1)], -1)
    child = role >= 2
    numbers = world.people.add(
        len(role),
        sex=sex,
        birth=(world.start - age[group, role] * 365.25 - 1).astype(np.int32),
        community=community,
        first=world.first_names.draw(rng, community, sex),
        father_first=world.first_names.draw(rng, community, np.ones(len(role), np.int8)),
        mother_first=world.first_names.draw(rng, community, np.zeros(len(role), np.int8)),
        surname=surname,
        birth_surname=np.where(wife, maiden, surname),
        father=np.where(child, position[group, 0], -1),
        mother=np.where(child, position[group, 1], -1),
        spouse=spouse,
        marital=np.where(spouse >= 0, MARRIED, SINGLE),
        household=household[group],
        citizenship=country[group],
    )
    return numbers, group.astype(np.int32)
