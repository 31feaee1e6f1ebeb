"""Charts of the published tables say what the tables say."""

import pandas as pd
import pytest

from migflow.statistics import plots

NAMES = {"XK01": "Deçan", "XK02": "Gjakovë"}


@pytest.fixture
def population():
    cells = [(2024, "XK01", 22, "F", 400), (2024, "XK01", 23, "F", 600), (2024, "XK02", 90, "M", 50)]
    rows = [(*cell[:4], "XK", cell[4], "PS", "A") for cell in cells]
    names = ["time_period", "area", "age", "sex", "citizenship", "obs_value", "unit_measure", "obs_status"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture
def od():
    rows = [
        (2024, "XK01", "XK02", "F", "Y20T24", "moves", 30, "EVT", "A"),
        (2024, "XK02", "XK01", "M", "Y_GE85", "moves", 2, "EVT", "A"),
        (2024, "XK01", "XK02", "F", "Y20T24", "movers", 25, "PS", "A"),
        (2023, "XK02", "XK01", "F", "Y_LT5", "moves", 9, "EVT", "A"),
    ]
    names = ["time_period", "origin", "destination", "sex", "age_group", "indicator", "obs_value"]
    return pd.DataFrame(rows, columns=[*names, "unit_measure", "obs_status"])


def test_age_profile_divides_moves_of_the_latest_year_by_the_population_of_the_age_group(od, population):
    data = plots.age_profile(od, population).data
    assert data.to_dict("records") == [
        {"first_age": 20, "sex": "F", "rate": 30.0},
        {"first_age": 85, "sex": "M", "rate": 40.0},
    ]


def test_top_flows_are_ordered_by_size_and_carry_names(od):
    data = plots.top_flows(plots.labelled(od, NAMES)).data
    assert list(data["flow"]) == ["Deçan → Gjakovë", "Gjakovë → Deçan"]
    assert list(data["obs_value"]) == [30, 2]


def test_pyramid_puts_men_left_and_women_right(population):
    data = plots.population_pyramid(population).data.set_index(["age", "sex"])["persons"]
    assert data.to_dict() == {(22, "F"): 400, (23, "F"): 600, (90, "M"): -50}


def test_net_migration_shows_the_rates_of_the_latest_year_only():
    rows = [(2024, "XK02", "net_rate", -1.5), (2024, "XK01", "net_rate", 2.5), (2024, "XK01", "net_moves", 7)]
    rows += [(2023, "XK01", "net_rate", 9.0)]
    table = pd.DataFrame(rows, columns=["time_period", "area", "indicator", "obs_value"])
    data = plots.net_migration(plots.labelled(table, NAMES)).data
    assert data[["area", "obs_value"]].values.tolist() == [["Deçan", 2.5], ["Gjakovë", -1.5]]


def test_balance_counts_losses_down_and_leaves_internal_migration_out():
    rows = [(2024, "XK01", "births", 5), (2024, "XK02", "births", 4), (2024, "XK01", "deaths", 3)]
    rows += [(2024, "XK01", "internal_in", 8), (2024, "XK01", "adjustment", -2)]
    table = pd.DataFrame(rows, columns=["time_period", "area", "component", "obs_value"])
    data = plots.balance(table).data.set_index("component")["persons"]
    assert data.to_dict() == {"adjustment": -2, "births": 9, "deaths": -3}


def test_provisional_year_is_not_plotted_while_a_final_one_is_there():
    table = pd.DataFrame({"time_period": [2023, 2024], "obs_status": ["A", "P"], "obs_value": [1, 2]})
    assert plots.latest_year(table)["obs_value"].tolist() == [1]


def test_picture_is_a_small_png(od):
    picture = plots.png(plots.top_flows(plots.labelled(od, NAMES)))
    assert picture.startswith(b"\x89PNG") and len(picture) < 300_000


def test_charts_of_a_table_without_rows_are_none(od):
    assert plots.charts_of("internal_migration_od", lambda _: od.head(0), NAMES) == {}
    assert plots.charts_of("areas", lambda _: od, NAMES) == {}
    assert list(plots.charts_of("internal_migration_od", lambda _: od, NAMES)) == ["largest flows"]
