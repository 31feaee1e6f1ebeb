import datetime as dt

import pytest
from registers_tables import deliver, new_store, read

from migflow import countries
from migflow.registers import addresses

pytestmark = pytest.mark.usefixtures("without_great_expectations")

KOSOVO = countries.load("kosovo")
RAMADANI = {
    "settlement_name": "Prishtinë",
    "settlement_name_second": "Priština",
    "street_name": "Rruga Agim Ramadani",
    "street_name_second": "Ulica Agima Ramadanija",
    "house_number": "12",
    "building_id": "block",
}
VILLAGE = {"settlement_name": "Mramor", "settlement_name_second": "Mramor"}
GRACANICA = {"municipality": "XK35", "settlement_name": "Graçanicë", "settlement_name_second": "Gračanica"}

CADASTRE = [
    {**RAMADANI, "address_id": "block-1-1", "entrance": "1", "dwelling": "1"},
    {**RAMADANI, "address_id": "block-1-2", "entrance": "1", "dwelling": "2"},
    {**RAMADANI, "address_id": "block-2-2", "entrance": "2", "dwelling": "2"},
    {**RAMADANI, "address_id": "house-14", "house_number": "14 A", "building_id": "house-14"},
    {**RAMADANI, "address_id": "other", "street_name": "Rruga Nëna Terezë", "building_id": "other"},
    {**VILLAGE, "address_id": "village-5", "house_number": "5", "building_id": "village-5"},
    {**VILLAGE, "address_id": "twice-a", "house_number": "7", "building_id": "twice-a"},
    {**VILLAGE, "address_id": "twice-b", "house_number": "7", "building_id": "twice-b"},
    {
        **GRACANICA,
        "address_id": "gracanica-5",
        "street_name": "Rruga Vidovdani",
        "street_name_second": "Vidovdanska",
        "house_number": "5",
        "building_id": "gracanica-5",
    },
]

P, G = "Prishtinë", "Грачаница"
# municipality, settlement, address -> grade, building or None, address or None
WRITTEN = {
    ("XK19", P, "Rruga Agim Ramadani nr. 12, hyrja 1, banesa 1"): ("dwelling", "block", "block-1-1"),
    ("XK19", "Priština", "Ul. Agima Ramadanija br.12 u.2 st.2"): ("dwelling", "block", "block-2-2"),
    ("XK19", "Приштина", "Ул. Агима Рамаданија бр.12 ст.1"): ("dwelling", "block", "block-1-1"),
    ("XK19", P, "Agim Ramadani 12/1"): ("dwelling", "block", "block-1-1"),
    ("XK19", P, "Rr. Agim Ramadni nr.12 b.1"): ("dwelling", "block", "block-1-1"),
    ("XK19", P, "Rr. Agim Ramadani 14a"): ("dwelling", "house-14", "house-14"),
    ("XK19", P, "Rr. Agim Ramadani nr. 12"): ("building", "block", None),
    ("XK19", P, "Agim Ramadani 12/2"): ("building", "block", None),  # a dwelling 2 behind both entrances
    ("XK19", P, "Agim Ramadani 12/9"): ("building", "block", None),
    ("XK19", P, "Rr. Agim Ramadani p.n."): ("street", None, None),
    ("XK19", P, "Rr. Agim Ramadani nr. 99"): ("street", None, None),
    ("XK19", P, "Rr. Kurrkund nr. 1"): ("settlement", None, None),
    ("XK19", None, "Agim Ramadani 12/1"): ("dwelling", "block", "block-1-1"),
    ("XK19", "Mramor", "nr. 5"): ("dwelling", "village-5", "village-5"),
    ("XK19", None, "fshati Mramor nr. 5"): ("dwelling", "village-5", "village-5"),
    ("XK19", None, "Mramor 5"): ("dwelling", "village-5", "village-5"),
    ("XK19", "Mramor", "nr. 7"): ("settlement", None, None),
    ("XK19", None, None): ("municipality", None, None),
    ("XK19", None, "???"): ("municipality", None, None),
    ("XK35", G, "Видовданска 5"): ("dwelling", "gracanica-5", "gracanica-5"),
    ("XK35", P, "Rruga Agim Ramadani nr. 12, hyrja 1, banesa 1"): ("municipality", None, None),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    store = new_store(tmp_path_factory.mktemp("home"))
    deliver(store, "cadastre_addresses", "2019-12", CADASTRE)
    deliver(store, "cadastre_addresses", "2020-12", CADASTRE[1:])
    person = {"first_name": "Besa", "surname": "Hoxha", "birth_date": dt.date(1990, 3, 5)}
    rows = [
        {**person, "record_id": f"arc:{i}", "municipality": m, "settlement": s, "address": a}
        for i, (m, s, a) in enumerate(WRITTEN)
    ]
    deliver(store, "civil_registry_persons", "2019-12", rows)
    deliver(store, "civil_registry_persons", "2020-12", [rows[1], {**rows[2], "address": "Rr. Kurrkund 3"}])
    declared = {"event_date": dt.date(2020, 5, 1), "first_name": "Besa", "surname": "Hoxha"}
    deliver(
        store,
        "municipal_residence",
        "2020-05",
        [
            {
                **declared,
                "record_id": "from Gračanica",
                "settlement": P,
                "address": "Rr. Agim Ramadani 14a",
                "previous_place": "Грачаница",
                "previous_address": "Vidovdanska 5",
            },
            {**declared, "record_id": "from abroad", "previous_place": "Немачка"},
            {**declared, "record_id": "from nowhere", "previous_place": "ku ta di"},
            {
                **declared,
                "record_id": "inside",
                "event_type": "change_of_address",
                "settlement": P,
                "address": "Rr. Agim Ramadani 14a",
                "previous_address": "Agim Ramadani 12/1",
            },
            {**declared, "record_id": "away", "event_type": "departure", "next_place": "Peja"},
        ],
    )
    addresses.build(store, KOSOVO)
    return {table: read(store, table) for table in ("dwellings", "place_links", "address_links")}


def links(tables, source):
    return {
        (r["record_id"], r["reference_month"], r["role"]): r for r in tables["address_links"] if r["source"] == source
    }


@pytest.mark.parametrize("number", range(len(WRITTEN)), ids=[str(a) for _, _, a in WRITTEN])
def test_a_written_address_gets_its_grade(tables, number):
    link = links(tables, "civil_registry_persons")[f"arc:{number}", "2019-12", "current"]
    expected = list(WRITTEN.values())[number]
    assert (link["grade"], link["building_id"], link["address_id"]) == expected, link["reason"]


def test_only_a_changed_address_is_linked_again(tables):
    later = [key for key in links(tables, "civil_registry_persons") if key[1] == "2020-12"]
    assert later == [("arc:2", "2020-12", "current")]


def test_ambiguity_is_said(tables):
    village = list(WRITTEN).index(("XK19", "Mramor", "nr. 7"))
    link = links(tables, "civil_registry_persons")[f"arc:{village}", "2019-12", "current"]
    assert link["reason"] == "ambiguous: several buildings at street and number"


def test_previous_addresses_are_looked_for_in_the_place_moved_from(tables):
    declared = links(tables, "municipal_residence")
    previous = {key[0]: row for key, row in declared.items() if key[2] == "previous"}
    assert previous["from Gračanica"]["address_id"] == "gracanica-5"
    assert previous["inside"]["address_id"] == "block-1-1"
    assert (previous["from abroad"]["grade"], previous["from abroad"]["municipality"]) == ("none", None)
    assert previous["from nowhere"]["grade"] == "none"
    assert "away" not in previous


def test_places_are_linked_once_for_each_text(tables):
    found = {r["place"]: (r["municipality"], r["country"]) for r in tables["place_links"]}
    assert found == {
        "Грачаница": ("XK35", None),
        "Немачка": (None, "DE"),
        "ku ta di": (None, None),
        "Peja": ("XK17", None),
    }


def test_every_address_ever_held_is_a_dwelling(tables):
    dwellings = {d["address_id"]: d for d in tables["dwellings"]}
    assert dwellings.keys() == {row["address_id"] for row in CADASTRE}
    assert dwellings["block-1-1"]["settlement_id"] == "XK19:prishtine"
    assert (dwellings["house-14"]["street"], dwellings["house-14"]["house_number"]) == ("agim ramadani", "14a")
    assert dwellings["gracanica-5"]["street_second"] == "vidovdanska"


def test_an_empty_store_makes_empty_registers(tmp_path):
    assert [written.rows for written in addresses.build(new_store(tmp_path), KOSOVO)] == [0] * len(addresses.TABLES)
