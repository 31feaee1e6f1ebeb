"""Registers: persons and dwellings, and the links of every source record to them."""

from types import ModuleType

import dagster as dg

from migflow.registers import addresses, persons
from pipelines.steps import build_tables

# Each module writes a register and the links to it together.
TABLES = {addresses: addresses.TABLES, persons: persons.TABLES}


def build() -> list[dg.AssetsDefinition]:
    """One step a register."""
    return [_register(module, tables) for module, tables in TABLES.items()]


def _register(module: ModuleType, tables: tuple[str, ...]) -> dg.AssetsDefinition:
    name = module.__name__.rsplit(".", 1)[1]
    return build_tables(
        f"register_of_{name}", tables, module.SOURCES, lambda home: module.build(home.store, home.country)
    )
