"""A home with pairs for clerical review, the workbook that is exported of them, and how it comes back."""

import csv
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from contract_arrow import schema_of
from delivery_files import write_sheet
from python_calamine import CalamineWorkbook
from registers_tables import deliver, new_store

from migflow import contracts
from migflow.review import decisions
from migflow.review.decisions import Pair
from migflow.review.export import export
from migflow.review.importing import RefusedError, import_decisions
from migflow.store import Store

MAY = dt.date(2025, 5, 6)
CLERK = {"decided_by": "clerk 7", "decided_on": MAY}
DECLARED = "municipal_residence"
BESA = Pair(DECLARED, "prishtine:2024-03:17", "P00000000000000a1")
TWIN = Pair(DECLARED, "prishtine:2024-03:17", "P00000000000000b2")
ARBEN = Pair(DECLARED, "gjilan:2024-03:4", "P00000000000000c3")
BIRTH = Pair("civil_registry_events", "arc:2024-03:9", "P00000000000000d4")
# Rows of the export: sources and records in order, the likeliest candidate of a record first.
BIRTH_ROW, ARBEN_ROW, BESA_ROW, TWIN_ROW = 2, 3, 4, 5
PAIRS = {
    BESA: {
        "match_weight": 1.5,
        "first_name": "Besa",
        "person_first_name": "BESA",
        "surname": "=Hoxha",
        "person_surname": "Krasniqi",
        "birth_date": dt.date(1990, 3, 5),
        "person_birth_date": dt.date(1990, 5, 3),
        "contributions": json.dumps({"names": 7.25, "birth date": -2.5, "prior": -3.25}),
    },
    TWIN: {"match_weight": -3.0, "first_name": "Besa", "person_first_name": "Liridona"},
    ARBEN: {"match_weight": 0.25, "first_name": "Arben", "contributions": json.dumps({"place": 0.25})},
    BIRTH: {"match_weight": 4.0, "first_name": "Drita"},
}


def build(home: Path) -> Path:
    """Make it a home with four pairs for review."""
    store = new_store(home)
    contract = contracts.load("review_pairs")
    rows = [
        {**vars(pair), **values, "match_probability": 2 ** values["match_weight"] / (1 + 2 ** values["match_weight"])}
        for pair, values in PAIRS.items()
    ]
    full = [dict.fromkeys(c.name for c in contract.columns) | row for row in rows]
    with store.session() as con:
        con.register("found", pa.Table.from_pylist(full, schema=schema_of(contract)))
        store.write(con, "review_pairs", "FROM found")
    declared = {"first_name": "Besa", "surname": "Hoxha", "event_date": dt.date(2024, 3, 1)}
    places = [(BESA, "XK19"), (ARBEN, "XK07")]
    deliver(store, DECLARED, "2024-03", [{**declared, "record_id": p.record_id, "municipality": m} for p, m in places])
    birth = {**declared, "record_id": BIRTH.record_id, "municipality": "XK19", "event_type": "birth"}
    deliver(store, BIRTH.source, "2024-03", [birth])
    return home


Grid = list[list[object]]


def grid(path: Path) -> Grid:
    return CalamineWorkbook.from_path(path).get_sheet_by_name("pairs").to_python()


def exported(store: Store, **options: object) -> list[dict[str, object]]:
    out = store.home / "out.xlsx"
    out.unlink(missing_ok=True)
    export(store, out, **options)  # type: ignore[arg-type]
    header, *rows = grid(out)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def ids(rows: Sequence[Mapping[str, object]]) -> list[object]:
    return [row["pair_id"] for row in rows]


def filled(
    store: Store,
    given: Mapping[Pair, Mapping[str, object]],
    more: Sequence[Mapping[str, object]] = (),
    suffix: str = ".xlsx",
) -> Path:
    """The export with cells filled in by pair, and further rows; rows are in the order of the export."""
    rows = exported(store, decided=True)
    for row in rows:
        row.update(next((cells for pair, cells in given.items() if pair.pair_id == row["pair_id"]), {}))
    rows += [{**rows[0], **cells} for cells in more]
    path = store.home / f"filled{suffix}"
    cells = [list(rows[0]), *([row[column] for column in rows[0]] for row in rows)]
    if suffix == ".xlsx":
        write_sheet(path, "pairs", cells)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(cells)
    return path


def key(pair: Pair) -> dict[str, object]:
    return {"pair_id": pair.pair_id, **vars(pair)}


def refused(store: Store, path: Path, **options: object) -> list[str]:
    before = decisions.digest(store.home)
    with pytest.raises(RefusedError) as error:
        import_decisions(store, path, **options)  # type: ignore[arg-type]
    assert decisions.digest(store.home) == before
    assert not any(name in str(error.value) for name in ("Besa", "Hoxha", "Krasniqi", "Liridona", "Arben"))
    return list(error.value.reasons)
