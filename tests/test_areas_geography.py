"""Areas of a date: what came of which, statistics carried over, and changes that cannot be."""

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migflow import countries
from migflow.errors import MigflowError
from migflow.standardise import geography
from migflow.standardise.geography import Change, History

KOSOVO = countries.load("kosovo")
MERIDIA = Path(__file__).parents[1] / "docs" / "own-country" / "profile"


def year(number: int) -> dt.date:
    return dt.date(number, 1, 1)


# 2000: A gives a quarter of its 400 to B. 2010: B and C merge into D. Today A and D.
STORY = History(
    frozenset("AD"),
    (
        Change(year(2000), "A", "A", "remainder", 300),
        Change(year(2000), "A", "B", "created", 100),
        Change(year(2010), "B", "D", "merged", 100),
        Change(year(2010), "C", "D", "merged", 300),
    ),
)


def test_each_date_has_its_areas():
    assert [sorted(STORY.codes(year(y))) for y in (1999, 2000, 2009, 2010)] == [
        ["A", "C"],
        ["A", "B", "C"],
        ["A", "B", "C"],
        ["A", "D"],
    ]


def test_people_are_shared_in_proportion_both_ways():
    assert STORY.weights(year(1999), year(2020)) == {"A": {"A": 0.75, "D": 0.25}, "C": {"D": 1.0}}
    assert STORY.weights(year(2020), year(1999)) == {"A": {"A": 1.0}, "D": {"A": 0.25, "C": 0.75}}


def test_what_merged_or_gave_away_is_comparable_only_together():
    assert STORY.comparable([year(2005), year(2020)]) == {"A": "A", "B": "B", "C": "B", "D": "B"}
    assert STORY.comparable([year(1999), year(2020)]) == dict.fromkeys("ABCD", "A")


@st.composite
def stories(draw: st.DrawFn) -> History:
    """Areas that split and merge year after year, told from the first day on."""
    there, changes = ["0", "1", "2"], []
    for at in range(2000, 2000 + draw(st.integers(0, 5))):
        people = st.integers(1, 1000)
        chosen = draw(st.lists(st.sampled_from(there), unique=True, min_size=1, max_size=2))
        new = f"{at}"
        if draw(st.booleans()):
            changes += [Change(year(at), old, new, "merged", draw(people)) for old in chosen]
            there = [code for code in there if code not in chosen]
        else:
            changes += [Change(year(at), old, old, "remainder", draw(people)) for old in chosen]
            changes += [Change(year(at), old, new, "created", draw(people)) for old in chosen]
        there = [*there, new]
    return History(frozenset(there), tuple(changes))


dates = st.integers(1999, 2006).map(year)


@given(stories(), dates, dates)
def test_shares_of_every_area_add_up_to_one_and_go_to_areas_of_the_date(story, since, to):
    weights = story.weights(since, to)
    assert set(weights) == story.codes(since)
    assert {code for shares in weights.values() for code in shares} == story.codes(to)
    for shares in weights.values():
        assert sum(shares.values()) == pytest.approx(1)


@given(stories(), dates)
def test_a_date_maps_to_itself_as_it_is(story, date):
    assert story.weights(date, date) == {code: {code: 1.0} for code in story.codes(date)}


@given(stories(), st.lists(dates, min_size=3, max_size=3).map(sorted), st.booleans())
def test_going_by_a_date_between_is_the_same_as_going_straight(story, days, back):
    first, middle, last = reversed(days) if back else days
    there, on = story.weights(first, middle), story.weights(middle, last)
    for code, straight in story.weights(first, last).items():
        passed: dict[str, float] = {}
        for between, share in there[code].items():
            for end, weight in on[between].items():
                passed[end] = passed.get(end, 0) + share * weight
        assert passed == pytest.approx(straight)


@given(stories(), dates, dates)
def test_no_share_leaves_a_comparable_group(story, since, to):
    groups = story.comparable([since, to])
    for code, shares in story.weights(since, to).items():
        assert {groups[end] for end in shares} == {groups[code]}


def test_counts_are_put_into_the_areas_of_a_date():
    """Kaçanik gave 9,403 of 42,812 people to Hani i Elezit in 2008; Deçan 6,084 of 46,103 to Junik."""
    con = duckdb.connect()
    query = """FROM (VALUES (2007, 'XK07', 'F', 42812), (2007, '_T', 'F', 42812), (2012, 'XK31', 'F', 5))
        AS t (time_period, area, sex, obs_value)"""
    found = geography.regroup(con, query, KOSOVO, year(2012)).to_pylist()
    assert [(r["time_period"], r["area"], r["sex"], round(r["obs_value"], 6)) for r in found] == [
        (2007, "XK07", "F", 33409),
        (2007, "XK31", "F", 9403),
        (2007, "_T", "F", 42812),
        (2012, "XK31", "F", 5),
    ]


def test_moves_between_parts_of_one_former_area_become_moves_within_it():
    con = duckdb.connect()
    query = "SELECT 2012 AS time_period, 'XK07' AS origin, 'XK31' AS destination, 7 AS obs_value"
    (found,) = geography.regroup(con, query, KOSOVO, year(2007), ("origin", "destination")).to_pylist()
    assert found == {"time_period": 2012, "origin": "XK07", "destination": "XK07", "obs_value": 7.0}


def test_an_area_before_its_time_is_refused():
    query = "SELECT 2007 AS time_period, 'XK31' AS area, 1 AS obs_value"
    with pytest.raises(MigflowError, match="Area XK31 stands in figures of 2007-01-01, when there was no such area"):
        geography.regroup(duckdb.connect(), query, KOSOVO, year(2012))


def test_unknown_shares_are_refused_and_not_guessed():
    with pytest.raises(MigflowError, match=r"XK19 has people of .* on 2009-11-15, and how many is not known"):
        geography.mapping(KOSOVO, [year(2008)], year(2012), ["XK19"])


@pytest.mark.parametrize("profile", ["kosovo", "serbia"])
def test_a_shipped_profile_has_todays_municipalities_today(profile):
    country = countries.load(profile)
    assert geography.geography(country, dt.date(2026, 1, 1)) == {a.code for a in country.municipalities}


def test_kosovo_had_30_municipalities_in_2001_and_38_since_2013():
    """UNMIK Regulation 2000/43, article 1; 38 since the elections of November 2013 in Mitrovicë e Veriut."""
    assert [len(geography.geography(KOSOVO, year(y))) for y in (2001, 2009, 2011, 2014)] == [30, 33, 37, 38]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("2010-13-01,QM1,QM2,merged,", "line 2: "),
        ("2010-01-01,QM1,QM2,joined,", "line 2: the kind 'joined' is none of"),
        ("2010-01-01,QM1,QM2,merged,-4", "population -4 is negative"),
        ("2010-01-01,QM1,QM9,merged,", "QM9 comes about on 2010-01-01, but neither"),
        ("2010-01-01,QM1,QM2,created,", "QM1 ends on 2010-01-01 and is there afterwards"),
        ("2010-01-01,QM9,QM1,recoded,\n2010-01-01,QM9,QM1,merged,", "the same old and new code stand in two rows"),
    ],
)
def test_changes_that_cannot_be_are_told(tmp_path, rows, told):
    folder = Path(shutil.copytree(MERIDIA, tmp_path / "profile"))
    (folder / "area_changes.csv").write_text(f"date,old,new,kind,population\n{rows}\n")
    with pytest.raises(MigflowError, match=told):
        geography.history(countries.load(str(folder)))
