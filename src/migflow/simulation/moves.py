"""Moves of a period: inside a municipality, between municipalities, abroad; by household, family or alone."""

import numpy as np
import numpy.typing as npt

from migflow.simulation import ages
from migflow.simulation.config import AgeProfile
from migflow.simulation.names import COMMUNITIES
from migflow.simulation.population import ABROAD, MARRIED
from migflow.simulation.relocation import relocate
from migflow.simulation.world import (
    EMIGRATION,
    FAMILY,
    HOUSING,
    INTERNAL,
    STUDY,
    WORK,
    Floats,
    Ints,
    World,
    children_of,
)

_REASONS = {  # shares of work, family, marriage, housing, study among leaders
    "between": (0.45, 0.25, 0.0, 0.18, 0.12),
    "within": (0.1, 0.25, 0.0, 0.65, 0.0),
    "abroad": (0.7, 0.22, 0.0, 0.0, 0.08),
}


class Gravity:
    """Chances of each destination municipality by community and origin (Stewart's gravity of size and distance)."""

    def __init__(self, world: World) -> None:
        m, lives = world.country.municipalities, world.lives
        pull = m.population**lives.gravity_size
        friction = np.maximum(m.distances, 5.0) ** lives.gravity_distance
        base = pull[None, :] / friction
        np.fill_diagonal(base, 0.0)
        # People mostly move where their community lives.
        affinity = m.community_shares.T[:, None, :] + 0.03
        chances = base[None, :, :] * affinity
        self._cumulative = np.cumsum(chances / chances.sum(axis=2, keepdims=True), axis=2)
        self._size = len(m.code)

    def destination(self, rng: np.random.Generator, community: npt.NDArray, origin: Ints) -> Ints:
        """A municipality other than the origin for each."""
        row = community.astype(np.int64) * self._size + origin
        flat = (self._cumulative.reshape(-1, self._size) + np.arange(len(COMMUNITIES) * self._size)[:, None]).ravel()
        at = np.searchsorted(flat, row + rng.random(len(row)), side="right") - row * self._size
        return np.clip(at, 0, self._size - 1).astype(np.int32)


def move(world: World, gravity: Gravity, emigration_shares: Floats) -> None:
    """All moves that no marriage, divorce or return has caused."""
    lives = world.lives
    for name, rate, profile in (
        ("abroad", lives.emigration, lives.profile_emigration),
        ("between", lives.moves_between, lives.profile_between),
        ("within", lives.moves_within, lives.profile_within),
    ):
        expected = world.expected(rate)
        for whole, share in ((True, lives.whole_household_moves), (False, 1 - lives.whole_household_moves)):
            leaders, persons, group = _units(world, profile, expected * share, whole)
            _send(world, name, leaders, persons, group, whole, gravity, emigration_shares)


def _units(world: World, profile: AgeProfile, expected: float, whole: bool) -> tuple[Ints, Ints, Ints]:
    """Leaders by the age profile, all who move with them, and the position of their leader."""
    p = world.people
    adults = world.residents[(p.age(world.residents, world.middle) >= 18) & ~world.busy[world.residents]]
    adults = adults[p.death[adults] >= world.end]
    members = world.residents[~world.busy[world.residents]]
    if whole:
        heads, size = _heads(world, adults)
    else:
        heads, size = adults, _family_size(world, adults, members)
    chosen = world.happens(ages.migration(p.age(heads, world.middle), profile), expected, size)
    leaders = heads[chosen]
    leader_of = np.full(p.count, -1, np.int32)
    if whole:
        of_household = np.full(len(world.dwelling), -1, np.int32)
        of_household[p.household[leaders]] = np.arange(len(leaders))
        leader_of[members] = of_household[p.household[members]]
    else:
        leaders = leaders[~(np.isin(p.spouse[leaders], leaders) & (p.spouse[leaders] < leaders))]
        _follow(world, leaders, members, leader_of)
    persons = members[leader_of[members] >= 0]
    return leaders, persons, leader_of[persons]


def _heads(world: World, adults: Ints) -> tuple[Ints, Floats]:
    """One random adult of each household none of whose members is busy, and the household's size."""
    p = world.people
    blocked = np.zeros(len(world.dwelling), bool)
    blocked[p.household[world.residents[world.busy[world.residents]]]] = True
    shuffled = world.rng.permutation(adults)
    _, first = np.unique(p.household[shuffled], return_index=True)
    heads = shuffled[first]
    heads = heads[~blocked[p.household[heads]]]
    sizes = np.bincount(p.household[world.residents], minlength=len(world.dwelling))
    return heads.astype(np.int32), sizes[p.household[heads]].astype(np.float64)


def _family_size(world: World, adults: Ints, members: Ints) -> Floats:
    """Adult, spouse and their minors in the household."""
    p = world.people
    everyone = np.zeros(p.count, bool)
    everyone[adults] = True
    _, parent = children_of(p, everyone, members, world.start)
    minors = np.bincount(parent, minlength=p.count).astype(np.float64)
    spouse = p.spouse[adults]
    along = (spouse >= 0) & (p.marital[adults] == MARRIED) & (p.household[spouse] == p.household[adults])
    return 1.0 + along + minors[adults] + np.where(along, minors[spouse], 0)


def _follow(world: World, leaders: Ints, members: Ints, leader_of: Ints) -> None:
    """Spouses of leaders in the same household, then the minors of either, get the leader's position."""
    p = world.people
    leader_of[leaders] = np.arange(len(leaders))
    spouse = p.spouse[leaders]
    along = (spouse >= 0) & ~world.busy[spouse] & (p.household[spouse] == p.household[leaders])
    along &= world.municipality[spouse] >= 0
    leader_of[spouse[along]] = np.flatnonzero(along)
    minors, parent = children_of(p, leader_of >= 0, members[leader_of[members] < 0], world.start)
    leader_of[minors] = leader_of[parent]


def _send(
    world: World,
    name: str,
    leaders: Ints,
    persons: Ints,
    group: Ints,
    whole: bool,
    gravity: Gravity,
    emigration_shares: Floats,
) -> None:
    """Choose where and when each group goes, and move it."""
    p, rng = world.people, world.rng
    day = world.days(len(leaders))
    reason = rng.choice([WORK, FAMILY, 2, HOUSING, STUDY], len(leaders), p=_REASONS[name]).astype(np.int32)
    origin = world.municipality[leaders]
    country = np.zeros(len(leaders), np.int32)
    if name == "abroad":
        country = rng.choice(len(emigration_shares), len(leaders), p=emigration_shares).astype(np.int32) + 1
        dwelling = np.full(len(leaders), ABROAD, np.int32)
    elif name == "between":
        dwelling = world.vacant(gravity.destination(rng, p.community[leaders], origin))
    else:
        dwelling = world.vacant(origin)
    household = world.new_households(dwelling, country)
    unit = world.next_units(len(leaders))
    kind = EMIGRATION if name == "abroad" else INTERNAL
    relocate(world, persons, group, day, household, unit, kind, country, reason)
