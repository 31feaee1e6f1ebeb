"""The cell-key method: noise fixed by who is counted, without bias, and never a figure too small to show."""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migflow import contracts
from migflow.contracts import Contract, Disclosure
from migflow.disclosure import cell_key, records
from migflow.disclosure.cells import number
from migflow.disclosure.ptable import distribution, keys, known, ptable
from migflow.errors import MigflowError

MINIMUM = 3
OD = contracts.load("internal_migration_od")
POPULATION = contracts.load("population")
TRANSITIONS = contracts.load("residence_transitions")


def test_ones_and_twos_become_zero_or_three() -> None:
    for count, often in [(1, {-1: 512, 2: 256}), (2, {-2: 256, 1: 512})]:
        noise, keys_of = distribution(count, MINIMUM)
        assert dict(zip(noise.tolist(), keys_of.tolist(), strict=True)) == often


@given(st.integers(2, 12), st.integers(1, 60))
def test_noise_has_no_bias_is_no_larger_than_the_minimum_and_shows_nothing_smaller(minimum: int, count: int) -> None:
    noise, often = distribution(min(count, 2 * minimum), minimum)
    assert noise @ often == 0
    assert often.sum() == keys(minimum)
    assert np.abs(noise).max() <= minimum
    if count <= 2 * minimum:
        assert all(shown == 0 or shown >= minimum for shown in count + noise)


@pytest.mark.parametrize("minimum", [2, 3, 5])
def test_counts_from_the_minimum_on_get_noise_of_one_variance(minimum: int) -> None:
    for count in range(minimum, 2 * minimum + 1):
        noise, often = distribution(count, minimum)
        assert noise**2 @ often / often.sum() == pytest.approx(minimum - 1, abs=0.05)


def test_what_readers_know_of_a_figure_is_what_the_noise_may_have_made_it_of() -> None:
    table = ptable(MINIMUM)
    shown = table["pcv"] + table["pvalue"]
    for figure in [0, 3, 4, 5, 6, 7, 30, 700]:
        counts = table["pcv"][shown == figure]
        least, greatest = known(np.array([float(figure)]), MINIMUM)
        assert (least[0], greatest[0]) == (0 if figure == 0 else counts.min(), counts.max())


def test_every_count_is_in_the_table_of_the_package() -> None:
    assert len(ptable(MINIMUM)) == 750 * keys(MINIMUM)
    assert not ptable(MINIMUM).duplicated(["pcv", "ckey"]).any()


def session(residents: pd.DataFrame, vintage: str = "") -> duckdb.DuckDBPyConnection:
    """What the records of population and of transitions are made of: each row a person who lived somewhere till now."""
    con = duckdb.connect()
    con.register(
        "given", pa.Table.from_pandas(residents.sample(frac=1, random_state=len(vintage)), preserve_index=False)
    )
    con.execute(
        """
        CREATE TABLE persons AS SELECT person_id, DATE '1990-05-05' AS birth_date, sex FROM given;
        CREATE TABLE residence_spells AS
            SELECT person_id, 1 AS spell_number, municipality, DATE '2000-01-01' AS from_date,
                CAST(NULL AS DATE) AS to_date
            FROM given;
        CREATE TABLE citizenship_spells AS
            SELECT person_id, 1 AS spell_number, 'XK' AS citizenship, DATE '1990-05-05' AS from_date,
                CAST(NULL AS DATE) AS to_date
            FROM given;
        CREATE TABLE accounting_years AS
            SELECT 2020 AS year, DATE '2020-01-01' AS from_day, DATE '2021-01-01' AS to_day;
        """
    )
    return con


COUNTS = {
    "population": "SELECT year AS time_period, municipality AS area, CAST(year - 1991 AS INTEGER) AS age, sex, "
    "'XK' AS citizenship, count(*) AS obs_value, 'PS' AS unit_measure, 'A' AS obs_status "
    "FROM given, (VALUES (2020), (2021)) AS y (year) GROUP BY ALL",
    "residence_transitions": "SELECT 2020 AS time_period, 'P1Y' AS observed_over, municipality AS origin, "
    "municipality AS destination, sex, 'stayers' AS indicator, count(*) AS obs_value, 'PS' AS unit_measure, "
    "'A' AS obs_status FROM given GROUP BY ALL",
}


def shown(residents: pd.DataFrame, contract: Contract, key: str = "k", vintage: str = "") -> dict[tuple, tuple]:
    """(year, municipality, sex) -> exact figure and figure shown."""
    with session(residents, vintage) as con:
        cells = number(con, {contract.table: contract}, {contract.table: f"({COUNTS[contract.table]})"})
        figures = cell_key.perturbed(con, contract, cells.value, MINIMUM, key)
        area = "area" if contract is POPULATION else "origin"
        names = con.sql(f"SELECT time_period, {area}, sex FROM {contract.table} ORDER BY cell").fetchall()
    return dict(zip(names, zip(cells.value, figures, strict=True), strict=True))


def residents(per_municipality: dict[str, int]) -> pd.DataFrame:
    rows = [(f"{m}{n}", m, "FM"[n % 2]) for m, number in per_municipality.items() for n in range(number)]
    return pd.DataFrame(rows, columns=["person_id", "municipality", "sex"])


MANY = residents({f"M{n:03}": 1 + n % 40 for n in range(400)})


def test_noise_is_that_of_the_sum_of_record_keys() -> None:
    """One person in a cell: the cell key is the person's own key, and the noise stands in the table beside it."""
    alone = residents({"A": 1})
    with session(alone) as con:
        cells = number(con, {"population": POPULATION}, {"population": f"({COUNTS['population']})"})
        figures = cell_key.perturbed(con, POPULATION, cells.value, MINIMUM, "k")
        (own,) = con.sql("SELECT DISTINCT record_key FROM records").fetchall()[0]
    table = ptable(MINIMUM)
    noise = table["pvalue"][(table["pcv"] == 1) & (table["ckey"] == own)].item()
    assert set(figures) == {1 + noise}


def test_same_persons_get_the_same_figure_in_every_table_year_order_of_rows_and_vintage() -> None:
    population = shown(MANY, POPULATION)
    assert population == shown(MANY, POPULATION, vintage="the next")
    stayers = shown(MANY, TRANSITIONS)
    for (_, area, sex), figures in stayers.items():
        assert population[2020, area, sex] == population[2021, area, sex] == figures
    later = pd.concat([MANY, residents({"M999": 7})])
    assert {k: v for k, v in shown(later, POPULATION).items() if k[1] != "M999"} == population


def test_another_secret_gives_other_noise() -> None:
    assert shown(MANY, POPULATION, "k") != shown(MANY, POPULATION, "l")


def test_more_persons_get_noise_that_has_nothing_to_do_with_that_of_fewer() -> None:
    more = pd.concat([MANY, residents({f"M{n:03}": 42 for n in range(400)})]).drop_duplicates()
    before, after = shown(MANY, TRANSITIONS), shown(more, TRANSITIONS)
    noise = np.array([[before[k][1] - before[k][0], after[k][1] - after[k][0]] for k in before])
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.12


def test_sums_have_no_bias_and_nothing_below_the_minimum_is_shown() -> None:
    differences = []
    for key in "abcdefgh":
        figures = np.array(list(shown(MANY, POPULATION, key).values()))
        assert ((figures[:, 1] == 0) | (figures[:, 1] >= MINIMUM)).all()
        differences.append(figures[:, 1] - figures[:, 0])
    noise = np.concatenate(differences)
    assert np.abs(noise).max() == MINIMUM
    assert abs(noise.mean()) < 4 * noise.std() / np.sqrt(len(noise))
    assert noise.std() ** 2 == pytest.approx(MINIMUM - 1, rel=0.1)


def test_large_and_split_cells_are_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shown(MANY, POPULATION)
    monkeypatch.setattr(cell_key, "_AT_ONCE", 3000)
    assert shown(MANY, POPULATION) == whole


def test_table_without_figures_needs_no_records() -> None:
    with duckdb.connect() as con:
        assert cell_key.perturbed(con, OD, np.zeros(0), MINIMUM, "k").tolist() == []


def test_records_that_are_not_what_the_table_counts_stop_publication() -> None:
    with session(residents({"A": 9})) as con:
        counts = COUNTS["population"].replace("count(*)", "count(*) + 1")
        cells = number(con, {"population": POPULATION}, {"population": f"({counts})"})
        with pytest.raises(MigflowError, match="population: 4 of its figures are not the numbers of their records"):
            cell_key.perturbed(con, POPULATION, cells.value, MINIMUM, "k")


def test_table_without_records_cannot_ask_for_cell_keys() -> None:
    asked = replace(contracts.load("emigration"), disclosure=Disclosure("cell_key", minimum=3))
    with pytest.raises(MigflowError, match=r"expected disclosure/records/emigration\.sql, a SELECT of the table's key"):
        records.reads([asked])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{method: cell_key}", "cell_key needs minimum, a whole number of at least 2; found none"),
        ("{method: cell_key, minimum: 1}", "cell_key needs minimum, a whole number of at least 2; found 1"),
        ("{method: cell_key, minimum: 3, base: 3}", "cell_key has no base: take it out"),
        ("{method: rounding, minimum: 3}", "rounding has no minimum: take it out"),
        ("{method: rounding}", "rounding needs base"),
        ("{method: suppression, minimum: few}", "suppression needs minimum, a whole number of at least 2; found few"),
        ("{method: cellkey, minimum: 3}", "disclosure method 'cellkey'; expected one of"),
    ],
)
def test_contract_says_what_its_method_needs_and_nothing_else(tmp_path: Path, rule: str, message: str) -> None:
    text = OD.path.read_text(encoding="utf-8")
    wrong = tmp_path / OD.path.name
    wrong.write_text(text.replace("{method: cell_key, minimum: 3}", rule), encoding="utf-8")
    with pytest.raises(MigflowError, match=message):
        contracts.read(wrong)
