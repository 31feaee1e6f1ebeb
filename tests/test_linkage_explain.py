"""Explanations: the parts of a pair's weight add up to it and say what was compared."""

import math
import tomllib
from dataclasses import replace

import pyarrow as pa
import pytest
from linkage_tables import MODEL, two_files

from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, LinkageModel, Options, Parameters, link, weigh_pairs
from migflow.linkage.explain import MISSING, explain
from migflow.linkage.model import MatchKind

PLAIN = LinkageModel(
    "id",
    (Block(("town",)),),
    (
        Comparison(("name",), term_frequency=True, parameters=Parameters((0.1, 0.9), (0.75, 0.25))),
        Comparison(("born",), "date", ("typo",), parameters=Parameters((0.04, 0.06, 0.9), (0.9, 0.05, 0.05))),
        Comparison(("tags",), "array_overlap", (1,), parameters=Parameters((0.2, 0.3, 0.5), (0.5, 0.3, 0.2))),
    ),
    prior=1 / 17,
)
LEFT = pa.table(
    {
        "id": [1, 2, 3, 4],
        "town": ["P", "P", "Q", "Q"],
        "name": ["Ana", "Ana", "Besa", None],
        "born": ["1980-05-01", "1981-02-03", "1990-01-01", "1990-01-01"],
        "tags": [["a"], ["b"], [], ["c"]],
    }
)
RIGHT = pa.table(
    {
        "id": ["x", "y"],
        "town": ["P", "Q"],
        "name": ["Ana", "Besa"],
        "born": ["1980-05-02", None],
        "tags": [["a"], ["d"]],
    }
)


def test_parts_are_those_worked_out_by_hand() -> None:
    found = explain(LEFT, RIGHT, PLAIN, 1, "x")
    name, born, tags = found.contributions
    assert found.prior_weight == pytest.approx(-4)
    # Ana is 3 of the 5 names of both tables: log2(.9 / .25), then from u = .25 to the frequency .6.
    assert (name.left_value, name.right_value, name.level, name.m, name.u) == ("Ana", "Ana", "equal", 0.9, 0.25)
    assert name.weight == pytest.approx(math.log2(0.9 / 0.25))
    assert name.frequency_weight == pytest.approx(math.log2(0.25 / 0.6))
    assert (born.level, born.weight) == ("typo", pytest.approx(math.log2(0.06 / 0.05)))
    assert (tags.level, tags.left_value) == ("equal", "a")
    assert found.match_weight == pytest.approx(-4 + math.log2(0.9 / 0.6 * 0.06 / 0.05 * 0.5 / 0.2))
    assert found.match_probability == pytest.approx(1 / (1 + 2**-found.match_weight))


def test_missing_value_adds_nothing() -> None:
    name, born, _ = explain(LEFT, RIGHT, PLAIN, 4, "y").contributions
    assert (name.level, name.weight, name.m, name.left_value) == (MISSING, 0, None, None)
    assert (born.level, born.right_value) == (MISSING, None)


def test_ids_can_be_given_as_text() -> None:
    assert explain(LEFT, RIGHT, PLAIN, "1", "x") == explain(LEFT, RIGHT, PLAIN, 1, "x")


@pytest.mark.parametrize("asked", [(9, "x"), ("nobody", "x"), (1, "z")])
def test_unknown_id_is_told_without_repeating_it(asked: tuple[object, str]) -> None:
    with pytest.raises(MigflowError, match="has no record with the") as told:
        explain(LEFT, RIGHT, PLAIN, *asked)
    assert "nobody" not in str(told.value) and "9" not in str(told.value)


def test_model_without_parameters_is_refused() -> None:
    with pytest.raises(MigflowError, match="no parameters"):
        explain(LEFT, RIGHT, LinkageModel.from_dict(tomllib.loads(MODEL)), 1, "x")


def test_two_records_of_one_table_are_explained() -> None:
    found = explain(LEFT, None, PLAIN, 1, 2)
    assert [c.level for c in found.contributions] == ["equal", "differs", "differs"]
    with pytest.raises(MigflowError, match="one record"):
        explain(LEFT, None, PLAIN, 1, 1)


def test_table_has_a_row_for_each_part_and_adds_up() -> None:
    found = explain(LEFT, RIGHT, PLAIN, 1, "x")
    table = found.table()
    assert list(table.columns) == ["comparison", "left_value", "right_value", "level", "m", "u", "weight"]
    assert table["comparison"].to_list() == ["prior", "name", "name", "born", "tags"]
    assert table["level"].to_list()[2] == "frequency of the value"
    assert table["weight"].sum() == pytest.approx(found.match_weight)


def test_chart_ends_at_the_match_weight() -> None:
    found = explain(LEFT, RIGHT, PLAIN, 1, "x")
    drawn = found.chart().to_dict()
    (rows,) = [data for data in drawn["datasets"].values() if data]
    assert rows[-1]["part"] == "match weight"
    assert rows[-1]["to"] == pytest.approx(found.match_weight)
    assert rows[-2]["to"] == pytest.approx(found.match_weight)


def test_every_link_is_explained_with_its_own_weight() -> None:
    left, right = two_files(200)
    result = link(left, right, LinkageModel.from_dict(tomllib.loads(MODEL)), options=Options(threads=2))
    for row in result.pairs.slice(0, 5).to_pylist():
        found = explain(left, right, result.model, row["left_id"], row["right_id"])
        assert found.match_weight == pytest.approx(row["match_weight"])
        assert found.table()["weight"].sum() == pytest.approx(row["match_weight"])


def test_what_comparisons_tell_together_is_a_part_of_its_own() -> None:
    kinds = (
        MatchKind(0.8, ((0.1, 0.9), (0.04, 0.06, 0.9), (0.1, 0.3, 0.6))),
        MatchKind(0.2, ((0.1, 0.9), (0.04, 0.06, 0.9), (0.6, 0.3, 0.1))),
    )
    model = replace(PLAIN, kinds=kinds)
    found = explain(LEFT, RIGHT, model, 1, "x")
    pair = pa.table({"left_id": [1], "right_id": ["x"]})
    assert found.match_weight == pytest.approx(weigh_pairs(LEFT, RIGHT, model, pair)["match_weight"][0].as_py())
    assert found.table()["weight"].sum() == pytest.approx(found.match_weight)
