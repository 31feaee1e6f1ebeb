"""The residency index against every way through the half-years, and its rates against a population of known rates."""

import itertools
import math
import random

import duckdb
import numpy as np
import pytest
from accounts_session import bind, derive, rows

from migflow.statistics import functions

PERIOD = {"first_day": "2020-01-01", "as_of": "2022-01-01"}
HALVES = 6
SETTLES = 0.25
DECLARED = 0.3
RATES = {
    "sex": "F",
    "age_group": "Y25T39",
    "registered": 0,
    "certain": 0,
    "gone": 0,
    "resident_at_start": 0.9,
    "leaves": 0.08,
    "come_back": 0.02,
    "absent_at_start": 0.1,
    "absent_growth": 0.01,
    "untraced": 0.005,
    "speaks": 0.05,
    "dies": 0.01,
    "resident_if_untraced": 0.3,
}


def session():
    con = duckdb.connect()
    functions.bind_functions(con)
    return con


def weights():
    """Rates of signs drawn by chance, for every history that the contract knows."""
    draw = random.Random(3)
    known = {"any": ["unknown"]} | {
        sign: ["unknown", "never", "no", "yes"] for sign in ("education", "employment", "benefit", "health", "document")
    }
    for kind, halves in itertools.product(("no", "contact", "roll", "both"), range(5)):
        known["any"] += [f"{kind}_{n}of{halves}" if halves else kind for n in range(halves + 1 if halves else 1)]
    rates = ("here_rate", "leaving_rate", "arriving_rate", "absent_rate")
    return [
        {"sex": "F", "age_group": "Y25T39", "half_of_year": part, "sign": sign, "known_before": before}
        | dict.fromkeys(("here", "leaving", "arriving", "absent"), 0)
        | {name: draw.uniform(0.1, 0.9) for name in rates}
        | {"weight_with": 0.0, "weight_without": 0.0}
        for part in (1, 2)
        for sign, histories in known.items()
        for before in histories
    ]


def history(person, **bits):
    row = {"person_id": person, "birth_date": "1990-05-05", "sex": "F", "first_half": 1, "last_half": HALVES}
    signs = ("education", "employment", "benefit", "health", "document", "civil")
    row |= {"is_observed": True, "registered": 126, "gone": 0, "departed": 0, "arrived": 0} | dict.fromkeys(signs, 0)
    return row | {name: sum(1 << half for half in halves) for name, halves in bits.items()}


def spells(people):
    return [{"person_id": p["person_id"], "municipality": "A", "from_date": "2010-01-01"} for p in people]


def likelihoods(person, rates):
    """By half-year: how much likelier what is seen is than for the absent, for each way through it."""
    signs = ("education", "employment", "benefit", "health", "document")
    found = {(r["half_of_year"], r["sign"], r["known_before"]): r for r in rates}
    seen = {sign: [person[sign] >> half & 1 for half in range(HALVES + 1)] for sign in signs}
    first = person["first_half"]
    for half in range(first, HALVES + 1):
        part = 2 - half % 2
        earlier = range(max(first, half - 5), half - 1)
        roll, contact = (any(seen[sign][half - 1] for sign in part) for part in (signs[:3], signs[3:]))
        kind = "unknown" if half == first else ("no", "contact", "roll", "both")[2 * roll + contact]
        times = sum(max(seen[sign][h] for sign in signs) for h in earlier)
        together = found[part, "any", f"{kind}_{times}of{len(earlier)}" if half > first + 1 else kind]
        alone = found[part, "any", kind]
        result = dict.fromkeys(("settled", "new", "leave", "come"), 1.0)
        rate = {"settled": "here_rate", "new": "here_rate", "leave": "leaving_rate", "come": "arriving_rate"}
        for way in result:
            if not any(seen[sign][half] for sign in signs):
                row = alone if way == "new" else together
                result[way] = (1 - row[rate[way]]) / (1 - together["absent_rate"])
                continue
            for sign in signs:
                never = half > first + 3 and not any(seen[sign][half - 4 : half])
                before = "unknown" if half == first else "yes" if seen[sign][half - 1] else "never" if never else "no"
                absent = found[part, sign, before]["absent_rate"]
                share = found[part, sign, "no" if way == "new" and before == "never" else before][rate[way]]
                result[way] *= share / absent if seen[sign][half] else (1 - share) / (1 - absent)
            if way == "settled":
                result[way] *= together["here_rate"] / alone["here_rate"]
        if half == first > 2:
            result["new"] = result["come"]
        yield result


def probability_by_ways(person, rates, border):
    """Share of all ways through the half-years, weighed by what is seen, that are here at the end of `border`."""
    here = total = 0.0
    evidence, first = list(likelihoods(person, rates)), person["first_half"]
    start = {"S": RATES["resident_at_start"], "N": 0.0, "G": 1 - RATES["resident_at_start"]}
    if first > 2:
        start = {"S": 0.0, "N": 1000 / 1001, "G": 1 / 1001}
    for ways in itertools.product("SNG", repeat=HALVES + 2 - first):
        weight = start[ways[0]]
        for half, (before, after) in enumerate(itertools.pairwise(ways), start=first):
            seen, leaves = evidence[half - first], RATES["leaves"]
            returns = RATES["come_back"] / (RATES["absent_at_start"] + RATES["absent_growth"] * half)
            says = 2.0**7 if person["civil"] >> half & 1 else 1.0
            lives = 1 - RATES["dies"]
            left, arrived = person["departed"], person["arrived"]
            going = 2.0**-8 if (left & ~arrived) >> half & 1 else 1.0
            coming = 2.0**-7 if (arrived & ~left) >> half + 1 & 1 else 1.0
            weight *= {
                "SS": says * lives * going * coming * seen["settled"] * (1 - leaves),
                "NN": says * lives * going * coming * seen["new"] * (1 - leaves) * (1 - SETTLES),
                "NS": says * lives * going * coming * seen["new"] * (1 - leaves) * SETTLES,
                "SG": says * seen["leave"] * leaves,
                "NG": says * seen["leave"] * leaves,
                "GN": says * going * coming * seen["come"] * returns,
                "GG": 1 - returns,
            }.get(before + after, 0.0)
        total += weight
        here += weight if ways[border - first + 1] != "G" else 0.0
    return here / total


def test_the_index_is_the_share_of_all_ways_through_the_half_years():
    people = [
        history("1", health=[1, 2, 5], employment=[1, 2]),
        history("2", health=[6]),
        history("3", document=[2], health=[2], civil=[4], departed=[4]),
        history("4", education=[1, 2, 3, 4], health=[4, 6], civil=[5], arrived=[5]),
        history("5", benefit=[1, 2, 3, 4, 5, 6]),
        history("6", health=[3, 6], civil=[3], arrived=[3]) | {"first_half": 3},
        history("7", health=[1, 2, 4], civil=[4], departed=[4], arrived=[4]),
    ]
    con, rates = session(), weights()
    bind(con, "sign_history", people)
    bind(con, "sign_weights", rates)
    bind(con, "residency_rates", [RATES])
    derive(con, "residency_chain", period=PERIOD)
    judged = rows(con, "SELECT person_id, year, probability FROM residency_chain")
    found = {(person, year): probability for person, year, probability in judged}
    assert len(found) == 20
    for (person, year), probability in found.items():
        expected = probability_by_ways(people[int(person) - 1], rates, 2 * (year - 2019))
        assert math.isclose(probability, expected, rel_tol=1e-9), (person, year)


@pytest.mark.parametrize("covered", [(1, 2), (1, 2, 3, 4)])
def test_few_half_years_give_rates_all_the_same(covered):
    people = [history(str(n), health=covered if n % 10 else [1], civil=[2] if n % 3 else []) for n in range(300)]
    people += [history(str(300 + n), health=[1], departed=[1], gone=range(2, 5), registered=[]) for n in range(9)]
    con = session()
    bind(con, "sign_history", people)
    bind(con, "residence_spells", spells(people))
    derive(con, "sign_weights", "residency_rates", "residency_chain", "residency_index", period=PERIOD)
    assert rows(con, "SELECT count(*) FROM residency_rates WHERE leaves > 0.05 OR isnan(absent_growth)") == [(0,)]
    seen = "residency_index JOIN sign_history USING (person_id) WHERE health > 2 AND gone = 0 AND year = 2020"
    assert rows(con, f"SELECT count(*) FILTER (is_resident) >= 0.95 * count(*) FROM {seen}") == [(True,)]


@pytest.mark.parametrize(("leaves", "returns"), [(0.008, 0.03), (0.02, 0.06)])
def test_rates_of_a_known_population_are_found(leaves, returns):
    persons, halves, rng = 30_000, 12, np.random.default_rng(5)
    here = rng.random(persons) < 0.96
    employed, declares, speaks = (rng.random(persons) < share for share in (0.5, DECLARED, 0.5))
    names = ("health", "employment", "civil", "gone", "departed", "arrived")
    bits, gone = {name: np.zeros(persons, dtype=np.int64) for name in names}, np.zeros(persons, dtype=bool)
    for half in range(1, halves + 1):
        chance = rng.random(persons)
        going, coming = here & (chance < leaves), ~here & (chance < returns)
        seen = np.where(here & ~going, 0.75, np.where(going | coming, 0.4, 0.04))
        bits["health"] |= (rng.random(persons) < seen).astype(np.int64) << half
        bits["employment"] |= (here & ~going & employed).astype(np.int64) << half
        bits["civil"] |= (here & ~going & speaks & (rng.random(persons) < 0.15)).astype(np.int64) << half
        bits["departed"] |= (going & declares).astype(np.int64) << half
        gone |= going & declares
        bits["arrived"] |= (coming & gone).astype(np.int64) << half
        bits["gone"] |= (gone & ~going & ~coming).astype(np.int64) << half
        here = (here & ~going) | coming
        gone &= ~coming
    registered = ((1 << (halves + 1)) - 2) & ~bits["gone"] & ~bits["departed"] & ~bits["arrived"]
    people = [
        history(str(n))
        | {"last_half": halves, "registered": int(registered[n])}
        | {k: int(v[n]) for k, v in bits.items()}
        for n in range(persons)
    ]
    con = session()
    bind(con, "sign_history", people)
    derive(con, "sign_weights", "residency_rates", period=PERIOD | {"as_of": "2025-01-01"})
    estimate = rows(
        con,
        "SELECT resident_at_start, leaves, come_back / (absent_at_start + absent_growth * 9) "
        "FROM residency_rates WHERE sex = 'F' AND age_group = 'Y25T39'",
    )[0]
    # Only departures that nobody declares are to be found: of the others the registers know.
    undeclared = leaves * (1 - DECLARED)
    assert estimate[0] == pytest.approx(0.96, abs=0.01)
    assert estimate[1:] == pytest.approx((undeclared, returns), rel=0.15), estimate
