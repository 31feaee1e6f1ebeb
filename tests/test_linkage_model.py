"""Model files: what is written is read back, and each mistake is told with the file, the key and what was expected."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, Deterministic, LinkageModel, Parameters
from migflow.linkage.compare.distinct_pairs import token_set
from migflow.linkage.model import DEFAULT_LEVELS, WITHOUT_FREQUENCY

SMALLEST = 'id = "record_id"\n[[block]]\non = ["birth_date"]\n[[compare]]\ncolumn = "surname"\n'

columns = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
expressions = st.lists(columns, min_size=1, max_size=3).map(tuple)
similarities = st.lists(st.floats(0.01, 1.0), max_size=4, unique=True).map(lambda v: tuple(sorted(v, reverse=True)))
distances = st.lists(st.integers(1, 50), max_size=4, unique=True).map(lambda v: tuple(sorted(v)))
probabilities = st.floats(1e-12, 1.0, exclude_min=True)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    method = draw(st.sampled_from([*DEFAULT_LEVELS, token_set]))
    count = draw(st.integers(1, 3)) if method == "nested_overlap" else 2 if method in ("names", "distance_km") else 1
    names = tuple(draw(st.lists(columns, min_size=count, max_size=count, unique=True)))
    if method == "nested_overlap":
        levels = names[1:]
    elif method in ("date", "names"):
        levels = tuple(draw(st.lists(st.sampled_from(DEFAULT_LEVELS[method]), unique=True)))
    elif method in ("levenshtein", "damerau", "numeric", "distance_km"):
        levels = draw(distances)
    else:
        levels = () if method == "exact" else draw(similarities)
    right = draw(st.one_of(st.just(()), st.lists(columns, min_size=count, max_size=count).map(tuple)))
    size = len(levels) + 2
    some = st.lists(probabilities, min_size=size, max_size=size).map(tuple)
    parameters = draw(st.one_of(st.none(), st.builds(Parameters, some, some)))
    frequency = method not in WITHOUT_FREQUENCY and draw(st.booleans())
    return Comparison(names, method, levels, frequency, right, draw(st.booleans()), parameters)


@st.composite
def models(draw: st.DrawFn) -> LinkageModel:
    blocks = []
    for on in draw(st.lists(expressions, min_size=1, max_size=3)):
        right = draw(st.one_of(st.just(()), st.lists(columns, min_size=len(on), max_size=len(on)).map(tuple)))
        blocks.append(Block(on, right))
    return LinkageModel(
        id=draw(columns),
        blocks=tuple(blocks),
        compares=tuple(draw(st.lists(comparisons(), min_size=1, max_size=4))),
        prior=draw(st.one_of(st.none(), st.floats(1e-12, 0.9))),
        threshold=draw(st.floats(0.001, 0.999)),
        unique=tuple(draw(st.lists(columns, max_size=2))),
        deterministic=tuple(draw(st.lists(st.builds(Deterministic, expressions, st.floats(0.01, 1)), max_size=2))),
    )


@given(models())
@settings(max_examples=80)
def test_a_model_written_and_read_is_the_same_model(model: LinkageModel):
    written = model.to_toml()
    again = LinkageModel.from_dict(tomllib.loads(written))
    assert again == model
    assert again.to_toml() == written


def test_numbers_of_numpy_are_written_as_numbers(tmp_path: Path):
    parameters = Parameters(tuple(np.array([0.1, 0.9])), tuple(np.array([0.7, 0.3])))
    compare = Comparison(("a",), "exact", parameters=parameters)
    model = LinkageModel("id", (Block(("a",)),), (compare,), prior=np.float64(0.25), threshold=np.float32(0.5))
    model.to_toml(tmp_path / "model.toml")
    assert LinkageModel.from_toml(tmp_path / "model.toml").prior == 0.25


def test_a_file_names_its_levels_and_takes_the_usual_ones_where_none_are_named(tmp_path: Path):
    file = tmp_path / "model.toml"
    file.write_text(SMALLEST + 'with = "jaro_winkler"\n[[compare]]\ncolumn = "birth_date"\nwith = "date"\n')
    model = LinkageModel.from_toml(file)
    assert not model.trained
    assert model.compares[0].level_names == ("differs", "0.82 or more", "0.92 or more", "equal")
    assert model.compares[1].level_names == ("differs", "two parts", "typo", "swapped", "equal")
    assert model.threshold == 0.5


def test_weights_are_logarithms_of_the_likelihood_ratio():
    assert Parameters((0.25, 0.5), (0.5, 0.125)).weights.tolist() == [-1.0, 2.0]
    half = LinkageModel("id", (Block(("a",)),), (Comparison(("a",)),), prior=0.2)
    assert half.prior_weight == pytest.approx(-2.0)


compare = "[[compare]]\n"
WRONG = {
    "no id": (SMALLEST.replace('id = "record_id"', ""), ["id is missing", "record_id"]),
    "id is a number": (SMALLEST.replace('"record_id"', "7"), ["id is missing"]),
    "unknown key": ("treshold = 0.9\n" + SMALLEST, ["treshold", "threshold"]),
    "unknown key of a block": (SMALLEST.replace("on =", "by ="), ["block 1", "by", "on, right"]),
    "unknown key of a comparison": (SMALLEST + "level = [1]", ["compare 1", "level", "levels"]),
    "block is no list of tables": (SMALLEST.replace("[[block]]", "[block]"), ["block", "[[block]]"]),
    "no block": ('id = "i"\n[[compare]]\ncolumn = "a"', ["[[block]]", "blocking rule"]),
    "no comparison": ('id = "i"\n[[block]]\non = ["a"]', ["[[compare]]", "comparison"]),
    "empty block": (SMALLEST.replace('["birth_date"]', "[]"), ["block 1", "on"]),
    "block on a number": (SMALLEST.replace('["birth_date"]', "[1]"), ["block 1: on", "column names"]),
    "block on a blank": (SMALLEST.replace('["birth_date"]', '[" "]'), ["block 1: on", "column names"]),
    "right of another length": (SMALLEST.replace('e"]\n', 'e"]\nright = ["a", "b"]\n'), ["block 1", "right"]),
    "unknown method": (SMALLEST + 'with = "jaro_winker"', ["surname", "jaro_winker", "jaro_winkler, levenshtein"]),
    "method is a number": (SMALLEST + "with = 3", ["compare 1", "with", "name of a method"]),
    "no such module": (SMALLEST + 'with = "no.such.function"', ["compare 1", "no.such.function", "imported"]),
    "no such function": (SMALLEST + 'with = "math.sine"', ["compare 1", "math.sine", "imported"]),
    "not a function": (SMALLEST + 'with = "math.pi"', ["compare 1", "math.pi", "not a function"]),
    "neither column nor columns": (SMALLEST + '[[compare]]\nwith = "exact"', ["compare 2", "column or columns"]),
    "column and columns": (SMALLEST + 'columns = ["a"]', ["compare 1", "either column or columns"]),
    "too many columns": (SMALLEST.replace('column = "surname"', 'columns = ["a", "b"]'), ["a + b", "takes 1 column"]),
    "too few columns": (SMALLEST + 'with = "names"', ["surname", "names", "takes 2 column"]),
    "levels falling for distances": (SMALLEST + 'with = "levenshtein"\nlevels = [2, 1]', ["surname", "rising"]),
    "levels rising for similarities": (SMALLEST + 'with = "name"\nlevels = [0.8, 0.9]', ["surname", "falling"]),
    "level twice": (SMALLEST + 'with = "numeric"\nlevels = [1, 1]', ["surname", "rising"]),
    "days falling": (SMALLEST + 'with = "date"\nlevels = [30, 5]', ["surname", "rising"]),
    "kind twice": (SMALLEST + 'with = "date"\nlevels = ["typo", "typo"]', ["surname", "best first"]),
    "edits and similarities": (SMALLEST + 'with = "damerau"\nlevels = [2, 0.9]', ["surname", "edits", "below 1"]),
    "half an edit": (SMALLEST + 'with = "damerau"\nlevels = [1, 1.5]', ["surname", "edits"]),
    "similarity in percent": (SMALLEST + 'with = "jaro_winkler"\nlevels = [92, 82]', ["surname", "at most 1"]),
    "levels of a day": (SMALLEST + 'with = "date"\nlevels = ["swap"]', ["surname", "swap", "swapped, typo, two_parts"]),
    "number for a kind": (SMALLEST.replace('n = "surname"', 'ns = ["a", "b"]') + 'with="names"\nlevels=[1]', ["a + b"]),
    "level is a word": (SMALLEST + 'with = "numeric"\nlevels = ["near"]', ["surname", "near", "a number"]),
    "level is zero": (SMALLEST + 'with = "jaro_winkler"\nlevels = [0.9, 0]', ["surname", "above 0"]),
    "level is not a number": (SMALLEST + 'with = "numeric"\nlevels = [nan]', ["surname", "above 0"]),
    "level is true": (SMALLEST + 'with = "numeric"\nlevels = [true]', ["compare 1", "list of numbers"]),
    "levels is a number": (SMALLEST + 'with = "numeric"\nlevels = 1', ["compare 1", "list of numbers"]),
    "levels for exact": (SMALLEST + "levels = [0.9]", ["surname", "exact", "no levels"]),
    "frequency of a number": (
        'id = "i"\n[[block]]\non = ["a"]\n[[compare]]\ncolumn = "a"\nwith = "numeric"\nterm_frequency = true\n',
        ["term_frequency", "numeric"],
    ),
    "flag is a text": (SMALLEST + 'term_frequency = "yes"', ["compare 1", "term_frequency", "true or false"]),
    "threshold in percent": ("threshold = 90\n" + SMALLEST, ["threshold", "90", "between 0 and 1"]),
    "threshold zero": ("threshold = 0\n" + SMALLEST, ["threshold", "between 0 and 1"]),
    "threshold a text": ('threshold = "0.9"\n' + SMALLEST, ["threshold", "number"]),
    "prior one": ("prior = 1\n" + SMALLEST, ["prior", "between 0 and 1"]),
    "m without u": (SMALLEST + "m = [0.1, 0.9]", ["compare 1", "m and u"]),
    "m of another length": (
        SMALLEST + "m = [0.1, 0.2, 0.7]\nu = [0.1, 0.9]",
        ["surname", "m has 3 values", "expected 2"],
    ),
    "m of zero": (SMALLEST + "m = [0, 1]\nu = [0.1, 0.9]", ["surname", "m must hold probabilities"]),
    "u above one": (SMALLEST + "m = [0.1, 0.9]\nu = [0.1, 1.9]", ["surname", "u must hold probabilities"]),
    "m of texts": (SMALLEST + 'm = ["a", "b"]\nu = [0.1, 0.9]', ["compare 1: m", "probabilities"]),
    "unique is a number": ("unique = 3\n" + SMALLEST, ["unique", "column names"]),
    "recall in percent": (SMALLEST + '[[deterministic]]\non = ["a"]\nrecall = 70', ["deterministic", "recall"]),
    "no TOML": (SMALLEST + "levels = [", ["TOML"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_in_a_model_file_is_told(name: str, tmp_path: Path):
    content, expected = WRONG[name]
    file = tmp_path / "persons.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(MigflowError) as raised:
        LinkageModel.from_toml(file)
    for part in ["persons.toml", *expected]:
        assert part in str(raised.value)


def test_a_model_file_that_is_missing_or_not_text_is_told(tmp_path: Path):
    with pytest.raises(MigflowError, match=r"no\.toml cannot be read"):
        LinkageModel.from_toml(tmp_path / "no.toml")
    (tmp_path / "latin.toml").write_bytes(SMALLEST.replace("surname", "prénom").encode("latin-1"))
    with pytest.raises(MigflowError, match=r"latin\.toml: the file is not UTF-8"):
        LinkageModel.from_toml(tmp_path / "latin.toml")


def test_a_function_without_a_name_of_its_own_is_not_written_to_a_file():
    model = LinkageModel("id", (Block(("a",)),), (Comparison(("a",), lambda left, right: np.ones(len(left)), (0.5,)),))
    with pytest.raises(MigflowError, match=json.dumps("a")):
        model.to_toml()
