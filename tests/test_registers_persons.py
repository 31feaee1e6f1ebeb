import datetime as dt
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from registers_tables import deliver, new_store, read

from migflow import countries
from migflow.deliveries.quarantine import quarantine_file
from migflow.registers import persons
from migflow.review import decisions
from migflow.review.decisions import Decision, Pair

pytestmark = pytest.mark.usefixtures("without_great_expectations")

KOSOVO = countries.load("kosovo")
BORN = dt.date(1990, 3, 5)
# Well-formed numbers by the rule of identifiers.toml.
NUMBER, TWIN_NUMBER = "1234567892", "1234567884"

REGISTRY = [
    {
        "record_id": "arc:1",
        "personal_number": NUMBER,
        "first_name": "Besa",
        "surname": "Hoxha",
        "birth_surname": "Krasniqi",
        "father_name": "Agim",
        "mother_name": "Drita",
        "birth_date": BORN,
    },
    {
        "record_id": "arc:2",
        "personal_number": TWIN_NUMBER,
        "first_name": "Liridona",
        "surname": "Krasniqi",
        "father_name": "Agim",
        "mother_name": "Drita",
        "birth_date": BORN,
    },
    {
        "record_id": "arc:3",
        "first_name": "Драган",
        "surname": "Ђорђевић",
        "sex": "M",
        "birth_date": dt.date(1980, 1, 2),
    },
    {"record_id": "arc:4", "first_name": "Arben", "surname": "Gashi", "sex": "M", "birth_date": dt.date(1975, 7, 20)},
    {"record_id": "arc:5", "first_name": "Arben", "surname": "Gashi", "sex": "M", "birth_date": dt.date(1975, 7, 20)},
    # Double entries: of Besa with her number, of Liridona without.
    {"record_id": "arc:6", "personal_number": NUMBER, "first_name": "Besa", "surname": "Krasniqi", "birth_date": BORN},
    {
        "record_id": "arc:7",
        "first_name": "Liridona",
        "surname": "Krasniqi",
        "father_name": "Agim",
        "mother_name": "Drita",
        "birth_date": BORN,
    },
]

DECLARED = {
    "by number, surname at birth": {"personal_number": NUMBER, "first_name": "Besa", "surname": "Krasniqi"},
    "number and birth date, like first name": {
        "personal_number": NUMBER,
        "first_name": "Besë",
        "surname": "Gjini",
        "birth_date": BORN,
    },
    "lent number": {"personal_number": NUMBER, "first_name": "Liridona", "surname": "Krasniqi", "birth_date": BORN},
    "number of a stranger": {"personal_number": NUMBER, "first_name": "Valon", "surname": "Bytyqi"},
    "swapped names, other language": {"first_name": "Hodža", "surname": "Besa", "birth_date": BORN},
    "other script": {"first_name": "Dragan", "surname": "Djordjevic", "birth_date": dt.date(1980, 1, 2)},
    "day and month swapped": {"first_name": "Dragan", "surname": "Đorđević", "birth_date": dt.date(1980, 2, 1)},
    "typing error": {"first_name": "Liridonna", "surname": "Krasnqi", "birth_date": BORN},
    "two namesakes": {"first_name": "Arben", "surname": "Gashi", "birth_date": dt.date(1975, 7, 20)},
    "number one digit off": {"personal_number": "1234567891", "first_name": "Besa", "surname": "Hoxha"},
    "other sex": {"first_name": "Dragan", "surname": "Đorđević", "birth_date": dt.date(1980, 1, 2), "sex": "F"},
    "surname of a marriage not in the registry": {"first_name": "Liridona", "surname": "Zogu", "birth_date": BORN},
    "diminutive with number": {
        "personal_number": TWIN_NUMBER,
        "first_name": "Dona",
        "surname": "Krasniqi",
        "birth_date": BORN,
    },
}

EXPECTED = {
    "by number, surname at birth": ("arc:1", "number"),
    "number and birth date, like first name": ("arc:1", "number"),
    "lent number": ("arc:2", "probabilistic"),
    "number of a stranger": (None, "none"),
    "swapped names, other language": ("arc:1", "probabilistic"),
    "other script": ("arc:3", "probabilistic"),
    "day and month swapped": ("arc:3", "probabilistic"),
    "typing error": ("arc:2", "probabilistic"),
    "two namesakes": (None, "none"),
    "number one digit off": ("arc:1", "probabilistic"),
    "other sex": ("arc:3", "probabilistic"),
    "surname of a marriage not in the registry": ("arc:2", "probabilistic"),
    "diminutive with number": ("arc:2", "probabilistic"),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    store = new_store(tmp_path_factory.mktemp("home"))
    deliver(store, "civil_registry_persons", "2019-12", REGISTRY[:5])
    moved_on = [{**REGISTRY[0], "surname": "Hoxha-Gashi", "death_date": dt.date(2020, 11, 1)}]
    deliver(store, "civil_registry_persons", "2020-12", [*moved_on, *REGISTRY[2:]])
    event = {"event_date": dt.date(2020, 3, 1), "first_name": "Besa", "surname": "Krasniqi", "birth_date": BORN}
    deliver(
        store,
        "civil_registry_events",
        "2020-03",
        [
            {**event, "record_id": "arc:a1", "event_type": "marriage", "personal_number": NUMBER},
            {**event, "record_id": "arc:a2", "event_type": "birth", "birth_date": event["event_date"]},
            {
                **event,
                "record_id": "arc:a3",
                "event_type": "marriage",
                "first_name": "Liridona",
                "new_surname": "Zogu",
            },
        ],
    )
    deliver(
        store,
        "municipal_residence",
        "2020-05",
        [{"event_date": dt.date(2020, 5, 1), "record_id": name, **row} for name, row in DECLARED.items()],
    )
    persons.build(store, KOSOVO)
    return {table: read(store, table) for table in persons.TABLES}


def anchors(tables):
    return {person["person_id"]: person["anchor_record_id"] for person in tables["persons"]}


def test_what_people_decided_comes_first(tables, tmp_path):
    by_anchor = {anchor: person for person, anchor in anchors(tables).items()}
    store = new_store(tmp_path)
    deliver(store, "civil_registry_persons", "2019-12", REGISTRY[:5])
    rows = [{"event_date": dt.date(2020, 5, 1), "record_id": name, **row} for name, row in DECLARED.items()]
    deliver(store, "municipal_residence", "2020-05", rows)
    same = Pair("municipal_residence", "two namesakes", by_anchor["arc:5"])
    different = Pair("municipal_residence", "other script", by_anchor["arc:3"])
    gone = Pair("municipal_residence", "a record that was withdrawn", by_anchor["arc:3"])
    day = dt.date(2021, 1, 1)
    decided = [Decision(same, "same", "A", day), Decision(different, "different", "A", day)]
    decisions.save(store.home, [*decided, Decision(gone, "same", "A", day)])
    persons.build(store, KOSOVO)
    links = {link["record_id"]: link for link in read(store, "person_links")}
    assert (links["two namesakes"]["person_id"], links["two namesakes"]["pass"]) == (by_anchor["arc:5"], "review")
    assert links["other script"]["person_id"] is None
    pairs = {pair["record_id"]: pair for pair in read(store, "review_pairs") if pair["decision"]}
    assert {name: pair["decision"] for name, pair in pairs.items()} == {
        "two namesakes": "same",
        "other script": "different",
    }


def test_uncertain_pairs_are_laid_side_by_side_with_what_each_comparison_tells(tables):
    pairs = [pair for pair in tables["review_pairs"] if pair["record_id"] == "two namesakes"]
    assert {anchors(tables)[pair["person_id"]] for pair in pairs} == {"arc:4", "arc:5"}
    for pair in pairs:
        assert (pair["first_name"], pair["person_first_name"], pair["person_surname"]) == ("Arben", "Arben", "Gashi")
        assert pair["person_birth_date"] == dt.date(1975, 7, 20)
        assert sum(json.loads(pair["contributions"]).values()) == pytest.approx(pair["match_weight"], abs=1e-3)


def linked(tables, source):
    return {link["record_id"]: link for link in tables["person_links"] if link["source"] == source}


@pytest.mark.parametrize("row", DECLARED)
def test_a_declaration_is_linked_by_the_pass_that_should(tables, row):
    link = linked(tables, "municipal_residence")[row]
    assert (anchors(tables).get(link["person_id"]), link["pass"]) == EXPECTED[row]
    assert (link["match_weight"] is None) == (link["match_probability"] is None)


def test_reasons_tell_ambiguity_from_absence(tables):
    links = linked(tables, "municipal_residence")
    assert links["two namesakes"]["reason"].startswith("ambiguous")
    assert links["number of a stranger"]["reason"].startswith("personal number or address")


def test_events_are_linked_and_a_birth_without_record_waits(tables):
    links = linked(tables, "civil_registry_events")
    assert anchors(tables)[links["arc:a1"]["person_id"]] == "arc:1"
    assert (links["arc:a2"]["pass"], links["arc:a2"]["reason"]) == ("none", "birth without a registry record yet")


def test_double_entries_are_one_person_anchored_on_the_oldest_record(tables):
    links = linked(tables, "civil_registry_persons")
    assert sorted(anchors(tables).values()) == ["arc:1", "arc:2", "arc:3", "arc:4", "arc:5"]
    assert links["arc:6"]["person_id"] == links["arc:1"]["person_id"]
    assert links["arc:7"]["person_id"] == links["arc:2"]["person_id"]
    assert links["arc:6"]["reason"].startswith("double entry")


def doubles(tmp_path, *rows):
    """Records of one snapshot, each a dict; the sets of those that became one person."""
    store = new_store(tmp_path)
    deliver(store, "civil_registry_persons", "2019-12", [{"birth_date": BORN, **row} for row in rows])
    persons.build(store, KOSOVO)
    groups = {}
    for link in read(store, "person_links"):
        groups.setdefault(link["person_id"], set()).add(link["record_id"])
    return sorted(map(sorted, groups.values()))


def test_one_number_and_birth_date_are_two_persons_if_names_or_sex_differ(tmp_path):
    eva = {"personal_number": NUMBER, "first_name": "Eva", "surname": "Gashi"}
    rows = [
        {**eva, "record_id": "arc:1"},
        {**eva, "record_id": "arc:2", "first_name": "Hilda", "surname": "Berisha"},
        {**eva, "record_id": "arc:3", "sex": "M"},
        {**eva, "record_id": "arc:4", "surname": "Krasniqi"},
    ]
    assert doubles(tmp_path, *rows) == [["arc:1", "arc:4"], ["arc:2"], ["arc:3"]]


@pytest.mark.parametrize(("number", "records"), [("0000000000", 2), (NUMBER, 6)])
def test_a_placeholder_is_no_number(tmp_path, number, records):
    rows = [
        {"record_id": f"arc:{n}", "personal_number": number, "first_name": "Eva", "surname": "Gashi"}
        for n in range(records)
    ]
    assert len(doubles(tmp_path, *rows)) == records
    assert {person["personal_number"] for person in read(new_store(tmp_path), "persons")} == {None}


def test_a_person_outlives_the_removal_of_a_double_entry(tmp_path):
    store = new_store(tmp_path)
    eva = {"personal_number": NUMBER, "first_name": "Eva", "surname": "Gashi", "birth_date": BORN}
    first = {**eva, "record_id": "arc:5", "citizenship": "AL", "birth_surname": "Berisha"}
    second = {**eva, "record_id": "arc:6", "surname": "Krasniqi", "citizenship": "XK"}
    deliver(store, "civil_registry_persons", "2019-12", [first, second])
    deliver(store, "civil_registry_persons", "2020-12", [{**second, "death_date": dt.date(2020, 11, 1)}])
    persons.build(store, KOSOVO)
    (person,) = read(store, "persons")
    shown = ("anchor_record_id", "surname", "birth_surname", "citizenship", "death_date", "first_month", "last_month")
    assert [person[column] for column in shown] == [
        "arc:5",
        "krasniqi",
        "berisha",
        "XK",
        dt.date(2020, 11, 1),
        "2019-12",
        "2020-12",
    ]


def test_a_row_in_quarantine_still_shows_that_the_person_is_in_the_registry(tmp_path):
    store = new_store(tmp_path)
    deliver(store, "civil_registry_persons", "2019-12", REGISTRY[:1])
    deliver(store, "civil_registry_persons", "2020-12", REGISTRY[1:2])
    apart = pa.table({"reference_month": ["2020-12"], "record_id": ["arc:1"]})
    path = quarantine_file(store, "civil_registry_persons", "2020-12")
    path.parent.mkdir(parents=True)
    pq.write_table(apart, path)
    persons.build(store, KOSOVO)
    assert {p["anchor_record_id"]: p["last_month"] for p in read(store, "persons")} == {
        "arc:1": "2020-12",
        "arc:2": "2020-12",
    }


def test_a_person_has_the_values_of_the_latest_snapshot(tables):
    besa = {p["anchor_record_id"]: p for p in tables["persons"]}["arc:1"]
    assert (besa["surname"], besa["birth_surname"], besa["personal_number"]) == ("hoxha gashi", "krasniqi", NUMBER)
    assert (besa["death_date"], besa["first_month"], besa["last_month"]) == (dt.date(2020, 11, 1), "2019-12", "2020-12")


def test_ids_do_not_depend_on_other_records(tables, tmp_path):
    store = new_store(tmp_path)
    deliver(store, "civil_registry_persons", "2019-12", [REGISTRY[3], REGISTRY[2]])
    persons.build(store, KOSOVO)
    alone = {p["anchor_record_id"]: p["person_id"] for p in read(store, "persons")}
    assert alone.items() <= {anchor: person for person, anchor in anchors(tables).items()}.items()


def test_an_empty_store_makes_empty_registers(tmp_path):
    store = new_store(tmp_path)
    assert [written.rows for written in persons.build(store, KOSOVO)] == [0, 0, 0, 0]


def test_what_was_learnt_is_kept_by_source_comparison_and_level(tables):
    learnt = tables["link_parameters"]
    levels = [row["level"] for row in learnt if (row["source"], row["comparison"]) == ("municipal_residence", "sex")]
    assert levels == ["differs", "equal"]
    for source in ("civil_registry_events", "municipal_residence"):
        for comparison in ("first name", "surname", "birth date", "sex"):
            rows = [row for row in learnt if (row["source"], row["comparison"]) == (source, comparison)]
            assert sorted(row["level_order"] for row in rows) == list(range(len(rows)))
            assert sum(row["m"] for row in rows) == pytest.approx(1) == sum(row["u"] for row in rows)
            equal = next(row for row in rows if row["level"] == "equal")
            assert equal["level_order"] == 0
            assert equal["match_weight"] == pytest.approx(math.log2(equal["m"] / equal["u"]), abs=1e-6)
    places = {row["comparison"] for row in learnt if row["u"] is None}
    assert "place, dwelling stated, companions' home known" in places and "surname" not in places
