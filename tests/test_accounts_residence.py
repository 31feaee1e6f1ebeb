"""What the registers say of where a person lives, and the spells that follow: cases worked by hand."""

import pytest
from accounts_session import SHOWN, SPELLS, Registers, derive, rows, settled_person, spells


@pytest.fixture
def settled() -> Registers:
    return settled_person()


def test_who_never_moves_has_one_open_spell_since_registration(settled):
    assert spells(settled) == [("A", "2010-01-01", None, "start_of_records", None, "registry")]


def test_registration_without_a_day_counts_from_the_first_snapshot():
    r = Registers()
    r.person("P")
    r.registered("P", "A", None)
    assert spells(r) == [("A", "2019-12-31", None, "start_of_records", None, "registry")]


def test_declared_arrival_moves_though_registry_stays_behind(settled):
    settled.declared("P", "arrival", "2021-03-10", "B/t/2", came="A")
    assert spells(settled) == [
        ("A", "2010-01-01", "2021-03-10", "start_of_records", "internal", "registry"),
        ("B", "2021-03-10", None, "internal", None, "arrival"),
    ]


def test_registered_address_holds_in_later_snapshots_that_repeat_it():
    r = Registers()
    r.person("P")
    r.registered("P", "A/s/1", "2010-01-01")
    r.tables["address_links"] = r.tables["address_links"][:1]
    assert spells(r, "building_id") == [("A/s/1",)]


def test_registry_that_follows_a_declaration_late_adds_no_move():
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01", ["2019-12", "2020-12"])
    r.registered("P", "B/t/2/1", "2021-05-20", ["2021-12", "2022-12"])
    r.declared("P", "arrival", "2021-03-10", "B/t", came="A")
    assert spells(r, "municipality, from_date, address_id") == [
        ("A", "2010-01-01", None),
        ("B", "2021-03-10", "B/t/2/1"),
    ]


def test_registry_that_repeats_a_superseded_declaration_is_a_late_entry():
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01", ["2019-12", "2020-12"])
    r.registered("P", "B", "2021-09-01", ["2021-12", "2022-12"])
    r.declared("P", "arrival", "2021-03-10", "B", came="A")
    r.declared("P", "arrival", "2021-08-01", "C", came="B")
    assert spells(r, "municipality, from_date") == [("A", "2010-01-01"), ("B", "2021-03-10"), ("C", "2021-08-01")]


def test_departure_without_arrival_moves_to_an_unknown_address(settled):
    settled.declared("P", "departure", "2021-06-01", "A/s/1", went="B")
    assert spells(settled, SHOWN + ", settlement_id") == [
        ("A", "2010-01-01", "2021-06-01", "start_of_records", "internal", "registry", "A/s"),
        ("B", "2021-06-01", None, "internal", None, "departure", None),
    ]


def test_departure_and_arrival_are_one_move(settled):
    settled.declared("P", "departure", "2021-06-01", "A/s/1", went="B")
    settled.declared("P", "arrival", "2021-06-08", "B/t/2", came="A")
    assert spells(settled, "municipality, from_date, building_id, basis") == [
        ("A", "2010-01-01", "A/s/1", "registry"),
        ("B", "2021-06-01", "B/t/2", "arrival"),
    ]


def test_departure_to_nowhere_known_waits_for_the_arrival(settled):
    settled.declared("P", "departure", "2021-06-01", "A/s/1")
    settled.declared("P", "arrival", "2021-06-08", "B/t/2", came="A")
    assert spells(settled, "municipality, from_date") == [("A", "2010-01-01"), ("B", "2021-06-08")]


def test_departure_to_nowhere_known_entered_after_the_arrival_says_nothing(settled):
    settled.declared("P", "arrival", "2021-06-08", "B/t/2", came="A")
    settled.declared("P", "departure", "2021-06-10", "A/s/1")
    assert spells(settled, "municipality, from_date, exit_reason") == [
        ("A", "2010-01-01", "internal"),
        ("B", "2021-06-08", None),
    ]


def test_departure_to_nowhere_known_without_arrival_is_emigration(settled):
    settled.declared("P", "departure", "2021-06-01", "A/s/1", went="???")
    assert spells(settled, "municipality, to_date, exit_reason, destination_country") == [
        ("A", "2021-06-01", "emigration", "XX")
    ]


def test_declared_emigrant_stays_out_though_still_registered(settled):
    settled.declared("P", "departure", "2021-06-01", "A/s/1", went="DE")
    assert spells(settled, "municipality, from_date, to_date, exit_reason, destination_country") == [
        ("A", "2010-01-01", "2021-06-01", "emigration", "DE")
    ]


def test_return_migrant_has_a_gap_abroad(settled):
    settled.declared("P", "departure", "2020-06-01", "A/s/1", went="DE")
    settled.declared("P", "arrival", "2022-02-01", "B/t/2", came="DE")
    assert spells(settled, "municipality, from_date, to_date, entry_reason, origin_country") == [
        ("A", "2010-01-01", "2020-06-01", "start_of_records", None),
        ("B", "2022-02-01", None, "immigration", "DE"),
    ]


def test_arrival_from_abroad_of_a_listed_resident_shows_an_unseen_absence(settled):
    settled.declared("P", "arrival", "2021-02-01", "A/s/1", came="CH")
    assert spells(settled, "municipality, from_date, to_date, entry_reason, exit_reason, origin_country") == [
        ("A", "2010-01-01", "2021-01-31", "start_of_records", "adjustment", None),
        ("A", "2021-02-01", None, "immigration", None, "CH"),
    ]


def test_declaration_that_contradicts_an_old_registration_corrects_it_from_the_start(settled):
    settled.declared("P", "arrival", "2021-02-01", "B/t/2", came="C")
    assert spells(settled) == [
        ("C", "2019-12-31", "2021-02-01", "start_of_records", "internal", "previous"),
        ("B", "2021-02-01", None, "internal", None, "arrival"),
    ]


def test_change_of_address_where_the_person_was_not_registered_is_no_move_between_municipalities(settled):
    settled.declared("P", "change_of_address", "2021-02-01", "B/t/2")
    assert spells(settled, "municipality, from_date, entry_reason, basis") == [
        ("B", "2019-12-31", "start_of_records", "previous"),
        ("B", "2021-02-01", "internal", "change_of_address"),
    ]


def test_person_found_elsewhere_than_declared_before_is_transferred_by_adjustment(settled):
    settled.declared("P", "arrival", "2020-02-01", "B", came="A")
    settled.declared("P", "arrival", "2022-02-01", "D", came="C")
    assert spells(settled, "municipality, from_date, entry_reason, exit_reason") == [
        ("A", "2010-01-01", "start_of_records", "internal"),
        ("B", "2020-02-01", "internal", "adjustment"),
        ("C", "2022-01-31", "adjustment", "internal"),
        ("D", "2022-02-01", "internal", None),
    ]


def test_departure_says_that_the_person_lived_at_the_counters_municipality(settled):
    settled.declared("P", "departure", "2022-02-01", "B", went="DE")
    assert spells(settled, "municipality, from_date, entry_reason, exit_reason") == [
        ("B", "2019-12-31", "start_of_records", "emigration")
    ]


def test_arrival_soon_after_the_same_move_is_known_says_nothing_of_the_day_before(settled):
    settled.declared("P", "departure", "2021-02-01", "A", went="B")
    settled.declared("P", "arrival", "2021-02-09", "B/t/1", came="A")
    con = settled.session()
    derive(con, *SPELLS)
    assert rows(con, "SELECT statement_date, outcome FROM residence_statements WHERE kind = 'previous' ORDER BY 1") == [
        ("2021-01-31", "known"),
        ("2021-02-08", "known"),
    ]


def test_double_declaration_counts_once(settled):
    for _ in range(2):
        settled.declared("P", "change_of_address", "2021-02-01", "A/s")
        settled.declared("P", "arrival", "2021-09-01", "B/t/2", came="A")
    assert spells(settled, "municipality, from_date") == [
        ("A", "2010-01-01"),
        ("A", "2021-02-01"),
        ("B", "2021-09-01"),
    ]


def test_contradiction_of_one_day_the_finer_declaration_holds(settled):
    settled.declared("P", "arrival", "2021-02-01", "B", came="A")
    settled.declared("P", "arrival", "2021-02-01", "C/u/3", came="A")
    assert spells(settled, "municipality, from_date") == [("A", "2010-01-01"), ("C", "2021-02-01")]


def test_contradiction_of_one_day_a_declaration_holds_against_the_registry():
    r = Registers()
    r.person("P")
    r.registered("P", "A", "2010-01-01", ["2019-12"])
    r.registered("P", "C/u/3", "2020-02-01", ["2020-12", "2021-12", "2022-12"])
    r.declared("P", "arrival", "2020-02-01", "B", came="A")
    assert spells(r, "municipality, from_date") == [("A", "2010-01-01"), ("B", "2020-02-01")]


def test_change_of_address_opens_a_spell_even_at_an_unknown_address(settled):
    settled.declared("P", "change_of_address", "2021-02-01", "A/s")
    assert spells(settled, "from_date, building_id, basis") == [
        ("2010-01-01", "A/s/1", "registry"),
        ("2021-02-01", None, "change_of_address"),
    ]


def test_registry_that_repeats_a_change_of_address_only_refines_it():
    r = Registers()
    r.person("P")
    r.registered("P", "A/s/1", "2010-01-01", ["2019-12", "2020-12"])
    r.registered("P", "A/s/2", "2021-04-01", ["2021-12", "2022-12"])
    r.declared("P", "change_of_address", "2021-02-01", "A/s")
    assert spells(r, "from_date, building_id") == [("2010-01-01", "A/s/1"), ("2021-02-01", "A/s/2")]


def test_registry_at_another_building_of_the_municipality_is_a_move():
    r = Registers()
    r.person("P")
    r.registered("P", "A/s/1", "2010-01-01", ["2019-12", "2020-12"])
    r.registered("P", "A/t", "2021-04-01", ["2021-12"])
    r.registered("P", "A/t/9", "2022-04-01", ["2022-12"])
    assert spells(r, "from_date, settlement_id, building_id") == [
        ("2010-01-01", "A/s", "A/s/1"),
        ("2021-04-01", "A/t", "A/t/9"),
    ]


def test_coarser_address_of_the_same_municipality_is_no_move():
    r = Registers()
    r.person("P")
    r.registered("P", "A/s/1", "2010-01-01", ["2019-12", "2020-12"])
    r.registered("P", "A", "2021-04-01", ["2021-12", "2022-12"])
    assert spells(r, "from_date, building_id") == [("2010-01-01", "A/s/1")]


def test_every_statement_says_whether_it_counts(settled):
    settled.declared("P", "arrival", "2021-02-01", "B", came="A")
    settled.declared("P", "arrival", "2021-02-01", "C/u/3", came="A")
    con = settled.session()
    derive(con, *SPELLS)
    assert rows(con, "SELECT kind, municipality, outcome FROM residence_statements ORDER BY statement_number") == [
        ("registry", "A", "counts"),
        ("previous", "A", "known"),
        ("previous", "A", "known"),
        ("arrival", "C", "counts"),
        ("arrival", "B", "contradicted"),
    ]
