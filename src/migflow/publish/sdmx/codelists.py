"""The codes behind the coded components: standard codes, countries, areas, a contract's values, and those in use."""

import csv
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from migflow import engine
from migflow.contracts import Contract
from migflow.countries import CODE, world
from migflow.errors import MigflowError
from migflow.publish.sdmx.concepts import AREAS, Component

# Codes that mean the same in every SDMX codelist.
COMMON = {"_T": "Total", "_U": "Unknown", "_O": "Other", "_Z": "Not applicable"}
YEARS = re.compile(r"Y(?P<low>\d+)?(?:T(?P<high>\d+)|_LT(?P<below>\d+)|_GE(?P<over>\d+))?")


@dataclass(frozen=True)
class Code:
    """A code, its name, what else is known of it, and the code of the wider area."""

    code: str
    name: str
    description: str | None = None
    parent: str | None = None


def of_tables(
    con: duckdb.DuckDBPyConnection, folder: Path, tables: Mapping[Contract, Sequence[Component]]
) -> dict[str, tuple[Code, ...]]:
    """Codelists of the tables by id: every code that is defined, and every code in the Parquet files of folder.

    Raises MigflowError where a code holds what SDMX does not allow in a code.
    """
    coded = [(contract.table, part) for contract, parts in tables.items() for part in parts if part.codelist]
    named = [(code, table, part) for table, part in coded for code in allowed(part)]
    names = sorted({str(part.codelist) for _, part in coded})
    lists = {name: _defined(con, folder, name) for name in names}
    for code, table, part in (*named, *_in_use(con, folder, coded)):
        _check(code, table, part.concept)
        lists[str(part.codelist)].setdefault(code, Code(code, _name(code, part)))
    return {name: _ordered(name, lists[name]) for name in names}


def _defined(con: duckdb.DuckDBPyConnection, folder: Path, codelist: str) -> dict[str, Code]:
    found = {code: Code(code, name) for code, name in _standard().get(codelist, ())}
    if codelist == "CL_GEO":
        found |= {code.code: code for code in _areas(con, folder)}
    return found


def _areas(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterable[Code]:
    rows = con.read_parquet(str(folder / f"{AREAS}.parquet")).order("code").fetchall()
    for code, level, parent, name, name_second, *_ in rows:
        _check(code, AREAS, "GEO")
        place = f"{level} in {parent}" if parent else level
        yield Code(code, name, f"{name_second}; {place}" if name_second else place, parent)


def allowed(part: Component) -> tuple[str, ...]:
    """Codes that the contract, or for the frequency its rule, names; none where any may occur."""
    column = part.column
    if column is None:
        return ("A", "Q", "M")
    if part.codelist == "CL_AGE" and column.type != "VARCHAR" and column.maximum:
        top = int(column.maximum)
        return ("Y_LT1", *(f"Y{age}" for age in range(1, top)), f"Y_GE{top}")
    return column.allowed


def _in_use(
    con: duckdb.DuckDBPyConnection, folder: Path, coded: Sequence[tuple[str, Component]]
) -> list[tuple[str, str, Component]]:
    """Codes in the data, with table and component, of components whose contract names none.

    Where it names them the audit has held the column to them.
    """
    unnamed = [(table, part) for table, part in coded if not allowed(part)]
    if not unnamed:
        return []
    selects = [
        f"SELECT {number} AS part, {part.value} AS code FROM {engine.parquet([str(folder / f'{table}.parquet')])}"
        for number, (table, part) in enumerate(unnamed)
    ]
    rows = con.sql(f"{' UNION '.join(selects)} ORDER BY part, code").fetchall()
    return [(code, *unnamed[number]) for number, code in rows if code is not None]


def _check(code: str, table: str, concept: str) -> None:
    if not CODE.fullmatch(code):
        raise MigflowError(
            f"{table}: the code {code!r} of {concept} cannot be written in SDMX, whose codes hold only letters of "
            "ASCII, digits, _, -, @ and $. Give it another code in the country profile or in the table's SQL."
        )


def _name(code: str, part: Component) -> str:
    """A name for a code that has none: what the column's definition says of it, years in words, else its own words."""
    if code in COMMON:
        return COMMON[code]
    said = re.search(rf"(?:^|[;,.] ){re.escape(code)}: ([^;.]+)", part.column.description) if part.column else None
    if said:
        return said[1][0].upper() + said[1][1:]
    match = YEARS.fullmatch(code)
    if match is None or code == "Y":
        return code if code.isupper() else code.replace("_", " ").capitalize()
    low, high, below, over = match.group("low", "high", "below", "over")
    if below:
        return f"Less than {below} year{'' if below == '1' else 's'}"
    if over:
        return f"{over} years and over"
    return f"From {low} to {high} years" if high else f"{low} year{'' if low == '1' else 's'}"


def _ordered(codelist: str, codes: Mapping[str, Code]) -> tuple[Code, ...]:
    """Countries and areas by code; ages and durations by years; others as they were named."""
    if codelist in ("CL_COUNTRY", "CL_GEO"):
        return tuple(codes[code] for code in sorted(codes))
    return tuple(sorted(codes.values(), key=lambda code: _years(code.code)))


def _years(code: str) -> tuple[int, int]:
    """First year and length of a span of years; whatever is none comes first, in its order."""
    match = YEARS.fullmatch(code)
    if match is None or code == "Y":
        return (-1, 0)
    low, high, below, over = match.group("low", "high", "below", "over")
    first = int(over or low or 0)
    return (first, 10**6 if over else int(high or below or first) - first)


@functools.cache
def _standard() -> dict[str, tuple[tuple[str, str], ...]]:
    """Codes and names by codelist: the countries, and codes.csv."""
    lists = {"CL_COUNTRY": list(world.names().items())}
    with Path(__file__).with_name("codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lists.setdefault(row["codelist"], []).append((row["code"], row["name"]))
    return {name: tuple(codes) for name, codes in lists.items()}
