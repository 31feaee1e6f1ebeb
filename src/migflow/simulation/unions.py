"""Marriages and divorces of a period, and the moves they bring."""

import numpy as np
import numpy.typing as npt

from migflow.simulation import ages
from migflow.simulation.names import COMMUNITIES
from migflow.simulation.population import DIVORCED, MARRIED, NOBODY
from migflow.simulation.relocation import relocate
from migflow.simulation.world import BY_DIVORCE, BY_MARRIAGE, FAMILY, INTERNAL, MARRIAGE, Ints, World, children_of

_ANYWHERE = 99


def marry(world: World) -> None:
    """Match unmarried women and men by age, mostly of one community and often of one municipality."""
    p = world.people
    free = world.residents[(p.marital[world.residents] != MARRIED) & (p.death[world.residents] >= world.end)]
    women, men = free[p.sex[free] == 0], free[p.sex[free] == 1]
    expected = world.expected(world.lives.marriages)
    brides = women[world.happens(ages.marriage(p.age(women, world.middle)), expected)]
    grooms = men[world.happens(ages.marriage(p.age(men, world.middle) - 3), expected * 1.3)]
    wives, husbands = _match(world, brides, grooms)
    day = world.days(len(wives))
    p.spouse[wives], p.spouse[husbands] = husbands, wives
    for persons in (wives, husbands):
        p.marital[persons] = MARRIED
        world.marital.add(person=persons, day=day, status=MARRIED)
    old = p.surname[wives]
    takes = (world.rng.random(len(wives)) < world.lives.wife_takes_surname) & (old != p.surname[husbands])
    new = np.where(takes, p.surname[husbands], NOBODY)
    world.marriages.add(wife=wives, husband=husbands, day=day, new_surname=new, old_surname=old)
    change_surname(world, wives[takes], day[takes], new[takes], BY_MARRIAGE)
    _move_together(world, wives, husbands, day)


def divorce(world: World) -> None:
    """Couples part; she or he moves out, minors with their mother."""
    p, rng = world.people, world.rng
    wives = world.residents[(p.sex[world.residents] == 0) & (p.marital[world.residents] == MARRIED)]
    wives = wives[p.spouse[wives] >= 0]
    husbands = p.spouse[wives]
    together = (p.household[wives] == p.household[husbands]) & ~world.busy[wives] & ~world.busy[husbands]
    together &= (p.death[wives] >= world.end) & (p.death[husbands] >= world.end)
    wives = wives[together]
    wives = wives[world.happens(np.ones(len(wives)), world.expected(world.lives.divorces))]
    husbands, day, old = p.spouse[wives], world.days(len(wives)), p.surname[wives]
    for persons in (wives, husbands):
        p.marital[persons], p.spouse[persons] = DIVORCED, NOBODY
        world.marital.add(person=persons, day=day, status=DIVORCED)
    resumes = (old != p.birth_surname[wives]) & (rng.random(len(wives)) < world.lives.divorced_wife_resumes_surname)
    new = np.where(resumes, p.birth_surname[wives], NOBODY)
    world.divorces.add(wife=wives, husband=husbands, day=day, new_surname=new, old_surname=old)
    change_surname(world, wives[resumes], day[resumes], new[resumes], BY_DIVORCE)
    leaver = np.where(rng.random(len(wives)) < 0.75, wives, husbands)
    dwelling = world.vacant(world.municipality[leaver])
    _leave(world, leaver, day, world.new_households(dwelling), world.next_units(len(leaver)), FAMILY)


def change_surname(world: World, persons: Ints, day: Ints, new: Ints, cause: int) -> None:
    """Give persons another surname from a day on."""
    world.surname_changes.add(person=persons, day=day, old=world.people.surname[persons], new=new, cause=cause)
    world.people.surname[persons] = new


def _match(world: World, brides: Ints, grooms: Ints) -> tuple[Ints, Ints]:
    """Couples: first those matched at home, then across the country, a few across communities."""
    lives, p, rng = world.lives, world.people, world.rng
    wives: list[Ints] = []
    husbands: list[Ints] = []
    local = rng.random(len(brides)) < lives.partner_same_municipality
    mixed = rng.random(len(brides)) < lives.mixed_marriages
    for chosen, near, alike in ((local & ~mixed, True, True), (~mixed, False, True), (mixed, False, False)):
        women = brides[chosen & ~np.isin(brides, np.concatenate([*wives, brides[:0]]))]
        men = grooms[~np.isin(grooms, np.concatenate([*husbands, grooms[:0]]))]
        pairs = _pair(
            _group(world, women, near, alike), p.birth[women] - 1100, _group(world, men, near, alike), p.birth[men], rng
        )
        wives.append(women[pairs[0]])
        husbands.append(men[pairs[1]])
    wife, husband = np.concatenate(wives), np.concatenate(husbands)
    siblings = (p.mother[wife] >= 0) & (p.mother[wife] == p.mother[husband])
    return wife[~siblings], husband[~siblings]


def _group(world: World, persons: Ints, near: bool, alike: bool) -> npt.NDArray[np.int64]:
    place = world.municipality[persons].astype(np.int64) if near else np.full(len(persons), _ANYWHERE)
    return place * len(COMMUNITIES) + (world.people.community[persons] if alike else 0)


def _pair(
    group_a: npt.NDArray, birth_a: Ints, group_b: npt.NDArray, birth_b: Ints, rng: np.random.Generator
) -> tuple[npt.NDArray, npt.NDArray]:
    """Positions of pairs: as many of each group as the other side has, k-th with k-th by birth date, with noise."""
    a, b = _as_many(group_a, group_b, rng), _as_many(group_b, group_a, rng)
    noise = rng.normal(0, 900, len(a))
    return a[np.lexsort((birth_a[a] + noise, group_a[a]))], b[np.lexsort((birth_b[b], group_b[b]))]


def _as_many(own: npt.NDArray, other: npt.NDArray, rng: np.random.Generator) -> npt.NDArray:
    """Random positions of each group of one's own, no more than the other side has of that group."""
    order = np.lexsort((rng.random(len(own)), own))
    sizes = np.bincount(own)
    rank = np.arange(len(own)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    wanted = np.bincount(other, minlength=len(sizes))
    return order[rank < wanted[own[order]]]


def _move_together(world: World, wives: Ints, husbands: Ints, day: Ints) -> None:
    """She joins his household, he hers, or both found one in his municipality."""
    p, lives = world.people, world.lives
    where = world.rng.random(len(wives))
    with_him = where < lives.couple_joins_husband_household
    with_her = ~with_him & (where < lives.couple_joins_husband_household + lives.couple_joins_wife_household)
    new = ~with_him & ~with_her
    unit = world.next_units(len(wives))
    his, hers = p.household[husbands].copy(), p.household[wives].copy()
    founded = world.new_households(world.vacant(world.municipality[husbands[new]]))
    _leave(world, wives[with_him], day[with_him], his[with_him], unit[with_him], MARRIAGE)
    _leave(world, husbands[with_her], day[with_her], hers[with_her], unit[with_her], MARRIAGE)
    _leave(world, wives[new], day[new], founded, unit[new], MARRIAGE)
    _leave(world, husbands[new], day[new], founded, unit[new], MARRIAGE)
    world.busy[wives] = world.busy[husbands] = True


def _leave(world: World, leaders: Ints, day: Ints, household: Ints, unit: Ints, reason: int) -> None:
    """Persons, with the minors who live with them, go to another household."""
    p = world.people
    leads = np.zeros(p.count, bool)
    leads[leaders] = True
    candidates = world.residents[~world.busy[world.residents] & ~leads[world.residents]]
    minors, parent = children_of(p, leads, candidates, world.start)
    position = np.zeros(p.count, np.int32)
    position[leaders] = np.arange(len(leaders))
    persons = np.concatenate([leaders, minors])
    at = np.concatenate([np.arange(len(leaders)), position[parent]]).astype(np.int32)
    relocate(world, persons, at, day, household, unit, INTERNAL, 0, reason)
