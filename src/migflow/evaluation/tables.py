"""How far published tables are from the truth: the same SQL over true residence, compared cell by cell."""

from pathlib import Path

import duckdb
import pandas as pd

from migflow import contracts, transformations
from migflow.contracts import Contract
from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.statistics import functions
from migflow.store import Store

TRUTH = "truth"
ALL_YEARS = "all"
# Names under which the SQL of accounts and statistics reads tables of the truth folder: registered is actual there.
BOUND = {
    "persons": "truth_persons",
    "residence_spells": "truth_residence_spells",
    "actual_residence": "truth_residence_spells",
    "citizenship_spells": "truth_citizenship_spells",
}
# What lives do not tell: there all stays are of known length, and everybody is registered where they live.
UNTOLD_TABLES = ("residence_duration",)
UNTOLD_INDICATORS = ("over_covered", "registered_elsewhere", "under_covered")


def compared() -> list[Contract]:
    """The statistics that hold observations which the truth tells as well."""
    return [
        c
        for c in contracts.load_all().values()
        if c.stage == "statistics"
        and "obs_value" in {column.name for column in c.columns}
        and c.table not in UNTOLD_TABLES
    ]


def bind_truth(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Views of the truth tables under their own names; MigflowError if one is missing."""
    for name in (*dict.fromkeys(BOUND.values()), "truth_dwellings", "truth_records", "truth_addresses"):
        path = folder / f"{name}.parquet"
        if not path.is_file():
            raise MigflowError(f"{path} is missing: simulate the country again, its truth must be whole.")
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")


def make_true_tables(con: duckdb.DuckDBPyConnection, store: Store, country: Country) -> None:
    """Make the moves and each table of compared() over the true spells, in the schema truth of the session."""
    transformations.bind_areas(con, country)
    functions.bind_functions(con)
    con.execute(f"CREATE SCHEMA {TRUTH}")
    con.execute(f"USE {TRUTH}")
    for table, truth in BOUND.items():
        con.execute(f"CREATE VIEW {TRUTH}.{table} AS SELECT * FROM main.{truth}")
    made = set(BOUND)
    for table in ("moves", *(c.table for c in compared())):
        _make(con, store, country, table, made)
    con.execute("USE main")


def _make(con: duckdb.DuckDBPyConnection, store: Store, country: Country, table: str, made: set[str]) -> None:
    """Make a table after those that its SQL reads."""
    if table in made:
        return
    for read in transformations.inputs(table):
        _make(con, store, country, read, made)
    query = transformations.sql(table)
    parameters = transformations.used(query, transformations.values(store, country))
    con.execute(f"CREATE TABLE {TRUTH}.{table} AS {query}", parameters or None)
    made.add(table)


def moves(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a type of move and year: published and true_value."""
    return con.execute(Path(__file__).with_name("moves.sql").read_text(encoding="utf-8")).df()


def coverage(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a 1 January: registered and usually resident beside the true residents, signed errors of the country's
    total, the largest error of a municipality, and how many municipalities are within 1 % of the truth.
    """
    return con.execute(Path(__file__).with_name("coverage.sql").read_text(encoding="utf-8")).df()


def residents(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a 1 January, person by person: true residents without a registry record, missed (judged absent), judged
    resident and not so, and placed in another municipality; counts, and shares of the true residents.
    """
    return con.execute(Path(__file__).with_name("residents.sql").read_text(encoding="utf-8")).df()


def compare(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a table, indicator and year (or all): published and true totals, error = sum |p - t| / sum |t|.

    Rates and indices are left out, for they follow from the counts.
    """
    found = pd.concat([con.execute(_comparison(c)).df() for c in compared()], ignore_index=True)
    return found[~found["indicator"].isin(UNTOLD_INDICATORS)].reset_index(drop=True)


def _comparison(contract: Contract) -> str:
    """Full outer join of the published and the true table on the key, summed by indicator and year."""
    indicator = next((c for c in contract.key if c in ("indicator", "component")), "'persons'")
    return f"""
        WITH cells AS (
            SELECT
                {indicator} AS indicator,
                CAST(time_period AS VARCHAR) AS year,
                coalesce(p.obs_value, 0) AS published,
                coalesce(t.obs_value, 0) AS true_value
            FROM main.{contract.table} AS p
            FULL JOIN {TRUTH}.{contract.table} AS t USING ({", ".join(contract.key)})
            WHERE coalesce(p.unit_measure, t.unit_measure) IN ('PS', 'EVT')
        )

        SELECT
            '{contract.table}' AS "table",
            indicator,
            coalesce(year, '{ALL_YEARS}') AS year,
            CAST(sum(published) AS BIGINT) AS published,
            CAST(sum(true_value) AS BIGINT) AS true_value,
            CAST(sum(abs(published - true_value)) AS DOUBLE) / nullif(sum(abs(true_value)), 0) AS error
        FROM cells
        GROUP BY GROUPING SETS ((indicator, year), (indicator))
        ORDER BY ALL"""
