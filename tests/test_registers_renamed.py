"""former_streets.csv of a profile, and what the register keeps of it."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from migflow import countries
from migflow.errors import MigflowError
from migflow.registers import renamed, steps
from migflow.standardise import words

HEADER = "municipality,settlement,former_name,current_name,from_date,until_date\n"


def listed(folder: Path, text: str) -> list[dict[str, object]]:
    (folder / renamed.FILE).write_text(text, encoding="utf-8")
    return renamed.load(folder).to_pylist()


def test_dates_and_settlement_may_be_empty(tmp_path):
    (first, second) = listed(tmp_path, HEADER + "XK19,,Marshali Tito,Nëna Terezë,,1999-06-12\nXK19,P,A,B,,\n")
    assert first["until_date"] == dt.date(1999, 6, 12)
    assert (second["settlement"], second["from_date"]) == ("P", None)


def test_a_profile_without_the_file_knows_none(tmp_path):
    assert renamed.load(tmp_path).num_rows == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("municipality,settlement\n", "columns former_name, current_name, from_date, until_date are missing"),
        (HEADER + "XK19,,,Nëna Terezë,,\n", "line 2: former_name is empty"),
        (HEADER + "XK19,,A,B,,\nXK19,,A,B,,12.6.1999\n", "line 3: until_date is '12.6.1999'; expected YYYY-MM-DD"),
    ],
)
def test_what_is_wrong_with_the_file_is_named(tmp_path, text, said):
    with pytest.raises(MigflowError, match=said):
        listed(tmp_path, text)


def test_names_are_kept_also_of_streets_that_are_not_found(tmp_path):
    rows = "XK19,Priština,Ulica Maršala Tita,Nëna Terezë,,1999-06-12\nXK19,,Kurrkund,Askund,,\n"
    listed(tmp_path, HEADER + rows)
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE dwellings AS SELECT 'a' AS address_id, 'XK19' AS municipality, "
        "'XK19:prishtine' AS settlement_id, 'prishtine' AS settlement, 'pristina' AS settlement_second"
    )
    con.execute(
        "CREATE TABLE doors AS SELECT 'a' AS address_id, '1' AS street_id, 'nena tereze' AS street, "
        "'majke tereze' AS street_second"
    )
    renamed.bind(con, renamed.load(tmp_path), words.load(countries.find("kosovo")))
    kept = con.execute(
        f"SELECT former_name, current_name, settlement_id, until_date FROM ({steps.query('former_street_names')}) "
        "ORDER BY former_name DESC"
    )
    assert kept.fetchall() == [
        ("marsala tita", "nena tereze", "XK19:prishtine", dt.date(1999, 6, 12)),
        ("kurrkund", "askund", None, None),
    ]


def learnt(*unknown: tuple[str, str | None, int]) -> list[tuple[str, int]]:
    """Former names learnt of addresses "old N" (number, dwelling, resident) where residents 1 to 4 live at "new".

    Residents 1 and 2 live at number 1, dwelling 5; 3 at number 2; 4 at number 2 of another street, too.
    """
    known = [("1", "5", 1), ("1", "5", 2), ("2", None, 3), ("2", None, 4)]
    written = [("new", *row) for row in known] + [("other", "2", None, 4)] + [("old", *row) for row in unknown]
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE located (address_key INT, municipality VARCHAR, settlement_id VARCHAR, street_name VARCHAR, "
        "former_street VARCHAR, house_number VARCHAR, entrance VARCHAR, dwelling VARCHAR)"
    )
    con.execute("CREATE TABLE residents (address_key INT, resident INT)")
    for key, (street, number, dwelling, resident) in enumerate(written):
        con.execute("INSERT INTO located VALUES (?, 'm', 's', ?, NULL, ?, NULL, ?)", [key, street, number, dwelling])
        con.execute("INSERT INTO residents VALUES (?, ?)", [key, resident])
    con.execute(
        "CREATE TABLE doors AS SELECT street || number AS address_id, 's' AS settlement_id, street AS street_id, "
        "street, '' AS street_second, number AS house_number FROM (VALUES ('new', '1'), ('new', '2'), ('other', '2')) "
        "AS t(street, number)"
    )
    con.execute("CREATE TABLE dwellings AS SELECT address_id, 'p' AS settlement FROM doors")
    con.execute(
        "CREATE TABLE at_number AS SELECT address_key, 1 AS buildings, false AS names_dwelling, "
        "0 AS same_dwellings, settlement_id, street_name AS street_id "
        "FROM located WHERE street_name <> 'old'"
    )
    con.execute(
        "CREATE TABLE former_names (municipality VARCHAR, settlement VARCHAR, settlement_id VARCHAR, name VARCHAR, "
        "current_name VARCHAR, street_id VARCHAR, from_date DATE, until_date DATE, basis VARCHAR, households BIGINT)"
    )
    assert renamed.learn(con) == con.execute("SELECT count(*) FROM former_names").fetchall()[0][0]
    return con.execute("SELECT current_name, households FROM former_names WHERE name = 'old'").fetchall()


@pytest.mark.parametrize(
    ("unknown", "found"),
    [
        ([("1", "5", 1), ("2", None, 3)], [("new", 2)]),  # two households
        ([("1", "5", 1), ("1", "5", 2)], [("new", 1)]),  # one, by two of its residents
        ([("1", None, 1), ("1", None, 2)], [("new", 1)]),  # the dwelling left out
        ([("1", "5", 1)], []),  # one by one
        ([("1", "5", 1), ("1", "5", 2), ("2", None, 4)], [("new", 2)]),  # one alone does not outweigh two together
        ([("1", "6", 1), ("1", "6", 2)], []),  # another dwelling
        ([("1", "5", 1), ("2", None, 4)], []),  # one of two meets elsewhere too
        ([("1", "5", 1), ("2", None, 3), ("9", None, 7)], []),  # a number that the street does not have
    ],
)
def test_who_must_meet_for_a_name_to_be_learnt(unknown, found):
    assert learnt(*unknown) == found
