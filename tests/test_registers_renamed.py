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
