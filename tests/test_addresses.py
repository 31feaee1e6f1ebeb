"""Addresses taken apart: the conventions of addresses/*.yaml, and what holds for any text."""

import doctest
import itertools
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from migflow import countries
from migflow.standardise import address_grammar, address_patterns, addresses, names, words

KOSOVO = countries.load("kosovo")
WORDS = words.load(KOSOVO.folder)
SERBIA = words.load(countries.find("serbia"))
TABLES = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent / "addresses").glob("*.yaml"))]
GROUPS = [group for table in TABLES for group in yaml.load(table, yaml.BaseLoader)]
CASES = [
    (key, case, SERBIA if group.get("country") == "serbia" else WORDS)
    for group in GROUPS
    for key, case in group["cases"].items()
]


def written(row):
    return {part: value for part, value in row.items() if value is not None}


@pytest.mark.parametrize(("case", "spoken"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_address_is_taken_apart(case, spoken):
    assert written(addresses.parse_one(case["text"], spoken)) == case["parts"]


def test_no_case_hides_another():
    assert len({case[0] for case in CASES}) == len(CASES) == sum(table.count("{text: ") for table in TABLES)


def test_one_address_is_parsed_as_many_are():
    text = "Rr. Agim Ramadani nr. 12, Prishtinë"
    (row,) = addresses.parse([text], WORDS).to_pylist()
    assert addresses.parse_one(text, KOSOVO) == row
    assert tuple(row) == addresses.PARTS


def test_no_text_is_empty_and_no_texts_are_no_rows():
    assert written(addresses.parse_one(None, WORDS)) == {"problem": addresses.EMPTY}
    assert addresses.parse([], WORDS).num_rows == 0
    assert addresses.parse([], WORDS).column_names == list(addresses.PARTS)


def test_a_country_without_words_still_has_streets_and_numbers():
    parts = written(addresses.parse_one("Agim Ramadani 12a/4, Mramor", words.Words()))
    assert parts == {
        "street": "agim ramadani",
        "number": "12",
        "number_suffix": "a",
        "dwelling": "4",
        "settlement": "mramor",
    }


def test_a_long_text_is_cut_and_flagged():
    parts = written(addresses.parse_one("Rr. Agim Ramadani nr. 12, " + "Prishtinë " * 1000, WORDS))
    assert (parts["street"], parts["number"], parts["problem"]) == ("agim ramadani", "12", addresses.TOO_LONG)
    assert len(parts["settlement"]) <= addresses.LONGEST


SPOKEN = sorted({word for forms in WORDS.addresses.values() for word in forms})
LIKE_ADDRESSES = st.lists(
    st.one_of(
        st.sampled_from(SPOKEN), st.from_regex(r"[0-9]{1,6}[a-z]?\.?", fullmatch=True), st.sampled_from(",.()/-#")
    ),
    max_size=25,
).map(" ".join)


@given(st.lists(st.one_of(st.text(max_size=400), LIKE_ADDRESSES, st.none()), max_size=4))
def test_any_text_has_folded_parts_that_do_not_depend_on_the_others(texts):
    rows = addresses.parse(texts, WORDS).to_pylist()
    assert rows == [addresses.parse_one(text, WORDS) for text in texts]
    for row in rows:
        row.pop("problem")
        parts = [value for value in row.values() if value is not None]
        assert parts == names.fold(parts)
        assert all(parts)


EVERY_KIND = "".join(address_patterns.KINDS.values()) + "WlLRIvhgfedNMOKZ,()/~-"


@given(st.text(EVERY_KIND, max_size=60))
def test_no_token_is_in_two_parts_and_no_number_is_lost(shape):
    parts = dict(address_grammar.read(shape))
    if parts.get("number") == parts.get("number_suffix"):
        parts.pop("number_suffix", None)
    tokens = [token for places in parts.values() for token in places]
    assert len(tokens) == len(set(tokens))
    numbers = {i for i, kind in enumerate(shape) if kind in "NMOKZ"}
    assert numbers <= set(tokens)


def test_what_repeats_itself_is_read_in_bounded_time():
    # A pattern that could read the same tokens in two ways would not end here.
    for first, second in itertools.product(EVERY_KIND, repeat=2):
        assert dict(address_grammar.read((first + second) * 30)).keys() <= set(addresses.PARTS)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Rruga Agim Ramadani", "agim ramadani"),
        ("Улица Краља Петра", "kralja petra"),
        ("Atatürk Caddesi", "ataturk"),
        ("Rruga 28 Nëntori", "28 nentori"),
        ("Rruga nr. 5", "5"),
        ("Rruga 17", "17"),
        ("Trg republike", "republike"),
        ("Lagjja Dardania", "dardania"),
        ("Vëllazërim-Bashkimi", "vellazerim bashkimi"),
        ("Rruga", "rruga"),
        ("", None),
        (None, None),
    ],
)
def test_a_streets_name_is_told_from_its_type_as_in_an_address(name, folded):
    assert addresses.streets([name], WORDS) == [folded]
    if name and folded != "rruga":
        assert addresses.parse_one(f"{name}, nr. 3", WORDS)["street"] == folded


def test_house_numbers_have_one_form():
    numbers = ["12 A", "12-a", "12/A", "7", "12/4", "Б", "II", "", None]
    assert addresses.house_numbers(numbers) == ["12a", "12a", "12a", "7", "12 4", "b", "2", None, None]


def test_the_guide_says_what_is_read():
    guide = Path(__file__).parent.parent / "docs" / "addresses.md"
    assert doctest.testfile(str(guide), module_relative=False).failed == 0
