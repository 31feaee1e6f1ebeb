"""What members of a household tell of each other, against every way in which they can be here or away."""

import itertools
import math
import random
from collections import defaultdict
from typing import NamedTuple

import duckdb
import numpy as np
import pytest
from accounts_session import bind, derive, rows

from migflow.statistics import functions

FIRST, SECOND = 2022, 2023
YOUNG, OLD = "Y25T39", "Y_GE65"
AWAY = {YOUNG: 0.15, OLD: 0.05}


class Person(NamedTuple):
    """own: probability by year; until: the last day at the dwelling, from which on they live at `then`."""

    home: str | None
    own: dict[int, float]
    age_group: str = YOUNG
    since: str = "2010-01-01"
    until: str | None = None
    then: str | None = None


def session(persons, municipality=lambda home: "A", reverse=False):
    """residency_index of persons by number, and what it is made of, whose rows are in either order."""
    con = duckdb.connect()
    functions.bind_functions(con)
    chain, spells = [], []
    for n, person in enumerate(persons):
        shared = {"person_id": f"{n:05d}", "age_group": person.age_group, "residency_index": 0.0}
        chain += [shared | {"year": year, "probability": p} for year, p in person.own.items()]
        stays = [(person.home, person.since, person.until)]
        stays += [(person.then, person.until, None)] if person.then else []
        spells += [
            {
                "person_id": f"{n:05d}",
                "spell_number": number,
                "municipality": municipality(home),
                "address_id": home,
                "from_date": since,
                "to_date": until,
            }
            for number, (home, since, until) in enumerate(stays, 1)
        ]
    bind(con, "residency_chain", chain[::-1] if reverse else chain)
    bind(con, "residence_spells", spells[::-1] if reverse else spells)
    derive(con, "residency_index")
    return con


def probabilities(con):
    found = rows(con, "SELECT person_id, year, probability FROM residency_index")
    return {(int(person), year): probability for person, year, probability in found}


def judged(persons):
    """Probabilities of persons (household, own probability), all of one age and year, in their order."""
    found = probabilities(session([Person(home, {FIRST: own}) for home, own in persons]))
    return [found[n, FIRST] for n in range(len(persons))]


def told(households):
    """Households of own probabilities as residency_index judges them."""
    found = iter(judged([(f"H{n}", p) for n, household in enumerate(households) for p in household]))
    return [[next(found) for _ in household] for household in households]


def likeness_of(households):
    """Mean away, and the likeness of members, from pairs of members written out one by one."""
    away = [[round(1 - p, 4) for p in own] for own in households]
    all_ = [x for own in away for x in own]
    mean = sum(all_) / len(all_)
    pairs = [x * y / (len(own) - 1) for own in away for x, y in itertools.permutations(own, 2)]
    variance = sum(x * x for x in all_) / len(all_) - mean**2
    covariance = sum(pairs) / len(all_) - mean**2
    return mean, min(0.95, covariance * mean * (1 - mean) / variance**2)


def by_every_way(households, away, likeness):
    """Posterior of each member over all combinations of who is away, which follow a beta-binomial distribution."""
    a, b = away * (1 / likeness - 1), (1 - away) * (1 / likeness - 1)
    posterior = []
    for own in households:
        ratios = [p / (1 - p) * away / (1 - away) for p in own]
        here, total = [0.0] * len(own), 0.0
        for present in itertools.product((True, False), repeat=len(own)):
            gone = present.count(False)
            logs = [math.lgamma(a + gone), math.lgamma(b + len(own) - gone), -math.lgamma(a + b + len(own))]
            weight = math.exp(sum(logs) + sum(math.log(r) for r, p in zip(ratios, present, strict=True) if p))
            total += weight
            here = [h + weight * p for h, p in zip(here, present, strict=True)]
        posterior.append([h / total for h in here])
    return posterior


def by_fine_shares(persons, year):
    """Posterior of each person by number: members of several ages, over shares away a thirtieth of the steps apart."""
    at_home = defaultdict(list)
    for n, person in enumerate(persons):
        day = f"{year}-01-01"
        stayed = person.until is None or person.until >= day
        home = person.home if stayed else person.then
        if home and person.since < day:
            at_home[home].append(n)
    own = {n: persons[n].own[year] for members in at_home.values() for n in members}
    usual = {}
    for age in (YOUNG, OLD):
        here = np.mean([p for n, p in own.items() if persons[n].age_group == age])
        usual[age] = (1 - here) / here
    homes = [members for members in at_home.values() if 2 <= len(members) <= 20]
    mean, likeness = likeness_of([[own[n] for n in members] for members in homes])
    steps = np.arange(-60, 60, 1 / 30)
    prior = -(1 / likeness - 1) * (mean * np.logaddexp(0, -steps) + (1 - mean) * np.logaddexp(0, steps))
    posterior = dict(own)
    for members in homes:
        ratio = np.array([own[n] / (1 - own[n]) * usual[persons[n].age_group] for n in members])[:, None]
        away = np.array([usual[persons[n].age_group] / (mean / (1 - mean)) for n in members])[:, None] * np.exp(steps)
        weight = np.exp(prior + np.log((ratio + away) / (1 + away)).sum(axis=0))
        posterior |= dict(zip(members, (weight * ratio / (ratio + away)).sum(axis=1) / weight.sum(), strict=True))
    return posterior


def drawn(households, together, seed=5, ages=(YOUNG,)):
    """Households of two to five (age, own probability, truth), who are away together or each by chance.

    Some show much and some little, and each probability is what the signs and the age make of it.
    """
    draw = random.Random(seed)
    made = []
    for _ in range(households):
        in_common = draw.random() if draw.random() < together else None
        members = []
        for _ in range(draw.randint(2, 5)):
            age = draw.choice(ages)
            here = (draw.random() if in_common is None else in_common) > AWAY[age]
            told = draw.choice((0.5, 1.5, 2.5))
            sign = 2 * told * draw.gauss(told if here else -told, 1)
            own = 1 / (1 + AWAY[age] / (1 - AWAY[age]) * math.exp(-sign))
            members.append((age, min(0.9999, max(0.0001, own)), here))
        made.append(members)
    return made


def own_of(households):
    return [[own for _, own, _ in members] for members in households]


@pytest.mark.parametrize("together", [0.3, 0.6, 1.0])
def test_members_are_weighed_over_every_way_to_be_away(together):
    own = own_of(drawn(400, together))
    expected, found = by_every_way(own, *likeness_of(own)), told(own)
    in_doubt = [any(0.002 <= p <= 0.998 for p in household) for household in own]
    assert sum(in_doubt) > 200
    # Shares of members away are taken in steps.
    assert all(
        abs(p - q) < 0.005
        for household, others, asked in zip(found, expected, in_doubt, strict=True)
        if asked
        for p, q in zip(household, others, strict=True)
    )


def town():
    """Households of two ages over two years, in which some have not come yet, leave the dwelling or have none."""
    draw = random.Random(11)
    first, second = (drawn(400, 0.7, seed, (YOUNG, OLD)) for seed in (1, 2))
    second = iter([member for members in second for member in members])
    persons = []
    for n, members in enumerate(first):
        for age, own, _ in members:
            stay = draw.choice([{}] * 7 + [{"since": "2022-01-01"}, {"until": "2022-06-01"}])
            stay = {"until": "2023-01-01", "then": f"H{draw.randrange(400)}"} if draw.random() < 0.1 else stay
            persons.append(Person(f"H{n}", {FIRST: own, SECOND: next(second, (age, own))[1]}, age, **stay))
    return persons + [Person(None, {FIRST: 0.1, SECOND: 0.2}, age) for age in (YOUNG, OLD) for _ in range(300)]


def test_ages_years_and_dwellings_are_kept_apart():
    persons = town()
    found = probabilities(session(persons))
    compared = 0
    for year in (FIRST, SECOND):
        for n, probability in by_fine_shares(persons, year).items():
            if 0.01 < persons[n].own[year] < 0.99:
                compared += 1
                assert found[n, year] == pytest.approx(probability, abs=0.005), (persons[n], year)
    assert compared > 300
    assert all(found[n, y] == person.own[y] for n, person in enumerate(persons) if not person.home for y in person.own)


def test_the_order_of_rows_changes_nothing():
    query = "FROM residency_index ORDER BY ALL"
    assert rows(session(town()), query) == rows(session(town(), reverse=True), query)


@pytest.mark.parametrize("together", [0.3, 0.6, 0.9])
def test_likeness_is_that_of_presence_itself_though_signs_do_not_tell_all(together):
    households = drawn(4000, together)
    mean, found = likeness_of(own_of(households))
    gone = [[not here for _, _, here in members] for members in households]
    pairs = [x * y / (len(members) - 1) for members in gone for x, y in itertools.permutations(members, 2)]
    share = sum(map(sum, gone)) / sum(map(len, gone))
    true_likeness = (sum(pairs) / sum(map(len, gone)) - share**2) / (share * (1 - share))
    assert found == pytest.approx(true_likeness, abs=0.06)
    assert mean == pytest.approx(share, abs=0.01)


def test_households_tell_much_where_members_go_together():
    households = drawn(2000, together=0.9)
    truth = [here for members in households for _, _, here in members]
    alone, together = (
        sum((p - here) ** 2 for p, here in zip(itertools.chain(*own), truth, strict=True))
        for own in (own_of(households), told(own_of(households)))
    )
    assert together < 0.6 * alone


@pytest.mark.parametrize("households", [20, 60])
def test_members_who_go_each_by_themselves_hardly_ever_tell_anything(households):
    draws = [own_of(drawn(households, together=0.0, seed=seed)) for seed in range(60)]
    # Two standard errors are exceeded by chance once in forty times, and more often in so few households.
    assert sum(told(own) != own for own in draws) <= 9


def test_who_shows_nothing_is_where_the_household_is():
    others = [(f"H{n}", p) for n in range(50) for p in (0.999, 0.999, 0.999)]
    others += [(f"G{n}", p) for n in range(10) for p in (0.001, 0.001, 0.001)]
    silent = [("X", 0.5), ("X", 0.001), ("X", 0.001), ("Y", 0.5), ("Y", 0.999), ("Y", 0.999), ("Z", 0.5)]
    away, _, _, here, _, _, alone = judged(others + silent)[-7:]
    assert away < 0.1 and here > 0.9 and alone == 0.5


def test_a_dwelling_of_more_than_twenty_is_no_household():
    families = [(f"H{n}", p) for n in range(50) for p in ((0.999, 0.95) if n % 5 else (0.001, 0.05))]
    for size, changed in ((20, True), (21, False)):
        found = judged(families + [("X", 0.6)] + [("X", 0.001)] * (size - 1))
        assert (found[100] != 0.6) == changed, size


@pytest.mark.parametrize("own", [0.0, 0.001, 0.333, 0.7, 1.0])
def test_without_dwellings_or_with_nothing_to_tell_probabilities_are_the_own(own):
    assert judged([(None, p) for p in (0.2, own, 0.9)]) == [0.2, own, 0.9]
    assert judged([(f"H{n // 2}", own) for n in range(10)]) == [own] * 10


def test_where_nobody_is_likely_to_be_here_nobody_is_a_resident():
    for home in (None, "H"):
        con = session([Person(home, {FIRST: p}) for p in (0.0, 1e-7, 1e-9)])
        assert rows(con, "SELECT count(*) FROM residency_index WHERE is_resident") == [(0,)]


def test_residents_are_as_many_as_the_own_probabilities_where_the_households_tell_them_to_be():
    def place(home):
        return "AB"[int(home[1:]) % 2]

    # All of them somewhere on the first day, and nowhere else before.
    persons = [person for person in town() if person.home and person.since < f"{FIRST}-01-01"]
    own, wanted, taken = defaultdict(float), defaultdict(float), defaultdict(int)
    query = f"SELECT person_id, probability, is_resident FROM residency_index WHERE year = {FIRST}"
    for person_id, probability, is_resident in rows(session(persons, municipality=place), query):
        person = persons[int(person_id)]
        own[person.age_group] += person.own[FIRST]
        wanted[person.age_group, place(person.home)] += probability
        taken[person.age_group, place(person.home)] += is_resident
    assert len(wanted) == 4
    for (age, area), expected in wanted.items():
        factor = own[age] / sum(n for (a, _), n in wanted.items() if a == age)
        assert abs(taken[age, area] - expected * factor) < 2, (age, area)
