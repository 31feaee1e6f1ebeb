"""A vintage's counts in the areas of another date, worked out by hand."""

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest

from migflow import countries
from migflow.errors import MigflowError
from migflow.publish.regrouped import regroup

KOSOVO = countries.load("kosovo")
BEFORE_HANI = dt.date(2007, 1, 1)

OD = """
SELECT 2024 AS time_period, origin, destination, 'F' AS sex, 'Y20T24' AS age_group, 'moves' AS indicator, obs_value,
    'EVT' AS unit_measure, 'A' AS obs_status, obs_value - 1.0 AS lower, obs_value + 1.0 AS upper, 'F' AS conf_status
FROM (VALUES ('XK07', 'XK31', 7), ('XK07', 'XK02', 5), ('XK31', 'XK02', 4), ('XK31', 'XK03', NULL), ('XK07', 'XK03', 9))
    AS t (origin, destination, obs_value)
"""
TRANSITIONS = """
SELECT 2024 AS time_period, 'P1Y' AS observed_over, origin, destination, 'F' AS sex, indicator, obs_value,
    'PS' AS unit_measure, 'A' AS obs_status, 'F' AS conf_status
FROM (VALUES ('XK07', 'XK31', 'movers', 7), ('XK07', 'XK07', 'stayers', 100), ('XK31', 'XK31', 'stayers', 50))
    AS t (origin, destination, indicator, obs_value)
"""


@pytest.fixture
def vintage(tmp_path: Path) -> Path:
    """Kaçanik (XK07) and Hani i Elezit (XK31), which was part of it until 2008."""
    folder = tmp_path / "2025-01-01.1"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"period": {"as_of": "2025-01-01"}}))
    con = duckdb.connect()
    con.execute(f"COPY ({OD}) TO '{folder / 'internal_migration_od.parquet'}'")
    con.execute(f"COPY ({TRANSITIONS}) TO '{folder / 'residence_transitions.parquet'}'")
    return folder


def regrouped(vintage: Path, table: str, *columns: str) -> list[tuple[object, ...]]:
    target = vintage.parent / "regrouped"
    regroup(vintage, KOSOVO, BEFORE_HANI, target, unions=True)
    return duckdb.execute(
        f"SELECT {', '.join(columns)} FROM read_parquet('{target / table}.parquet') ORDER BY ALL"
    ).fetchall()


def test_flows_of_areas_that_join_are_summed_and_those_between_them_are_gone(vintage: Path) -> None:
    """To XK02 go 5 + 4; what goes to XK03 is unknown because a part of it is suppressed."""
    assert regrouped(vintage, "internal_migration_od", "origin", "destination", "obs_value") == [
        ("XK07", "XK02", 9),
        ("XK07", "XK03", None),
    ]


def test_movers_between_areas_that_join_are_stayers(vintage: Path) -> None:
    assert regrouped(vintage, "residence_transitions", "origin", "destination", "indicator", "obs_value") == [
        ("XK07", "XK07", "stayers", 157)
    ]


def test_bounds_and_confidentiality_are_not_carried_over(vintage: Path) -> None:
    regroup(vintage, KOSOVO, BEFORE_HANI, vintage.parent / "out", unions=True)
    columns = duckdb.execute(
        f"DESCRIBE FROM read_parquet('{vintage.parent / 'out' / 'internal_migration_od.parquet'}')"
    )
    assert not {"lower", "upper", "conf_status"} & {row[0] for row in columns.fetchall()}


def test_shares_that_nobody_knows_are_refused(vintage: Path) -> None:
    with pytest.raises(MigflowError, match="how many is not known"):
        regroup(vintage, KOSOVO, dt.date(2005, 1, 1), vintage.parent / "out")


def test_areas_that_did_not_change_keep_every_figure(vintage: Path) -> None:
    regroup(vintage, KOSOVO, dt.date(2024, 1, 1), vintage.parent / "out")
    total = duckdb.execute(
        f"SELECT sum(obs_value) FROM read_parquet('{vintage.parent / 'out'}/internal_migration_od.parquet')"
    )
    assert total.fetchall() == [(25,)]
