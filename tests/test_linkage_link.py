"""Links between two tables: pairs, rules and weights as a plain loop finds them, however the tables are given."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from linkage_oracle import Row, candidates, example_rows, scored, weight
from pyarrow import csv, parquet

from migflow.errors import MigflowError
from migflow.linkage import (
    Block,
    Comparison,
    LinkageModel,
    LinkResult,
    Options,
    Parameters,
    link,
    weigh_pairs,
    weighing,
)

SCHEMA = pa.schema([("record", pa.string()), ("first", pa.string()), ("town", pa.string()), ("year", pa.int32())])
NAMES = ["ana", "anna", "ann", "vlora", "vlara", "bardh", None]

rows_of = st.lists(
    st.fixed_dictionaries(
        {
            "first": st.sampled_from(NAMES),
            "town": st.sampled_from(["peja", "decan", None]),
            "year": st.sampled_from([1980, 1981, 1983, None]),
        }
    ),
    min_size=0,
    max_size=6,
)
blocks_of = st.lists(
    st.sampled_from([("town",), ("first",), ("first", "town"), ("year",), ("year", "town")]), min_size=1, unique=True
)


@st.composite
def models(draw: st.DrawFn) -> LinkageModel:
    def trained(column: str, method: str, levels: tuple[float, ...], frequency: bool) -> Comparison:
        some = st.lists(st.floats(0.001, 1.0), min_size=len(levels) + 2, max_size=len(levels) + 2).map(tuple)
        parameters = Parameters(draw(some), draw(some))
        return Comparison((column,), method, levels, frequency and draw(st.booleans()), parameters=parameters)

    method, levels = draw(
        st.sampled_from([("jaro_winkler", (0.92, 0.82)), ("levenshtein", (1, 2)), ("damerau", (1,)), ("exact", ())])
    )
    compares = [
        trained("first", method, levels, True),
        trained("town", "exact", (), True),
        trained("year", "numeric", (1, 2), False),
    ]
    blocks = tuple(Block(on) for on in draw(blocks_of))
    kept = draw(st.lists(st.sampled_from(compares), min_size=1, unique_by=lambda c: c.columns))
    threshold = draw(st.sampled_from([1e-12, 0.01, 0.5, 0.99]))
    return LinkageModel("record", blocks, tuple(kept), prior=draw(st.floats(0.001, 0.5)), threshold=threshold)


def numbered(rows: Sequence[Row], letter: str, order: Sequence[int]) -> list[Row]:
    return [{"record": f"{letter}{n}", **row} for n, row in zip(order, rows, strict=True)]


def table(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), SCHEMA)


def found(pairs: pa.Table) -> dict[tuple[str, str], tuple[float, str]]:
    columns = (pairs[name].to_pylist() for name in ("left_id", "right_id", "match_weight", "rule"))
    return {(left, right): (w, rule) for left, right, w, rule in zip(*columns, strict=True)}


@given(rows_of, rows_of, models(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_pairs_rules_and_weights_are_those_of_a_plain_loop(one, two, model: LinkageModel, random):
    left = numbered(one, "L", random.sample(range(50), len(one)))
    right = numbered(two, "R", random.sample(range(50), len(two)))
    result = link(table(left), table(right), model, options=Options(threads=1))
    expected = {(left[i]["record"], right[j]["record"]): value for (i, j), value in scored(model, left, right).items()}
    least = np.log2(model.threshold) - np.log2(1 - model.threshold)
    assume(all(abs(w - least) > 1e-9 for w, _ in expected.values()))
    pairs = found(result.pairs)
    assert pairs == {pair: (pytest.approx(w, abs=1e-9), rule) for pair, (w, rule) in expected.items()}
    assert list(pairs) == sorted(pairs)
    probability = result.pairs["match_probability"].to_numpy()
    assert probability == pytest.approx([2**w / (1 + 2**w) for w, _ in pairs.values()])
    assert sum(size.pairs for size in result.blocking) >= len(candidates(left, right, model))


@given(rows_of, rows_of, models())
@settings(max_examples=12)
def test_one_to_one_links_have_the_largest_total_weight_of_all_choices(one, two, model: LinkageModel):
    left, right = numbered(one, "L", range(len(one))), numbered(two, "R", range(len(two)))
    result = link(table(left), table(right), model, one_to_one=True, options=Options(threads=1))
    pairs = found(result.pairs)
    assert len({left for left, _ in pairs}) == len({right for _, right in pairs}) == len(pairs)
    least = np.log2(model.threshold) - np.log2(1 - model.threshold)
    allowed = {pair: w - least for pair, (w, _) in scored(model, left, right).items()}
    assume(all(w > 1e-9 for w in allowed.values()))
    total = sum(w - least for w, _ in pairs.values())
    assert total == pytest.approx(_largest(len(left), len(right), allowed), abs=1e-4)


def _largest(left: int, right: int, allowed: dict[tuple[int, int], float]) -> float:
    """The largest total of a one-to-one choice, by trying all."""
    if left > right:
        return _largest(right, left, {(j, i): w for (i, j), w in allowed.items()})
    choices = permutations(range(right), left)
    return max(sum(allowed.get(pair, 0.0) for pair in enumerate(choice)) for choice in choices)


def untrained() -> LinkageModel:
    compares = (
        Comparison(("first",), "jaro_winkler", (0.92, 0.82), term_frequency=True),
        Comparison(("town",), "exact", term_frequency=True),
        Comparison(("year",), "numeric", (1,)),
    )
    return LinkageModel("record", (Block(("town", "year")), Block(("first",)), Block(("year",))), compares)


def same(one: LinkResult, other: LinkResult) -> None:
    assert one.pairs.num_rows > 100
    assert one.pairs.equals(other.pairs)
    assert one.model == other.model
    assert one.training == other.training


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table]:
    return table(example_rows(True, 400, 1)), table(example_rows(False, 400, 1))


@pytest.fixture(scope="module")
def usual(tables) -> LinkResult:
    return link(*tables, untrained(), options=Options(threads=1))


def test_the_order_of_rows_and_columns_changes_nothing(tables, usual: LinkResult):
    order = np.random.default_rng(3).permutation(400)
    shuffled = [t.take(pa.array(order)).select(["year", "record", "town", "first"]) for t in tables]
    same(usual, link(*shuffled, untrained(), options=Options(threads=1)))


def test_the_number_of_threads_changes_nothing(tables, usual: LinkResult):
    same(usual, link(*tables, untrained(), options=Options(threads=2)))


def test_the_size_of_batches_changes_nothing(tables, usual: LinkResult, monkeypatch):
    monkeypatch.setattr(weighing, "BATCH", 13)
    monkeypatch.setattr(weighing, "SPAN", 130)
    same(usual, link(*tables, untrained(), options=Options(threads=2)))


def test_the_chunks_of_a_table_change_nothing(tables, usual: LinkResult):
    chunked = [pa.concat_tables([t.slice(0, 7), t.slice(7, 0), t.slice(7, 200), t.slice(207)]) for t in tables]
    same(usual, link(*chunked, untrained(), options=Options(threads=1)))


def test_a_file_of_either_kind_gives_the_links_of_the_table(tables, usual: LinkResult, tmp_path):
    parquet.write_table(tables[0], tmp_path / "left.parquet")
    csv.write_csv(tables[1], tmp_path / "right.csv")
    same(usual, link(tmp_path / "left.parquet", str(tmp_path / "right.csv"), untrained(), options=Options(threads=1)))


def test_a_trained_model_read_from_its_file_gives_the_same_links(tables, usual: LinkResult, tmp_path):
    usual.model.to_toml(tmp_path / "trained.toml")
    again = link(*tables, LinkageModel.from_toml(tmp_path / "trained.toml"), options=Options(threads=1))
    assert again.pairs.equals(usual.pairs)
    assert again.training is None


def test_weights_of_given_pairs_are_those_of_the_links(tables, usual: LinkResult):
    weighed = weigh_pairs(*tables, usual.model, usual.pairs)
    assert weighed["match_weight"].to_numpy() == pytest.approx(usual.pairs["match_weight"].to_numpy())
    prior = usual.model.prior_weight
    assert (weighed["evidence"].to_numpy() + prior) == pytest.approx(weighed["match_weight"].to_numpy())


def model_of_town(threshold: float = 1e-9) -> LinkageModel:
    compare = Comparison(("first",), parameters=Parameters((0.1, 0.9), (0.9, 0.1)))
    return LinkageModel("record", (Block(("town",)),), (compare,), prior=0.2, threshold=threshold)


def test_pairs_given_beside_the_rules_are_weighed_too_and_none_twice():
    left = [
        {"record": "a", "first": "ana", "town": "peja", "year": 1},
        {"record": "b", "first": "bardh", "town": None, "year": 2},
    ]
    right = [
        {"record": "x", "first": "ana", "town": "peja", "year": 1},
        {"record": "y", "first": "bardh", "town": "decan", "year": 2},
    ]
    given_pairs = pa.table({"left_id": ["a", "b", "b", "b"], "right_id": ["x", "y", "y", "x"]})
    pairs = found(link(table(left), table(right), model_of_town(), candidates=given_pairs).pairs)
    assert {pair: rule for pair, (_, rule) in pairs.items()} == {
        ("a", "x"): "town",
        ("b", "x"): "given",
        ("b", "y"): "given",
    }
    assert pairs["b", "y"][0] == pytest.approx(weight(model_of_town(), left, right, 1, 1))
    over = link(table(left), table(right), model_of_town(0.5), candidates=given_pairs)
    assert list(found(over.pairs)) == [("a", "x"), ("b", "y")]


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.string()])
def test_given_pairs_name_records_by_ids_of_any_type(kind):
    rows = [{"first": "ana", "town": "peja", "year": 1}, {"first": "ana", "town": "decan", "year": 1}]
    numbers = table(numbered(rows, "", [7, 12]))
    records = numbers.set_column(0, "record", pa.array([7, 12]))
    pairs = pa.table({"left_id": pa.array([7]).cast(kind), "right_id": pa.array([12]).cast(kind)})
    assert found(link(records, numbers, model_of_town(), candidates=pairs).pairs).keys() == {
        (7, "12"),
        (7, "7"),
        (12, "12"),
    }
    assert weigh_pairs(records, numbers, model_of_town(), pairs).num_rows == 1


def test_given_pairs_that_name_no_record_or_have_no_ids_are_refused():
    rows = table([{"record": "a", "first": "ana", "town": "peja", "year": 1}])
    with pytest.raises(MigflowError, match="1 ids of the given pairs are not in the left table"):
        link(rows, rows, model_of_town(), candidates=pa.table({"left_id": ["z"], "right_id": ["a"]}))
    for wrong in (pa.table({"left": ["a"], "right_id": ["a"]}), pa.table({"left_id": ["a"]})):
        with pytest.raises(MigflowError, match="left_id and right_id"):
            weigh_pairs(rows, rows, model_of_town(), wrong)


def test_a_rule_may_read_other_columns_of_the_right_table():
    left = pa.table({"record": [1, 2], "surname": ["krasniqi", "hoxha"], "born": ["1980", "1981"]})
    right = pa.table({"record": [1, 2], "family_name": ["KRASNIQI", "berisha"], "birth": ["1980-01-31", "1981-02-01"]})
    blocks = (
        Block(("surname",), ("lower(family_name)",)),
        Block(("born", "1"), ("substr(birth, 1, 4)", "1")),
    )
    compare = Comparison(("surname",), right=("lower(family_name)",), parameters=Parameters((0.1, 0.9), (0.9, 0.1)))
    model = LinkageModel("record", blocks, (compare,), prior=0.2, threshold=1e-9)
    assert found(link(left, right, model).pairs) == {
        (1, 1): (pytest.approx(np.log2(9) - 2), "surname = lower(family_name)"),
        (2, 2): (pytest.approx(-np.log2(9) - 2), "born = substr(birth, 1, 4), 1"),
    }


def test_candidates_are_kept_from_the_probability_asked_for():
    left, right = table(example_rows(True, 100, 2)), table(example_rows(False, 100, 2))
    result = link(left, right, untrained(), one_to_one=True, options=Options(keep_from=0.001))
    kept = result.candidates
    assert kept.num_rows > result.pairs.num_rows
    assert min(kept["match_probability"].to_pylist()) >= 0.001
    assert kept.filter(kept["linked"]).drop_columns("linked").equals(result.pairs)
    assert link(left, right, untrained()).candidates is None
