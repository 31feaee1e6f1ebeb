"""What draws change in the cells of any table: counted, or worked out from what changes in the tables it reads."""

from collections.abc import Mapping

import duckdb

from migflow import contracts, transformations
from migflow.contracts import VALUE, Uncertainty
from migflow.imputation import accounts, counts, each_draw

DRAWN = "drawn_counts"


def reads(table: str) -> tuple[str, ...]:
    """Stored tables that the changes of a table are worked out from, besides the table itself."""
    derived = (link for link in counts.chain(table) if not counts.is_counted(link))
    return tuple(sorted({DRAWN, *(name for link in derived for name in transformations.inputs(link))}))


def make_changes(con: duckdb.DuckDBPyConnection, table: str, known: Mapping[str, object]) -> str:
    """Make a table of what each draw changes in `table`: draw, the cells' columns and obs_value, a difference.

    Reads the tables of reads(table), and the table itself, all by name; returns the name of the new one.
    """
    for schema in ("change", "whole"):
        con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        con.execute(f"CREATE SCHEMA {schema}")
    links = counts.chain(table)
    for link in links:
        if counts.is_counted(link):
            con.execute(f"CREATE TABLE change.{link} AS {counts.of_table(link)}")
        else:
            _derive(con, link, [name for name in transformations.inputs(link) if name in links], known)
    return f"change.{table}"


def _derive(con: duckdb.DuckDBPyConnection, table: str, read: list[str], known: Mapping[str, object]) -> None:
    """Make the changes of a table from those of what it reads; if it is not additive, from the whole tables."""
    rule = contracts.load(table).uncertainty or Uncertainty()
    before = None
    if not rule.additive:
        parts = " UNION ".join(f"SELECT {', '.join(('draw', *rule.by))} FROM change.{name}" for name in read)
        con.execute(f"CREATE OR REPLACE TABLE parts AS SELECT DISTINCT * FROM ({parts})")
        for name in read:
            con.execute(f"CREATE OR REPLACE TABLE whole.{name} AS {_sums(name, 'change', _of_each_draw(name, rule))}")
        before = _of_each_draw(table, rule, "-")
    of_draws = {name: f"{'change' if rule.additive else 'whole'}.{name}" for name in read}
    bound = {name: f"main.{name}" for name in transformations.inputs(table)}
    query = each_draw.query(transformations.sql(table), of_draws, f"main.{DRAWN}")
    accounts.make(con, "derived", bound, [table], known, lambda _: query)
    con.execute(f"CREATE TABLE change.{table} AS {_sums(table, 'derived', before)} HAVING sum(terms.{VALUE}) <> 0")


def _of_each_draw(table: str, rule: Uncertainty, sign: str = "") -> str:
    """SELECT of a stored table once for each draw, of the parts that it changes."""
    cell = ", ".join(f"t.{name}" for name in counts.cell_columns(table))
    agree = " AND ".join(f"p.{name} = t.{name}" for name in rule.by) or "TRUE"
    return f"SELECT p.draw, {cell}, {sign}t.{VALUE} AS {VALUE} FROM {table} AS t JOIN parts AS p ON {agree}"


def _sums(table: str, schema: str, more: str | None) -> str:
    """SELECT of the sums, by draw and cell, of a table of a schema and more terms."""
    cell = ", ".join(counts.cell_columns(table))
    terms = f"FROM {schema}.{table}" + (f" UNION ALL BY NAME {more}" if more else "")
    kind = contracts.load(table).column(VALUE).type
    return f"SELECT draw, {cell}, CAST(sum(terms.{VALUE}) AS {kind}) AS {VALUE} FROM ({terms}) AS terms GROUP BY ALL"
