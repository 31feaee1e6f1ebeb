import datetime as dt

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.registers import linking, nearest
from migflow.registers.posterior import posterior, registered_shares

pytestmark = pytest.mark.usefixtures("without_great_expectations")

SPELLINGS = ["", "besa", "besart", "hodza", "krasnici", "valon"]
DATES = [dt.date(1990, 3, 5), dt.date(1990, 5, 3), dt.date(1975, 7, 20)]
NAMES = st.integers(0, len(SPELLINGS) - 1)

STATEMENT = st.tuples(
    st.sampled_from([None, "1", "2"]), NAMES, NAMES, st.sampled_from([None, *DATES]), st.sampled_from([None, "F", "M"])
)
IDENTITY = st.tuples(
    st.integers(1, 4), st.sampled_from([None, "1", "2"]), NAMES, NAMES, st.sampled_from(DATES), st.sampled_from("FM")
)
TABLES = {
    "spellings": "code BIGINT, spelling VARCHAR, initial VARCHAR",
    "statements": "statement BIGINT, source VARCHAR, event_type VARCHAR, number VARCHAR, written_number VARCHAR, "
    "first_name BIGINT, surname BIGINT, birth_date DATE, sex VARCHAR, citizenship VARCHAR",
    "registry_records": "citizenship VARCHAR",
    "identities": "person BIGINT, number VARCHAR, first_name BIGINT, surname BIGINT, birth_date DATE, sex VARCHAR",
    "homes": "person BIGINT, kind VARCHAR, place VARCHAR",
    "stated_places": "statement BIGINT, kind VARCHAR, place VARCHAR",
    "companions": "statement BIGINT, companion BIGINT",
    "decided_pairs": "statement BIGINT, person BIGINT, decision VARCHAR",
}


def link(statements, identities, spellings=SPELLINGS, **others):
    """Links by statement: (person, pass); statements are numbered by their place in the list given."""
    con = duckdb.connect()
    rows = {
        "spellings": [[i, s, s[:1]] for i, s in enumerate(spellings)],
        "statements": [[n, "m", "arrival", row[0], *row, None] for n, row in statements],
        "identities": identities,
        **others,
    }
    for table, columns in TABLES.items():
        con.execute(f"CREATE TABLE {table} ({columns})")
        if rows.get(table):
            marks = ", ".join("?" * (columns.count(",") + 1))
            con.executemany(f"INSERT INTO {table} VALUES ({marks})", [list(row) for row in rows[table]])
    linking.begin(con)
    linking.link(con, "m")
    found = con.execute("SELECT statement, person, pass FROM links").fetchall()
    assert len({statement for statement, *_ in found}) == len(found)
    return {statement: (person, by) for statement, person, by in found}


@settings(max_examples=4)
@given(st.lists(STATEMENT, max_size=4), st.lists(IDENTITY, max_size=5))
def test_links_have_evidence_and_do_not_depend_on_the_order_of_rows(statements, identities):
    numbered = list(enumerate(statements))
    links = link(numbered, identities)
    assert link(numbered[::-1], identities[::-1]) == links
    for statement, (person, by) in links.items():
        number, first_name, surname, birth_date, _ = statements[statement]
        same = [i for i in identities if i[0] == person]
        if by == "number":
            assert number in {i[1] for i in same}
        names = {name for i in same for name in i[2:4]}
        near = {(birth_date.month, birth_date.day), (birth_date.day, birth_date.month)} if birth_date else set()
        assert near & {(i[4].month, i[4].day) for i in same} or {first_name, surname} & names or {1, 2} & names


def test_two_persons_nearly_alike_are_not_guessed():
    spellings = ["", "besa", "beso", "hodza"]
    person, other = (1, None, 1, 3, DATES[0], "F"), (2, None, 2, 3, DATES[0], "F")
    declared = [(0, (None, 3, 1, DATES[0], None))]
    assert link(declared, [person, other], spellings) == {0: (1, "probabilistic")}
    mistyped = ["", "besa", "beso", "hodza", "besx"]
    declared = [(0, (None, 4, 3, DATES[0], None))]
    assert link(declared, [person], mistyped) == {0: (1, "probabilistic")}
    assert link(declared, [person, other], mistyped) == {}


def test_names_without_a_letter_agree_with_nothing():
    assert link([(0, (None, 0, 0, None, None))], [(1, None, 0, 0, DATES[0], "F")]) == {}


def family(number):
    """A couple and their child of one dwelling, and 40 strangers of the same first names in dwellings of their own."""
    rows = [(1, "1", 5, 3, DATES[0], "M"), (2, "2", 1, 3, DATES[1], "F"), (3, None, 4, 3, DATES[2], "F")]
    strangers = [(4 + n, None, 1 + n % 4, 1 + n % 5, dt.date(1960 + n, 1, 1), "FM"[n % 2]) for n in range(number)]
    homes = [(person, "dwelling", "home" if person <= 3 else f"d{person}") for person, *_ in rows + strangers]
    return {"identities": rows + strangers, "homes": homes}


def test_a_dwelling_in_common_decides_between_namesakes_without_birth_dates():
    declared = [(0, (None, 1, 3, None, None))]
    known = family(40)
    identities = [*known["identities"], (99, None, 1, 3, DATES[2], "F")]
    assert link(declared, identities, homes=known["homes"]) == {}
    places = [(0, "dwelling", "home")]
    assert link(declared, identities, homes=known["homes"], stated_places=places) == {0: (2, "probabilistic")}


def test_who_is_declared_with_a_member_of_the_household_is_sought_there():
    declared = [(0, ("1", 5, 3, DATES[0], "M")), (1, (None, 1, 3, None, "F"))]
    together = [(0, 1), (1, 0)]
    known = family(40)
    identities = [*known["identities"], (99, None, 1, 3, DATES[2], "F")]
    assert link(declared, identities, homes=known["homes"]) == {0: (1, "number")}
    linked = link(declared, identities, homes=known["homes"], companions=together)
    assert linked == {0: (1, "number"), 1: (2, "household")}


def test_a_person_is_hardly_declared_twice_at_one_time():
    declared = [(0, ("2", 1, 3, DATES[1], "F")), (1, (None, 1, 3, None, "F"))]
    known = family(40)
    identities = [*known["identities"], (99, None, 1, 3, DATES[2], "F")]
    assert link(declared, identities, homes=known["homes"]) == {0: (2, "number")}
    # The home that she shares with herself is no evidence that she is meant again.
    linked = link(declared, identities, homes=known["homes"], companions=[(0, 1), (1, 0)])
    assert linked == {0: (2, "number")}


def test_decisions_of_people_outrank_the_model():
    declared = [(0, (None, 5, 3, DATES[0], "M")), (1, ("1", 5, 3, DATES[0], "M"))]
    assert link(declared, **family(40)) == {0: (1, "probabilistic"), 1: (1, "number")}
    different = [(0, 1, "different"), (1, 1, "different")]
    assert link(declared, **family(40), decided_pairs=different) == {}
    assert link(declared[:1], **family(40), decided_pairs=[(0, 7, "same")]) == {0: (7, "review")}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(-40, 60)), min_size=1, max_size=12),
    st.floats(0.01, 0.99),
    st.floats(0.1, 1e4),
)
def test_probabilities_of_a_statement_are_those_of_bayes(pairs, registered, nobody):
    pairs = sorted(pairs)
    statement, weight = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    size = len(pairs)
    found = posterior(statement, weight, np.full(size, registered), np.full(size, nobody), persons=1000)
    for one in set(statement.tolist()):
        inside = statement == one
        odds = 2 ** weight[inside] * registered / 1000
        expected = odds / (odds.sum() + (1 - registered) * nobody)
        assert found.probability[inside] == pytest.approx(expected, abs=1e-9)
        assert found.best[inside].sum() == 1
        assert weight[inside & found.best][0] == pytest.approx(weight[inside].max(), abs=1e-9)


def test_certain_matches_keep_finite_and_comparable_weights():
    found = posterior(np.array([0, 0, 1]), np.array([90.0, 20.0, 120.0]), np.full(3, 0.9), np.ones(3), persons=1000)
    assert np.isfinite(found.match_weight).all()
    assert found.match_weight[2] > found.match_weight[0] > 60 > found.match_weight[1]


def test_the_share_of_registered_persons_is_found():
    # Of 1,000 statements of one group nine tenths have a clear match; the other group has none.
    statement = np.arange(900)
    group = np.repeat([0, 1], 1000)
    shares = registered_shares(statement, np.full(900, 40.0), np.ones(2000), group, persons=1000)
    assert shares[0] == pytest.approx(0.9, abs=0.01) and shares[1] < 0.05


def test_a_name_is_matched_exactly_then_by_sound_then_nearly_and_only_in_its_scope():
    con = duckdb.connect()
    texts = {"recan": "recan", "rreqan": "recan", "shala": "sala", "sala": "sala", "vidovdanska": "vidovdanska"}
    texts |= {"vidovdnska": "vidovdnska", "novi grad": "novi grad", "novi brad": "novi brad", "novi rad": "novi rad"}
    con.register("spellings", pa.table({"text": list(texts), "spelling": list(texts.values())}))
    known = [("a", "recan", "1"), ("a", "rreqan", "2"), ("a", "shala", "3"), ("a", "vidovdanska", "4")]
    known += [("b", "novi grad", "5"), ("b", "novi brad", "6")]
    con.register(
        "known", pa.table(dict(zip(("scope", "name", "id"), map(list, zip(*known, strict=True)), strict=True)))
    )
    wanted = [("a", "rreqan"), ("a", "sala"), ("a", "vidovdnska"), ("b", "novi rad"), ("b", "vidovdanska")]
    values = ", ".join(f"('{scope}', '{name}')" for scope, name in wanted)
    nearest.match(con, f"SELECT * FROM (VALUES {values}) AS v(scope, name)", "known", "matches", workers=1)
    found = con.execute("SELECT name, id, how FROM matches ORDER BY id").fetchall()
    assert found == [("rreqan", "2", "exact"), ("sala", "3", "exact"), ("vidovdnska", "4", "fuzzy")]
