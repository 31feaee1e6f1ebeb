"""What draws change in the cells of any table: counted, or worked out from what changes in the tables it reads."""

from collections.abc import Mapping

import duckdb

from migflow import contracts, transformations
from migflow.contracts import VALUE
from migflow.imputation import accounts, counts, each_draw

DRAWN = "drawn_counts"


def reads(table: str) -> tuple[str, ...]:
    """Stored tables that the changes of a table are worked out from, besides the table itself."""
    found = {
        name for link in counts.chain(table) if not counts.is_counted(link) for name in transformations.inputs(link)
    }
    return tuple(sorted(found | {DRAWN}))


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
    uncertainty = contracts.load(table).uncertainty
    additive = uncertainty is not None and uncertainty.additive
    if not additive:
        for name in read:
            con.execute(f"CREATE OR REPLACE TABLE whole.{name} AS {_sums(name, 'change', _of_each_draw(name))}")
    of_draws = {name: f"{'change' if additive else 'whole'}.{name}" for name in read}
    bound = {name: f"main.{name}" for name in transformations.inputs(table)}
    query = each_draw.query(transformations.sql(table), of_draws, f"main.{DRAWN}")
    accounts.make(con, "derived", bound, [table], known, lambda _: query)
    changed = _sums(table, "derived", None if additive else _of_each_draw(table, "-"))
    con.execute(f"CREATE TABLE change.{table} AS {changed} HAVING sum(terms.{VALUE}) <> 0")


def _of_each_draw(table: str, sign: str = "") -> str:
    """SELECT of a stored table once for each draw."""
    cell = ", ".join(counts.cell_columns(table))
    return f"SELECT draw, {cell}, {sign}{VALUE} AS {VALUE} FROM {table} CROSS JOIN (SELECT DISTINCT draw FROM {DRAWN})"


def _sums(table: str, schema: str, more: str | None) -> str:
    """SELECT of the sums, by draw and cell, of a table of a schema and more terms."""
    cell = ", ".join(counts.cell_columns(table))
    terms = f"FROM {schema}.{table}" + (f" UNION ALL BY NAME {more}" if more else "")
    kind = contracts.load(table).column(VALUE).type
    return f"SELECT draw, {cell}, CAST(sum(terms.{VALUE}) AS {kind}) AS {VALUE} FROM ({terms}) AS terms GROUP BY ALL"
