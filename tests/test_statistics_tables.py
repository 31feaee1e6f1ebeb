"""Published tables of a few persons, counted by hand, and the identities that must hold among them."""

import pytest
from accounts_session import ACCOUNTS, Registers, derive, rows

from migflow.statistics.invariants import count, invariants


def twelve_persons() -> Registers:
    """Municipality A in 2020: 6 at the start, 3 births, 2 deaths, 4 in (3 from B, 1 from abroad), 3 out: 8 at the end.

    B loses the three, gains two of the three who leave A, and the last leaves for Austria. Seen from 2021 on.
    """
    r = Registers(("2019-12", "2020-12", "2021-12"))
    later = ("2020-12", "2021-12")
    for name, born, sex in (
        ("a1", "1950-01-01", "F"),
        ("a2", "1950-01-02", "M"),
        ("a3", "1985-06-15", "F"),
        ("a4", "1990-06-15", "M"),
        ("a5", "1995-06-15", "F"),
        ("a6", "2015-06-15", "M"),
    ):
        r.person(name, born, sex=sex, died={"a1": "2020-02-29", "a2": "2020-12-31"}.get(name))
        r.registered(name, "A/s/1", "2010-01-01")
    for name, born in (("n1", "2020-01-01"), ("n2", "2020-06-30"), ("n3", "2020-12-31")):
        r.person(name, born)
        r.act(name, "birth", born, "A")
        r.registered(name, "A/s/1", born, later)
    for name in ("b1", "b2", "b3"):
        r.person(name, "2000-03-01", sex="M")
        r.registered(name, "B/t/1", "2010-01-01")
        r.declared(name, "arrival", "2020-03-01", "A/s/1", came="B")
    r.person("i1", "1970-01-01", citizenship="AL")
    r.declared("i1", "arrival", "2020-05-05", "A/s/1", came="AL")
    r.registered("i1", "A/s/1", "2020-05-20", later, citizenship="AL")
    r.declared("a3", "departure", "2020-07-01", "A", went="B")
    r.declared("a4", "arrival", "2020-08-01", "B", came="A")
    r.declared("a5", "departure", "2020-09-01", "A", went="AT")
    return r


@pytest.fixture(scope="module")
def session():
    con = twelve_persons().session()
    derive(con, *ACCOUNTS)
    return con


def account(con, area: str, year: int) -> dict[str, int]:
    return dict(
        rows(con, f"SELECT component, obs_value FROM population_balance WHERE area = '{area}' AND time_period = {year}")
    )


def test_account_of_twelve_persons_closes_at_eight(session):
    assert account(session, "A", 2020) == {
        "population_start": 6,
        "births": 3,
        "deaths": 2,
        "internal_in": 3,
        "internal_out": 2,
        "immigration": 1,
        "emigration": 1,
        "adjustment": 0,
        "population_end": 8,
    }


def test_births_on_1_january_and_deaths_on_31_december_belong_to_the_year(session):
    assert rows(session, "SELECT person_id, event_date FROM vital_events ORDER BY event_date, event_type") == [
        ("n1", "2020-01-01"),
        ("a1", "2020-02-29"),
        ("n2", "2020-06-30"),
        ("n3", "2020-12-31"),
        ("a2", "2020-12-31"),
    ]


def test_population_by_age_is_in_completed_years_on_1_january(session):
    query = "SELECT age, sex, citizenship, obs_value FROM population WHERE area = 'A' AND time_period = {} ORDER BY ALL"
    assert rows(session, query.format(2020)) == [
        (4, "M", "XK", 1),
        (24, "F", "XK", 1),
        (29, "M", "XK", 1),
        (34, "F", "XK", 1),
        (69, "M", "XK", 1),
        (70, "F", "XK", 1),
    ]
    assert rows(session, query.format(2021)) == [
        (0, "F", "XK", 2),
        (1, "F", "XK", 1),
        (5, "M", "XK", 1),
        (20, "M", "XK", 3),
        (51, "F", "AL", 1),
    ]


def test_flows_by_origin_and_destination_count_moves_and_movers(session):
    assert rows(
        session,
        "SELECT indicator, origin, destination, sex, age_group, obs_value, unit_measure "
        "FROM internal_migration_od ORDER BY ALL",
    ) == [
        ("movers", "A", "B", "F", "Y30T34", 1, "PS"),
        ("movers", "A", "B", "M", "Y25T29", 1, "PS"),
        ("movers", "B", "A", "M", "Y15T19", 3, "PS"),
        ("moves", "A", "B", "F", "Y35T39", 1, "EVT"),
        ("moves", "A", "B", "M", "Y30T34", 1, "EVT"),
        ("moves", "B", "A", "M", "Y20T24", 3, "EVT"),
    ]


def test_rates_are_per_1000_mean_population(session):
    found = dict(
        rows(
            session,
            "SELECT indicator, obs_value FROM internal_migration_by_municipality "
            "WHERE area = 'A' AND time_period = 2020",
        )
    )
    assert found == {
        "in_moves": 3,
        "out_moves": 2,
        "net_moves": 1,
        "turnover": 5,
        "in_rate": pytest.approx(1000 * 3 / 7),
        "out_rate": pytest.approx(1000 * 2 / 7),
        "net_rate": pytest.approx(1000 / 7),
        "turnover_rate": pytest.approx(1000 * 5 / 7),
    }


def test_two_moves_in_a_year_may_be_no_mover():
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01")
    r.declared("P", "arrival", "2020-02-01", "B", came="A")
    r.declared("P", "arrival", "2020-12-01", "A", came="B")
    con = r.session()
    derive(con, *ACCOUNTS)
    assert rows(con, "SELECT indicator, sum(obs_value) FROM internal_migration_od GROUP BY 1") == [("moves", 2)]


def test_types_of_moves():
    r = Registers()
    r.person("P")
    r.registered("P", "A/s/1", "2010-01-01")
    r.declared("P", "change_of_address", "2020-02-01", "A/s/2")
    r.declared("P", "change_of_address", "2020-06-01", "A/t/3")
    r.declared("P", "arrival", "2020-09-01", "B", came="A")
    r.declared("P", "departure", "2021-02-01", "B", went="DE")
    r.declared("P", "arrival", "2022-02-01", "B", came="DE")
    con = r.session()
    derive(con, *ACCOUNTS)
    assert rows(con, "SELECT move_date, move_type, origin_country, destination_country FROM moves ORDER BY 1") == [
        ("2020-02-01", "within_settlement", None, None),
        ("2020-06-01", "within_municipality", None, None),
        ("2020-09-01", "between_municipalities", None, None),
        ("2021-02-01", "emigration", None, "DE"),
        ("2022-02-01", "immigration", "DE", None),
    ]


def test_years_are_whole_and_the_last_is_provisional_until_late_entries_are_in(session):
    shown = "SELECT year, obs_status FROM accounting_years ORDER BY year"
    assert rows(session, shown) == [(2020, "A"), (2021, "A"), (2022, "P")]
    assert rows(session, "SELECT DISTINCT time_period, obs_status FROM population ORDER BY 1") == [
        (2020, "A"),
        (2021, "A"),
        (2022, "A"),
        (2023, "P"),
    ]


def test_citizenship_changes_on_the_day_of_the_act_or_when_first_seen():
    r = Registers()
    for name in ("P", "Q"):
        r.person(name, "1980-05-05")
        r.registered(name, "A", "2010-01-01", ["2019-12", "2020-12"], citizenship="AL")
        r.registered(name, "A", "2010-01-01", ["2021-12", "2022-12"], citizenship="XK")
    r.act("P", "citizenship_change", "2020-10-10", new_citizenship="XK")
    con = r.session()
    derive(con, "citizenship_spells")
    assert rows(con, "SELECT person_id, citizenship, from_date, to_date FROM citizenship_spells ORDER BY ALL") == [
        ("P", "AL", "1980-05-05", "2020-10-10"),
        ("P", "XK", "2020-10-10", None),
        ("Q", "AL", "1980-05-05", "2021-12-31"),
        ("Q", "XK", "2021-12-31", None),
    ]


@pytest.mark.parametrize("invariant", invariants(), ids=lambda i: i.name)
def test_invariants_hold_for_the_account_of_twelve(session, invariant):
    assert count(session, invariant).failing_rows == 0


@pytest.mark.parametrize(
    ("invariant", "harm"),
    [
        (
            "coverage_closes",
            "UPDATE population_coverage SET obs_value = obs_value + 1 WHERE indicator = 'usually_resident'",
        ),
        ("coverage_closes", "DELETE FROM population_coverage WHERE sex = 'F'"),
        ("ages_of_migrants_agree", "DELETE FROM emigration WHERE agedef = 'REACH'"),
        ("balance_closes", "UPDATE population_balance SET obs_value = obs_value + 1 WHERE component = 'births'"),
        ("wider_balance_closes", "UPDATE population_balance_by_level SET obs_value = 9 WHERE component = 'births'"),
        ("balance_links_years", "UPDATE population_balance SET obs_value = 99 WHERE component = 'population_end'"),
        ("internal_nets_to_zero", "UPDATE population_balance SET obs_value = 9 WHERE component = 'internal_in'"),
        ("flows_sum_to_out_migration", "DELETE FROM internal_migration_od WHERE sex = 'F'"),
        ("flows_sum_to_in_migration", "DELETE FROM internal_migration_od WHERE sex = 'F'"),
        ("population_agrees_with_balance", "DELETE FROM population WHERE age = 70"),
        ("ages_sum_to_flows", "DELETE FROM internal_migration_by_age WHERE age = 34"),
        ("citizenships_sum_to_flows", "UPDATE internal_migration_by_citizenship SET obs_value = 7"),
        ("citizenships_sum_to_population", "DELETE FROM population_by_citizenship WHERE area = 'XK' AND sex = 'F'"),
        (
            "types_sum_to_in_migration",
            "DELETE FROM internal_migration_by_type WHERE area = 'A'",
        ),
        ("durations_sum_to_population", "DELETE FROM residence_duration WHERE area = 'B'"),
        ("transitions_are_the_movers_of_the_year", "DELETE FROM residence_transitions WHERE origin = 'B'"),
        ("areas_are_known", "DELETE FROM areas WHERE code = 'B'"),
        ("spells_neither_overlap_nor_gap", "UPDATE residence_spells SET to_date = to_date + 1"),
        (
            "neighbouring_spells_differ",
            "UPDATE residence_spells SET municipality = 'A', settlement_id = NULL, "
            "building_id = NULL, address_id = NULL",
        ),
    ],
)
def test_each_invariant_notices_what_breaks_it(session, invariant, harm):
    con = session.cursor()
    con.execute("BEGIN")
    try:
        con.execute(harm)
        assert count(con, next(i for i in invariants() if i.name == invariant)).failing_rows > 0
    finally:
        con.execute("ROLLBACK")
