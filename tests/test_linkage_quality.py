"""The quality expected of links to persons, worked out by hand, and its charts."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from accounts_session import bind, derive, rows
from registers_tables import new_store

from migflow.registers import plots as linkage_plots
from migflow.statistics import plots

SOURCE = "municipal_residence"
FIGURES = "records, linked, linkage_rate, expected_precision, expected_recall, review_backlog"


def declared(number: int, **values: object) -> dict[str, object]:
    row = {"reference_month": "2020-06", "record_id": f"m:{number}", "sex": "F", "birth_date": "2000-06-15"}
    return {**row, "event_date": "2020-06-14", "municipality": "A", "citizenship": "XK", **values}


def link(number: int, pass_: str, probability: float | None) -> dict[str, object]:
    person = None if pass_ == "none" else f"p{number}"
    row = {"source": SOURCE, "record_id": f"m:{number}", "person_id": person, "pass": pass_, "reason": "x"}
    return {**row, "match_probability": probability}


def pair(number: int, person: str, probability: float, decision: str | None = None) -> dict[str, object]:
    row = {"source": SOURCE, "record_id": f"m:{number}", "person_id": person}
    return {**row, "match_probability": probability, "decision": decision}


@pytest.fixture(scope="module")
def session() -> duckdb.DuckDBPyConnection:
    """20 women at the counter of A: 16 links of .95, one decided, one with two persons alike, .02, and nobody.

    4 men at that of B: one link of .6 whose rival has .3, three whom nobody resembles. m:1 was sent twice.
    """
    con = duckdb.connect()
    women = [declared(n) for n in range(1, 21)]
    men = [declared(n, sex="M", municipality="B", event_date="2020-06-15", citizenship=None) for n in range(21, 25)]
    bind(con, SOURCE, [*women, declared(1, reference_month="2020-05", municipality="B", sex="M"), *men])
    bind(con, "civil_registry_events", [])
    links = [link(n, "probabilistic", 0.95) for n in range(1, 17)]
    links += [link(17, "review", None), link(18, "none", 0.4), link(19, "none", 0.02), link(20, "none", None)]
    links += [link(21, "household", 0.6), *(link(n, "none", None) for n in (22, 23, 24))]
    bind(con, "person_links", links)
    pairs = [pair(17, "p17", 0.5, "same"), pair(18, "a", 0.4), pair(18, "b", 0.4), pair(21, "p21", 0.6)]
    bind(con, "review_pairs", [*pairs, pair(21, "c", 0.3)])
    derive(con, "linkage_quality")
    return con


def figures(con: duckdb.DuckDBPyConnection, kind: str, code: str) -> tuple[object, ...]:
    (found,) = rows(con, f"SELECT {FIGURES} FROM linkage_quality WHERE group_kind = '{kind}' AND group_code = '{code}'")
    return found


def test_links_are_right_as_often_as_they_are_probable_and_missed_where_somebody_else_was(
    session: duckdb.DuckDBPyConnection,
) -> None:
    # 16 x .95 + 1 are expected to be right; .4 + .4 and .02 of those not linked are in the registry.
    women = (20, 17, 0.85, pytest.approx(16.2 / 17), pytest.approx(16.2 / 17.02), 1)
    assert figures(session, "sex", "F") == women == figures(session, "municipality", "A")
    # The man linked adds .6 of a right link, and .9 of a person of the registry.
    everybody = (24, 18, 0.75, pytest.approx(16.8 / 18), pytest.approx(16.8 / 17.92), 2)
    assert figures(session, "all", "_T") == everybody


def test_groups_of_fewer_than_twenty_records_have_no_figures(session: duckdb.DuckDBPyConnection) -> None:
    assert figures(session, "sex", "M") == (None,) * 6 == figures(session, "municipality", "B")
    assert figures(session, "citizenship", "_U") == (None,) * 6


def test_age_is_that_at_the_event(session: duckdb.DuckDBPyConnection) -> None:
    # A day before the 20th birthday, and on it.
    assert figures(session, "age_group", "Y15T19")[0] == 20
    assert figures(session, "age_group", "Y20T24") == (None,) * 6


def test_events_are_not_grouped_by_a_citizenship_that_they_do_not_carry() -> None:
    con = duckdb.connect()
    for table in (SOURCE, "review_pairs"):
        bind(con, table, [])
    bind(con, "civil_registry_events", [declared(n) for n in range(1, 21)])
    bind(con, "person_links", [link(n, "none", None) | {"source": "civil_registry_events"} for n in range(1, 21)])
    derive(con, "linkage_quality")
    kinds = {kind for (kind,) in rows(con, "SELECT group_kind FROM linkage_quality")}
    assert kinds == {"all", "sex", "age_group", "municipality"}
    assert figures(con, "all", "_T") == (20, 0, 0, None, None, 0)


def drawn_recall(groups: list[tuple[str, str, float | None]], names: dict[str, str]) -> list[dict[str, object]]:
    """What the chart of expected recall draws of a table with these groups; empty if there is no chart."""
    table = pd.DataFrame(groups, columns=["group_kind", "group_code", "expected_recall"]).assign(source=SOURCE)
    areas = pd.DataFrame({"code": list(names), "name": list(names.values())}, dtype=str)
    with duckdb.connect() as con:
        con.register("areas", areas)
        con.register("held", table)
        plots.bind(con, {"linkage_quality": "held"})
        drawn = plots.charts_of("linkage_quality", con)
    return [row for chart in drawn.values() for data in chart.to_dict()["datasets"].values() for row in data]


def test_chart_puts_the_unknown_age_behind_all_others() -> None:
    data = drawn_recall([("age_group", "_U", 0.9), ("age_group", "Y_GE85", 0.8), ("age_group", "Y20T24", 0.7)], {})
    assert sorted(data, key=lambda row: row["first_age"])[-1]["group_code"] == "Unknown"


def test_chart_names_municipalities_and_leaves_small_groups_out() -> None:
    small = ("municipality", "B", None)
    data = drawn_recall(
        [("all", "_T", 0.9), ("municipality", "A", 0.8), small, ("sex", "A", 0.7)], {"A": "Deçan", "B": "Gjakovë"}
    )
    assert [row["group_code"] for row in data] == ["All records", "Deçan", "A"]
    assert drawn_recall([small], {}) == []
    assert "NaN" not in json.dumps(data)


def test_curves_hold_the_links_over_a_threshold_against_every_best_candidate(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    best = "('a', 'p', 'number', 4.0), ('b', 'q', 'probabilistic', 2.0), ('c', NULL, 'none', -2.0), "
    best += "('d', NULL, 'none', NULL)"
    columns = "record_id, person_id, pass, match_weight"
    with store.session() as con:
        store.write(
            con,
            "person_links",
            f"SELECT '{SOURCE}' AS source, {columns}, 1 / (1 + pow(2, -match_weight)) AS match_probability, "
            f"'x' AS reason FROM (VALUES {best}) AS best ({columns})",
        )
    (drawn,) = linkage_plots.charts_of("person_links", store).values()
    sets = drawn.to_dict()["datasets"].values()
    assert sum(row["pairs"] for data in sets for row in data if "pairs" in row) == 3
    at = {
        (round(row["match_weight"], 6), row["quality"]): row["share"] for data in sets for row in data if "share" in row
    }
    links, all_ = [16 / 17, 4 / 5], 16 / 17 + 4 / 5 + 1 / 5
    assert at[0, "precision"] == pytest.approx(sum(links) / 2) and at[0, "recall"] == pytest.approx(sum(links) / all_)
    assert at[3, "precision"] == pytest.approx(links[0]) and at[3, "recall"] == pytest.approx(links[0] / all_)
    assert min(weight for weight, _ in at) == 0
