"""Births and deaths of a period."""

import numpy as np
import numpy.typing as npt

from migflow.simulation import ages
from migflow.simulation.population import MARRIED, NOBODY, WIDOWED
from migflow.simulation.world import Ints, World

_BIRTH_SPACING = 430  # days
_BOYS = 0.515  # share of births


def let_die(world: World) -> None:
    """Deaths by age and sex, of residents at the crude rate and of those abroad at the same hazards."""
    p = world.people
    persons = np.concatenate([world.residents, world.absent])
    hazard = ages.mortality(p.age(persons, world.middle), p.sex[persons] == 1)
    of_residents = hazard[: len(world.residents)].sum()
    expected = world.expected(world.lives.deaths) * hazard.sum() / max(of_residents, 1e-9)
    dying = persons[world.happens(hazard, expected)]
    dying = dying[p.birth[dying] < world.start]
    day = world.days(len(dying))
    p.death[dying] = day
    here = world.municipality[dying] >= 0
    world.deaths.add(person=dying[here], day=day[here])
    left = p.spouse[dying]
    surviving = (left >= 0) & (p.death[left] > day)
    widows = left[surviving]
    p.marital[widows] = WIDOWED
    p.spouse[widows] = NOBODY
    world.marital.add(person=widows, day=day[surviving], status=WIDOWED)


def bear(world: World) -> None:
    """Births to resident women; children live with their mother and bear the father's surname."""
    p = world.people
    women = world.residents[p.sex[world.residents] == 0]
    women = women[p.last_birth[women] < world.start - _BIRTH_SPACING]
    weight = ages.fertility(p.age(women, world.middle))
    weight *= np.where(p.marital[women] == MARRIED, 1.0, world.lives.births_outside_marriage)
    mothers = women[world.happens(weight, world.expected(world.lives.births))]
    day = np.minimum(world.days(len(mothers)), world.end - 3).astype(np.int32)
    alive = p.death[mothers] > day
    mothers, day = mothers[alive], day[alive]
    p.last_birth[mothers] = day
    children = _enter(world, mothers, day)
    world.births.add(person=children, day=day, dwelling=world.dwelling[p.household[children]])
    world.residents = np.concatenate([world.residents, children])
    world.busy = np.concatenate([world.busy, np.zeros(len(children), bool)])
    world.municipality = np.concatenate([world.municipality, world.municipality[mothers]])


def _enter(world: World, mothers: Ints, day: npt.NDArray[np.int32]) -> Ints:
    p, rng = world.people, world.rng
    fathers = p.spouse[mothers]
    known = fathers >= 0
    sex = (rng.random(len(mothers)) < _BOYS).astype(np.int8)
    community = np.where(known, p.community[fathers], p.community[mothers])
    surname = np.where(known, p.surname[fathers], p.surname[mothers])
    invented = world.first_names.draw(rng, community, np.ones(len(mothers), np.int8))
    return p.add(
        len(mothers),
        sex=sex,
        birth=day,
        community=community,
        first=world.first_names.draw(rng, community, sex),
        surname=surname,
        birth_surname=surname,
        father_first=np.where(known, p.first[fathers], invented),
        mother_first=p.first[mothers],
        father=fathers,
        mother=mothers,
        household=p.household[mothers],
        citizenship=np.where(known & (p.citizenship[fathers] == 0), 0, p.citizenship[mothers]),
        birth_municipality=world.municipality[mothers],
        home=p.home[mothers],
    )
