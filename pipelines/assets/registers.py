"""Registers: persons and dwellings, and the links of every source record to them."""

import importlib
from collections.abc import Sequence

import dagster as dg

from migflow.store import Written
from pipelines.resources import Home
from pipelines.steps import build_tables

# Module of migflow.registers -> the tables it writes, and those it reads.
REGISTERS = {
    "addresses": (
        ("dwellings", "address_links", "place_links"),
        ("cadastre_addresses", "civil_registry_persons", "civil_registry_events", "municipal_residence"),
    ),
    "persons": (
        ("persons", "person_links"),
        ("civil_registry_persons", "civil_registry_events", "municipal_residence", "address_links", "place_links"),
    ),
}


def build() -> list[dg.AssetsDefinition]:
    """One step a register: the register and the links to it are written together."""
    return [_register(name, tables, inputs) for name, (tables, inputs) in REGISTERS.items()]


def _register(name: str, tables: Sequence[str], inputs: Sequence[str]) -> dg.AssetsDefinition:
    def build(home: Home) -> list[Written]:
        written: list[Written] = importlib.import_module(f"migflow.registers.{name}").build(home.store, home.country)
        return written

    return build_tables(f"register_of_{name}", tables, inputs, build)
