"""SDMX: what pysdmx reads back from a vintage is the Parquet table, with every code in its codelist."""

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pysdmx.io import read_sdmx
from pysdmx.model.constraint import CubeKeyValue
from pysdmx.model.dataflow import DataStructureDefinition

from migflow import contracts
from migflow.contracts import Column, Contract
from migflow.errors import MigflowError
from migflow.publish.sdmx import build_sdmx, concepts
from migflow.publish.sdmx.concepts import Role, components, is_dataset

STATISTICS = [contracts.published(c) for c in contracts.load_all().values() if c.stage == "statistics"]
DATASETS = [c for c in STATISTICS if is_dataset(c)]
AREAS = """
SELECT * FROM (VALUES ('XK', 'country', NULL, 'Kosovë', 'Kosovo', 42.5, 21.0),
    ('XK01', 'municipality', 'XK', 'Deçan', NULL, NULL, NULL))
t(code, level, parent, name, name_second, latitude, longitude)
"""
GUIDE = (Path(__file__).parents[1] / "docs" / "sdmx.md").read_text(encoding="utf-8")
AS_OF = date(2025, 1, 1)


def values(column: Column) -> list[object]:
    """Two values a column may have."""
    if column.allowed:
        return [column.allowed[0], column.allowed[-1]]
    if column.name in ("area", "origin", "destination"):
        return ["XK01", "_T"]
    if column.name == "time_period":
        return [2020, 2021]
    if column.type == "VARCHAR":
        return ["AL", "XK"]
    return [int(column.minimum or 0), int(column.maximum or 7)]


def write_table(folder: Path, contract: Contract) -> None:
    """Every combination of two values of each key column; the last row's other values are empty where they may be."""
    keys = pd.DataFrame(
        list(itertools.product(*(values(contract.column(name)) for name in contract.key))), columns=list(contract.key)
    )
    for column in contract.columns:
        if column.name not in contract.key:
            first, last = values(column)
            keys[column.name] = [first] * (len(keys) - 1) + [last if column.required else None]
    typed = ", ".join(f"CAST({column.name} AS {column.type}) AS {column.name}" for column in contract.columns)
    duckdb.sql(f"SELECT {typed} FROM keys").write_parquet(str(folder / f"{contract.table}.parquet"))


def build(folder: Path, tables: Sequence[Contract], agency: str, as_of: date) -> list[Path]:
    with duckdb.connect() as con:
        return build_sdmx(con, folder, tables, agency, as_of)


def write_areas(folder: Path) -> None:
    duckdb.sql(AREAS).write_parquet(str(folder / "areas.parquet"))


def read_csv(file: Path) -> pd.DataFrame:
    """The one dataset of a file, as pysdmx reads it: every value a string."""
    (dataset,) = read_sdmx(file).data
    return dataset.data


@pytest.fixture(scope="module")
def vintage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vintage")
    write_areas(folder)
    for contract in DATASETS:
        write_table(folder, contract)
    build(folder, STATISTICS, "XKS", AS_OF)
    return folder


@pytest.fixture(scope="module")
def structures(vintage: Path) -> dict[str, DataStructureDefinition]:
    message = read_sdmx(vintage / "sdmx" / "structure.xml", validate=True)
    return {structure.id: structure for structure in message.get_data_structure_definitions()}


@pytest.fixture(scope="module")
def constraints(vintage: Path) -> dict[str, Sequence[CubeKeyValue]]:
    """By table, the values that each dimension is held to."""
    found = read_sdmx(vintage / "sdmx" / "structure.xml").get_data_constraints()
    return {
        constraint.id.removesuffix("_VALUES").lower(): constraint.cube_regions[0].key_values for constraint in found
    }


def test_every_table_has_a_structure_a_dataflow_and_a_file(vintage: Path) -> None:
    tables, message = {contract.table for contract in DATASETS}, read_sdmx(vintage / "sdmx" / "structure.xml")
    assert {structure.id.lower() for structure in message.get_data_structure_definitions()} == tables
    assert {flow.id.lower() for flow in message.get_dataflows()} == tables
    assert {path.stem for path in (vintage / "sdmx").glob("*.csv")} == tables
    assert message.header.prepared.date() == AS_OF
    assert message.header.sender.id == "XKS"


@pytest.mark.parametrize("contract", DATASETS, ids=lambda contract: contract.table)
def test_file_read_back_is_the_parquet_table(vintage: Path, contract: Contract) -> None:
    parts = components(contract)
    select = ", ".join(f"{part.value} AS {part.concept}" for part in parts)
    expected = duckdb.sql(f"SELECT {select} FROM '{vintage / contract.table}.parquet'").df()
    got = read_csv(vintage / "sdmx" / f"{contract.table}.csv").astype(object).replace("", None)
    assert list(got.columns) == [part.concept for part in parts]
    for part in parts:
        if part.column and part.column.type != "VARCHAR" and not part.codelist:
            got[part.concept] = pd.to_numeric(got[part.concept])
            expected[part.concept] = pd.to_numeric(expected[part.concept])
    key = [part.concept for part in parts if part.role is Role.DIMENSION]
    expected = expected.astype(object).where(expected.notna(), None)
    got = got.astype(object).where(got.notna(), None)
    pd.testing.assert_frame_equal(
        got.sort_values(key, ignore_index=True), expected.sort_values(key, ignore_index=True), check_dtype=False
    )


@pytest.mark.parametrize("contract", DATASETS, ids=lambda contract: contract.table)
def test_codes_are_in_their_codelists_and_keys_occur_once(
    vintage: Path,
    structures: dict[str, DataStructureDefinition],
    constraints: dict[str, Sequence[CubeKeyValue]],
    contract: Contract,
) -> None:
    data, structure = read_csv(vintage / "sdmx" / f"{contract.table}.csv"), structures[contract.table.upper()]
    assert list(data.columns) == [component.id for component in structure.components]
    for component in structure.components:
        if component.enumeration is not None:
            missing = set(data[component.id]) - {""} - {code.id for code in component.enumeration}
            assert not missing, f"{component.id}: {missing}"
    for limits in constraints.get(contract.table, ()):
        assert set(data[limits.id]) <= {value.value for value in limits.values}
    assert not data.duplicated([component.id for component in structure.components.dimensions]).any()


@pytest.mark.parametrize("contract", DATASETS, ids=lambda contract: contract.table)
def test_every_column_is_a_component_and_the_definition_of_each_is_kept(
    structures: dict[str, DataStructureDefinition], contract: Contract
) -> None:
    parts = components(contract)
    assert {part.column.name for part in parts if part.column} == {column.name for column in contract.columns}
    about = structures[contract.table.upper()].description
    assert all(f"{part.concept}: {part.column.description}" in about for part in parts if part.column)


def test_population_has_the_concepts_and_codes_of_eurostat_and_a_suppressed_figure_is_empty(tmp_path: Path) -> None:
    population = contracts.published(contracts.load("population"))
    columns = tuple(c for c in population.columns if c.name not in ("lower", "upper"))
    contract = replace(population, columns=columns, version="1.0.0")
    write_areas(tmp_path)
    duckdb.sql("""
        SELECT * FROM (VALUES (2021, 'XK01', 0, 'F', 'XK', 5::BIGINT, 'PS', 'A', 'F'),
            (2021, 'XK01', 42, 'F', 'AL', NULL, 'PS', 'A', 'A'), (2021, 'XK01', 100, 'M', 'XK', 7, 'PS', 'P', 'F'))
        t(time_period, area, age, sex, citizenship, obs_value, unit_measure, obs_status, conf_status)
    """).write_parquet(str(tmp_path / "population.parquet"))
    build(tmp_path, [contract], "XKS", AS_OF)
    dimensions = "FREQ,GEO,AGE,SEX,CITIZEN,TIME_PERIOD"
    assert (tmp_path / "sdmx" / "population.csv").read_text().splitlines() == [
        f"STRUCTURE,STRUCTURE_ID,ACTION,{dimensions},OBS_VALUE,UNIT_MEASURE,OBS_STATUS,CONF_STATUS",
        "dataflow,XKS:POPULATION(1.0.0),I,A,XK01,Y42,F,AL,2021,,PS,A,A",
        "dataflow,XKS:POPULATION(1.0.0),I,A,XK01,Y_GE100,M,XK,2021,7,PS,P,F",
        "dataflow,XKS:POPULATION(1.0.0),I,A,XK01,Y_LT1,F,XK,2021,5,PS,A,F",
    ]


def test_codelists_name_their_codes(vintage: Path) -> None:
    message = read_sdmx(vintage / "sdmx" / "structure.xml")
    names = {codelist.id: {code.id: code.name for code in codelist} for codelist in message.get_codelists()}
    assert names["CL_GEO"] == {"XK": "Kosovë", "XK01": "Deçan", "_T": "Total"}
    assert names["CL_SEX"]["F"] == "Female"
    assert names["CL_COUNTRY"]["CI"] == "Côte d'Ivoire"
    assert names["CL_COUNTRY"]["XX"] == "Unknown"
    ages = {"Y_LT1": "Less than 1 year", "Y1": "1 year", "Y5T9": "From 5 to 9 years", "Y_GE85": "85 years and over"}
    assert {code: names["CL_AGE"][code] for code in ages} == ages
    assert list(names["CL_AGE"])[:5] == ["_T", "_U", "Y_LT1", "Y_LT5", "Y1"]
    assert names["CL_INDICATOR"]["in_moves"] == "In moves"


def test_code_without_a_name_takes_it_from_the_definition_of_its_column(tmp_path: Path) -> None:
    balance = contracts.load("population_balance")
    said = Column("basis", "VARCHAR", "REG: registered residents; USU: usual residents", True, False, ("REG", "USU"))
    contract = replace(balance, columns=(*balance.columns, said))
    write_areas(tmp_path)
    write_table(tmp_path, contract)
    build(tmp_path, [contract], "XKS", AS_OF)
    (codes,) = [c for c in read_sdmx(tmp_path / "sdmx" / "structure.xml").get_codelists() if c.id == "CL_BASIS"]
    assert {code.id: code.name for code in codes} == {"REG": "Registered residents", "USU": "Usual residents"}


def test_table_is_held_to_its_own_codes_of_a_shared_codelist(constraints: dict[str, Sequence[CubeKeyValue]]) -> None:
    held = {limits.id: [value.value for value in limits.values] for limits in constraints["internal_migration_od"]}
    assert held["INDICATOR"] == ["moves", "movers"]
    assert held["SEX"] == ["F", "M"]
    assert "ORIGIN" not in held


def test_areas_lie_in_their_wider_areas(vintage: Path) -> None:
    (areas,) = read_sdmx(vintage / "sdmx" / "structure.xml").get_hierarchies()
    assert [(code.id, [inner.id for inner in code.codes]) for code in areas] == [("XK", ["XK01"])]


def test_country_outside_iso_3166_still_has_its_code(tmp_path: Path) -> None:
    contract = contracts.load("population_by_citizenship")
    write_areas(tmp_path)
    write_table(tmp_path, contract)
    table, former = tmp_path / "population_by_citizenship.parquet", "replace(citizenship, 'AL', 'YU') AS citizenship"
    changed = duckdb.sql(f"SELECT * REPLACE ({former}) FROM '{table}'").to_arrow_table()
    pq.write_table(changed, table)
    build(tmp_path, [contract], "XKS", AS_OF)
    (countries,) = [c for c in read_sdmx(tmp_path / "sdmx" / "structure.xml").get_codelists() if c.id == "CL_COUNTRY"]
    assert "YU" in countries


def test_unknown_columns_become_concepts_of_their_own_name() -> None:
    od = contracts.load("internal_migration_od")
    reason = Column("move_reason", "VARCHAR", "Why", True, False, allowed=("work", "family"))
    note = Column("note", "VARCHAR", "Free text", False, False)
    parts = {
        p.concept: p for p in components(replace(od, columns=(*od.columns, reason, note), key=(*od.key, "move_reason")))
    }
    assert (parts["MOVE_REASON"].role, parts["MOVE_REASON"].codelist) == (Role.DIMENSION, "CL_MOVE_REASON")
    assert (parts["NOTE"].role, parts["NOTE"].codelist) == (Role.ATTRIBUTE, None)
    assert parts["MOVE_REASON"].name == "Move reason"


def test_two_columns_of_one_concept_stay_apart() -> None:
    od = contracts.load("internal_migration_od")
    age = Column("age", "INTEGER", "Completed years", True, False, minimum=0, maximum=100)
    parts = components(replace(od, columns=(*od.columns, age), key=(*od.key, "age")))
    assert [part.concept for part in parts if part.codelist == "CL_AGE"] == ["AGE", "AGE_2"]


def test_table_without_obs_value_has_a_measure_for_every_number() -> None:
    parts = components(contracts.load("linkage_quality"))
    assert [p.concept for p in parts if p.role is Role.DIMENSION] == ["SOURCE", "GROUP_KIND", "GROUP_CODE"]
    assert {"RECORDS", "LINKAGE_RATE", "EXPECTED_RECALL"} <= {p.concept for p in parts if p.role is Role.MEASURE}


@pytest.mark.parametrize(("period", "frequency"), [("2021", "A"), ("2021-Q3", "Q"), ("2021-07", "M")])
def test_frequency_follows_from_the_time_period(period: str, frequency: str) -> None:
    part = components(contracts.load("population"))[0]
    assert part.concept == "FREQ"
    assert duckdb.sql(f"SELECT {part.value} FROM (SELECT '{period}' AS time_period)").fetchall() == [(frequency,)]


def test_order_of_the_rows_does_not_change_the_files(tmp_path: Path) -> None:
    contract = contracts.load("population_balance")
    contents = []
    for order in ("ASC", "DESC"):
        folder = tmp_path / order
        folder.mkdir()
        write_areas(folder)
        write_table(tmp_path, contract)
        name = f"{contract.table}.parquet"
        duckdb.sql(f"FROM '{tmp_path / name}' ORDER BY component {order}").write_parquet(str(folder / name))
        contents.append([path.read_bytes() for path in build(folder, [contract], "XKS", AS_OF)])
    assert contents[0] == contents[1]


def test_code_that_sdmx_does_not_allow_is_named(tmp_path: Path) -> None:
    duckdb.sql(AREAS.replace("'XK01'", "'XK 01'")).write_parquet(str(tmp_path / "areas.parquet"))
    contract = contracts.load("population_balance")
    write_table(tmp_path, contract)
    with pytest.raises(MigflowError, match=r"areas: the code 'XK 01' of GEO cannot be written in SDMX"):
        build(tmp_path, [contract], "XKS", AS_OF)


def test_guide_works_as_shown(vintage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home" / "published").mkdir(parents=True)
    (tmp_path / "home" / "published" / "latest").symlink_to(vintage)
    monkeypatch.chdir(tmp_path)
    shown: dict[str, Any] = {}
    exec("".join(re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)), shown)
    assert set(shown["moves"].INDICATOR) == {"moves"}
    assert shown["names"]["XK01"] == "Deçan"


def test_guide_lists_concepts_as_they_are() -> None:
    with (Path(concepts.__file__).parent / "concepts.csv").open(encoding="utf-8") as file:
        known = {row["column"]: (row["concept"], row["codelist"]) for row in csv.DictReader(file)}
    rows = [[re.findall(r"`(\w+)`", cell) for cell in line.split("|")[1:4]] for line in GUIDE.splitlines()]
    listed = [row for row in rows if len(row) == 3 and row[0] and set(row[0]) <= known.keys()]
    assert len(listed) == 14
    for columns, names, codelists in listed:
        assert {known[column][0] for column in columns} == set(names)
        assert {known[column][1] for column in columns} - {""} == set(codelists)
