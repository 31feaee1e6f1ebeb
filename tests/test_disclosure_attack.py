"""A tiny country is published, twice, and attacked: every figure that was left out, and the small ones in noise."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from attacker import Attack, Knowledge, knowledge
from tiny_country import TABLES, country, tiny_store

from migflow.publish.protection import write_protected
from migflow.store import FILE, Store

HOUSEHOLDS = 600
# Tables that look back on years.
NOTHING_YET = ("first_moves_of_immigrants", "repeat_moves")
Vintage = tuple[Store, Path]


def published(folder: Path, households: int, as_of: dt.date, before: Path | None = None) -> Vintage:
    store, vintage = tiny_store(folder / "home", households, as_of), folder / "vintage"
    vintage.mkdir()
    write_protected(store, country(), TABLES, vintage, before)
    return store, vintage


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Vintage:
    return published(tmp_path_factory.mktemp("first"), HOUSEHOLDS - 10, dt.date(2021, 1, 1))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, first: Vintage) -> Vintage:
    """A year later; ten households of which nobody had known have come to light."""
    return published(tmp_path_factory.mktemp("second"), HOUSEHOLDS, dt.date(2022, 1, 1), first[1])


@pytest.fixture(scope="module")
def known(second: Vintage) -> Knowledge:
    return knowledge(*second)


def test_what_a_vintage_says_of_each_figure_is_true(known: Knowledge) -> None:
    assert ((known.least <= known.exact) & (known.exact <= known.greatest)).all()
    assert (known.at_most @ known.exact <= 0).all()


def test_no_figure_left_out_can_be_worked_out(known: Knowledge) -> None:
    assert known.left_out.sum() > 500
    assert set(known.name[known.left_out]) >= {"population_balance", "internal_migration_by_type"}
    recovered = Attack(known).recovered(known.left_out)
    assert recovered.tolist() == [], known.name[recovered]


def test_attack_works_out_figures_that_only_the_minimum_would_leave_out(known: Knowledge) -> None:
    """Without secondary suppression the attacker wins, so an attack that fails says something."""
    shown = known.left_out & (known.greatest >= 5)
    exact = {
        "least": np.where(shown, known.exact, known.least),
        "greatest": np.where(shown, known.exact, known.greatest),
    }
    small = np.flatnonzero(known.left_out & ~shown & (known.name == "population_balance"))[:10]
    assert len(Attack(replace(known, **exact)).recovered(np.isin(np.arange(len(shown)), small))) > 2


def test_hardly_any_count_of_one_or_two_shows_through_its_noise(known: Knowledge) -> None:
    small = ~known.left_out & (known.least < known.greatest) & (known.exact > 0) & (known.exact < 3)
    assert small.sum() > 1500
    assert len(Attack(known).recovered(small)) < small.sum() / 1000


@dataclass
class Answers:
    """The cells of both vintages, by their number in the second: exact figures, figures shown, and codes."""

    cell: np.ndarray
    exact: np.ndarray
    shown: np.ndarray
    code: np.ndarray


@pytest.fixture(scope="module")
def answers(first: Vintage, second: Vintage) -> dict[str, Answers]:
    found, numbered = {}, 0
    with duckdb.connect() as con:
        for contract in TABLES:
            key = ", ".join(contract.key)
            before, after = (f"'{store.folder(contract) / FILE}'" for store, _ in (first, second))
            old, new = (f"'{vintage / contract.table}.parquet'" for _, vintage in (first, second))
            con.execute(
                f"CREATE OR REPLACE TABLE t AS SELECT *, row_number() OVER (ORDER BY {key}) - 1 AS n FROM {after}"
            )
            rows = con.sql(
                f"SELECT t.n, a.obs_value::DOUBLE, t.obs_value::DOUBLE, o.obs_value::DOUBLE, n.obs_value::DOUBLE, "
                f"coalesce(o.conf_status, ''), coalesce(n.conf_status, '') "
                f"FROM t INNER JOIN {before} AS a USING ({key}) "
                f"LEFT JOIN {old} AS o USING ({key}) LEFT JOIN {new} AS n USING ({key})"
            ).to_arrow_table()
            number, *told = (column.to_numpy() for column in rows.columns)
            pairs = (np.column_stack(told[at : at + 2]) for at in (0, 2, 4))
            found[contract.table] = Answers(number + numbered, *pairs)
            numbered += con.sql("SELECT n FROM t").shape[0]
    return found


@pytest.mark.parametrize("table", [contract.table for contract in TABLES])
def test_same_figure_gets_the_same_answer_in_the_next_vintage(answers: dict[str, Answers], table: str) -> None:
    told = answers[table]
    same = told.exact[:, 0] == told.exact[:, 1]
    assert same.sum() > 5 or table in NOTHING_YET
    both = same & (told.code == "F").all(axis=1)
    assert (told.shown[both, 0] == told.shown[both, 1]).all()
    # What noise had made zero, and so was not listed, is not listed as a figure now.
    assert (told.code[same & (told.code[:, 0] == ""), 1] != "F").all()


def test_nothing_small_is_worked_out_from_two_vintages(known: Knowledge, answers: dict[str, Answers]) -> None:
    """Somebody even knows which figures are those of the year before, and so knows those that were shown then."""
    least, greatest = known.least.copy(), known.greatest.copy()
    for contract in TABLES:
        told = answers[contract.table]
        if contract.disclosure.method in ("suppression", "none"):
            shown = told.cell[(told.exact[:, 0] == told.exact[:, 1]) & (told.code[:, 0] == "F")]
            least[shown] = greatest[shown] = known.exact[shown]
    attack = Attack(replace(known, least=least, greatest=greatest))
    recovered = attack.recovered(known.left_out & (least < greatest))
    assert (np.abs(known.exact[recovered]) >= 5).all(), known.name[recovered]
