"""True lives: the population at the start and everything that happens to it, period by period."""

import itertools
from collections.abc import Callable

import numpy as np

from migflow.simulation import arrivals, calendar, moves, unions, vital
from migflow.simulation.config import Lives
from migflow.simulation.country import build_country, load_municipalities
from migflow.simulation.households import settle
from migflow.simulation.names import COMMUNITIES, load_first_names, load_surnames, rows
from migflow.simulation.population import ABROAD, KOSOVO, Ints
from migflow.simulation.world import BY_REQUEST, Floats, World


def live(
    rng: np.random.Generator,
    lives: Lives,
    persons: int,
    first_year: int,
    years: int,
    progress: Callable[[str], None],
) -> World:
    """Simulate years of lives of about `persons` residents; the world holds the logs of all events."""
    codes, emigration, immigration = countries_of_migration()
    world = _found(rng, lives, persons, first_year, years, codes)
    gravity = moves.Gravity(world)
    for year in range(first_year, first_year + years):
        progress(f"lives of {year}")
        borders = _period_borders(year, lives.periods_per_year)
        for start, end in itertools.pairwise(borders):
            world.begin_period(start, end)
            vital.let_die(world)
            vital.bear(world)
            unions.marry(world)
            unions.divorce(world)
            moves.move(world, gravity, emigration)
            arrivals.come_back(world, gravity)
            arrivals.immigrate(world, codes, immigration)
            _change_citizenship(world, emigration)
            _change_names(world)
    return world


def countries_of_migration() -> tuple[list[str], Floats, Floats]:
    """Codes of the countries people come from and go to, with the shares of emigrants and immigrants."""
    table = rows("countries.csv")
    out, into = (np.array([float(r[f"{kind}_percent"]) for r in table]) for kind in ("emigration", "immigration"))
    return [r["code"] for r in table], out / out.sum(), into / into.sum()


def _found(
    rng: np.random.Generator, lives: Lives, persons: int, first_year: int, years: int, codes: list[str]
) -> World:
    """The country and its people on the first day, some of them already abroad."""
    start = calendar.day(first_year)
    municipalities = load_municipalities()
    first, last = load_first_names(), load_surnames()
    total = round(persons * (1 + lives.initial_abroad))
    people, municipality = settle(rng, municipalities, total, start, first, last)
    households = np.bincount(municipality, minlength=len(municipalities.code)).astype(np.int32)
    country = build_country(rng, lives, municipalities, households, start, years)
    dwelling = _first_dwellings(rng, country.dwellings.municipality, country.dwellings.standing(start), municipality)
    people.home = dwelling[people.household]
    abroad = rng.random(len(dwelling)) < lives.initial_abroad / (1 + lives.initial_abroad)
    _, emigration, _ = countries_of_migration()
    abroad_in = rng.choice(len(codes), len(dwelling), p=emigration).astype(np.int32) + 1
    foreign = _foreign_households(rng, people.community, people.household, len(dwelling), codes, lives)
    people.citizenship = np.where(abroad[people.household], KOSOVO, foreign[people.household]).astype(np.int8)
    dwelling = np.where(abroad, ABROAD, dwelling).astype(np.int32)
    return World(
        rng=rng,
        lives=lives,
        country=country,
        people=people,
        dwelling=dwelling,
        first_dwelling=people.home.copy(),
        first_resident=~abroad[people.household],
        first_names=first,
        surnames=last,
        abroad_in=abroad_in,
    )


def _first_dwellings(rng: np.random.Generator, of_dwelling: Ints, standing: np.ndarray, of_household: Ints) -> Ints:
    """A dwelling of its own for each household in its municipality."""
    free = rng.permutation(np.flatnonzero(standing))
    free = free[np.argsort(of_dwelling[free], kind="stable")]
    count = np.bincount(of_dwelling[free], minlength=int(of_dwelling.max()) + 1)
    starts = np.cumsum(count) - count
    order = np.argsort(of_household, kind="stable")
    sizes = np.bincount(of_household, minlength=len(count))
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    out = np.empty(len(order), np.int32)
    where = of_household[order]
    out[order] = free[starts[where] + rank % count[where]]
    return out


def _foreign_households(
    rng: np.random.Generator, community: np.ndarray, household: Ints, households: int, codes: list[str], lives: Lives
) -> Ints:
    """Citizenship of each household: mostly the own, some of a country whose names it bears."""
    of = np.zeros(households, np.int8)
    of[household] = community
    out = np.full(households, KOSOVO, np.int32)
    foreign = rng.random(households) < lives.initial_foreigners
    pick = rng.random(households)
    for number, name in enumerate(COMMUNITIES):
        candidates = [i + 1 for i, c in enumerate(codes) if arrivals.NAMED_LIKE.get(c, "other") == name]
        if candidates:
            at = np.flatnonzero(foreign & (of == number))
            out[at] = np.array(candidates)[(pick[at] * len(candidates)).astype(int)]
    return out


def _period_borders(year: int, periods: int) -> list[int]:
    start, end = calendar.day(year), calendar.day(year + 1)
    return [start + (end - start) * i // periods for i in range(periods + 1)]


def _change_citizenship(world: World, shares: Floats) -> None:
    """Foreign residents become citizens; a few citizens take another citizenship instead."""
    p, rng = world.people, world.rng
    persons = world.residents[(p.death[world.residents] >= world.end) & (p.birth[world.residents] < world.start)]
    foreign = p.citizenship[persons] != KOSOVO
    chance = np.where(foreign, world.lives.naturalisations, world.lives.renunciations) / 1000 * world.share_of_year
    changing = persons[rng.random(len(persons)) < chance]
    old = p.citizenship[changing].astype(np.int32)
    other = rng.choice(len(shares), len(changing), p=shares) + 1
    new = np.where(old != KOSOVO, KOSOVO, other)
    world.citizenships.add(person=changing, day=world.days(len(changing)), old=old, new=new)
    p.citizenship[changing] = new


def _change_names(world: World) -> None:
    p, rng = world.people, world.rng
    calm = world.residents[~world.busy[world.residents] & (p.death[world.residents] >= world.end)]
    calm = calm[p.birth[calm] < world.start]
    expected = world.expected(world.lives.name_changes)
    changing = calm[world.happens(np.ones(len(calm)), expected)]
    new = world.surnames.draw(rng, p.community[changing])
    different = new != p.surname[changing]
    changing, new = changing[different], new[different]
    unions.change_surname(world, changing, world.days(len(changing)), new, BY_REQUEST)
