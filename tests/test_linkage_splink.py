"""Export to Splink: what the settings say, and that Splink weighs pairs by them as the engine does."""

import json
import logging
import tomllib
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from linkage_tables import MODEL, two_files
from splink import DuckDBAPI, Linker

from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, LinkageModel, Options, Parameters, dedupe, link
from migflow.linkage.model import Lookalikes, MatchKind
from migflow.linkage.splink_settings import LinkType, check_expressible, left_out, to_splink, to_splink_json

EVERY_PAIR = 1e-30


def trained(model: LinkageModel) -> LinkageModel:
    """Some parameters for every level."""
    parameters = []
    for comparison in model.compares:
        m = np.arange(1, len(comparison.levels) + 3) ** 2.0
        parameters.append(Parameters(tuple(m / m.sum()), tuple(m[::-1] / m.sum())))
    return model.with_parameters(0.01, parameters)


def in_splink(settings: dict[str, Any], *tables: pa.Table) -> dict[tuple[Any, Any], float]:
    """Match weight of every pair that Splink predicts."""
    api = DuckDBAPI(duckdb.connect())
    inputs = []
    for n, table in enumerate(tables):
        api.duckdb_con.register(f"given_{n}", table)
        relation = api.duckdb_con.table(f"given_{n}")
        inputs.append(api.register(relation, dataset_display_name=f"side_{n}"))
    linker = Linker(inputs if len(inputs) > 1 else inputs[0], settings, log_level=logging.ERROR)
    found = linker.inference.predict().as_duckdbpyrelation()
    record = settings["unique_id_column_name"]
    table = found.select(f"{record}_l AS l, {record}_r AS r, match_weight AS w").to_arrow_table()
    return {(row["l"], row["r"]): row["w"] for row in table.to_pylist()}


def in_engine(model: LinkageModel, *tables: pa.Table) -> dict[tuple[Any, Any], float]:
    """Match weight of every candidate pair."""
    options = Options(threads=2, keep_from=EVERY_PAIR)
    result = link(*tables, model, options=options) if len(tables) > 1 else dedupe(tables[0], model, options=options)
    assert result.candidates is not None
    return {(row["left_id"], row["right_id"]): row["match_weight"] for row in result.candidates.to_pylist()}


def assert_same_weights(model: LinkageModel, *tables: pa.Table) -> None:
    link_type: LinkType = "link_only" if len(tables) > 1 else "dedupe_only"
    theirs, ours = in_splink(to_splink(model, link_type), *tables), in_engine(model, *tables)
    assert ours.keys() == theirs.keys() and len(ours) > 0
    assert {p: theirs[p] for p in ours} == pytest.approx(ours, abs=1e-6)


def test_trained_model_weighs_pairs_in_splink_as_in_the_engine() -> None:
    left, right = two_files()
    model = link(left, right, LinkageModel.from_dict(tomllib.loads(MODEL)), options=Options(threads=2)).model
    model = replace(model, lookalikes=(), kinds=())
    assert_same_weights(model, left, right)


def test_deduplication_is_the_same_in_splink() -> None:
    left, right = two_files(200)
    model = trained(LinkageModel.from_dict(tomllib.loads(MODEL)))
    assert_same_weights(model, pa.concat_tables([left, right]))


def test_every_comparison_that_can_be_expressed_has_its_levels_in_splink() -> None:
    rng = np.random.default_rng(4)
    count = 60
    codes = rng.integers(100, 130, count)
    table = pa.table(
        {
            "id": [f"{n:03}" for n in range(count)],
            "every": ["1"] * count,
            "code": codes.astype(str),
            "year": rng.integers(1950, 1956, count),
            "born": (np.datetime64("1960-01-01") + rng.integers(0, 60, count)).astype(str),
            "given": rng.choice(["Maria", "Marie", "Anna", "Ana"], count).tolist(),
            "family": rng.choice(["Anna", "Kurti", "Kurtaj", "Maria"], count).tolist(),
            "lat": 42.0 + rng.random(count) / 10,
            "lon": 21.0 + rng.random(count) / 10,
            "streets": [list(map(str, set(rng.integers(0, 6, 3)))) for _ in range(count)],
            "towns": [list(map(str, set(rng.integers(0, 3, 1)))) for _ in range(count)],
            "gap": [None if n % 5 == 0 else "x" for n in range(count)],
        }
    )
    model = LinkageModel(
        "id",
        (Block(("every",)),),
        (
            Comparison(("code",), "levenshtein", (1, 2)),
            Comparison(("code",), "levenshtein", (0.6,)),
            Comparison(("year",), "numeric", (1, 3)),
            Comparison(("born",), "date", ("swapped", "typo", "two_parts", 5)),
            Comparison(("given", "family"), "names", ("one_alike", "both_alike", "swapped", "one_equal")),
            Comparison(("lat", "lon"), "distance_km", (0.5, 2, 5)),
            Comparison(("streets",), "array_overlap", (2, 1)),
            Comparison(("streets",), "array_overlap", (0.5, 0.2)),
            Comparison(("streets", "towns"), "nested_overlap", ("towns",)),
            Comparison(("gap",), term_frequency=True),
            Comparison(("substr(code, 1, 2)",)),
        ),
    )
    assert_same_weights(trained(model), table)


def test_settings_hold_levels_best_first_after_the_missing_one() -> None:
    model = trained(LinkageModel.from_dict(tomllib.loads(MODEL)))
    settings = json.loads(to_splink_json(model))
    assert settings["link_type"] == "link_only"
    assert settings["probability_two_random_records_match"] == 0.01
    assert settings["blocking_rules_to_generate_predictions"][1]["blocking_rule"] == (
        'l."surname" = r."surname" AND l."first_name" = r."first_name"'
    )
    levels = settings["comparisons"][0]["comparison_levels"]
    assert [level["label_for_charts"] for level in levels] == ["missing", "equal", "0.9 or more", "differs"]
    assert levels[0]["is_null_level"] and levels[3]["sql_condition"] == "ELSE"
    assert levels[1]["tf_adjustment_column"] == "first_name"
    assert [level["m_probability"] for level in levels[1:]] == pytest.approx([9 / 14, 4 / 14, 1 / 14])
    assert [level["u_probability"] for level in levels[1:]] == pytest.approx([1 / 14, 4 / 14, 9 / 14])


def test_comparisons_of_one_column_have_names_of_their_own() -> None:
    compares = (Comparison(("a",)), Comparison(("a",), "levenshtein", (1,)), Comparison(("a_2",)))
    settings = to_splink(trained(LinkageModel("id", (Block(("b",)),), compares)))
    names = [c["output_column_name"] for c in settings["comparisons"]]
    assert len(set(names)) == 3


def test_column_names_that_are_no_sql_are_quoted() -> None:
    model = trained(LinkageModel("id", (Block(("birth place",)),), (Comparison(("family name",)),)))
    settings = to_splink(model)
    assert settings["blocking_rules_to_generate_predictions"][0]["blocking_rule"] == 'l."birth place" = r."birth place"'
    equal = settings["comparisons"][0]["comparison_levels"][1]["sql_condition"]
    assert equal == '"family name_l" = "family name_r"'


def test_what_splink_cannot_express_is_refused_by_name() -> None:
    model = LinkageModel(
        "id",
        (Block(("a",), ("b",)),),
        (
            Comparison(("name",), "name", (0.9,)),
            Comparison(("words",), "token_set", (0.9,)),
            Comparison(("c",), right=("d",)),
            Comparison(("lower(e)",), term_frequency=True),
            Comparison(("fine",)),
        ),
    )
    with pytest.raises(MigflowError) as refused:
        check_expressible(model)
    told = str(refused.value)
    assert all(part in told for part in ("block a = b", "compare name", "compare words", "compare c", "lower(e)"))
    assert "fine" not in told


def test_untrained_model_is_refused() -> None:
    with pytest.raises(MigflowError, match="no parameters"):
        to_splink(LinkageModel.from_dict(tomllib.loads(MODEL)))


def test_what_the_settings_leave_out_is_named() -> None:
    model = LinkageModel("id", (Block(("a",)),), (Comparison(("c",)),))
    assert left_out(model) == []
    levels = ((0.5, 0.5),)
    model = replace(model, lookalikes=(Lookalikes("a", 0.1, levels),), kinds=(MatchKind(0.5, levels),))
    assert left_out(model) == [
        "lookalikes of the rule on a",
        "comparisons that agree or differ together (kinds of matches)",
    ]
