"""Where signs of life place a person against the registers, on spells and signs written out."""

import duckdb
import pytest
from accounts_session import bind, derive, rows

SINCE = [("A", "2010-01-01", None)]


def placed(signs, spells=SINCE):
    """sign_places of one person. signs: year, municipality and kinds of sign; spells: municipality, from and to."""
    con = duckdb.connect()
    bind(
        con,
        "signs_of_life",
        [
            {
                "person_id": "P",
                "year": year,
                "sign": sign,
                "municipality": municipality,
                "first_day": f"{year}-03-01",
                "last_day": f"{year}-10-01",
            }
            for year, municipality, *kinds in signs
            for sign in kinds
        ],
    )
    bind(
        con,
        "residence_spells",
        [
            {"person_id": "P", "spell_number": n, "municipality": place, "from_date": since, "to_date": until}
            for n, (place, since, until) in enumerate(spells, 1)
        ],
    )
    derive(con, "sign_places")
    return rows(con, "SELECT spell_number, municipality, from_date, to_date, signs, as_registered FROM sign_places")


BEFORE = [(2018, "A", "health", "benefit"), (2019, "A", "health", "benefit")]
AFTER = [(year, "B", "health", "benefit") for year in (2020, 2021, 2022)]


def test_an_undeclared_move_is_seen_in_the_year_of_its_first_sign():
    assert placed(BEFORE + AFTER) == [(1, "B", "2020-07-01", None, 6, 0)]


def test_a_visit_to_the_old_place_does_not_undo_the_move():
    assert placed([*BEFORE, *AFTER, (2022, "A", "document")]) == [(1, "B", "2020-07-01", None, 6, 1)]


def test_signs_in_both_places_tell_nothing():
    both = [(year, place, "health") for year in (2020, 2021, 2022) for place in "AB"]
    assert placed(BEFORE + both) == []
    assert placed([*BEFORE, (2020, "B", "health"), (2021, "A", "health"), (2022, "C", "health")]) == []


def test_who_is_seen_elsewhere_throughout_lives_there_throughout():
    assert placed(AFTER) == [(1, "B", "2010-01-01", None, 6, 0)]
    assert placed([*AFTER, (2021, "A", "health")]) == [(1, "B", "2010-01-01", None, 6, 1)]


def test_a_move_registered_years_before_it_took_place():
    early = [(2018, "B", "health", "benefit"), (2019, "B", "health")]
    late = [(year, "A", "health", "benefit") for year in (2020, 2021)]
    assert placed(early + late) == [(1, "B", "2010-01-01", "2019-07-01", 3, 0)]


def test_who_has_come_back_unregistered_lives_where_the_signs_are():
    left = [("A", "2010-01-01", "2019-09-25")]
    assert placed(BEFORE[:1] + AFTER, left) == [(1, "B", "2019-09-25", None, 6, 0)]


def test_a_part_ends_where_the_next_spell_begins():
    spells = [("A", "2010-01-01", "2021-05-05"), ("C", "2022-02-02", None)]
    signs = [*BEFORE, *AFTER[:2], (2022, "C", "health", "benefit")]
    assert placed(signs, spells) == [(1, "B", "2020-07-01", "2022-02-02", 4, 0)]


@pytest.mark.parametrize("sign", ["employment", "declaration"])
def test_work_and_counters_name_no_home(sign):
    assert placed([*BEFORE, *((year, "B", sign) for year in (2020, 2021, 2022))]) == []
