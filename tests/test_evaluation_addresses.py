"""Which written addresses tell the building they mean, on a settlement small enough to check by hand."""

import duckdb
import pandas as pd
import pytest

from migflow.evaluation import addresses

NAMES = ("street", "street_second", "former_street", "former_street_second")
TERESA = ("Nëna Terezë", "Majke Tereze", "Marshali Tito", "Maršala Tita")
MEHA, MUHA = ("Adnan Meha", "Adnan Meha", None, None), ("Adnan Muha", "Adnan Muha", None, None)
TITO = ("Marshali Tito", "Maršala Tita", None, None)
# address: settlement, street names, number, dwelling
DWELLINGS = {
    "teresa 1": ("P", TERESA, "1", None),
    "teresa 2, dwelling 1": ("P", TERESA, "2", "1"),
    "meha 1": ("P", MEHA, "1", None),
    "muha 1": ("P", MUHA, "1", None),
    "muha 3": ("P", MUHA, "3", None),
    "tito 2": ("P", TITO, "2", None),
    "mramor 5": ("M", (None,) * 4, "5", None),
    "other mramor 5": ("M2", (None,) * 4, "5", None),
    "twice 7, dwelling 1": ("M", (None,) * 4, "7", "1"),
    "twice 7, dwelling 2": ("M", (None,) * 4, "7", "2"),
}
PLAIN = {"language": "sq", "mistyped": False, "number_written": True, "dwelling_written": False}
# true address, what was written -> evidence
CASES = [
    ("teresa 1", {"street": "Nëna Terezë"}, "enough"),
    ("teresa 1", {"street": "Мајке Терезе"}, "enough"),
    ("teresa 1", {"street": "Marshali Tito"}, "enough"),  # the street of that name has no number 1
    ("teresa 1", {"street": "Nëna Terezë", "number_written": False}, "no number"),
    ("teresa 2, dwelling 1", {"street": "Nëna Terezë"}, "enough"),
    ("teresa 2, dwelling 1", {"street": "Marshali Tito"}, "shared"),
    ("teresa 2, dwelling 1", {"street": "Marshali Tito", "dwelling_written": True}, "enough"),
    ("tito 2", {"street": "Marshali Tito"}, "shared"),
    ("meha 1", {"street": "Adnan Mehha", "mistyped": True}, "enough"),
    ("meha 1", {"street": "Adnan Mxha", "mistyped": True}, "nearer another"),
    ("meha 1", {"street": "Adnan Muha", "mistyped": True}, "shared"),
    ("muha 3", {"street": "Adnan Mxha", "mistyped": True}, "enough"),
    ("mramor 5", {"street": None}, "enough"),
    ("mramor 5", {"street": None, "municipality_written": False}, "no municipality"),
    ("teresa 1", {"street": "Nëna Terezë", "municipality_written": False}, "enough"),
    ("twice 7, dwelling 1", {"street": None}, "shared"),
    ("twice 7, dwelling 1", {"street": None, "dwelling_written": True}, "enough"),
]


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    con = duckdb.connect()
    key = [{"source": "s", "record_id": str(n), "reference_month": "2020-12"} for n in range(len(CASES))]
    written = [
        {**k, "role": "current", "municipality_written": True, **PLAIN, **how}
        for k, (_, how, _) in zip(key, CASES, strict=True)
    ]
    meant = [{**k, "address_id": a, "previous_address_id": None} for k, (a, _, _) in zip(key, CASES, strict=True)]
    dwellings = [
        {
            **{"address_id": a, "building_id": a, "municipality": "X", "settlement_id": place, "house_number": number},
            **{"entrance": None, "dwelling": inside, "settlement": place[0], "settlement_second": None},
            **dict(zip(NAMES, streets, strict=True)),
        }
        for a, (place, streets, number, inside) in DWELLINGS.items()
    ]
    linked = [{**k, "role": "current", "grade": "building", "building_id": "teresa 1"} for k in key]
    for name, rows in (
        ("truth_addresses", written),
        ("truth_records", meant),
        ("truth_dwellings", dwellings),
        ("address_links", linked),
    ):
        con.register(name, pd.DataFrame(rows))
    addresses.judge(con)
    return con.execute("FROM judged_addresses ORDER BY CAST(record_id AS INT)").df()


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{a}: {how}" for a, how, _ in CASES])
def test_evidence_follows_from_what_was_written_and_what_streets_are_called(judged, number):
    assert judged["evidence"][number] == CASES[number][2]


def test_right_and_wrong_buildings_are_told_apart(judged):
    right = [a == "teresa 1" for a, _, _ in CASES]
    assert judged["right_building"].tolist() == right
    assert judged["wrong_building"].tolist() == [not r for r in right]
