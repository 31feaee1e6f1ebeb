"""Headline figures: single numbers of the published tables with their intervals, where the tables give them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import duckdb
import pandas as pd

from migflow import contracts
from migflow.contracts import Contract
from migflow.publish.report import html
from migflow.statistics.plots import words

NEWEST_NET = """
SELECT {pick}(obs_value) AS value, {pick}_by(lower, obs_value) AS lower, {pick}_by(upper, obs_value) AS upper,
    {pick}_by(named(area), obs_value) AS label, max(time_period) AS year, 0 AS suppressed
FROM internal_migration_by_municipality
WHERE indicator = 'net_moves' AND time_period = newest('internal_migration_by_municipality')
"""
INDEX = """
SELECT max(obs_value) AS value, max(lower) AS lower, max(upper) AS upper, max(time_period) AS year,
    hidden(conf_status) AS suppressed
FROM migration_indices
WHERE level = 'municipality' AND measure = '{measure}' AND indicator = '{indicator}'
    AND time_period = newest('migration_indices')
"""
SUM = """
SELECT total(obs_value) AS value, CASE WHEN count(*) = 1 THEN max(lower) END AS lower,
    CASE WHEN count(*) = 1 THEN max(upper) END AS upper, max(time_period) AS year, hidden(conf_status) AS suppressed
FROM {table}
WHERE {cells} AND time_period = newest('{table}')
"""

# Every level adds up to the country: the one in which least is suppressed, of equals the widest.
OF_LEVELS = """
SELECT first(value ORDER BY suppressed, cells) AS value, NULL AS lower, NULL AS upper, max(year) AS year,
    min(suppressed) AS suppressed
FROM (
    SELECT total(obs_value) AS value, max(time_period) AS year, hidden(conf_status) AS suppressed, count(*) AS cells
    FROM {table}
    WHERE {cells} AND time_period = newest('{table}')
    GROUP BY level
)
"""

# What protection does to sums of figures that are all shown.
PROTECTED = {"rounding": "sum of rounded figures", "cell_key": "sum of perturbed figures"}


@dataclass(frozen=True)
class Headline:
    """One figure: label, the table it is from, unit, and the SELECT of value, lower, upper, year, suppressed."""

    label: str
    table: str
    unit: str
    sql: str


def _sum(label: str, table: str, unit: str, cells: str) -> Headline:
    return Headline(label, table, unit, SUM.format(table=table, cells=cells))


def _of_levels(label: str, table: str, unit: str, cells: str) -> Headline:
    return Headline(label, table, unit, OF_LEVELS.format(table=table, cells=cells))


def _index(label: str, unit: str, measure: str, indicator: str) -> Headline:
    return Headline(label, "migration_indices", unit, INDEX.format(measure=measure, indicator=indicator))


def _net(label: str, pick: str) -> Headline:
    return Headline(label, "internal_migration_by_municipality", "moves", NEWEST_NET.format(pick=pick))


HEADLINES = (
    _of_levels("Registered population on 1 January", "population_by_citizenship", "persons", "TRUE"),
    _of_levels(
        "Usually resident population on 1 January", "population_coverage", "persons", "indicator = 'usually_resident'"
    ),
    _index("Moves between municipalities", "moves (events)", "moves", "total"),
    _index("Movers between municipalities", "persons (transitions)", "movers", "total"),
    _index("Crude migration intensity", "% of the population", "movers", "cmi"),
    _index("Mean distance of a move", "km", "moves", "mean_distance"),
    _sum("Immigration, 12-month rule", "immigration", "migrants", "agedef = 'COMPLET'"),
    _sum("Emigration, 12-month rule", "emigration", "migrants", "agedef = 'COMPLET'"),
    _net("Largest net gain by internal migration", "max"),
    _net("Largest net loss by internal migration", "min"),
)


def cards(con: duckdb.DuckDBPyConnection, tables: Sequence[Contract]) -> str:
    """The headline figures of the tables that are there, as cards; told where they are rounded or perturbed."""
    protected = {c.table: PROTECTED.get(c.disclosure.method, "") if c.disclosure else "" for c in tables}
    made = [_card(con, h, protected[h.table]) for h in HEADLINES if h.table in protected]
    return f'<div class="cards">\n{"".join(made)}</div>\n'


def _card(con: duckdb.DuckDBPyConnection, headline: Headline, protected: str) -> str:
    (row,) = con.sql(headline.sql).df().to_dict("records")
    if pd.isna(row["year"]):
        return ""
    label = f"{headline.label}: {row['label']}" if row.get("label") else headline.label
    source = f"from: {contracts.load(headline.table).title}"
    notes = [f"{headline.unit}, {int(row['year'])}", *filter(None, [protected]), source]
    if pd.isna(row["value"]):
        shown = f"<strong>{html.SUPPRESSED if row['suppressed'] else html.NOT_AVAILABLE}</strong>"
    else:
        shown = f'<data value="{row["value"]!r}">{escape(html.figure(row["value"]))}</data>'
        if row["suppressed"]:
            notes.insert(0, f"without {words.suppressed(int(row['suppressed']))}")
        if interval := _interval(row["value"], row["lower"], row["upper"]):
            notes.insert(0, interval)
    lines = "".join(f"<span>{escape(note)}</span>" for note in notes)
    return f'<div class="card"><h3>{escape(label)}</h3>{shown}{lines}</div>\n'


def _interval(value: float, lower: float, upper: float) -> str:
    """The interval in words, its ends outwards to whole numbers around a count; nothing where it is of no width."""
    if pd.isna(lower) or pd.isna(upper) or lower == upper:
        return ""
    if float(value).is_integer():
        lower, upper = math.floor(lower), math.ceil(upper)
    return f"95 % interval {html.figure(lower)} to {html.figure(upper)}"
