"""Comparisons: the levels that two values reach, against known implementations and tables checked by hand."""

import datetime as dt
import math
import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from linkage_oracle import engine_levels
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from migflow.errors import MigflowError
from migflow.linkage import Comparison
from migflow.linkage.compare import edit_distance
from migflow.linkage.compare.texts import lay_out

# Cutoffs that no similarity of short texts equals.
FINE = tuple(1 - (k + math.pi / 10) / 100 for k in range(100) if 1 - (k + math.pi / 10) / 100 > 0)
MANY_LETTERS = "".join(chr(c) for c in range(0x400, 0x600)) + "abc"
ALPHABETS = ["ab", "abc", "aeioubcdfghjk", "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-'çëğıшћ", "😀😁a", MANY_LETTERS]


def texts(alphabet: str, count: int, longest: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(alphabet, k=draw.randint(1, longest))) for _ in range(count)]


def spoilt(values: Sequence[str], seed: int) -> list[str]:
    """The same texts with a letter left out, doubled, exchanged with the next, or replaced."""
    draw, out = random.Random(seed), []
    for text in values:
        for _ in range(draw.randint(0, 3)):
            k, letter = draw.randrange(len(text)), draw.choice(values)[0]
            edits = [
                text[:k] + text[k + 1 :],
                text[:k] + text[k] + text[k:],
                text[:k] + text[k : k + 2][::-1] + text[k + 2 :],
                text[:k] + letter + text[k + 1 :],
            ]
            text = draw.choice(edits) or text
        out.append(text)
    return out


def pairs_of_texts(alphabet: str, lengths: Sequence[int]) -> tuple[list[str], list[str]]:
    """Pairs of texts, one half made from each other by a few errors."""
    one = [text for longest in lengths for text in texts(alphabet, 200, longest, longest)]
    other = [text for longest in lengths for text in texts(alphabet, 200, longest, longest + 1)]
    return one * 2, spoilt(one, 2) + other


def expected(scores: Sequence[float], left: Sequence[str], right: Sequence[str], cutoffs: Sequence[float]) -> list[int]:
    reached = zip(scores, left, right, strict=True)
    return [len(cutoffs) + 1 if a == b else sum(score >= c for c in cutoffs) for score, a, b in reached]


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=lambda a: f"{len(a)} letters")
def test_jaro_winkler_is_that_of_rapidfuzz(alphabet: str):
    left, right = pairs_of_texts(alphabet, (3, 12, 80))
    scores = [JaroWinkler.similarity(a, b) for a, b in zip(left, right, strict=True)]
    for cutoffs in (FINE, (0.92, 0.82), (1.0, 0.7)):
        found = engine_levels(Comparison(("v",), "jaro_winkler", cutoffs), left, right)
        assert found == expected(scores, left, right, cutoffs)


def test_jaro_winkler_in_one_table_of_long_and_short_texts_and_many_letters():
    one = [t for a in ALPHABETS for longest in (3, 63, 64, 65, 130) for t in texts(a, 20, longest, 4)]
    two = spoilt(one, 5)
    scores = [JaroWinkler.similarity(a, b) for a, b in zip(one, two, strict=True)]
    assert engine_levels(Comparison(("v",), "jaro_winkler", FINE), one, two) == expected(scores, one, two, FINE)


@pytest.mark.parametrize("alphabet", ["ab", "aeioubcdfghjk", MANY_LETTERS], ids=lambda a: f"{len(a)} letters")
@pytest.mark.parametrize(("method", "known"), [("levenshtein", Levenshtein), ("damerau", OSA)])
def test_edits_are_those_of_rapidfuzz(method: str, known, alphabet: str):
    left, right = pairs_of_texts(alphabet, (4, 12, 40))
    left, right = [*left, *texts(alphabet, 20, 300, 7)], [*right, *texts(alphabet, 20, 300, 8)]
    edits = [-known.distance(a, b) for a, b in zip(left, right, strict=True)]
    for cutoffs in ((1,), (1, 2), (2, 3, 5, 9, 100)):
        found = engine_levels(Comparison(("v",), method, cutoffs), left, right)
        assert found == expected(edits, left, right, [-c for c in cutoffs])
    shares = [known.normalized_similarity(a, b) + 1e-12 for a, b in zip(left, right, strict=True)]
    for falling in (FINE, (0.75, 0.5)):
        found = engine_levels(Comparison(("v",), method, falling), left, right)
        assert found == expected(shares, left, right, falling)


@pytest.mark.parametrize(("transpositions", "known"), [(False, Levenshtein), (True, OSA)])
def test_one_edit_is_one_edit(transpositions: bool, known):
    one = texts("ab", 400, 6, 6) + texts("abcdef", 400, 6, 7)
    two = spoilt(one, 8)
    laid = lay_out(pa.array(one + two))
    for k in range(len(one)):
        found = edit_distance.one_edit(laid.chars, laid.start, k, k + len(one), transpositions)
        assert found == (known.distance(one[k], two[k]) <= 1), (one[k], two[k])


USUAL = ("swapped", "typo", "two_parts")
SWAPPED, TYPO, TWO_PARTS, NOTHING, EQUAL = 3, 2, 1, 0, 4
DATES = [
    ("1980-01-31", "1980-01-31", EQUAL),
    ("1980-03-04", "1980-04-03", SWAPPED),
    ("1980-10-01", "1980-01-10", SWAPPED),
    ("1980-01-31", "1981-01-31", TYPO),
    ("1980-01-31", "1980-01-13", TYPO),  # two neighbouring digits exchanged
    ("1980-12-05", "1980-21-05", TYPO),  # no month, but one exchange away
    ("1908-12-05", "1980-12-05", TYPO),
    ("1980-01-31", "1980-01-30", TYPO),
    ("1980-01-31", "1980-01-28", TWO_PARTS),
    ("1980-01-31", "1980-11-31", TYPO),
    ("1980-01-31", "1980-12-31", TWO_PARTS),
    ("1980-01-31", "1975-01-31", TWO_PARTS),
    ("1980-01-31", "1891-01-31", TWO_PARTS),
    ("1980-01-31", "1980-02-28", NOTHING),
    ("1980-03-04", "1981-04-03", NOTHING),  # exchanged, and another year
    ("1980-01-31", "1979-12-31", NOTHING),
    ("1980-00-00", "1980-00-00", EQUAL),
    ("unknown", "unknown", EQUAL),
    ("unknown", "unknwon", TYPO),
    ("unknown", "1980-01-31", NOTHING),
    ("198O-01-31", "1980-01-31", TYPO),  # the letter O for the digit
    ("1980-01-31", None, None),
    (" ", "1980-01-31", None),
    (None, None, None),
]


@pytest.mark.parametrize("written", ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d"])
def test_dates_by_kind_of_difference_however_the_other_table_writes_them(written: str):
    dates = [(dt.date.fromisoformat("1980-01-01") + dt.timedelta(days=k)).strftime(written) for k in range(400)]
    both = [(a, b, level) for a, b, level in DATES if all(_is_date(x) for x in (a, b))]
    left = [a for a, _, _ in both] + ["1980-01-01"] * 400
    right = [dt.date.fromisoformat(b).strftime(written) for _, b, _ in both] + dates
    found = engine_levels(Comparison(("v",), "date", USUAL), left, right)
    assert found[: len(both)] == [level for _, _, level in both]
    assert found[len(both)] == EQUAL


def _is_date(text: str | None) -> bool:
    try:
        return bool(dt.date.fromisoformat(text or ""))
    except ValueError:
        return False


def test_dates_checked_by_hand():
    found = engine_levels(Comparison(("v",), "date", USUAL), [a for a, _, _ in DATES], [b for _, b, _ in DATES])
    assert [(*d[:2], f) for d, f in zip(DATES, found, strict=True)] == DATES


def test_two_tables_that_both_write_days_and_months_in_figures_in_their_own_order():
    days = [dt.date(1980, 1, 1) + dt.timedelta(days=k) for k in range(366)]
    left, right = [d.strftime("%d.%m.%Y") for d in days], [d.strftime("%m/%d/%Y") for d in days]
    assert set(engine_levels(Comparison(("v",), "date", USUAL), left, right)) == {EQUAL}


def test_dates_of_other_types_are_the_same_dates():
    day = dt.date(1980, 1, 31)
    for other in (
        pa.array([day]),
        pa.array([dt.datetime(1980, 1, 31)], pa.timestamp("ns")),
        pa.array([dt.datetime(1980, 1, 31, 14, 30)]),
        pa.array([19800131]),
        pa.array(["31.1.1980"]),
        pa.array(["1980-01-31T00:00:00"]),
    ):
        assert engine_levels(Comparison(("v",), "date", USUAL), pa.array([day]), other) == [EQUAL]


DAYS = [
    ("1980-02-28", "1980-03-01", 2),  # a leap year
    ("1981-02-28", "1981-03-01", 1),
    ("1900-02-28", "1900-03-01", 1),  # not a leap year
    ("2000-02-28", "2000-03-01", 2),  # a leap year
    ("1979-12-31", "1980-01-01", 1),
    ("1980-12-31", "1980-01-01", 365),
    ("1969-12-31", "1970-01-02", 2),
    ("1980-02-30", "1980-03-01", None),  # no such day, so no distance
    ("1980-13-01", "1981-01-01", None),
]


def test_days_apart_over_ends_of_months_and_leap_years():
    for days in (1, 2, 364, 365):
        found = engine_levels(Comparison(("v",), "date", (days,)), [a for a, _, _ in DAYS], [b for _, b, _ in DAYS])
        assert found == [int(apart is not None and apart <= days) for _, _, apart in DAYS]
    assert engine_levels(Comparison(("v",), "date", ("typo", 5, 31)), ["1980-01-31"] * 3, ["1980-01-30"] * 3) == [3] * 3
    near = engine_levels(Comparison(("v",), "date", ("typo", 5, 31)), ["1980-01-31"] * 2, ["1980-02-04", "1980-02-28"])
    assert near == [2, 1]


def test_numbers_by_their_difference():
    left = ["10", "10", "10", "10", "-1", "1e3", "", "ten", "10", "10.0", "0.3"]
    right = ["10", "11", "12.5", "13", "1", "1003", "1", "10", None, "10", "0.1"]
    found = engine_levels(Comparison(("v",), "numeric", (1, 2.5)), left, right)
    assert found == [3, 2, 1, 0, 1, 0, None, None, None, 3, 2]
    assert engine_levels(Comparison(("v",), "numeric", (1,)), pa.array([10, 10]), pa.array([10.5, 12])) == [1, 0]


def test_distances_of_cities_in_km():
    pristina, prizren, belgrade, bishkek = (
        (42.6629, 21.1655),
        (42.2153, 20.7415),
        (44.8125, 20.4612),
        (42.8746, 74.5698),
    )
    antimeridian = (0.0, 179.99), (0.0, -179.99)
    comparison = Comparison(("lat", "lon"), "distance_km", (3, 61, 246, 4500))
    left = [pristina, pristina, pristina, pristina, antimeridian[0], pristina, (None, 21.0), (42.0, None)]
    right = [pristina, prizren, belgrade, bishkek, antimeridian[1], (42.6629, 21.1656), pristina, pristina]
    # By great circle: Prizren 60.8 km, Belgrade 245.7 km, Bishkek 4,317 km; 0.02 degrees on the equator 2.2 km.
    assert engine_levels(comparison, left, right) == [5, 3, 2, 1, 4, 4, None, None]
    assert engine_levels(Comparison(("lat", "lon"), "distance_km", (60, 245)), left[:3], right[:3]) == [3, 1, 0]


def test_lists_by_what_they_have_in_common():
    lists = [
        (["a", "b"], ["b", "a"], 4),
        (["a", "a", "b"], ["a", "b"], 4),  # a set
        (["a", "b", "c"], ["b", "c", "d"], 3),  # two in common
        (["a", "b"], ["b", "c", "d"], 0),  # one in common, of four
        (["a"], ["a", "b"], 2),  # one in common, of two
        (["a"], ["b"], 0),
        ([], ["b"], None),
        (None, ["b"], None),
        (["", None], ["b"], None),
    ]
    comparison = Comparison(("v",), "array_overlap", (2, 0.5))
    kind = pa.list_(pa.string())
    left, right = pa.array([a for a, _, _ in lists], kind), pa.array([b for _, b, _ in lists], kind)
    assert engine_levels(comparison, left, right) == [3 if level == 4 else level and level - 1 for *_, level in lists]
    assert engine_levels(Comparison(("v",), "array_overlap", (1,)), ["a; b", "a|b", "a,c"], ["b;a", "b", "d"]) == [
        2,
        1,
        0,
    ]


def test_nested_places_by_the_finest_in_common():
    comparison = Comparison(("street", "town", "land"), "nested_overlap", ("town", "land"))
    left = [("s", "t", "l"), ("s", "t", "l"), ("s", "t", "l"), (None, "t", "l"), (None, None, None), ("s", None, None)]
    right = [("s", "x", "y"), ("x", "t;u", "l"), ("x", "x", "l"), ("s", "t", "l"), ("s", "t", "l"), (None, "t", "l")]
    assert engine_levels(comparison, left, right) == [3, 2, 1, 2, None, None]
    assert engine_levels(comparison, [("s", "t", "l")], [("a", "b", "c")]) == [0]


def test_first_name_and_surname_in_both_orders():
    comparison = Comparison(("f", "s"), "names", ("one_alike", "both_alike", "swapped", "one_equal"))
    me = ("Arbnora", "Krasniqi")
    others = [
        (("Arbnora", "Krasniqi"), 5),
        (("Arbnora", "Krasnici"), 4),
        (("Arbnorra", "Krasnici"), 3),
        (("Krasniqi", "Arbnora"), 2),
        (("Krasniçi", "Arbnorë"), 2),
        (("Arbnora", "Hoxha"), 1),
        (("Vlora", "Krasniqi"), 1),
        (("Vlora", "Hoxha"), 0),
        (("Krasniqi", "Hoxha"), 0),
        ((None, "Krasniqi"), None),
        (("Arbnora", None), None),
    ]
    assert engine_levels(comparison, [me] * len(others), [name for name, _ in others]) == [level for _, level in others]
    reversed_sides = engine_levels(comparison, [name for name, _ in others], [me] * len(others))
    assert reversed_sides == [level for _, level in others]


def test_words_of_a_text_in_any_order():
    left = ["rruga Adem Jashari 5", "a b c", "x y", "a b"]
    right = ["Adem Jashari rruga 5", "c d e", "z", None]
    scores = [fuzz.token_set_ratio(a, b) / 100 for a, b in zip(left[:3], right[:3], strict=True)]
    assert scores[0] == 1 and scores[1] < 0.9 and scores[2] < 0.3
    assert engine_levels(Comparison(("v",), "token_set", (0.9, 0.3)), left, right) == [
        2,
        int(scores[1] >= 0.3),
        0,
        None,
    ]


def test_names_across_scripts():
    left = ["Љиљана", "Krasniqi", "Hoxha", "محمد", "Krasniqi"]
    right = ["Ljiljana", "Краснићи", "Berisha", "Mohammed", None]
    assert engine_levels(Comparison(("v",), "name", (0.9, 0.7)), left, right) == [3, 2, 0, 2, None]


def first_letter(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    return np.array([0.8 if a[0] == b[0] else 0.1 for a, b in zip(left, right, strict=True)])


def test_a_function_of_the_user_gets_each_distinct_pair_once():
    given: list[tuple[str, str]] = []

    def noted(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
        given.extend(zip(left, right, strict=True))
        return first_letter(left, right)

    left, right = ["ab", "ab", "ab", "b", "x", None], ["ac", "ac", "ab", "c", None, None]
    assert engine_levels(Comparison(("v",), noted, (0.5,)), left, right) == [1, 1, 2, 0, None, None]
    assert sorted(given) == [("ab", "ac"), ("b", "c")]


def too_short(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    return first_letter(left, right)[1:]


def not_numbers(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    return np.full(len(left), np.nan)


def in_percent(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    return 100 * first_letter(left, right)


def broken(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    raise KeyError(left[0])


def of_texts(left: Sequence[str], right: Sequence[str]) -> list[str]:
    return ["alike"] * len(left)


@pytest.mark.parametrize("function", [too_short, not_numbers, in_percent, broken, of_texts, lambda left: left])
def test_a_function_of_the_user_that_fails_is_named_and_no_value_is_quoted(function):
    with pytest.raises(MigflowError) as raised:
        engine_levels(Comparison(("v",), function, (0.5,)), ["Arbnora", "b"], ["Berisha", "d"])
    assert function.__name__ in str(raised.value)
    assert "Arbnora" not in str(raised.value)


@pytest.mark.parametrize("method", ["exact", "jaro_winkler", "levenshtein", "damerau", "date", "token_set", "name"])
def test_a_missing_or_blank_value_is_no_evidence(method: str):
    left, right = ["a", None, None, " ", "\u00a0"], [None, "a", None, "a", "a"]
    assert engine_levels(Comparison(("v",), method), left, right) == [None] * 5
    nothing = pa.array([None, None], pa.null())
    assert engine_levels(Comparison(("v",), method), nothing, pa.array(["a", "b"])) == [None, None]
    assert engine_levels(Comparison(("v",), method), nothing, nothing) == [None, None]
