"""Internal migration by age, citizenship, type; population by citizenship, duration: counted by hand."""

import datetime as dt

import duckdb
import pytest
from accounts_session import ACCOUNTS, Registers, derive, rows


def movers() -> Registers:
    """Four men of Kosovo and a woman of Albania in 2020: A and B lie in region R1, C in R2.

    p1 (born 1990) goes from A to B, p2 (1990) from A to C and on to B, p3 (1990) from B to C and back; p4 (1990)
    stays in A, changing settlement and then street; q (1980) goes from C to A.
    """
    r = Registers()
    for name, home in (("p1", "A/s/1"), ("p2", "A/s/1"), ("p3", "B/t/1"), ("p4", "A/s/1")):
        r.person(name, "1990-06-15", sex="M")
        r.registered(name, home, "2010-01-01")
    r.person("q", "1980-06-15", sex="F", citizenship="AL")
    r.registered("q", "C/u/1", "2010-01-01", citizenship="AL")
    r.declared("p1", "arrival", "2020-03-01", "B/t/2", came="A")
    r.declared("p2", "arrival", "2020-05-01", "C/u/2", came="A")
    r.declared("p2", "arrival", "2020-09-01", "B/t/2", came="C")
    r.declared("p3", "arrival", "2020-02-01", "C/u/2", came="B")
    r.declared("p3", "arrival", "2020-10-01", "B/t/1", came="C")
    r.declared("p4", "change_of_address", "2020-04-01", "A/v/1")
    r.declared("p4", "change_of_address", "2020-08-01", "A/v/2")
    r.declared("q", "arrival", "2020-07-01", "A/s/1", came="C")
    return r


@pytest.fixture(scope="module")
def session() -> duckdb.DuckDBPyConnection:
    con = movers().session()
    derive(con, *ACCOUNTS)
    return con


def test_moves_are_by_age_at_the_move_and_movers_by_age_on_1_january(session: duckdb.DuckDBPyConnection) -> None:
    """Men: p1, p2 and p3 move at 29 in spring, p2 and p3 at 30 in autumn; p1 and p2 are movers, p3 is back."""
    query = (
        "SELECT age, indicator, obs_value FROM internal_migration_by_age "
        "WHERE time_period = 2020 AND sex = 'M' AND level = 'municipality' AND indicator IN ('moves', 'movers') "
        "ORDER BY ALL"
    )
    assert rows(session, query) == [(29, "movers", 2), (29, "moves", 3), (30, "moves", 2)]


def test_moves_between_regions_leave_out_those_inside_one(session: duckdb.DuckDBPyConnection) -> None:
    """p1 stays in region R1, p2 goes to R2 and back into R1: of the men none is a mover between regions."""
    query = (
        "SELECT sex, indicator, sum(obs_value) FROM internal_migration_by_age "
        "WHERE time_period = 2020 AND level = 'region' AND indicator IN ('moves', 'movers') GROUP BY ALL ORDER BY ALL"
    )
    assert rows(session, query) == [("F", "movers", 1), ("F", "moves", 1), ("M", "movers", 0), ("M", "moves", 4)]


def test_rates_by_age_divide_by_those_at_risk(session: duckdb.DuckDBPyConnection) -> None:
    """Four men are 29 on 1 January 2020 and none on 1 January 2021: a mean of 2 at each of the ages 29 and 30."""
    query = (
        "SELECT age, indicator, obs_value FROM internal_migration_by_age "
        "WHERE time_period = 2020 AND sex = 'M' AND level = 'municipality' AND indicator LIKE '%rate' ORDER BY ALL"
    )
    assert rows(session, query) == [
        (29, "movers_rate", 1000 * 2 / 4),
        (29, "moves_rate", 1000 * 3 / 2),
        (30, "moves_rate", 1000 * 2 / 2),
    ]


def test_a_profile_without_regions_has_no_figures_of_regions() -> None:
    con = movers().session()
    con.execute("DELETE FROM areas WHERE level = 'region'")
    derive(con, *ACCOUNTS)
    assert rows(con, "SELECT DISTINCT level FROM internal_migration_by_age") == [("municipality",)]


def test_migration_by_citizenship_has_moves_movers_and_rates(session: duckdb.DuckDBPyConnection) -> None:
    """Four men of Kosovo move five times and two are movers; the woman of Albania moves once."""
    query = (
        "SELECT citizenship, sex, indicator, obs_value FROM internal_migration_by_citizenship "
        "WHERE time_period = 2020 AND level = 'municipality' ORDER BY ALL"
    )
    assert rows(session, query) == [
        ("AL", "F", "movers", 1),
        ("AL", "F", "movers_rate", 1000),
        ("AL", "F", "moves", 1),
        ("AL", "F", "moves_rate", 1000),
        ("XK", "M", "movers", 2),
        ("XK", "M", "movers_rate", 1000 * 2 / 4),
        ("XK", "M", "moves", 5),
        ("XK", "M", "moves_rate", 1000 * 5 / 4),
    ]


def test_a_move_before_naturalisation_is_one_of_the_former_citizenship() -> None:
    """An Albanian on 1 January 2020 and at the move, of Kosovo at the end of the year: a mean of half a person each."""
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01", ["2019-12"], citizenship="AL")
    r.registered("P", "A", "2010-01-01", ["2020-12", "2021-12", "2022-12"], citizenship="XK")
    r.declared("P", "arrival", "2020-05-01", "C", came="A")
    r.act("P", "citizenship_change", "2020-10-10", new_citizenship="XK")
    con = r.session()
    derive(con, *ACCOUNTS)
    query = (
        "SELECT citizenship, indicator, obs_value FROM internal_migration_by_citizenship "
        "WHERE time_period = 2020 AND level = 'region' AND indicator <> 'movers_rate' ORDER BY ALL"
    )
    assert rows(con, query) == [
        ("AL", "movers", 1),
        ("AL", "moves", 1),
        ("AL", "moves_rate", 1000 / 0.5),
        ("XK", "moves", 0),
        ("XK", "moves_rate", 0),
    ]


def test_population_by_citizenship_is_counted_in_every_area(session: duckdb.DuckDBPyConnection) -> None:
    """On 1 January 2021 p1, p2 and p3 live in B, p4 and the Albanian in A: all five in region R1."""
    query = (
        "SELECT level, area, citizenship, sex, obs_value FROM population_by_citizenship "
        "WHERE time_period = 2021 ORDER BY ALL"
    )
    assert rows(session, query) == [
        ("country", "XK", "AL", "F", 1),
        ("country", "XK", "XK", "M", 4),
        ("municipality", "A", "AL", "F", 1),
        ("municipality", "A", "XK", "M", 1),
        ("municipality", "B", "XK", "M", 3),
        ("region", "R1", "AL", "F", 1),
        ("region", "R1", "XK", "M", 4),
    ]


def test_moves_by_type_are_told_where_they_end(session: duckdb.DuckDBPyConnection) -> None:
    """Into A: p4 twice, once to another settlement, and q from R2; into B: p1, and from R2 p2 and p3; into C: two."""
    query = (
        "SELECT area, move_type, sex, sum(obs_value) FROM internal_migration_by_type "
        "WHERE time_period = 2020 AND level = '{}' GROUP BY ALL ORDER BY ALL"
    )
    assert rows(session, query.format("municipality")) == [
        ("A", "between_regions", "F", 1),
        ("A", "within_municipality", "M", 1),
        ("A", "within_settlement", "M", 1),
        ("B", "between_municipalities", "M", 1),
        ("B", "between_regions", "M", 2),
        ("C", "between_regions", "M", 2),
    ]
    assert rows(session, query.format("country")) == [
        ("XK", "between_municipalities", "M", 1),
        ("XK", "between_regions", "F", 1),
        ("XK", "between_regions", "M", 4),
        ("XK", "within_municipality", "M", 1),
        ("XK", "within_settlement", "M", 1),
    ]


BY_KIND = "SELECT urban_rural, sum(obs_value) FROM internal_migration_by_type WHERE area = 'XK' GROUP BY 1 ORDER BY 1"


def test_moves_by_type_tell_urban_from_rural_settlements(session: duckdb.DuckDBPyConnection) -> None:
    """Urban is B/t alone: p1, p2 and, on the way back, p3 end there, p3 leaves it first; four stay among villages."""
    assert rows(session, BY_KIND) == [("rural_rural", 4), ("rural_urban", 3), ("urban_rural", 1)]


def test_a_move_from_an_address_without_a_settlement_is_neither_urban_nor_rural() -> None:
    r = Registers()
    r.person("p")
    r.registered("p", "A", "2010-01-01")
    r.declared("p", "arrival", "2020-03-01", "B/t/2", came="A")
    con = r.session()
    derive(con, *ACCOUNTS)
    assert rows(con, BY_KIND) == [("unknown", 1)]


def test_duration_counts_years_since_the_arrival_in_the_municipality(session: duckdb.DuckDBPyConnection) -> None:
    """p4 moves inside A, where he lives since 2010; p3 is back in B since October 2020, and begins anew."""
    query = (
        "SELECT duration, sex, obs_value FROM residence_duration WHERE area = '{}' AND time_period = {} ORDER BY ALL"
    )
    assert rows(session, query.format("XK", 2020)) == [("Y_GE10", "F", 1), ("Y_GE10", "M", 4)]
    assert rows(session, query.format("A", 2021)) == [("Y_GE10", "M", 1), ("Y_LT1", "F", 1)]
    assert rows(session, query.format("B", 2021)) == [("Y_LT1", "M", 3)]
    assert rows(session, query.format("R1", 2022)) == [("Y1T4", "F", 1), ("Y1T4", "M", 3), ("Y_GE10", "M", 1)]


def test_duration_is_unknown_where_only_a_later_declaration_names_the_place() -> None:
    """The arrival in B names C as the former home, so that the registration in A was wrong from the start."""
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2015-01-01")
    r.declared("P", "arrival", "2020-06-01", "B", came="C")
    con = r.session()
    derive(con, *ACCOUNTS)
    query = (
        "SELECT time_period, area, duration FROM residence_duration WHERE level = 'municipality' ORDER BY ALL LIMIT 2"
    )
    assert rows(con, query) == [(2020, "C", "_U"), (2021, "B", "Y_LT1")]


def test_transitions_over_five_years_do_not_see_who_is_back() -> None:
    """P goes from A to C in 2020 and back in 2023, Q from A to B in 2022: after five years only Q has moved."""
    r = Registers([f"{year}-12" for year in range(2019, 2025)])
    for name in ("P", "Q"):
        r.person(name)
        r.registered(name, "A", "2010-01-01")
    r.declared("P", "arrival", "2020-05-01", "C", came="A")
    r.declared("P", "arrival", "2023-05-01", "A", came="C")
    r.declared("Q", "arrival", "2022-05-01", "B", came="A")
    con = r.session()
    derive(con, *ACCOUNTS, period={"first_day": dt.date(2020, 1, 1), "as_of": dt.date(2025, 1, 1)})
    query = (
        "SELECT time_period, origin, destination, indicator, obs_value FROM residence_transitions "
        "WHERE observed_over = '{}' ORDER BY ALL"
    )
    assert rows(con, query.format("P1Y").replace("ORDER", "AND indicator = 'movers' ORDER")) == [
        (2020, "A", "C", "movers", 1),
        (2022, "A", "B", "movers", 1),
        (2023, "C", "A", "movers", 1),
    ]
    assert rows(con, query.format("P5Y")) == [(2024, "A", "A", "stayers", 1), (2024, "A", "B", "movers", 1)]
