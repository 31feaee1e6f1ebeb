"""Which known name a written one means, and which it is too near to guess."""

import duckdb
import pytest

from migflow.registers import nearest

KNOWN = {
    "adnan meha": "meha",
    "adnan muha": "muha",
    "skenderbeu": "skender",
    "skenderbega": "skender",
    "lola ribar": "ribar",
    "28 nentori": "28",
    "7 korriku": "7",
    "fusha": "fusha",
    "vlora": "vlora",
    "uck": "uck",
}


def found(*names: str) -> dict[str, tuple[str, str]]:
    """Name -> id and how, of the names that match one known name."""
    con = duckdb.connect()
    con.execute("CREATE TABLE known (scope VARCHAR, name VARCHAR, id VARCHAR)")
    con.executemany("INSERT INTO known VALUES ('s', ?, ?)", list(KNOWN.items()))
    con.execute("CREATE TABLE asked (scope VARCHAR, name VARCHAR)")
    con.executemany("INSERT INTO asked VALUES ('s', ?)", [[name] for name in names])
    con.execute(
        "CREATE VIEW spellings AS SELECT DISTINCT name AS text, name AS spelling FROM "
        "(SELECT name FROM known UNION SELECT name FROM asked)"
    )
    nearest.match(con, "FROM asked", "known", "matches", 1)
    return {name: (place, how) for name, place, how in con.execute("SELECT name, id, how FROM matches").fetchall()}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("skenderbeu", ("skender", "exact")),
        ("skenderbe", ("skender", "fuzzy")),  # both names near, one street
        ("28 nentor", ("28", "fuzzy")),
        ("lolaribar", ("ribar", "fuzzy")),  # a space left out
        ("fuoha", ("fusha", "fuzzy")),  # one error, nothing else near
        ("vlroa", ("vlora", "fuzzy")),  # an exchange is one error
    ],
)
def test_a_near_name_is_found(written, meant):
    assert found(written) == {written: meant}


@pytest.mark.parametrize(
    "written",
    [
        "adnan mxha",  # one error from two streets
        "29 nentori",  # another day
        "8 korriku",
        "ivo lola ribar",  # a word more is another street
        "fuxxa",  # two errors
        "ucl",  # too short
        "",
    ],
)
def test_what_could_be_another_name_is_not_guessed(written):
    assert found(written) == {}


def test_a_name_shared_by_two_has_both():
    con = duckdb.connect()
    con.execute("CREATE TABLE known AS FROM (VALUES ('s', 'a b', '1'), ('s', 'a b', '2')) AS t(scope, name, id)")
    con.execute("CREATE VIEW spellings AS SELECT 'a b' AS text, 'a b' AS spelling")
    nearest.match(con, "SELECT 's' AS scope, 'a b' AS name", "known", "matches", 1)
    assert con.execute("SELECT id FROM matches ORDER BY id").fetchall() == [("1",), ("2",)]
