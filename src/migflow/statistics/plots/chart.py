"""A chart: a SQL file that sums the tables it shows, and a function that draws the rows."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import altair as alt
import duckdb
import pandas as pd

from migflow.statistics.plots.words import in_words
from migflow.transformations import reads

Drawn = alt.Chart | alt.LayerChart | alt.FacetChart
AREAS = "areas"
SUPPRESSED = "suppressed"
# Columns that publication or the imputation adds, where a table does not have them yet.
ADDED = {"lower": "CAST(NULL AS DOUBLE)", "upper": "CAST(NULL AS DOUBLE)", "conf_status": "'F'"}


def as_it_is(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the query, with nothing worked out of them."""
    return rows


@dataclass(frozen=True)
class Chart:
    """A chart of the tables that its SQL file (name.sql, in this folder) reads.

    table: with which it is shown; about: what it shows, for those who cannot see it; work_out: columns added to the
    rows of the query; draw: from those rows to Altair; measure: the column of figures it draws; query: the SQL file
    where it is another chart's.
    """

    name: str
    table: str
    title: str
    about: str
    measure: str
    draw: Callable[[pd.DataFrame], Drawn]
    work_out: Callable[[pd.DataFrame], pd.DataFrame] = as_it_is
    query: str = ""

    @property
    def sql(self) -> str:
        """Text of its SELECT."""
        return _read(self.query or self.name)

    @functools.cached_property
    def reads(self) -> tuple[str, ...]:
        """Tables that the SELECT reads, but for the areas."""
        return tuple(name for name in reads(self.sql) if name != AREAS)

    def rows(self, con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
        """What is drawn, in a session of bind: codes in words, suppressed figures missing and counted (suppressed)."""
        return self.work_out(in_words(con.sql(self.sql).df()))

    def has_figures(self, rows: pd.DataFrame) -> bool:
        """Whether a figure is shown in the rows: not all are suppressed or missing."""
        return bool(rows[self.measure].notna().any())


def bind(con: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> None:
    """Make tables readable for charts. tables: name -> SQL of the relation, stored or published."""
    for name, relation in tables.items():
        held = {row[0] for row in con.execute(f"DESCRIBE FROM {relation}").fetchall()}
        added = [f"{value} AS {column}" for column, value in ADDED.items() if column not in held]
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(['*', *added])} FROM {relation}")
    con.execute(_read("macros"))


def _read(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
