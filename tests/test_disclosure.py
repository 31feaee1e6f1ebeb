"""Disclosure control: an attacker with a linear program finds no figure that was left out."""

from dataclasses import replace

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

from migflow import contracts
from migflow.contracts import Disclosure
from migflow.disclosure import suppression, tables
from migflow.disclosure.cells import PRIMARY, SECONDARY, Cells
from migflow.disclosure.exchange import Hidden, movable
from migflow.disclosure.relations import System
from migflow.disclosure.rounding import rounded
from migflow.disclosure.suppression import Before, suppress_linked, suppress_small
from migflow.errors import MigflowError

RULE = Disclosure("suppression", minimum=5)


def cells_of(values: np.ndarray, sensitive: np.ndarray | None = None) -> Cells:
    """All cells of one table and year."""
    value = np.asarray(values, dtype=float)
    n = len(value)
    counted = np.ones(n, dtype=bool)
    return Cells(
        tables=("t",),
        rules={"t": RULE},
        offsets={"t": 0},
        table=np.zeros(n, dtype=np.int64),
        value=value,
        block=np.full(n, 2020),
        counted=counted,
        sensitive=counted if sensitive is None else sensitive,
        perturbed=np.zeros(n, dtype=bool),
        status=np.zeros(n, dtype=np.int64),
        shown=value.copy(),
        lower=value.copy(),
        upper=value.copy(),
    )


def chain(equations: list[tuple[int, ...]]) -> System:
    """Sums: the last cell of each equation is the total of the others."""
    matrix = np.zeros((len(equations), 1 + max(map(max, equations))))
    for row, (*parts, total) in zip(matrix, equations, strict=True):
        row[parts], row[total] = 1, -1
    return System(sparse.csr_array(matrix), np.zeros(0))


def margins(rows: int, columns: int) -> System:
    """Inner cells by row, then row totals, column totals and the grand total."""
    inner = np.arange(rows * columns).reshape(rows, columns)
    total = rows * columns + rows + columns
    of_rows = [(*inner[r], rows * columns + r) for r in range(rows)]
    of_columns = [(*inner[:, k], rows * columns + rows + k) for k in range(columns)]
    totals = [tuple(equation[-1] for equation in side) for side in (of_rows, of_columns)]
    return chain([*of_rows, *of_columns, *((*side, total) for side in totals)])


def with_margins(inner: np.ndarray) -> np.ndarray:
    return np.concatenate([inner.ravel(), inner.sum(axis=1), inner.sum(axis=0), [inner.sum()]])


def recovered(cells: Cells, system: System) -> list[int]:
    """What an attacker works out: hidden cells whose least and greatest possible whole figure are the same.

    They know every equation, every figure shown, what the code of one left out says, and the range of noise.
    """
    primary, secondary = cells.status == PRIMARY, cells.status == SECONDARY
    lower = np.where(primary, 1, np.where(secondary & cells.sensitive, 1, -1e6))
    upper = np.where(primary, 4, 1e6)
    seen = np.where(cells.perturbed, cells.lower, cells.value), np.where(cells.perturbed, cells.upper, cells.value)
    bounds = list(
        zip(*(np.where(cells.suppressed, *ends) for ends in ((lower, seen[0]), (upper, seen[1]))), strict=True)
    )
    found = []
    for cell in np.flatnonzero(cells.suppressed):
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(bounds))
            cost[cell] = sign
            result = optimize.linprog(cost, A_eq=system.matrix, b_eq=np.zeros(system.matrix.shape[0]), bounds=bounds)
            ends.append(sign * result.fun)
        if np.floor(ends[1] + 1e-6) <= np.ceil(ends[0] - 1e-6):
            found.append(int(cell))
    return found


def protect(values: np.ndarray, system: System, before: Before | None = None) -> Cells:
    cells = cells_of(values)
    suppress_small(cells)
    suppress_linked(cells, system, before)
    return cells


def test_one_small_cell_of_a_table_takes_three_others_with_it() -> None:
    inner = np.array([[2, 40, 50], [30, 20, 60], [70, 80, 90]])
    cells = protect(with_margins(inner), margins(3, 3))
    assert cells.status[0] == PRIMARY
    assert (cells.status == SECONDARY).sum() == 3
    assert cells.suppressed[3]  # 30: below the small one, cheaper than 70
    assert not cells.suppressed[9:].any()
    assert np.isnan(cells.shown[cells.suppressed]).all()
    assert recovered(cells, margins(3, 3)) == []


def test_primary_suppression_alone_is_worked_out_by_the_attack() -> None:
    cells = cells_of(with_margins(np.array([[2, 40, 50], [30, 20, 60], [70, 80, 90]])))
    suppress_small(cells)
    assert recovered(cells, margins(3, 3)) == [0]


def test_zeros_and_figures_large_enough_stay() -> None:
    values = with_margins(np.array([[0, 40], [0, 20]]))
    cells = protect(values, margins(2, 2))
    assert not cells.suppressed.any()
    assert (cells.shown == values).all()


def test_figures_that_codes_alone_would_tell_are_called_secondary() -> None:
    # Four of one make four: a total known to be below five would give all of them away.
    cells = protect(np.array([1, 1, 1, 1, 4]), chain([(0, 1, 2, 3, 4)]))
    assert cells.suppressed.all()
    assert recovered(cells, chain([(0, 1, 2, 3, 4)])) == []


def test_figure_fixed_by_known_equations_cannot_be_hidden() -> None:
    with pytest.raises(MigflowError, match="cannot be hidden"):
        protect(np.array([3.0]), System(sparse.csr_array(np.array([[1.0]])), np.zeros(0)))


def test_a_headline_figure_stays_while_others_protect_a_small_one() -> None:
    """3 + 60 + 20,000, where the 60 stands in a sum with another, and this in one with a third; sums must be shown."""
    system = chain([(0, 1, 2, 3), (1, 4, 5), (4, 6, 7)])
    cells = cells_of(np.array([3, 60, 20_000, 20_063, 60, 120, 60, 120]))
    cells.counted[[3, 5, 7]] = False
    suppress_small(cells)
    suppress_linked(cells, system)
    assert np.flatnonzero(cells.status).tolist() == [0, 1, 4, 6]
    assert recovered(cells, system) == []


def test_a_headline_figure_is_left_out_where_nothing_else_protects_an_exact_one() -> None:
    cells = cells_of(np.array([3, 20_000, 20_003]))
    cells.counted[2] = False
    suppress_small(cells)
    suppress_linked(cells, chain([(0, 1, 2)]))
    assert cells.status.tolist() == [PRIMARY, SECONDARY, 0]


def test_a_total_of_indices_is_left_out_with_them_only_where_it_gives_its_parts_away() -> None:
    """Three single moves of 2023 are known to be one or more, so that a total of three would tell each of them."""
    ages = "SELECT y, 'municipality', 20 + i, 'F', 'moves', n, NULL, NULL, 'EVT', 'A'"
    parts = f"{ages} FROM range(3) AS t(i), (VALUES (2023, 1), (2024, 200)) AS n(y, n)"
    indices = "SELECT y, 'municipality', 'moves', k, n, NULL, NULL, u, 'A'"
    figures = (
        "(2023, 'total', 3, 'EVT'), (2023, 'cmi', 0.1, 'PC'), (2024, 'total', 600, 'EVT'), (2024, 'cmi', 20, 'PC')"
    )
    rows = {
        "internal_migration_by_age": parts,
        "migration_indices": f"{indices} FROM (VALUES {figures}) AS n(y, k, n, u)",
    }
    used = {table: contracts.load(table) for table in rows}
    columns = {table: ", ".join(column.name for column in contract.columns) for table, contract in used.items()}
    sources = {table: f"(SELECT * FROM ({query}) AS t({columns[table]}))" for table, query in rows.items()}
    with duckdb.connect() as con:
        cells = tables.protect(con, used, sources, "key")
        found = con.sql(
            "SELECT time_period, indicator, obs_value, conf_status "
            f"FROM ({tables.shown(con, cells, used['migration_indices'])}) ORDER BY ALL"
        ).fetchall()
    assert found == [
        (2023, "cmi", None, "D"),
        (2023, "total", None, "D"),
        (2024, "cmi", 20, "F"),
        (2024, "total", 600, "F"),
    ]
    assert cells.suppressed[cells.of("internal_migration_by_age")].sum() == 3


def test_parts_and_their_sums_are_seen_to_hide_each_other() -> None:
    """Ones in twelve rows and columns with all their sums: none can be less, but all can be doubled."""
    values = with_margins(np.ones((12, 12)))
    system = margins(12, 12)
    hidden = Hidden(sparse.csc_array(system.matrix), 1 - values, np.full(len(values), np.inf))
    assert movable(hidden, np.ones(len(values), dtype=bool)).all()


def test_an_exact_figure_is_hidden_by_perturbed_ones_that_no_search_was_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 + 60, and the 60 is known to lie between 58 and 63: that is enough, and nothing else need be left out."""
    monkeypatch.setattr(suppression, "_each_year", lambda cells, system, price, wanted: wanted.copy())
    for limit in ("_FEW", "_LENT", "_COMPANY"):
        monkeypatch.setattr(suppression, limit, 0)
    cells = cells_of(np.array([3, 60, 63]))
    cells.counted[2] = False
    cells.perturbed[1], cells.lower[1], cells.upper[1] = True, 58, 63
    suppress_small(cells)
    suppress_linked(cells, chain([(0, 1, 2)]))
    assert cells.status.tolist() == [PRIMARY, 0, 0]


def test_what_the_vintage_before_left_out_is_left_out_again() -> None:
    inner = np.array([[2, 40, 50], [30, 20, 60], [70, 80, 90]])
    first = protect(with_margins(inner), margins(3, 3))
    before = Before(~first.suppressed, first.status.copy())
    inner[2, 2] = 10  # would now be the cheaper partner
    again = protect(with_margins(inner), margins(3, 3), before)
    assert (again.status == first.status).all()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 4),
    st.integers(2, 4),
    st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 20, 100]), min_size=16, max_size=16),
)
def test_attack_fails_on_any_table(rows: int, columns: int, figures: list[int]) -> None:
    inner = np.array(figures[: rows * columns]).reshape(rows, columns)
    system = margins(rows, columns)
    try:
        cells = protect(with_margins(inner), system)
    except MigflowError:
        # Zeros are known, so a figure may be the only one that can make up its total.
        assert np.count_nonzero(inner) <= rows * columns - 2
        return
    assert recovered(cells, system) == []
    assert (cells.suppressed | (cells.value == 0) | (cells.value >= 5)).all()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 4),
    st.integers(2, 4),
    st.lists(st.sampled_from([0, 1, 1, 1, 2, 4, 9]), min_size=16, max_size=16),
    st.integers(0, 2**32),
)
def test_attack_on_exact_sums_of_rounded_figures_fails(rows: int, columns: int, figures: list[int], seed: int) -> None:
    """A rounded figure that is left out is known to be no zero any more, which may give others away."""
    inner = np.array(figures[: rows * columns]).reshape(rows, columns)
    system = margins(rows, columns)
    cells = cells_of(with_margins(inner))
    noisy = np.arange(len(cells.value)) < inner.size
    shown = rounded(cells.value, np.random.default_rng(seed).random(len(noisy)), 3)
    cells = replace(
        cells,
        tables=("t", "n"),
        rules={"t": RULE, "n": Disclosure("rounding", base=3)},
        table=noisy.astype(np.int64),
        perturbed=noisy,
        shown=np.where(noisy, shown, cells.value),
        lower=np.where(noisy, np.maximum(shown - 2, 0), cells.value),
        upper=np.where(noisy, shown + 2, cells.value),
    )
    suppress_small(cells)
    try:
        suppress_linked(cells, system)
    except MigflowError:
        return
    assert not [cell for cell in recovered(cells, system) if not noisy[cell]]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(2, 10), st.integers(0, 2**32))
def test_rounding_moves_by_less_than_the_base_and_leaves_multiples(values: list[int], base: int, seed: int) -> None:
    exact = np.array(values, dtype=float)
    shown = rounded(exact, np.random.default_rng(seed).random(len(exact)), base)
    assert (shown % base == 0).all()
    assert (np.abs(shown - exact) < base).all()
    assert (shown[exact % base == 0] == exact[exact % base == 0]).all()


def test_rounding_has_no_bias() -> None:
    draws = (np.arange(3000) + 0.5) / 3000
    for value in range(7):
        assert rounded(np.full(3000, float(value)), draws, 3).mean() == pytest.approx(value)


def test_ends_of_intervals_do_not_tell_what_was_rounded() -> None:
    """Two moves, drawn between none and three: a lower end two below the figure shown would give the two away."""
    od = replace(contracts.load("internal_migration_od"), disclosure=Disclosure("rounding", base=3))
    row = (
        "SELECT 2020 AS time_period, 'A' AS origin, 'B' AS destination, 'F' AS sex, 'Y20T24' AS age_group, "
        "'moves' AS indicator, 2 AS obs_value, 'EVT' AS unit_measure, 'A' AS obs_status, 0.0 AS lower, 3.4 AS upper"
    )
    seen = set()
    for key in map(str, range(20)):
        with duckdb.connect() as con:
            cells = tables.protect(con, {od.table: od}, {od.table: f"({row})"}, key)
            seen |= {
                row[:3]
                for row in con.sql(f"SELECT obs_value, lower, upper FROM ({tables.shown(con, cells, od)})").fetchall()
            }
    assert seen == {(3, 0.0, 6.0)}
