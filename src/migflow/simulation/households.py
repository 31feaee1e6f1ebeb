"""The population at the start: single persons, couples, parents with children, three generations under one roof."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow.simulation.country import Municipalities
from migflow.simulation.names import COMMUNITIES, Names
from migflow.simulation.population import MARRIED, NOBODY, SINGLE, WIDOWED, People

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

GRANDFATHER, GRANDMOTHER, HUSBAND, WIFE, FIRST_CHILD = range(5)
_CHILDREN = 6
_ROLES = FIRST_CHILD + _CHILDREN
# Kinds of household and their shares: alone, elderly couple, couple or parents, one parent, three generations.
_ALONE, _ELDERLY, _FAMILY, _ONE_PARENT, _THREE_GENERATIONS = range(5)
_SHARES = (0.06, 0.08, 0.48, 0.06, 0.32)


@dataclass(frozen=True)
class Composition:
    """Who is in each household: presence and age (years) by household and role, and the sex of children."""

    present: npt.NDArray[np.bool_]
    age: Floats
    child_sex: npt.NDArray[np.int8]


def settle(
    rng: np.random.Generator, municipalities: Municipalities, persons: int, start: int, first: Names, last: Names
) -> tuple[People, Ints]:
    """People of about `persons` residents in households, and the municipality of each household."""
    composition = compose(rng, max(8, persons // 3))
    sizes = composition.present.sum(axis=1)
    households = int(np.searchsorted(np.cumsum(sizes), persons)) + 1
    shares = municipalities.population / municipalities.population.sum()
    cells = (shares[:, None] * municipalities.community_shares).ravel()
    cell = rng.choice(len(cells), households, p=cells / cells.sum())
    municipality = (cell // len(COMMUNITIES)).astype(np.int32)
    community = (cell % len(COMMUNITIES)).astype(np.int8)
    people = People()
    _enter(rng, people, composition, households, community, municipality, start, first, last)
    return people, municipality


def compose(rng: np.random.Generator, count: int) -> Composition:
    """Random households whose ages together resemble a young population (half of it below about 32)."""
    kind = rng.choice(5, count, p=_SHARES)
    present = np.zeros((count, _ROLES), bool)
    age = np.zeros((count, _ROLES))
    wife = np.where(kind == _ELDERLY, 56 + 26 * rng.beta(1.3, 1.8, count), 21 + 38 * rng.beta(1.3, 1.5, count))
    wife = np.where(kind == _ALONE, 22 + 62 * rng.beta(1.2, 1.2, count), wife)
    age[:, WIFE] = np.where(kind == _THREE_GENERATIONS, 22 + 22 * rng.beta(1.3, 1.5, count), wife)
    age[:, HUSBAND] = age[:, WIFE] + np.clip(rng.normal(3.2, 3, count), -5, 14)
    age[:, GRANDFATHER] = np.maximum(age[:, HUSBAND] + np.clip(rng.normal(28, 4.5, count), 19, 45), 42)
    age[:, GRANDMOTHER] = np.maximum(age[:, GRANDFATHER] - np.clip(rng.normal(3, 3, count), -4, 12), 40)
    man_alone = rng.random(count) < 0.5
    present[:, HUSBAND] = np.where(kind == _ALONE, man_alone, (kind != _ONE_PARENT) | (rng.random(count) < 0.2))
    present[:, WIFE] = np.where(kind == _ALONE, ~man_alone, (kind != _ONE_PARENT) | ~present[:, HUSBAND])
    three = kind == _THREE_GENERATIONS
    for role, half in ((GRANDFATHER, 80), (GRANDMOTHER, 85)):
        alive = 1 / (1 + np.exp((age[:, role] - half) / 5))
        present[:, role] = three & (rng.random(count) < alive) & (age[:, role] < 99)
    _children(rng, kind, present, age)
    return Composition(present, age, (rng.random((count, _CHILDREN)) < 0.515).astype(np.int8))


def _children(rng: np.random.Generator, kind: npt.NDArray, present: npt.NDArray[np.bool_], age: Floats) -> None:
    """Children born since the mother was about 24; older cohorts had more; grown ones have mostly left."""
    count = len(kind)
    mother = age[:, WIFE]
    parity = np.clip(rng.poisson(np.clip(1.6 + (mother - 25) * 0.06, 1.2, 3.8)), 0, _CHILDREN)
    interval = np.clip(rng.gamma(3.0, 1.0, (count, _CHILDREN)), 1.1, 9)
    interval[:, 0] = np.clip(rng.normal(24.5, 3.5, count), 17, 38)
    at_birth = np.cumsum(interval, axis=1)
    child = mother[:, None] - at_birth - rng.random((count, 1))
    stays = rng.random((count, _CHILDREN)) < 1 / (1 + np.exp((child - 25) / 3))
    families = np.isin(kind, (_FAMILY, _ONE_PARENT, _THREE_GENERATIONS))[:, None]
    wanted = np.arange(_CHILDREN)[None, :] < parity[:, None]
    present[:, FIRST_CHILD:] = families & wanted & (child > 0) & (at_birth < 46) & stays
    age[:, FIRST_CHILD:] = child


def _enter(
    rng: np.random.Generator,
    people: People,
    composition: Composition,
    households: int,
    community: npt.NDArray[np.int8],
    municipality: Ints,
    start: int,
    first: Names,
    last: Names,
) -> None:
    """Members become persons, household by household, tied to parents and spouses."""
    present = composition.present[:households]
    position = np.where(present, np.cumsum(present).reshape(present.shape) - 1, NOBODY).astype(np.int32)
    household, role = np.nonzero(present)
    sex = np.full(present.shape, 1, np.int8)
    sex[:, [GRANDMOTHER, WIFE]] = 0
    sex[:, FIRST_CHILD:] = composition.child_sex[:households]
    parents = {HUSBAND: (GRANDFATHER, GRANDMOTHER), **dict.fromkeys(range(FIRST_CHILD, _ROLES), (HUSBAND, WIFE))}
    spouses = {GRANDFATHER: GRANDMOTHER, GRANDMOTHER: GRANDFATHER, HUSBAND: WIFE, WIFE: HUSBAND}
    father, mother, spouse = (np.full(present.shape, NOBODY, np.int32) for _ in range(3))
    for child, (his, hers) in parents.items():
        father[:, child], mother[:, child] = position[:, his], position[:, hers]
    for one, other in spouses.items():
        spouse[:, one] = position[:, other]
    born = (start - composition.age[:households] * 365.25 - 1).astype(np.int32)
    of = community[household]
    family_name = last.draw(rng, community)[household]
    maiden = last.draw(rng, of)
    married_in = np.isin(role, (GRANDMOTHER, WIFE))
    keeps = married_in & (rng.random(len(role)) < 0.2)
    numbers = people.add(
        len(role),
        sex=sex[present],
        birth=np.minimum(born[present], start - 2),
        community=of,
        household=household,
        first=first.draw(rng, of, sex[present]),
        father_first=first.draw(rng, of, np.ones(len(of), np.int8)),
        mother_first=first.draw(rng, of, np.zeros(len(of), np.int8)),
        surname=np.where(keeps, maiden, family_name),
        birth_surname=np.where(married_in, maiden, family_name),
        father=father[present],
        mother=mother[present],
        spouse=spouse[present],
        birth_municipality=municipality[household],
    )
    own_father, own_mother = people.father[numbers], people.mother[numbers]
    people.father_first = np.where(own_father >= 0, people.first[own_father], people.father_first)
    people.mother_first = np.where(own_mother >= 0, people.first[own_mother], people.mother_first)
    parent = np.isin(role, (GRANDFATHER, GRANDMOTHER, HUSBAND, WIFE)) & (people.spouse < 0)
    age = people.age(numbers, start)
    people.marital[:] = np.where(people.spouse >= 0, MARRIED, np.where(parent & (age > 45), WIDOWED, SINGLE))
