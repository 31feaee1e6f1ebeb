"""A query worked out for every draw in one statement: draws never see each other's rows."""

import duckdb
import pytest

from migflow.imputation import each_draw

# Residents by draw and person, and names that are the same in every draw.
LIVED = [(1, "a", "X", 1), (1, "a", "Y", 2), (1, "b", "X", 1), (2, "a", "Y", 1)]


@pytest.fixture
def con():
    session = duckdb.connect()
    session.execute("CREATE TABLE drawn (draw INTEGER, person VARCHAR, place VARCHAR, number INTEGER)")
    session.executemany("INSERT INTO drawn VALUES (?, ?, ?, ?)", LIVED)
    session.execute("CREATE TABLE persons AS SELECT unnest(['a', 'b', 'c']) AS person")
    return session


def found(con, text):
    return sorted(con.execute(each_draw.query(text, {"lived": "drawn"}, "drawn")).fetchall())


def test_groups_and_totals_are_those_of_the_draw(con):
    assert found(con, "SELECT place, count(*) AS n FROM lived GROUP BY place") == [
        (1, "X", 2),
        (1, "Y", 1),
        (2, "Y", 1),
    ]
    assert found(con, "SELECT count(*) AS n FROM lived WHERE place = 'X'") == [(1, 2), (2, 0)]


def test_windows_and_self_joins_stay_inside_the_draw(con):
    text = """
        WITH ordered AS (
            SELECT person, place, lag(place) OVER (PARTITION BY person ORDER BY number) AS before FROM lived
        )
        SELECT o.person, o.before, count(l.person) AS with_them
        FROM ordered AS o LEFT JOIN lived AS l ON l.place = o.before WHERE o.place = 'Y' GROUP BY ALL
    """
    assert found(con, text) == [(1, "a", "X", 2), (2, "a", None, 0)]


def test_what_no_draw_changes_is_read_in_every_draw(con):
    text = "SELECT p.person FROM persons AS p WHERE NOT EXISTS (SELECT 1 FROM lived AS l WHERE l.person = p.person)"
    assert found(con, text) == [(1, "c"), (2, "b"), (2, "c")]


def test_full_joins_and_unions_stay_inside_the_draw(con):
    text = """
        SELECT coalesce(l.person, r.person) AS person, l.number AS first, r.number AS second
        FROM (SELECT * FROM lived WHERE number = 1) AS l
        FULL JOIN (SELECT * FROM lived WHERE number = 2) AS r ON r.person = l.person
        UNION ALL
        SELECT place, 0, 0 FROM lived
    """
    assert found(con, text)[:2] == [(1, "X", 0, 0), (1, "X", 0, 0)]
    assert (1, "a", 1, 2) in found(con, text) and (2, "a", 1, None) in found(con, text)


def test_a_part_of_the_query_may_have_the_name_of_a_table(con):
    text = "WITH lived AS (SELECT 7 AS seven) SELECT seven FROM lived"
    assert found(con, text) == [(1, 7), (2, 7)]
