"""How persons enter and leave the account: births, deaths, first registrations, disappearance. Worked by hand."""

import pytest
from accounts_session import SPELLS, Registers, derive, rows, settled_person, spells


@pytest.fixture
def settled() -> Registers:
    return settled_person()


def test_birth_begins_a_spell_at_the_mothers_residence_even_if_first_seen_elsewhere():
    r = Registers()
    r.person("P", born="2020-03-03")
    r.act("P", "birth", "2020-03-03", "A")
    r.registered("P", "B/t/2", "2020-09-01", ["2020-12", "2021-12", "2022-12"])
    assert spells(r) == [
        ("A", "2020-03-03", "2020-09-01", "birth", "internal", "birth"),
        ("B", "2020-09-01", None, "internal", None, "registry"),
    ]


def test_birth_act_without_municipality_takes_the_mothers(settled):
    settled.person("K", born="2020-03-03")
    settled.tables["persons"][0]["personal_number"] = "1234567892"
    settled.act("K", "birth", "2020-03-03", None, mother_personal_number="123-456 7892")
    settled.registered("K", "B", "2021-03-03", ["2021-12", "2022-12"])
    assert spells(settled, "municipality, from_date, entry_reason", "K") == [
        ("A", "2020-03-03", "birth"),
        ("B", "2021-03-03", "internal"),
    ]


def test_of_two_acts_of_birth_the_first_counts_whole(settled):
    settled.person("K", born="2020-03-03")
    settled.act("K", "birth", "2020-03-03", "C", mother_personal_number="Q")
    settled.act("K", "birth", "2020-03-04", "A", mother_personal_number="P")
    settled.registered("K", "B", "2021-03-03", ["2021-12", "2022-12"])
    assert spells(settled, "municipality, from_date", "K")[0] == ("C", "2020-03-03")


def test_infant_registered_without_an_act_was_born_here_unless_it_came_from_abroad():
    r = Registers()
    for name in ("P", "Q"):
        r.person(name, born="2020-03-03")
        r.registered(name, "A", "2021-01-15", ["2021-12", "2022-12"])
    r.declared("Q", "arrival", "2021-01-10", "A", came="DE")
    assert spells(r, "from_date, entry_reason") == [("2020-03-03", "birth")]
    assert spells(r, "from_date, entry_reason, origin_country", "Q") == [("2021-01-10", "immigration", "DE")]


def test_who_is_a_citizen_does_not_depend_on_the_rows_of_areas():
    r = Registers()
    r.person("P", born="2020-03-03")
    r.registered("P", "A", "2020-03-10", ["2020-12", "2021-12", "2022-12"])
    con = r.session()
    con.execute("DELETE FROM areas")
    derive(con, *SPELLS)
    assert rows(con, "SELECT from_date, entry_reason FROM residence_spells") == [("2020-03-03", "birth")]


def test_citizen_who_appears_without_an_event_is_an_adjustment_and_a_foreigner_an_immigrant():
    r = Registers()
    r.person("P")
    r.person("Q", citizenship="AL")
    r.person("K", born="2020-03-03", citizenship="AL")
    for name in "PQK":
        r.registered(name, "A", "2021-01-15", ["2021-12", "2022-12"])
    assert spells(r, "from_date, entry_reason, origin_country") == [("2021-01-15", "adjustment", None)]
    assert spells(r, "from_date, entry_reason, origin_country", "Q") == [("2021-01-15", "immigration", "XX")]
    assert spells(r, "from_date, entry_reason, origin_country", "K") == [("2021-01-15", "immigration", "XX")]


def test_person_who_vanishes_leaves_by_adjustment_after_the_last_sign():
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01", ["2019-12", "2020-12"])
    r.person("Q")
    r.registered("Q", "A", "2010-01-01")
    assert spells(r, "to_date, exit_reason") == [("2021-01-01", "adjustment")]
    r.declared("P", "arrival", "2021-03-01", "B", came="A")
    assert spells(r, "municipality, to_date, exit_reason") == [
        ("A", "2021-03-01", "internal"),
        ("B", "2021-03-02", "adjustment"),
    ]


@pytest.mark.parametrize(
    ("place", "provider", "seen_in_quarantine"),
    [("B", "arc", "2020-12"), ("A", "other", "2020-12"), ("A", "arc", "2022-12")],
    ids=["municipality missing from the snapshot", "snapshot of the provider not yet there", "row in quarantine"],
)
def test_nobody_vanishes_through_a_hole_in_the_deliveries(settled, place, provider, seen_in_quarantine):
    settled.person("Q")
    settled.registered("Q", place, "2010-01-01", ["2019-12", "2020-12"], provider=provider)
    settled.tables["persons"][-1]["last_month"] = seen_in_quarantine
    assert spells(settled, "to_date, exit_reason", "Q") == [(None, None)]


def test_a_person_with_two_records_vanishes_with_the_last_of_them(settled):
    for name in ("Q", "R"):
        settled.person(name)
        settled.registered(name, "A", "2010-01-01", ["2019-12", "2020-12"])
    settled.person("Q2")
    settled.registered("Q2", "A", "2010-01-01")
    del settled.tables["persons"][-1]
    settled.tables["person_links"][-1]["person_id"] = "Q"
    settled.tables["persons"][-2]["last_month"] = "2022-12"
    assert spells(settled, "to_date, exit_reason", "Q") == [(None, None)]
    assert spells(settled, "to_date, exit_reason", "R") == [("2021-01-01", "adjustment")]


def test_death_ends_the_account_and_nothing_follows():
    r = Registers()
    r.person("P", died="2021-07-07")
    r.registered("P", "A", "2010-01-01")
    r.declared("P", "arrival", "2021-09-01", "B", came="A")
    assert spells(r, "municipality, to_date, exit_reason") == [("A", "2021-07-07", "death")]


def test_death_known_only_from_the_act_counts(settled):
    settled.act("P", "death", "2022-11-11", "A")
    assert spells(settled, "to_date, exit_reason") == [("2022-11-11", "death")]


def test_child_who_dies_on_the_day_of_birth_has_lived_one_day():
    r = Registers()
    r.person("P", born="2020-03-03", died="2020-03-03")
    r.act("P", "birth", "2020-03-03", "A")
    r.registered("P", "A", "2020-03-03", ["2020-12", "2021-12", "2022-12"])
    assert spells(r, "from_date, to_date, entry_reason, exit_reason") == [
        ("2020-03-03", "2020-03-04", "birth", "death")
    ]


def test_who_died_before_the_period_has_no_account():
    r = Registers()
    r.person("P", died="2019-07-07")
    r.registered("P", "A", "2010-01-01")
    assert spells(r) == []


def test_nothing_at_or_after_the_as_of_date_counts(settled):
    settled.declared("P", "arrival", "2023-01-01", "B", came="A")
    settled.act("P", "death", "2023-02-01", "A")
    assert spells(settled, "municipality, to_date") == [("A", None)]
