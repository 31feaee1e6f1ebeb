"""What members of a household tell of each other, against every way in which they can be here or away."""

import itertools
import math
import random
from collections import defaultdict

import duckdb
import pytest
from accounts_session import bind, derive, rows

from migflow.statistics import functions

YEAR = 2022


def judged(persons, *, municipality=None):
    """residency_index of persons (household, own probability) by number; no household: registered at no dwelling."""
    con = duckdb.connect()
    functions.bind_functions(con)
    names = [f"{n:05d}" for n in range(len(persons))]
    chain = [
        {"person_id": name, "year": YEAR, "age_group": "Y25T39", "residency_index": 0.0, "probability": own}
        for name, (_, own) in zip(names, persons, strict=True)
    ]
    spells = [
        {
            "person_id": name,
            "spell_number": 1,
            "municipality": municipality(home) if municipality else "A",
            "address_id": home,
            "from_date": "2010-01-01",
        }
        for name, (home, _) in zip(names, persons, strict=True)
    ]
    bind(con, "residency_chain", chain)
    bind(con, "residence_spells", spells)
    derive(con, "residency_index")
    return rows(con, "SELECT probability, is_resident FROM residency_index ORDER BY person_id")


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


def likeness_of(households):
    """Mean away, and the likeness of members, from pairs of members written out one by one."""
    away = [[round(1 - p, 4) for p in own] for own in households]
    all_ = [x for own in away for x in own]
    mean = sum(all_) / len(all_)
    pairs = [x * y for own in away for x, y in itertools.permutations(own, 2)]
    variance = sum(x * x for x in all_) / len(all_) - mean**2
    covariance = sum(pairs) / len(pairs) - mean**2
    return mean, min(0.95, covariance * mean * (1 - mean) / variance**2)


def drawn(households, together, seed=5):
    """Own probabilities of households of two to five, who are away together or each by chance, and the truth."""
    draw = random.Random(seed)
    own, truth = [], []
    for _ in range(households):
        size, all_away = draw.randint(2, 5), draw.random() < 0.15
        here = [not all_away if draw.random() < together else draw.random() > 0.15 for _ in range(size)]
        # Signs that tell little of some and nearly all of others; 0.85 of all are here.
        signs = [draw.gauss(1 if h else -1, 1) * 2 * draw.choice((0.25, 1, 2)) for h in here]
        own.append([min(0.9999, max(0.0001, 1 / (1 + 0.15 / 0.85 * math.exp(-s)))) for s in signs])
        truth.append(here)
    return own, truth


def told(own):
    """The same households, as residency_index judges them."""
    found = iter(judged([(f"H{n}", p) for n, household in enumerate(own) for p in household]))
    return [[next(found)[0] for _ in household] for household in own]


@pytest.mark.parametrize("together", [0.6, 1.0])
def test_members_are_weighed_over_every_way_to_be_away(together):
    own, _ = drawn(300, together)
    expected, found = by_every_way(own, *likeness_of(own)), told(own)
    uncertain = [any(0.002 <= p <= 0.998 for p in household) for household in own]
    assert sum(uncertain) > 200
    # Shares of members away are taken in steps.
    assert all(
        abs(p - q) < 0.005
        for household, others, asked in zip(found, expected, uncertain, strict=True)
        if asked
        for p, q in zip(household, others, strict=True)
    )


def test_households_tell_much_where_members_go_together_and_nothing_where_they_do_not():
    def error(told, truth):
        return sum((p - h) ** 2 for ps, hs in zip(told, truth, strict=True) for p, h in zip(ps, hs, strict=True))

    own, truth = drawn(2000, together=0.9)
    assert error(told(own), truth) < 0.7 * error(own, truth)
    own, _ = drawn(2000, together=0.0)
    assert told(own) == own


def test_who_shows_nothing_is_where_the_household_is():
    others = [(f"H{n}", p) for n in range(50) for p in (0.999, 0.999, 0.999)]
    others += [(f"G{n}", p) for n in range(10) for p in (0.001, 0.001, 0.001)]
    silent = [("X", 0.5), ("X", 0.001), ("X", 0.001), ("Y", 0.5), ("Y", 0.999), ("Y", 0.999), ("Z", 0.5)]
    found = judged(others + silent)[-7:]
    away, here, alone = (found[n][0] for n in (0, 3, 6))
    assert away < 0.1 and here > 0.9 and alone == 0.5


def test_a_dwelling_of_more_than_twenty_is_no_household():
    families = [(f"H{n}", p) for n in range(50) for p in ((0.999, 0.95) if n % 5 else (0.001, 0.05))]
    for size, changed in ((20, True), (21, False)):
        found = judged(families + [("X", 0.6)] + [("X", 0.001)] * (size - 1))
        assert (found[100][0] != 0.6) == changed, size


def test_without_dwellings_or_with_nothing_to_tell_probabilities_are_the_own():
    homeless = [(None, p) for p in (0.2, 0.5, 0.9)]
    assert [p for p, _ in judged(homeless)] == [0.2, 0.5, 0.9]
    alike = [(f"H{n // 2}", 0.7) for n in range(10)]
    assert [p for p, _ in judged(alike)] == [0.7] * 10


def test_as_many_are_residents_in_the_country_as_the_own_probabilities_add_up_to():
    own, _ = drawn(1000, together=0.9)
    persons = [(f"H{n}", p) for n, household in enumerate(own) for p in household]
    found = judged(persons, municipality=lambda home: "AB"[int(home[1:]) % 2])
    taken = sum(is_resident for _, is_resident in found)
    assert abs(taken - sum(p for _, p in persons)) < 5
    by_municipality = defaultdict(lambda: [0.0, 0])
    for (home, _), (probability, is_resident) in zip(persons, found, strict=True):
        by_municipality[int(home[1:]) % 2][0] += probability
        by_municipality[int(home[1:]) % 2][1] += is_resident
    whole = sum(p for p, _ in found) / sum(p for _, p in persons)
    assert all(abs(expected / whole - taken) < 5 for expected, taken in by_municipality.values())
