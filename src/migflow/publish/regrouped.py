"""Published counts in the areas of another date: by shares of population, or in the unions that need none."""

import datetime as dt
import json
from pathlib import Path

import duckdb
import pyarrow as pa

from migflow import contracts
from migflow.contracts import Contract
from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.standardise import geography

# Counts of residents and of flows by both ends. In the others moves between parts that join could not be told apart.
TABLES = (
    "population",
    "population_by_citizenship",
    "population_coverage",
    "internal_migration_od",
    "residence_transitions",
    "immigration",
    "emigration",
)
# Figures that cannot be summed: the bounds of sums are not the sums of bounds.
_LEFT_OUT = ("lower", "upper", "conf_status")


def regroup(vintage: Path, country: Country, date: dt.date, folder: Path, *, unions: bool = False) -> dict[str, int]:
    """Write each of TABLES that a vintage holds as <table>.parquet into folder, in the areas of a date; rows by table.

    The vintage's figures are by the areas of its as-of date. unions: in the finest areas that both dates have in
    common, exactly, each under the first code of its parts. A sum with a suppressed figure is empty. Moves between
    areas that join are left out; such movers are stayers.
    Raises MigflowError where people of an area have to be shared out and how many is not known.
    """
    as_of = dt.date.fromisoformat(json.loads((vintage / "manifest.json").read_text())["period"]["as_of"])
    con = duckdb.connect()
    con.register("regrouping", _regrouping(country, as_of, date, unions))
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for table in TABLES:
        source = vintage / f"{table}.parquet"
        if source.is_file():
            target = str(folder / f"{table}.parquet").replace("'", "''")
            con.execute(f"COPY ({_query(contracts.load(table), source)}) TO '{target}' (FORMAT parquet)")
            rows[table] = con.execute(f"SELECT count(*) FROM read_parquet('{target}')").fetchall()[0][0]
    return rows


def _regrouping(country: Country, as_of: dt.date, date: dt.date, unions: bool) -> pa.Table:
    """Columns code, area, weight of the municipalities of the as-of date."""
    if not unions:
        return geography.mapping(country, [as_of], date).select(["code", "area", "weight"])
    groups = geography.history(country).comparable([as_of, date])
    codes = sorted(geography.geography(country, as_of))
    if not codes:
        raise MigflowError(f"{country.name} has no municipalities on {as_of}.")
    return pa.table({"code": codes, "area": [groups[code] for code in codes], "weight": [1.0] * len(codes)})


def _query(contract: Contract, source: Path) -> str:
    """SELECT of a table with its areas exchanged and its counts summed anew; wider areas are left out."""
    names = [c.name for c in contract.columns if c.name not in _LEFT_OUT]
    ends = [name for name in ("area", "origin", "destination") if name in names]
    joins = "\n".join(f"INNER JOIN regrouping AS r{n} ON r{n}.code = t.{end}" for n, end in enumerate(ends))
    shown: dict[str, str] = {end: f"r{n}.area" for n, end in enumerate(ends)}
    weight = " * ".join(f"r{n}.weight" for n in range(len(ends)))
    if contract.table == "residence_transitions":
        shown["indicator"] = "CASE WHEN r0.area = r1.area THEN 'stayers' ELSE 'movers' END"
    dimensions = [f"{shown.get(name, 't.' + name)} AS {name}" for name in names if name != "obs_value"]
    kept = "r0.area <> r1.area" if contract.table == "internal_migration_od" else "TRUE"
    return f"""
        SELECT
            {", ".join(dimensions)},
            -- Sums of decimals do not depend on the order of rows.
            CASE
                WHEN bool_and(t.obs_value IS NOT NULL)
                    THEN CAST(sum(CAST(t.obs_value * {weight} AS DECIMAL(28, 9))) AS DOUBLE)
            END AS obs_value
        FROM read_parquet('{str(source).replace("'", "''")}') AS t
        {joins}
        WHERE {kept} AND t.unit_measure IN ('PS', 'EVT')
        GROUP BY ALL
        ORDER BY ALL"""
