import datetime as dt

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from migflow.registers import linking, nearest

SPELLINGS = ["", "besa", "besart", "hodza", "krasnici", "valon"]
DATES = [dt.date(1990, 3, 5), dt.date(1990, 5, 3), dt.date(1975, 7, 20)]
NAMES = st.integers(0, len(SPELLINGS) - 1)

STATEMENT = st.tuples(
    st.sampled_from([None, "1", "2"]), NAMES, NAMES, st.sampled_from([None, *DATES]), st.sampled_from([None, "F", "M"])
)
IDENTITY = st.tuples(
    st.integers(1, 4), st.sampled_from([None, "1", "2"]), NAMES, NAMES, st.sampled_from(DATES), st.sampled_from("FM")
)


def link(statements, identities, spellings=SPELLINGS):
    """Links by statement: (person, pass); statements are numbered by their place in the list given."""
    con = duckdb.connect()
    con.execute("CREATE TABLE spellings (code BIGINT, spelling VARCHAR, initial VARCHAR)")
    con.executemany("INSERT INTO spellings VALUES (?, ?, ?)", [[i, s, s[:1]] for i, s in enumerate(spellings)])
    con.execute(
        "CREATE TABLE statements (statement BIGINT, source VARCHAR, number VARCHAR, first_name BIGINT, "
        "surname BIGINT, birth_date DATE, sex VARCHAR)"
    )
    con.execute(
        "CREATE TABLE identities (person BIGINT, number VARCHAR, first_name BIGINT, surname BIGINT, "
        "birth_date DATE, sex VARCHAR)"
    )
    for number, row in statements:
        con.execute("INSERT INTO statements VALUES (?, 'm', ?, ?, ?, ?, ?)", [number, *row])
    for row in identities:
        con.execute("INSERT INTO identities VALUES (?, ?, ?, ?, ?, ?)", list(row))
    linking.link(con, "m")
    rows = con.execute("SELECT statement, person, pass FROM links").fetchall()
    assert len({statement for statement, *_ in rows}) == len(rows)
    return {statement: (person, by) for statement, person, by in rows}


@settings(max_examples=40, deadline=None)
@given(st.lists(STATEMENT, max_size=4), st.lists(IDENTITY, max_size=5))
def test_links_have_evidence_and_do_not_depend_on_the_order_of_rows(statements, identities):
    numbered = list(enumerate(statements))
    links = link(numbered, identities)
    assert link(numbered[::-1], identities[::-1]) == links
    for statement, (person, by) in links.items():
        number, _, _, birth_date, _ = statements[statement]
        same = [i for i in identities if i[0] == person]
        if by == "number":
            assert number in {i[1] for i in same}
        else:
            days = (
                {birth_date, birth_date.replace(day=birth_date.month, month=birth_date.day)}
                if (birth_date.day <= 12)
                else {birth_date}
            )
            assert days & {i[4] for i in same}


def test_two_persons_nearly_alike_are_not_guessed():
    spellings = ["", "besa", "beso", "hodza"]
    person, other = (1, None, 1, 3, DATES[0], "F"), (2, None, 2, 3, DATES[0], "F")
    declared = [(0, (None, 3, 1, DATES[0], None))]
    assert link(declared, [person, other], spellings) == {0: (1, "exact")}
    mistyped = ["", "besa", "beso", "hodza", "besx"]
    declared = [(0, (None, 4, 3, DATES[0], None))]
    assert link(declared, [person], mistyped) == {0: (1, "fuzzy")}
    assert link(declared, [person, other], mistyped) == {}


def test_names_without_a_letter_agree_with_nothing():
    assert link([(0, (None, 0, 0, DATES[0], None))], [(1, None, 0, 0, DATES[0], "F")]) == {}


def test_similarity_of_codes_is_that_of_their_spellings():
    spellings = np.array(["besa", "besart", "valon", ""], dtype=object)
    left, right = np.array([0, 0, 1, 2, 3]), np.array([0, 1, 0, 0, 3])
    scores = linking.similarity(spellings, left, right, workers=1)
    assert scores[0] == 1 and scores[1] == scores[2] and scores[3] < 0.5 < scores[1] < 1 and scores[4] == 0


def test_a_pass_wants_what_it_says():
    agreement = linking.Agreement(np.array([1.0, 0.83]), np.array([1.0, 0.83]), np.array([1.0, np.nan]))
    passes = {step.name: step for step in linking.PASSES}
    assert passes["fuzzy"].accepts(agreement).tolist() == [True, False]
    assert linking.PASSES[0].accepts(agreement).tolist() == [True, True]
    assert agreement.score.tolist() == [100.0, 55.33]


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
