"""Return and onward moves, first moves of immigrants, household moves, quarters, indices: counted by hand."""

import math

import duckdb
import pytest
from accounts_session import ACCOUNTS, Registers, derive, rows

from migflow.statistics.invariants import count, invariants


def wanderers() -> Registers:
    """In 2021 r goes back from B to A, o on from B to C, f goes for the first time; h1 to h3 share a home.

    h1 and h2 leave A/s/1 for C/u/1 together and h3 stays; in 2022 h3 leaves it too, for another home in A.
    """
    r = Registers()
    for name in ("r", "o", "f"):
        r.person(name, sex="M")
        r.registered(name, "A/s/9", "2010-01-01")
    for name in ("h1", "h2", "h3"):
        r.person(name)
        r.registered(name, "A/s/1", "2010-01-01")
    r.declared("r", "arrival", "2020-11-01", "B/t/1", came="A")
    r.declared("r", "arrival", "2021-10-31", "A/s/9", came="B")
    r.declared("o", "arrival", "2020-11-01", "B/t/1", came="A")
    r.declared("o", "arrival", "2021-03-01", "C/u/9", came="B")
    r.declared("f", "arrival", "2021-03-01", "B/t/1", came="A")
    for name in ("h1", "h2"):
        r.declared(name, "arrival", "2021-05-01", "C/u/1", came="A")
    r.declared("h3", "change_of_address", "2022-05-01", "A/s/2")
    return r


@pytest.fixture(scope="module")
def session() -> duckdb.DuckDBPyConnection:
    con = wanderers().session()
    derive(con, *ACCOUNTS)
    return con


def test_a_move_is_first_return_or_onward_by_the_year_before_it(session: duckdb.DuckDBPyConnection) -> None:
    """f, h1 and h2 move for the first time; r is back where he left a day less than a year ago, o goes on."""
    query = (
        "SELECT time_period, observed_over, move_order, sex, obs_value FROM repeat_moves "
        "WHERE level = 'country' ORDER BY ALL"
    )
    assert rows(session, query) == [
        (2021, "P1Y", "first", "F", 2),
        (2021, "P1Y", "first", "M", 1),
        (2021, "P1Y", "onward", "M", 1),
        (2021, "P1Y", "return", "M", 1),
    ]


def test_the_balance_of_wider_areas_leaves_out_moves_inside_them(session: duckdb.DuckDBPyConnection) -> None:
    """Six persons live in R1 (A and B); in 2021 o, h1 and h2 go to C in R2, while r and f move inside R1."""
    query = (
        "SELECT area, component, obs_value FROM population_balance_by_level "
        "WHERE time_period = 2021 AND obs_value > 0 ORDER BY ALL"
    )
    assert rows(session, query) == [
        ("R1", "internal_out", 3),
        ("R1", "population_end", 3),
        ("R1", "population_start", 6),
        ("R2", "internal_in", 3),
        ("R2", "population_end", 3),
        ("XK", "population_end", 6),
        ("XK", "population_start", 6),
    ]


def test_moves_from_a_municipality_without_a_region_cross_the_border_of_the_region() -> None:
    con = wanderers().session()
    con.execute("UPDATE areas SET parent = 'XK' WHERE code = 'C'")
    derive(con, *ACCOUNTS)
    query = (
        "SELECT component, obs_value FROM population_balance_by_level "
        "WHERE time_period = 2021 AND area = 'R1' AND component LIKE 'internal%' ORDER BY 1"
    )
    assert rows(con, query) == [("internal_in", 0), ("internal_out", 3)]


def test_a_return_after_more_than_a_year_is_a_first_move_within_the_year() -> None:
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01")
    r.declared("P", "arrival", "2020-11-01", "B", came="A")
    r.declared("P", "arrival", "2021-11-02", "A", came="B")
    con = r.session()
    derive(con, *ACCOUNTS)
    assert rows(con, "SELECT move_order FROM repeat_moves WHERE level = 'municipality'") == [("first",)]


def test_years_that_cannot_be_looked_back_at_are_left_out(session: duckdb.DuckDBPyConnection) -> None:
    assert rows(session, "SELECT DISTINCT time_period, observed_over FROM repeat_moves") == [(2021, "P1Y")]


def test_immigrants_are_followed_to_what_they_do_first_within_a_year() -> None:
    """Of five who come into A in 2020 one moves to B and later leaves, one leaves, one dies, one moves too late."""
    r = Registers()
    for name, died in (("m", None), ("l", None), ("d", "2020-12-24"), ("late", None), ("s", None)):
        r.person(name, died=died, sex="M")
        r.declared(name, "arrival", "2020-05-05", "A", came="AL")
        r.registered(name, "A", "2020-05-05", ("2020-12", "2021-12", "2022-12")[: 1 if died else 3])
    r.declared("m", "arrival", "2020-09-01", "B", came="A")
    r.declared("m", "departure", "2021-02-01", "B", went="AT")
    r.declared("l", "departure", "2021-05-04", "A", went="AT")
    r.declared("late", "arrival", "2021-05-05", "C", came="A")
    con = r.session()
    derive(con, *ACCOUNTS)
    query = (
        "SELECT level, area, outcome, obs_value FROM first_moves_of_immigrants WHERE time_period = 2020 ORDER BY ALL"
    )
    expected = [("died", 1), ("left", 1), ("moved", 1), ("stayed", 2)]
    assert rows(con, query) == [
        (level, area, *found)
        for level, area in (("country", "XK"), ("municipality", "A"), ("region", "R1"))
        for found in expected
    ]


def test_those_who_share_both_homes_and_the_day_move_together(session: duckdb.DuckDBPyConnection) -> None:
    """h1 and h2 leave h3 behind; h3, then alone, is the whole household of the home."""
    query = (
        "SELECT time_period, move_type, moved_as, group_size, indicator, obs_value FROM household_moves "
        "WHERE area IN ('A', 'C') AND group_size <> 'P1' OR time_period = 2022 AND level = 'municipality' ORDER BY ALL"
    )
    assert rows(session, query) == [
        (2021, "between_municipalities", "part", "P2", "household_moves", 1),
        (2021, "between_municipalities", "part", "P2", "moves", 2),
        (2022, "within_municipality", "whole", "P1", "household_moves", 1),
        (2022, "within_municipality", "whole", "P1", "moves", 1),
    ]


def test_a_move_from_a_home_nobody_knows_is_counted_apart() -> None:
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01")
    r.declared("P", "arrival", "2021-05-05", "B/t/1", came="A")
    con = r.session()
    derive(con, *ACCOUNTS)
    query = "SELECT moved_as, group_size, indicator, obs_value FROM household_moves WHERE level = 'country'"
    assert rows(con, query) == [("_U", "_U", "moves", 1)]


def test_quarters_hold_their_own_stocks_and_flows(session: duckdb.DuckDBPyConnection) -> None:
    """A has six persons and loses f in the first quarter of 2021, h1 and h2 in the second, and r comes in the last."""
    query = (
        "SELECT time_period, component, obs_value FROM population_balance_quarterly "
        "WHERE area = 'A' AND time_period LIKE '2021%' AND obs_value <> 0 ORDER BY ALL"
    )
    assert rows(session, query) == [
        ("2021-Q1", "internal_out", 1),
        ("2021-Q1", "population_end", 3),
        ("2021-Q1", "population_start", 4),
        ("2021-Q2", "internal_out", 2),
        ("2021-Q2", "population_end", 1),
        ("2021-Q2", "population_start", 3),
        ("2021-Q3", "population_end", 1),
        ("2021-Q3", "population_start", 1),
        ("2021-Q4", "internal_in", 1),
        ("2021-Q4", "population_end", 2),
        ("2021-Q4", "population_start", 1),
    ]


def indices(con: duckdb.DuckDBPyConnection, level: str, measure: str, year: int = 2021) -> dict[str, float]:
    query = (
        "SELECT indicator, obs_value FROM migration_indices "
        f"WHERE level = '{level}' AND measure = '{measure}' AND time_period = {year}"
    )
    return dict(rows(con, query))


def test_indices_of_moves_are_those_of_the_matrix_and_the_mean_population(session: duckdb.DuckDBPyConnection) -> None:
    """Five moves of six persons: A to C twice, A to B, B to A, B to C; 4 of the 12 pairs of four municipalities."""
    found = indices(session, "municipality", "moves")
    assert found["total"] == 5
    assert found["connectivity"] == pytest.approx(4 / 12)
    assert found["cmi"] == pytest.approx(100 * 5 / 6)
    assert found["courgeau_k"] == pytest.approx(100 * 5 / 6 / math.log(16))
    assert found["mei"] == pytest.approx(100 * (2 + 1 + 3) / 10)
    degree = 6371.0088 * math.pi / 180
    assert found["mean_distance"] == pytest.approx((2 * 2 + 1 + 1 + 1) * degree / 5)


def test_indices_of_movers_are_at_risk_on_both_days(session: duckdb.DuckDBPyConnection) -> None:
    """All but h3 live elsewhere a year later: r from B to A, o from B to C, f from A to B, h1 and h2 from A to C."""
    found = indices(session, "municipality", "movers")
    assert (found["total"], found["cmi"]) == (5, pytest.approx(100 * 5 / 6))


def test_indices_of_regions_count_moves_between_them(session: duckdb.DuckDBPyConnection) -> None:
    """o, h1 and h2 go from R1 to R2; two regions leave no Gini of rows and columns."""
    found = indices(session, "region", "moves")
    assert (found["total"], found["mei"], found["anmr"]) == (3, 100, pytest.approx(50))
    assert "weighted_gini_out" not in found


def test_a_year_without_moves_has_a_total_of_zero_and_no_index_of_its_shares(
    session: duckdb.DuckDBPyConnection,
) -> None:
    found = indices(session, "region", "moves", 2022)
    assert (found["total"], found["cmi"], found["connectivity"]) == (0, 0, 0)
    assert not {"mei", "gini_total", "mean_distance", "distance_decay"} & found.keys()


def test_identities_hold_among_the_tables_of_the_wanderers(session: duckdb.DuckDBPyConnection) -> None:
    assert [i.name for i in invariants() if not count(session, i).passed] == []
