"""Small delivery tables written by hand, put in a store for the tests of the registers."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
from contract_arrow import schema_of

from migflow import contracts
from migflow.settings import Settings
from migflow.store import Store

DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "civil_registry_persons": {"sex": "F", "municipality": "XK19", "provider": "arc"},
    "civil_registry_events": {"provider": "arc"},
    "municipal_residence": {"event_type": "arrival", "municipality": "XK19", "provider": "prishtine"},
    "cadastre_addresses": {"municipality": "XK19", "provider": "cadastre"},
}


def new_store(home: Path) -> Store:
    return Store(Settings(home=home))


def deliver(store: Store, table: str, month: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows as a month of a delivery table; columns left out take the defaults or are empty."""
    contract = contracts.load(table)
    filled = [
        {
            **dict.fromkeys(c.name for c in contract.columns),
            **DEFAULTS[table],
            "reference_month": month,
            "delivery_id": f"{table}/{month}/x/0001",
            "source_line": line,
            **row,
        }
        for line, row in enumerate(rows, start=2)
    ]
    with store.session() as con:
        con.register("sent", pa.Table.from_pylist(filled, schema=schema_of(contract)))
        store.write(con, table, "FROM sent", partition=month)


def read(store: Store, table: str) -> list[dict[str, object]]:
    with store.session(table) as con:
        return pa.table(con.sql(f"FROM {table}").to_arrow_reader()).to_pylist()
