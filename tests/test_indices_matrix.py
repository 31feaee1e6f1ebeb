"""Indices of a matrix and of its zones: published examples, the printed formulas, invariants, bad input."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from index_oracles import ginis

from migflow.errors import MigflowError
from migflow.statistics.indices import migration_indices, zone_indices

# The three-zone examples of Plane and Mulligan (1997, p. 253), by the values that migration.indices documents for
# them: every row even, and an uneven second row.
EVEN_ROWS = [[0, 10, 10], [20, 0, 20], [30, 30, 0]]
UNEVEN_ROW = [[0, 20, 20], [30, 0, 50], [20, 20, 0]]


def od(matrix: list[list[float]], names: str = "ABCDEFGH") -> pd.DataFrame:
    return pd.DataFrame(
        [(names[i], names[j], flow) for i, row in enumerate(matrix) for j, flow in enumerate(row)],
        columns=["origin", "destination", "flow"],
    )


@st.composite
def matrices(draw: st.DrawFn) -> list[list[float]]:
    n = draw(st.integers(3, 6))
    flows = st.one_of(st.just(0), st.integers(0, 5000))
    matrix = [[0 if i == j else draw(flows) for j in range(n)] for i in range(n)]
    assume(any(map(any, matrix)))
    return matrix


@pytest.mark.parametrize(
    ("matrix", "total", "uncorrected", "row", "column", "exchange", "acv_in"),
    [
        (EVEN_ROWS, 4 / 15, 2 / 9, 0, 25, 25, 1 / 3),
        (UNEVEN_ROW, 0.225, 0.1875, 100 / 9, 200 / 9, 200 / 9, 0.25),
    ],
)
def test_published_examples(matrix, total, uncorrected, row, column, exchange, acv_in):
    found = migration_indices(od(matrix))
    expected = [total, uncorrected, row, column, exchange, acv_in]
    names = ["gini_total", "gini_total_uncorrected", "gini_row_std", "gini_column_std", "gini_exchange_std", "acv_in"]
    assert found[names].tolist() == pytest.approx(expected, rel=1e-12)


def test_fields_of_the_published_examples():
    zones = zone_indices(od(UNEVEN_ROW))
    assert zones["gini_in"].tolist() == pytest.approx([0.2, 0, 3 / 7])
    assert zones["gini_out"].tolist() == pytest.approx([0, 0.25, 0])
    # The second zone's own 80 of 160 leavers weigh its Gini; by arrivals, as migration.indices has it, it is 1/48.
    assert migration_indices(od(UNEVEN_ROW))["weighted_gini_out"] == pytest.approx(0.25 * 80 / 160 / 3)


@settings(max_examples=40)
@given(matrices())
def test_the_quick_sums_are_the_printed_ones(matrix):
    found = migration_indices(od(matrix))
    for name, expected in ginis(matrix).items():
        if math.isnan(expected):
            assert found[name] is pd.NA
        else:
            assert found[name] == pytest.approx(expected, rel=1e-11, abs=1e-13), name


@settings(max_examples=40)
@given(matrices(), st.integers(2, 1000))
def test_only_the_total_depends_on_the_scale(matrix, factor):
    plain = migration_indices(od(matrix))
    scaled = migration_indices(od([[factor * flow for flow in row] for row in matrix]))
    assert scaled["total"] == factor * plain["total"]
    pd.testing.assert_series_equal(scaled.drop("total"), plain.drop("total"), rtol=1e-11, atol=1e-13)


@settings(max_examples=40)
@given(matrices(), st.randoms(use_true_random=False))
def test_names_and_row_order_change_nothing(matrix, random):
    names = list("ABCDEFGH")
    random.shuffle(names)
    table = od(matrix, "".join(names)).sample(frac=1, random_state=random.randrange(1000))
    pd.testing.assert_series_equal(
        migration_indices(table), migration_indices(od(matrix)), check_exact=False, rtol=1e-11, atol=1e-13
    )


@settings(max_examples=40)
@given(matrices())
def test_net_rate_is_intensity_times_effectiveness(matrix):
    population = {name: 1000 + 7 * i for i, name in enumerate("ABCDEFGH"[: len(matrix)])}
    found = migration_indices(od(matrix), population)
    assert found["anmr"] == pytest.approx(found["cmi"] * found["mei"] / 100, rel=1e-12, abs=1e-15)
    assert found["courgeau_k"] == pytest.approx(found["cmi"] / math.log(len(matrix) ** 2), rel=1e-12)
    zones = zone_indices(od(matrix), population)
    assert zones["net"].sum() == 0
    assert (zones["turnover"] == zones["in"] + zones["out"]).all()


def test_rates_by_hand():
    population = pd.Series({"A": 1000, "B": 2000, "C": 3000})
    found = migration_indices(od(EVEN_ROWS), population)
    # Net 30, 0 and -30 of 120 moves among 6000 inhabitants.
    assert found[["total", "cmi", "mei", "anmr", "connectivity"]].tolist() == pytest.approx([120, 2, 25, 0.5, 1])
    zones = zone_indices(od(EVEN_ROWS), population.rename_axis("zone").reset_index(name="population"))
    assert zones.loc["A", ["in", "out", "net"]].tolist() == [50, 20, 30]
    assert zones.loc["A", ["in_rate", "effectiveness"]].tolist() == pytest.approx([5, 3000 / 70])


def test_the_diagonal_counts_for_nothing_but_names_its_zone():
    table = pd.DataFrame({"origin": ["A", "C", "A"], "destination": ["B", "C", "A"], "flow": [5, 99, None]})
    found = migration_indices(table)
    assert found["total"] == 5
    assert found["connectivity"] == pytest.approx(1 / 6)


def test_a_year_without_moves_has_no_figure_that_is_not_defined():
    found = migration_indices(od([[0, 0], [0, 0]]), {"A": 10, "B": 0})
    assert found[["total", "cmi", "anmr", "connectivity"]].tolist() == [0, 0, 0, 0]
    assert found["mei"] is pd.NA and found["gini_total"] is pd.NA
    zones = zone_indices(od([[0, 0], [0, 0]]), {"A": 10, "B": 0})
    assert zones.loc["B", "in_rate"] is pd.NA and zones.loc["A", "in_rate"] == 0


@pytest.mark.parametrize(
    ("rows", "population", "said"),
    [
        ([("A", "B", -1)], None, "negative"),
        ([("A", "B", None)], None, "missing"),
        ([("A", "B", math.inf)], None, "finite"),
        ([("A", "B", 1), ("A", "B", 2)], None, "'A' to 'B' is given twice"),
        ([("A", "A", 1)], None, "at least two"),
        ([("A", None, 1)], None, "no destination"),
        ([], None, "at least two"),
        ([("A", "B", 1)], {"A": 3}, "'B' has flows but no population"),
        ([("A", "B", 1)], {"A": 3, "B": None}, "population: row 1"),
    ],
)
def test_bad_input_is_told(rows, population, said):
    table = pd.DataFrame(rows, columns=["origin", "destination", "flow"])
    for function in (migration_indices, zone_indices):
        with pytest.raises(MigflowError, match=said):
            function(table, population)


def gravity(n: int, decay: float) -> tuple[list[list[float]], pd.DataFrame]:
    random = np.random.default_rng(5)
    place, push, pull = random.uniform(0, 100, (n, 2)), random.uniform(1, 9, n), random.uniform(1, 9, n)
    apart = np.hypot(*(place[:, None] - place[None, :]).T) + np.eye(n)
    flows = 1e4 * push[:, None] * pull[None, :] * apart**decay * (1 - np.eye(n))
    return flows.tolist(), od(apart.tolist()).rename(columns={"flow": "distance"})


def test_a_matrix_that_is_no_table_of_pairs_is_told():
    with pytest.raises(MigflowError, match="od: expected a DataFrame with the columns origin, destination and flow"):
        migration_indices([[0, 1], [2, 0]])


def test_the_decay_of_a_gravity_model_is_found():
    flows, distance = gravity(6, -1.3)
    assert migration_indices(od(flows), distance=distance)["distance_decay"] == pytest.approx(-1.3, rel=1e-9)


def test_the_decay_solves_the_likelihood_equations_of_counts_with_zeros_and_empty_zones():
    flows, distance = gravity(8, -1.3)
    counts = np.random.default_rng(3).poisson(np.array(flows) / 300).astype(float)
    counts[2, :] = 0
    counts[:, 5] = 0
    found = migration_indices(od(counts.tolist()), distance=distance)["distance_decay"]
    # At the maximum, fitted flows have the observed margins and the observed sum of flow times ln(distance).
    logs = np.log(distance["distance"].to_numpy().reshape(8, 8))
    fitted = np.exp(found * logs) * (1 - np.eye(8)) * (counts.sum(1) > 0)[:, None] * (counts.sum(0) > 0)
    for _ in range(3000):
        fitted *= (counts.sum(1) / np.where(fitted.sum(1) > 0, fitted.sum(1), 1))[:, None]
        fitted *= counts.sum(0) / np.where(fitted.sum(0) > 0, fitted.sum(0), 1)
    assert (fitted * logs).sum() == pytest.approx((counts * logs).sum(), rel=1e-9)


def test_distances_by_hand():
    flows = pd.DataFrame({"origin": ["A", "A", "B"], "destination": ["B", "C", "C"], "flow": [2, 1, 1]})
    apart = od([[0, 1, 4], [1, 0, 3], [4, 3, 0]]).rename(columns={"flow": "distance"})
    found = migration_indices(flows, distance=apart)
    assert found["mean_distance"] == 9 / 4
    assert found["median_distance"] == 2
    with pytest.raises(MigflowError, match="from 'A' to 'C' is missing or zero"):
        migration_indices(flows, distance=apart.query("not (origin == 'A' and destination == 'C')"))


def test_a_decay_that_flows_do_not_determine_is_missing():
    even = od([[0, 2, 2], [2, 0, 2], [2, 2, 0]]).rename(columns={"flow": "distance"})
    assert migration_indices(od(EVEN_ROWS), distance=even)["distance_decay"] is pd.NA
    assert migration_indices(od([[0, 0, 0]] * 3), distance=even)["distance_decay"] is pd.NA
    # All flows between neighbours: the stronger the friction, the better the fit, without end.
    near = [[0, 1, 5, 5], [1, 0, 5, 5], [5, 5, 0, 1], [5, 5, 1, 0]]
    only_near = [[7 * (apart == 1) for apart in row] for row in near]
    apart = od(near).rename(columns={"flow": "distance"})
    assert migration_indices(od(only_near), distance=apart)["distance_decay"] is pd.NA
    # A single flow from each zone is fitted in full, whatever the friction, and in whatever order the zones stand.
    one_each = [[0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    places = np.array([[0, 0], [150, 160], [20, 155], [-90, 80]])
    between = np.hypot(*(places[:, None] - places[None, :]).T)
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        apart = od(between[np.ix_(order, order)].tolist()).rename(columns={"flow": "distance"})
        flows = od(np.array(one_each)[np.ix_(order, order)].tolist())
        assert migration_indices(flows, distance=apart)["distance_decay"] is pd.NA


def test_a_decay_that_the_search_does_not_reach_is_no_figure():
    # Over fifteen orders of magnitude between fitted flows a full step leads astray; the truth is -18.8724.
    flows = [[0, 2, 11, 56, 2], [31, 0, 230, 28, 21], [5, 3, 0, 2, 17], [2607, 4, 193, 0, 4618], [5, 83, 137876, 12, 0]]
    apart = [[0, 425, 136, 369, 367], [410, 0, 366, 113, 354], [132, 370, 0, 272, 222], [354, 107, 252, 0, 257]]
    distance = od([*apart, [407, 357, 246, 261, 0]]).rename(columns={"flow": "distance"})
    found = migration_indices(od(flows), distance=distance)["distance_decay"]
    assert found is pd.NA or found == pytest.approx(-18.87242, rel=1e-6)
