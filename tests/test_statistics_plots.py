"""Charts of the statistics say what the tables say."""

import duckdb
import pandas as pd
import pytest

from migflow import contracts
from migflow.statistics import plots
from migflow.statistics.plots import ages, flows, maps, population, vintages, words

AREAS = pd.DataFrame(
    {
        "code": ["XK01", "XK02"],
        "name": ["Deçan", "Gjakovë"],
        "latitude": [42.5, 42.4],
        "longitude": [20.3, 20.4],
    }
)
OD = ["time_period", "origin", "destination", "sex", "age_group", "indicator", "obs_value", "conf_status"]
FLOWS = [
    (2024, "XK01", "XK02", "F", "Y20T24", "moves", 30, "F"),
    (2024, "XK01", "XK02", "M", "Y20T24", "moves", None, "A"),
    (2024, "XK02", "XK01", "M", "Y_GE85", "moves", None, "D"),
    (2024, "XK01", "XK02", "F", "Y20T24", "movers", 25, "F"),
    (2023, "XK02", "XK01", "F", "Y_LT5", "moves", 9, "F"),
]


def rows_of(name: str, **tables: pd.DataFrame) -> pd.DataFrame:
    """What a chart draws of tables."""
    chart = next(chart for chart in plots.CHARTS if chart.name == name)
    with duckdb.connect() as con:
        con.register("areas", AREAS)
        for table, frame in tables.items():
            con.register(f"held_{table}", frame if "obs_status" in frame else frame.assign(obs_status="A"))
        plots.bind(con, {table: f"held_{table}" for table in tables})
        return chart.rows(con)


@pytest.fixture
def od() -> pd.DataFrame:
    return pd.DataFrame(FLOWS, columns=OD)


def test_every_statistics_table_but_the_areas_has_a_chart_in_the_ui():
    tables = {c.table for c in contracts.load_all().values() if c.stage == "statistics"}
    assert tables - {chart.table for chart in plots.CHARTS} == {"areas"}
    assert all(chart.table in chart.reads for chart in plots.CHARTS)


def test_flows_are_ordered_by_size_and_carry_names_and_what_is_suppressed(od):
    rows = rows_of("largest_flows", internal_migration_od=od)
    assert rows[["origin", "destination", "suppressed"]].values.tolist() == [
        ["Deçan", "Gjakovë", 1],
        ["Gjakovë", "Deçan", 1],
    ]
    assert rows["moves"].tolist()[0] == 30 and rows["moves"].isna().tolist() == [False, True]


def test_suppressed_flow_is_not_drawn_and_is_told(od):
    chart = flows.largest_flows(rows_of("largest_flows", internal_migration_od=od))
    assert list(chart.data["flow"]) == ["Deçan → Gjakovë"]
    assert chart.title.subtitle == "Moves in 2024; 30 in all; 2 suppressed figures left out"


def test_arcs_of_a_flow_begin_and_end_in_its_municipalities(od):
    rows = rows_of("flow_map", internal_migration_od=od.dropna())
    lines = maps.flow_map(rows).layer[0].data
    first, last = lines.iloc[0], lines.iloc[-1]
    assert (first["longitude"], first["latitude"], last["longitude"], last["latitude"]) == (20.3, 42.5, 20.4, 42.4)
    assert rows[["origin_net", "destination_net"]].values.tolist() == [[-30, 30]]


def test_registered_are_drawn_beside_usual_residents():
    cells = [("registered", 100), ("usually_resident", 80), ("over_covered", 20), ("over_coverage_rate", 20)]
    table = pd.DataFrame(cells, columns=["indicator", "obs_value"])
    table = table.assign(time_period=2024, level="country", area="XK", age_group="Y_LT5", sex="M")
    chart = population.registered_and_resident(rows_of("registered_and_resident", population_coverage=table))
    assert chart.data[["inner", "outer"]].values.tolist() == [[-80, -100]]
    table = table.assign(level="municipality", area="XK01")
    rows = rows_of("over_coverage", population_coverage=table)
    assert rows[["municipality", "registered", "percent"]].values.tolist() == [["Deçan", 100, 20]]


def test_balance_of_a_municipality_with_a_suppressed_flow_is_not_known_on_the_map(od):
    points = maps.flow_map(rows_of("flow_map", internal_migration_od=od)).layer[2].data
    assert points[["area", "balance"]].values.tolist() == [["Deçan", "not known"], ["Gjakovë", "not known"]]


def test_pyramid_puts_men_left_and_women_right():
    cells = [(2024, 22, "F", 400), (2024, 22, "F", 600), (2024, 90, "M", 50), (2023, 90, "M", 7)]
    table = pd.DataFrame(cells, columns=["time_period", "age", "sex", "obs_value"])
    data = population.age_pyramid(rows_of("age_pyramid", population=table)).data.set_index(["age", "sex"])["side"]
    assert data.to_dict() == {(22, "Women"): 1000, (90, "Men"): -50}


def test_net_migration_shows_the_rates_of_the_newest_final_year_only():
    cells = [(2024, "XK02", "net_rate", -1.5, "A"), (2024, "XK01", "net_rate", 2.5, "A")]
    cells += [
        (2024, "XK01", "net_moves", 7, "A"),
        (2023, "XK01", "net_rate", 9.0, "A"),
        (2025, "XK01", "net_rate", 8.0, "P"),
    ]
    table = pd.DataFrame(cells, columns=["time_period", "area", "indicator", "obs_value", "obs_status"])
    rows = rows_of("net_migration", internal_migration_by_municipality=table)
    assert rows[["municipality", "net_rate"]].values.tolist() == [["Deçan", 2.5], ["Gjakovë", -1.5]]


def test_balance_counts_losses_down_and_leaves_internal_migration_out():
    cells = [(2024, "XK", "country", "births", 9), (2024, "XKD1", "region", "births", 4)]
    cells += [(2024, "XK", "country", name, n) for name, n in (("deaths", 3), ("internal_in", 0), ("adjustment", -2))]
    table = pd.DataFrame(cells, columns=["time_period", "area", "level", "component", "obs_value"])
    data = population.balance(rows_of("population_change", population_balance_by_level=table)).data
    assert data.set_index("component")["change"].to_dict() == {"adjustment": -2, "births": 9, "deaths": -3}


def test_growth_is_per_1000_of_the_mean_population_and_unknown_where_a_stock_is_suppressed():
    cells = [(2024, "XK01", "population_start", 90), (2024, "XK01", "population_end", 110)]
    cells += [(2024, "XK02", "population_start", 50), (2024, "XK02", "population_end", None)]
    table = pd.DataFrame(cells, columns=["time_period", "area", "component", "obs_value"])
    rows = rows_of("population_growth", population_balance=table.assign(obs_status="A"))
    assert rows[["municipality", "suppressed"]].values.tolist() == [["Deçan", 0], ["Gjakovë", 1]]
    assert rows["per_1000"].tolist()[0] == 200 and rows["per_1000"].isna()[1]


def test_no_share_is_drawn_of_a_year_with_a_suppressed_figure():
    cells = [(2023, "first", 30, "F"), (2023, "return", 10, "F"), (2024, "first", 40, "F"), (2024, "return", None, "A")]
    table = pd.DataFrame(cells, columns=["time_period", "move_order", "obs_value", "conf_status"])
    rows = rows_of("orders_of_move", repeat_moves=table.assign(level="country", observed_over="P1Y"))
    assert rows["share_percent"].tolist()[:2] == [75, 25] and rows["share_percent"].isna().tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_age_profile_without_a_profile_has_points_and_no_fit():
    cells = [(2024, "municipality", age, "F", "movers_rate", 0.0) for age in range(30)]
    table = pd.DataFrame(cells, columns=["time_period", "level", "age", "sex", "indicator", "obs_value"])
    rows = rows_of("age_profile", internal_migration_by_age=table)
    assert len(rows) == 30 and rows["fitted"].isna().all() and ages.parameters(rows).empty
    assert "no schedule can be fitted" in ages.age_profile(rows).title.subtitle


def test_fitted_profile_is_whole_where_ages_are_suppressed():
    cells = [(2024, "municipality", age, "F", "movers_rate", 40 if 18 <= age < 30 else 10) for age in range(91)]
    table = pd.DataFrame(cells, columns=["time_period", "level", "age", "sex", "indicator", "obs_value"])
    table = table.assign(conf_status="F").astype({"obs_value": float})
    table.loc[table["age"] == 50, ["obs_value", "conf_status"]] = [None, "A"]
    rows = rows_of("age_profile", internal_migration_by_age=table).set_index("age")
    assert pd.isna(rows["movers_rate"][50]) and rows["fitted"][50] == pytest.approx(10, abs=5)
    assert rows["fitted"].notna().tolist() == [age <= ages.OLDEST for age in range(91)]


def test_codes_are_told_in_words():
    said = [words.age_group(code) for code in ("Y_LT5", "Y10T14", "Y_GE85", "_U")]
    assert said == ["Under 5", "10 to 14", "85 and over", "Unknown"]
    assert [words.country(code) for code in ("XK", "DE", "XX", "_U", "QQ")] == [
        "Kosovo",
        "Germany",
        "Unknown",
        "Unknown",
        "QQ",
    ]
    assert [words.sex("F"), words.table("population_balance"), words.area("_U")] == [
        "Women",
        "Population balance",
        "Unknown",
    ]


def test_groups_of_expected_recall_have_names():
    cells = [("all", "_T"), ("municipality", "XK01"), ("citizenship", "DE"), ("age_group", "_U")]
    table = pd.DataFrame(cells, columns=["group_kind", "group_code"])
    rows = rows_of("expected_recall", linkage_quality=table.assign(source="municipal_residence", expected_recall=0.9))
    assert set(rows["group_code"]) == {"All records", "Deçan", "Germany", "Unknown"}
    assert set(rows["source"]) == {"Declarations of residence at municipal counters"}


def test_vintage_that_leaves_nothing_out_says_so():
    loss = pd.DataFrame({"table": ["population"], "method": ["rounding"], "cells": [9], "hidden_cells": [0.0]})
    rows = rows_of("protection", disclosure=loss.assign(hidden_flow=0.0))
    assert vintages.protection(rows).data["percent"].tolist() == [0, 0]
    assert "leave nothing out: 1" in vintages.protection(rows).title.subtitle


def test_picture_is_a_small_png(od):
    picture = plots.png(flows.flow_matrix(rows_of("flow_matrix", internal_migration_od=od)))
    assert picture.startswith(b"\x89PNG") and len(picture) < 300_000


def test_charts_of_a_table_without_rows_are_none(od):
    with duckdb.connect() as con:
        con.register("areas", AREAS)
        con.register("empty", od.head(0).assign(obs_status="A"))
        con.register("filled", od.assign(obs_status="A"))
        plots.bind(con, {"internal_migration_od": "empty"})
        assert plots.charts_of("internal_migration_od", con) == {} == plots.charts_of("areas", con)
        plots.bind(con, {"internal_migration_od": "filled"})
        drawn = plots.charts_of("internal_migration_od", con)
        assert list(drawn) == ["flow map", "largest flows", "origins and destinations"]
