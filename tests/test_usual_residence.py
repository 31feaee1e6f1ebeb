"""Usual residence by the 12-month rule, and the international migration that follows from it, worked out by hand."""

import pytest
from accounts_session import ACCOUNTS, COVERAGE, Registers, derive, rows

USUAL = (
    "signs_of_life",
    "sign_history",
    "sign_weights",
    "residency_rates",
    "residency_chain",
    "residency_index",
    "sign_places",
    "actual_residence",
    "usual_residence",
)
BUILT = (*ACCOUNTS[:7], *USUAL, "international_migration_counts", "immigration", "emigration", *COVERAGE)
SHOWN = "municipality, from_date, to_date, entry_reason, exit_reason"


def session(registers):
    con = registers.session()
    derive(con, *BUILT)
    return con


def usual(con, columns=SHOWN, person="P"):
    return rows(con, f"SELECT {columns} FROM usual_residence WHERE person_id = '{person}' ORDER BY spell_number")


def emigrant(left, back=None, to="A"):
    """Registered in A since 2010, gone to Germany on a day, and perhaps back on another."""
    registers = Registers()
    registers.person("P")
    registers.registered("P", "A", "2010-01-01", None if back else ("2019-12",))
    registers.declared("P", "departure", left, "A", went="DE")
    if back:
        registers.declared("P", "arrival", back, to, came="DE")
    return registers


def foreigner(came, left=None):
    """A citizen of Germany who arrives in A on a day, and perhaps leaves on another."""
    registers = Registers()
    registers.person("P", born="1990-06-15", citizenship="DE")
    registers.registered("P", "A", came, [m for m in registers.snapshots if m >= came[:7]], citizenship="DE")
    registers.declared("P", "arrival", came, "A", came="DE")
    if left:
        registers.declared("P", "departure", left, "A", went="FR")
    return registers


def test_an_absence_of_less_than_twelve_months_does_not_end_usual_residence():
    con = session(emigrant("2020-03-01", "2021-02-28"))
    assert usual(con) == [("A", "2010-01-01", None, "start_of_records", None)]
    assert rows(con, "FROM immigration") == rows(con, "FROM emigration") == []


def test_an_absence_of_twelve_months_is_an_emigration_and_an_immigration():
    con = session(emigrant("2020-03-01", "2021-03-01"))
    assert usual(con) == [
        ("A", "2010-01-01", "2020-03-01", "start_of_records", "emigration"),
        ("A", "2021-03-01", None, "immigration", None),
    ]
    assert rows(con, "SELECT time_period, obs_value FROM emigration WHERE agedef = 'REACH'") == [(2020, 1)]
    assert rows(con, "SELECT time_period, obs_value FROM immigration WHERE agedef = 'REACH'") == [(2021, 1)]


def test_a_return_to_another_municipality_after_a_short_absence_is_a_move_inside_the_country():
    assert usual(session(emigrant("2020-03-01", "2020-09-01", to="B"))) == [
        ("A", "2010-01-01", "2020-09-01", "start_of_records", "internal"),
        ("B", "2020-09-01", None, "internal", None),
    ]


def test_a_stay_of_less_than_twelve_months_is_no_usual_residence():
    con = session(foreigner("2020-03-01", "2021-02-28"))
    assert usual(con) == rows(con, "FROM immigration") == rows(con, "FROM emigration") == []


def test_a_stay_of_twelve_months_is_an_immigration_and_an_emigration_with_their_countries():
    con = session(foreigner("2020-03-01", "2021-03-01"))
    countries = "origin_country, destination_country"
    assert usual(con, f"{SHOWN}, {countries}") == [
        ("A", "2020-03-01", "2021-03-01", "immigration", "emigration", "DE", "FR")
    ]
    assert rows(con, "SELECT previous_country, citizenship FROM immigration WHERE agedef = 'REACH'") == [("DE", "DE")]
    assert rows(con, "SELECT next_country, citizenship FROM emigration WHERE agedef = 'REACH'") == [("FR", "DE")]


@pytest.mark.parametrize(("came", "provisional"), [("2022-01-01", False), ("2022-01-02", True)])
def test_an_arrival_is_provisional_until_twelve_months_have_passed(came, provisional):
    con = session(foreigner(came))
    assert usual(con, "entry_is_provisional, exit_is_provisional") == [(provisional, False)]


@pytest.mark.parametrize(("left", "provisional"), [("2022-01-01", False), ("2022-01-02", True)])
def test_a_departure_is_provisional_until_twelve_months_have_passed(left, provisional):
    con = session(emigrant(left))
    assert usual(con, "entry_is_provisional, exit_is_provisional") == [(False, provisional)]


def test_who_dies_within_twelve_months_of_arriving_was_a_usual_resident():
    registers = foreigner("2020-03-01")
    registers.tables["persons"][0]["death_date"] = "2020-08-01"
    assert usual(session(registers)) == [("A", "2020-03-01", "2020-08-01", "immigration", "death")]


@pytest.mark.parametrize(
    ("came", "completed", "reached"),
    [
        ("2021-06-14", "Y30T34", "Y30T34"),  # born 1990-06-15: 30 on the day, 31 in the year
        ("2020-06-14", "Y25T29", "Y30T34"),  # 29 on the day, 30 in the year
        ("2020-06-15", "Y30T34", "Y30T34"),  # the thirtieth birthday
    ],
)
def test_age_is_in_completed_years_and_reached_in_the_year(came, completed, reached):
    con = session(foreigner(came))
    assert rows(con, "SELECT agedef, age_group FROM immigration ORDER BY agedef") == [
        ("COMPLET", completed),
        ("REACH", reached),
    ]
