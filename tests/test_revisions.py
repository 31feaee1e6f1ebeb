"""Revisions between two vintages, worked out by hand."""

from pathlib import Path

import duckdb
import pytest
from accounts_session import rows

from migflow import contracts
from migflow.publish import revisions

BALANCE, INDICES, OD = (
    contracts.published(contracts.load(t)) for t in ("population_balance", "migration_indices", "internal_migration_od")
)


def balance(*cells: tuple[int, str, str, int | None, str]) -> str:
    values = ", ".join(
        f"({year}, '{area}', '{part}', {'NULL' if value is None else value}, 'EVT', '{status}')"
        for year, area, part, value, status in cells
    )
    return f"SELECT * FROM (VALUES {values}) AS t (time_period, area, component, obs_value, unit_measure, obs_status)"


def od(*cells: tuple[str, str, str, int | None]) -> str:
    values = ", ".join(f"('{o}', '{d}', '{sex}', {'NULL' if v is None else v})" for o, d, sex, v in cells)
    return (
        "SELECT 2020 AS time_period, origin, destination, sex, 'Y20T24' AS age_group, 'moves' AS indicator, obs_value, "
        f"'EVT' AS unit_measure, 'A' AS obs_status FROM (VALUES {values}) AS t (origin, destination, sex, obs_value)"
    )


class Vintages:
    """A folder of vintages whose tables are SELECTs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.con = folder, duckdb.connect()

    def add(self, vintage: str, **tables: str) -> Path:
        place = self.folder / vintage
        place.mkdir()
        for table, query in tables.items():
            self.con.execute(f"COPY ({query}) TO '{place / table}.parquet'")
        return place

    def revised(self, before: Path | None, after: Path, *tables: contracts.Contract, columns: str = "*") -> list[tuple]:
        query = revisions.query(self.con, before, after, tables)
        return rows(self.con, f"SELECT {columns} FROM ({query}) ORDER BY table_name, time_period, area, indicator")


@pytest.fixture
def vintages(tmp_path: Path) -> Vintages:
    return Vintages(tmp_path)


def test_a_provisional_figure_is_shown_beside_its_final_value(vintages: Vintages) -> None:
    before = vintages.add("2021-01-01.2", population_balance=balance((2020, "A", "births", 10, "P")))
    after = vintages.add("2022-01-01.1", population_balance=balance((2020, "A", "births", 13, "A")))
    assert vintages.revised(before, after, BALANCE) == [
        ("2021-01-01.2", "population_balance", "2020", "A", "births", 1, 1, 0, 0, 10, 13, 3, 3, "P", "A")
    ]


def test_a_year_that_only_the_new_vintage_has_is_no_revision_of_cells(vintages: Vintages) -> None:
    before = vintages.add("2021-01-01.1", population_balance=balance((2020, "A", "births", 10, "A")))
    after = vintages.add(
        "2022-01-01.1",
        population_balance=balance((2020, "A", "births", 10, "A"), (2021, "A", "births", 7, "P")),
    )
    columns = "time_period, cells, cells_changed, cells_new, cells_gone, mean_absolute_revision, status_before"
    assert vintages.revised(before, after, BALANCE, columns=columns) == [
        ("2020", 1, 0, 0, 0, 0, "A"),
        ("2021", 0, 0, 1, 0, None, None),
    ]


def test_flows_are_summed_over_those_who_move_and_a_missing_cell_is_zero(vintages: Vintages) -> None:
    """A to B falls from 5 to 4, C to A is gone (2), A to C is new (3): 7 moves stay 7, and one cell of one changed."""
    before = vintages.add("2021-01-01.1", internal_migration_od=od(("A", "B", "F", 5), ("C", "A", "F", 2)))
    after = vintages.add("2022-01-01.1", internal_migration_od=od(("A", "B", "F", 4), ("A", "C", "M", 3)))
    columns = "area, indicator, cells, cells_changed, cells_new, cells_gone, value_before, value_after, revision"
    assert vintages.revised(before, after, OD, columns=columns) == [("_T", "moves", 1, 1, 1, 1, 7, 7, 0)]


def test_sums_with_a_suppressed_figure_are_not_shown(vintages: Vintages) -> None:
    before = vintages.add("2021-01-01.1", internal_migration_od=od(("A", "B", "F", 5), ("C", "A", "F", 4)))
    after = vintages.add("2022-01-01.1", internal_migration_od=od(("A", "B", "F", 5), ("C", "A", "F", None)))
    columns = "cells, cells_gone, value_before, value_after, revision, mean_absolute_revision"
    assert vintages.revised(before, after, OD, columns=columns) == [(1, 1, None, None, None, 0)]


def test_an_index_is_compared_and_never_summed(vintages: Vintages) -> None:
    def indices(value: float) -> str:
        return (
            "SELECT 2020 AS time_period, 'region' AS level, unnest(['moves', 'movers']) AS measure, "
            f"'cmi' AS indicator, {value}::DOUBLE AS obs_value, 'PC' AS unit_measure, 'A' AS obs_status"
        )

    before = vintages.add("2021-01-01.1", migration_indices=indices(1.0))
    after = vintages.add("2022-01-01.1", migration_indices=indices(1.5))
    columns = "indicator, value_before, value_after, revision"
    assert vintages.revised(before, after, INDICES, columns=columns) == [
        ("movers.region.cmi", 1.0, 1.5, 0.5),
        ("moves.region.cmi", 1.0, 1.5, 0.5),
    ]


def test_the_first_vintage_and_tables_the_earlier_one_does_not_hold_have_no_revisions(vintages: Vintages) -> None:
    before = vintages.add("2021-01-01.1")
    after = vintages.add("2022-01-01.1", population_balance=balance((2020, "A", "births", 13, "A")))
    assert vintages.revised(None, after, BALANCE) == vintages.revised(before, after, BALANCE) == []


def test_the_vintage_before_is_the_last_one_of_an_earlier_as_of_date(tmp_path: Path) -> None:
    for name in ("2021-01-01.9", "2021-01-01.10", "2020-06-01.11", "2022-01-01.1"):
        (tmp_path / name).mkdir()
    (tmp_path / ".staging-abc").mkdir()
    (tmp_path / "latest").symlink_to("2022-01-01.1")
    assert revisions.earlier(tmp_path, "2022-01-01") == tmp_path / "2021-01-01.10"
    assert revisions.earlier(tmp_path, "2020-06-01") is None
