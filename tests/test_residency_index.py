"""Signs of life and what follows from them, on a small country drawn by a rule: who leaves unseen falls silent."""

import random

import pytest
from accounts_session import ACCOUNTS, COVERAGE, PERIOD, Registers, derive, rows
from test_usual_residence import USUAL

YEARS = (2019, 2020, 2021, 2022)
HEALTH = "health"


def seen(registers, name, year, place="A", sign=HEALTH, born="1980-05-05", days=("02-01", "11-01")):
    """A row of another register: the person was seen on the first and the last of the days of a year."""
    table = registers.tables["administrative_activity"]
    table.append(
        {
            "reference_month": f"{year}-12",
            "record_id": f"o:{len(table):06d}",
            "personal_number": name,
            "birth_date": born,
            "activity": sign,
            "municipality": place,
            "first_day": f"{year}-{days[0]}",
            "last_day": f"{year}-{days[1]}",
        }
    )


def country(residents=400, movers=80, emigrants=60):
    """Residents of A, seen nine years of ten, of them movers to B; emigrants who declare it, and as many who do not.

    9001 stays, 9002 leaves in 2020 and says nothing, 9003 is registered in A and seen in B, 9004 has no number.
    """
    draw = random.Random(7)
    r = Registers()

    def person(name, **row):
        r.person(name, **row)
        r.registered(name, "A", "2010-01-01")
        for record in r.tables["civil_registry_persons"]:
            if record["record_id"] == f"arc:{name}":
                record |= {"personal_number": row.get("personal_number", name), "birth_date": "1980-05-05"}

    for n in range(residents):
        person(f"{1000 + n}")
        for year in YEARS:
            if draw.random() > 0.1:
                seen(r, f"{1000 + n}", year)
    for n in range(movers):
        r.declared(f"{1000 + n}", "arrival", f"{2020 + n % 3}-0{1 + n % 9}-15", "B", came="A")
    for n in range(emigrants):
        person(f"{2000 + n}")
        seen(r, f"{2000 + n}", 2019)
        r.declared(f"{2000 + n}", "departure", f"2020-0{1 + n % 6}-10", "A", went="DE")
        person(f"{3000 + n}")
        seen(r, f"{3000 + n}", 2019)
        seen(r, f"{3000 + n}", 2020, days=("01-10", f"0{1 + n % 6}-10"))
    for name in ("9001", "9002", "9003"):
        person(name)
    person("9004", personal_number=None)
    for year in YEARS:
        seen(r, "9001", year)
        seen(r, "9003", year, place="B")
    seen(r, "9002", 2019)
    seen(r, "9002", 2020, days=("02-01", "03-01"))
    return r


@pytest.fixture(scope="module")
def session():
    con = country().session()
    derive(con, *ACCOUNTS[:7], *USUAL, "international_migration_counts", "immigration", "emigration", *COVERAGE)
    return con


def residents_of(con, person):
    return rows(con, f"SELECT year, is_resident FROM residency_index WHERE person_id = '{person}' ORDER BY year")


def test_who_is_seen_every_year_is_a_resident(session):
    assert residents_of(session, "9001") == [(2020, True), (2021, True), (2022, True), (2023, True)]


def test_who_leaves_unseen_falls_silent_and_is_an_emigrant_after_the_last_sign(session):
    assert residents_of(session, "9002") == [(2020, True), (2021, False), (2022, False), (2023, False)]
    shown = "municipality, to_date, exit_reason, destination_country"
    assert rows(session, f"SELECT {shown} FROM usual_residence WHERE person_id = '9002'") == [
        ("A", "2020-03-02", "emigration", "XX")
    ]


def test_who_is_seen_elsewhere_lives_there(session):
    assert rows(session, "SELECT municipality, to_date FROM usual_residence WHERE person_id = '9003'") == [("B", None)]


def test_nothing_is_concluded_from_the_silence_of_registers_that_cannot_know_a_person(session):
    assert rows(session, "SELECT is_observed FROM sign_history WHERE person_id = '9004'") == [(False,)]
    lowest = "SELECT min(probability) FROM residency_index WHERE person_id = '{}'"
    assert rows(session, lowest.format("9004"))[0] > rows(session, lowest.format("9002"))[0]


def test_a_number_alone_is_not_enough():
    registers = Registers()
    registers.person("P")
    registers.registered("P", "A", "2010-01-01")
    registers.tables["civil_registry_persons"] = [
        row | {"personal_number": "1", "birth_date": "1980-05-05"} for row in registers.tables["civil_registry_persons"]
    ]
    for year, born in ((2020, "1980-05-05"), (2021, "1980-05-06"), (2022, "1991-05-06")):
        seen(registers, "1", year, born=born)
    con = registers.session()
    derive(con, *ACCOUNTS[:7], "signs_of_life")
    assert rows(con, "SELECT year FROM signs_of_life ORDER BY year") == [(2020,), (2021,)]


def test_as_many_are_residents_as_the_probabilities_add_up_to(session):
    # Persons of one history share a probability: of those at the threshold a share is drawn, give or take chance.
    alike = "SELECT year, floor(1000 * probability) AS bucket, count(*) AS persons FROM residency_index GROUP BY ALL"
    compared = rows(
        session,
        "SELECT sum(probability), count(*) FILTER (is_resident), any_value(largest) FROM residency_index "
        f"JOIN (SELECT year, max(persons) AS largest FROM ({alike}) GROUP BY year) USING (year) GROUP BY year",
    )
    assert len(compared) == 4
    assert all(abs(expected - taken) <= 1.5 * largest**0.5 + 1 for expected, taken, largest in compared)


def test_weights_say_that_signs_are_commoner_among_residents(session):
    weights = rows(
        session,
        "SELECT weight_with, weight_without FROM sign_weights "
        "WHERE sign = 'health' AND age_group = 'Y40T64' AND known_before = 'unknown'",
    )
    assert len(weights) == 4
    assert all(with_sign > 0 > without for with_sign, without in weights)


def test_registered_and_resident_persons_add_up_in_every_area(session):
    wide = (
        "SELECT * FROM (SELECT * EXCLUDE (unit_measure, obs_status) FROM population_coverage) "
        "PIVOT (sum(obs_value) FOR indicator IN ('registered', 'usually_resident', 'registered_elsewhere', "
        "'over_covered', 'under_covered'))"
    )
    country_only = rows(
        session,
        "SELECT registered - coalesce(over_covered, 0) + coalesce(under_covered, 0) - usually_resident "
        f"FROM ({wide}) WHERE level = 'country'",
    )
    assert country_only and set(country_only) == {(0.0,)}


def test_without_activity_in_other_registers_usual_residence_follows_the_registers():
    registers = country(residents=5, movers=1, emigrants=1)
    registers.tables["administrative_activity"] = []
    con = registers.session()
    derive(con, *ACCOUNTS[:7], *USUAL)
    assert rows(con, "FROM residency_index") == []
    columns = "person_id, municipality, from_date, to_date"
    assert rows(con, f"SELECT {columns} FROM actual_residence ORDER BY ALL") == rows(
        con, f"SELECT {columns} FROM residence_spells ORDER BY ALL"
    )


def test_results_do_not_depend_on_the_order_of_rows(session):
    registers = country()
    for table in registers.tables.values():
        table.reverse()
    con = registers.session()
    derive(con, *ACCOUNTS[:7], *USUAL, period=PERIOD)
    query = "SELECT person_id, year, is_resident, round(probability, 9) FROM residency_index ORDER BY ALL"
    assert rows(con, query) == rows(session, query)
