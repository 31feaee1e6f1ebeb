"""Duplicates in one table: clusters of the largest total weight, however the table is given, and a million copies."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from linkage_oracle import Row, candidates, example_rows, inside, partitions, scored, weight
from test_linkage_link import models, numbered, rows_of, table, untrained

from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, DedupeResult, LinkageModel, Options, Parameters, copies, dedupe, weighing
from migflow.linkage.clusters import counted


def labels(result: DedupeResult, rows: list[Row]) -> list[int]:
    """For each row the place of the row whose id names its cluster."""
    assert result.clusters["record_id"].to_pylist() == sorted(row["record"] for row in rows)
    place = {row["record"]: n for n, row in enumerate(rows)}
    cluster = dict(zip(*(result.clusters[c].to_pylist() for c in ("record_id", "cluster_id")), strict=True))
    return [place[cluster[row["record"]]] for row in rows]


def evidence(rows: list[Row], model: LinkageModel) -> tuple[np.ndarray, set[tuple[int, int]]]:
    """Weights of all pairs above the threshold's, -inf where both have the unique column's value; and the links."""
    least = float(np.log2(model.threshold) - np.log2(1 - model.threshold))
    weights = np.zeros((len(rows), len(rows)))
    for i, j in combinations(range(len(rows)), 2):
        value = weight(model, rows, None, i, j) - least
        weights[i, j] = counted(np.array(value))
        for column in model.unique:
            if rows[i][column] is not None and rows[i][column] == rows[j][column]:
                weights[i, j] = -np.inf
    links = {pair for pair in candidates(rows, None, model) if weights[pair] >= 0}
    return weights, links


def components(records: int, links: set[tuple[int, int]]) -> list[int]:
    label = list(range(records))
    for _ in range(records):
        for a, b in links:
            label[a] = label[b] = min(label[a], label[b])
    return label


@given(rows_of, models(), st.sampled_from([(), ("town",), ("year",)]))
@settings(max_examples=25)
def test_clusters_have_the_largest_total_weight_and_pairs_are_those_of_a_plain_loop(rows, model: LinkageModel, unique):
    model = LinkageModel("record", model.blocks, model.compares, model.prior, model.threshold, unique)
    rows = numbered(rows, "", range(len(rows)))
    weights, links = evidence(rows, model)
    finite = weights[np.isfinite(weights) & (weights != 0)]
    assume((np.abs(finite) > 1e-6).all())
    result = dedupe(table(rows), model, options=Options(threads=1))
    found, component = labels(result, rows), components(len(rows), links)
    assert all(found[found[a]] == found[a] <= a and component[found[a]] == component[a] for a in range(len(rows)))
    within = [p for p in partitions(len(rows)) if all(component[a] == component[p[a]] for a in range(len(rows)))]
    assert inside(found, weights) == pytest.approx(max(inside(p, weights) for p in within), abs=1e-6)
    expected = {
        (rows[i]["record"], rows[j]["record"]): (pytest.approx(w, abs=1e-9), rule)
        for (i, j), (w, rule) in scored(model, rows, None).items()
        if found[i] == found[j]
    }
    names = ("left_id", "right_id", "match_weight", "rule")
    pairs = list(zip(*(result.pairs[name].to_pylist() for name in names), strict=True))
    assert {(a, b): (w, rule) for a, b, w, rule in pairs} == expected
    assert pairs == sorted(pairs)


@pytest.fixture(scope="module")
def persons() -> pa.Table:
    return table([*example_rows(True, 300, 1), *example_rows(False, 300, 1)])


@pytest.fixture(scope="module")
def usual(persons: pa.Table) -> DedupeResult:
    return dedupe(persons, untrained(), options=Options(threads=1))


def same(one: DedupeResult, other: DedupeResult) -> None:
    assert pc.count_distinct(one.clusters["cluster_id"]).as_py() < 500
    assert one.clusters.equals(other.clusters)
    assert one.pairs.equals(other.pairs)
    assert one.model == other.model


def test_the_order_of_rows_changes_nothing(persons: pa.Table, usual: DedupeResult):
    order = pa.array(np.random.default_rng(3).permutation(len(persons)))
    same(usual, dedupe(persons.take(order), untrained(), options=Options(threads=1)))


def test_threads_and_batches_change_nothing(persons: pa.Table, usual: DedupeResult, monkeypatch):
    same(usual, dedupe(persons, untrained(), options=Options(threads=2)))
    monkeypatch.setattr(weighing, "BATCH", 17)
    monkeypatch.setattr(weighing, "SPAN", 170)
    same(usual, dedupe(persons, untrained(), options=Options(threads=2)))


def trained(*compares: Comparison, blocks: tuple[str, ...] = ("town",), **others) -> LinkageModel:
    return LinkageModel("record", tuple(Block((b,)) for b in blocks), compares, prior=0.1, **others)


FIRST = Comparison(("first",), parameters=Parameters((0.01, 0.99), (0.99, 0.01)))


def test_two_records_of_a_source_without_duplicates_are_two_persons():
    rows = [
        {"record": "1", "first": "ana", "town": "peja", "year": 1},
        {"record": "2", "first": "ana", "town": "peja", "year": 1},
        {"record": "3", "first": "ana", "town": "peja", "year": None},
        {"record": "4", "first": "ana", "town": "peja", "year": None},
    ]
    alone = dedupe(table(rows), trained(FIRST))
    assert set(alone.clusters["cluster_id"].to_pylist()) == {"1"}
    apart = dedupe(table(rows), trained(FIRST, unique=("year",)))
    cluster = apart.clusters["cluster_id"].to_pylist()
    assert cluster[0] != cluster[1] and len(set(cluster)) == 2
    assert ("1", "2") not in zip(*(apart.pairs[c].to_pylist() for c in ("left_id", "right_id")), strict=True)


def test_birth_years_that_no_error_explains_are_two_persons():
    year = Comparison(
        ("year",), "numeric", (1,), conflict=True, parameters=Parameters((0.3, 0.3, 0.4), (0.3, 0.3, 0.4))
    )
    rows = [
        {"record": f"{n}", "first": "ana", "town": "peja", "year": year}
        for n, year in enumerate([1950, 1951, 1980, None])
    ]
    cluster = dedupe(table(rows), trained(FIRST, year)).clusters["cluster_id"].to_pylist()
    assert cluster[0] == cluster[1] != cluster[2]


def alike(count: int) -> pa.Table:
    return pa.table({"record": pa.array(range(count)), "first": ["ana"] * count, "town": ["peja"] * count})


def test_a_million_copies_of_one_record_are_one_person():
    result = dedupe(alike(1_000_000), trained(FIRST))
    assert pc.count_distinct(result.clusters["cluster_id"]).as_py() == 1
    assert len(result.clusters) == 1_000_000


def test_thousands_of_copies_change_nothing_for_the_others(persons: pa.Table, usual: DedupeResult):
    copy = {"record": "M", "first": "ana", "town": "peja", "year": 1980}
    many = pa.concat_tables([persons, table([{**copy, "record": f"M{n:04}"} for n in range(3_000)])])
    result = dedupe(many, untrained())
    cluster = result.clusters["cluster_id"].to_pylist()
    copied = [c for r, c in zip(result.clusters["record_id"].to_pylist(), cluster, strict=True) if r[0] == "M"]
    assert set(copied) == {"M0000"} and cluster.count("M0000") == 3_000
    others = result.clusters.filter(pc.invert(pc.starts_with(result.clusters["record_id"], "M")))
    assert others.equals(usual.clusters)


def test_copies_that_say_too_little_are_not_one_person():
    weak = Comparison(("first",), parameters=Parameters((0.4, 0.6), (0.5, 0.5)))
    result = dedupe(alike(2_000), trained(weak))
    assert pc.count_distinct(result.clusters["cluster_id"]).as_py() == 2_000


def test_copies_and_records_one_by_one_give_the_same_clusters(monkeypatch):
    rows = [{"first": row["first"], "town": row["town"], "year": 1980} for row in example_rows(True, 60, 9)]
    records = table(numbered(rows * 3, "", range(100, 280)))
    monkeypatch.setattr(copies, "FEW", 1)
    first = Comparison(("first",), "jaro_winkler", (0.9,), parameters=Parameters((0.1, 0.1, 0.8), (0.9, 0.09, 0.01)))
    one_by_one = dedupe(records, trained(first, FIRST))
    monkeypatch.setattr(copies, "LARGE_BLOCK", 1)
    together = dedupe(records, trained(first, FIRST))
    assert together.clusters.equals(one_by_one.clusters)
    assert len(together.pairs) < len(one_by_one.pairs)


@pytest.mark.parametrize("large", [1, 1_000_000])
def test_a_block_over_the_budget_is_named_by_its_own_key(large: int, monkeypatch):
    monkeypatch.setattr(copies, "LARGE_BLOCK", large)
    monkeypatch.setattr(copies, "FEW", 1)
    rows = [{"first": "ana", "town": "aaa", "year": 1}] * 50
    rows += [{"first": f"name {n}", "town": "peja" if n % 2 else f"town {n}", "year": n} for n in range(250)]
    with pytest.raises(MigflowError, match=r"town.*\(peja\) in 125 rows"):
        dedupe(table(numbered(rows, "", range(100, 400))), trained(FIRST), options=Options(pair_budget=1_000))


def test_a_table_without_links_has_every_record_alone():
    rows = [{"record": f"{n}", "first": f"n{n}", "town": "peja", "year": n} for n in range(9)]
    result = dedupe(table(rows), trained(FIRST))
    assert result.clusters["cluster_id"].to_pylist() == result.clusters["record_id"].to_pylist()
    assert result.pairs.num_rows == 0
