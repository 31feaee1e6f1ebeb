"""Which SDMX concept each column of a table is, and which part it plays in the table's data structure."""

import csv
import functools
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from migflow.contracts import Column, Contract

# Labels of the area codes: the table is the codelist CL_GEO, not a dataset of its own.
AREAS = "areas"
COUNTRY_PATTERN = "^[A-Z]{2}$"


class Role(Enum):
    """What a component does: identify an observation, be its value, or tell more about it."""

    DIMENSION = "dimension"
    MEASURE = "measure"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True)
class Component:
    """One part of a data structure.

    column: the column it is made of, None for the frequency, which follows from the time period.
    codelist: None where the values are free. value: SQL over the table's columns that gives the SDMX value.
    """

    concept: str
    name: str
    role: Role
    column: Column | None
    codelist: str | None
    value: str


@dataclass(frozen=True)
class _Known:
    concept: str
    codelist: str | None
    name: str


FREQUENCY = """CASE
    WHEN CAST(time_period AS VARCHAR) LIKE '%-Q%' THEN 'Q'
    WHEN CAST(time_period AS VARCHAR) LIKE '____-__' THEN 'M'
    ELSE 'A'
END"""


def is_dataset(contract: Contract) -> bool:
    """Whether the table holds observations: all statistics do but the labels of areas."""
    return contract.table != AREAS


def components(contract: Contract) -> tuple[Component, ...]:
    """Parts of the table's structure in SDMX's order: dimensions, the time period last; measures; attributes.

    A column that concepts.csv does not know becomes a concept named after itself, so a new table needs no edit. A
    second column of one concept has a number behind its name.
    """
    roles = {column.name: _role(contract, column) for column in contract.columns}
    key = sorted((contract.column(name) for name in contract.key), key=lambda column: column.name == "time_period")
    ordered = key + [c for role in (Role.MEASURE, Role.ATTRIBUTE) for c in contract.columns if roles[c.name] is role]
    parts: dict[str, Component] = {}
    if "time_period" in contract.key and "freq" not in roles:
        parts["FREQ"] = Component("FREQ", "Frequency", Role.DIMENSION, None, "CL_FREQ", FREQUENCY)
    for column in ordered:
        known, number = _concept(column), 1
        concept = known.concept
        while concept in parts:
            number += 1
            concept = f"{known.concept}_{number}"
        value = _value(column, known.codelist)
        parts[concept] = Component(concept, known.name, roles[column.name], column, known.codelist, value)
    return tuple(parts.values())


def _role(contract: Contract, column: Column) -> Role:
    """Keys are dimensions; obs_value is the measure, or every number where a table has no obs_value."""
    if column.name in contract.key:
        return Role.DIMENSION
    if any(c.name == "obs_value" for c in contract.columns):
        return Role.MEASURE if column.name == "obs_value" else Role.ATTRIBUTE
    return Role.MEASURE if column.type in ("INTEGER", "BIGINT", "DOUBLE") else Role.ATTRIBUTE


def _concept(column: Column) -> _Known:
    if found := _known().get(column.name):
        return found
    concept = column.name.upper()
    codelist = "CL_COUNTRY" if column.pattern == COUNTRY_PATTERN else f"CL_{concept}" if column.allowed else None
    return _Known(concept, codelist, _title(column.name))


def _value(column: Column, codelist: str | None) -> str:
    """The column itself, but for single years of age, which have the codes of age groups: Y_LT1, Y1, ... Y_GE100."""
    if codelist != "CL_AGE" or column.type == "VARCHAR":
        return column.name
    open_ended = f"WHEN {column.name} >= {column.maximum:g} THEN 'Y_GE{column.maximum:g}' " if column.maximum else ""
    return f"CASE WHEN {column.name} = 0 THEN 'Y_LT1' {open_ended}ELSE 'Y' || {column.name} END"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


@functools.cache
def _known() -> dict[str, _Known]:
    with (Path(__file__).parent / "concepts.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["column"]: _Known(row["concept"], row["codelist"] or None, row["name"]) for row in csv.DictReader(file)
        }
