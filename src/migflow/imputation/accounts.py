"""The accounts of the persons that draws change: the SQL of the accounts, run on them with the links of each draw."""

from collections.abc import Callable, Iterable, Mapping

import duckdb

from migflow import transformations
from migflow.imputation import steps

DRAWN = "drawn"
ACCOUNT = ("declared_residence", "registered_residence", "residence_statements", "residence_spells")
READ = (
    "address_links",
    "civil_registry_events",
    "civil_registry_persons",
    "municipal_residence",
    "person_links",
    "persons",
    "place_links",
)
# What the SQL of the accounts reads instead.
VARIANTS = {
    "address_links": "variant_addresses",
    "civil_registry_persons": "variant_registry",
    "person_links": "variant_links",
    "persons": "variant_persons",
}


def spells_of_draws(con: duckdb.DuckDBPyConnection, known: Mapping[str, object]) -> None:
    """Make drawn_spells (draw and the columns of residence_spells) of every person whose records a draw changes.

    Reads link_draws and the tables of READ. What a person's account is depends on the records only, so each set of
    records is worked out once, as if it were a person of its own (a variant).
    """
    for name in ("changes", "variants", "variant_links", "variant_addresses", "variant_persons", "variant_registry"):
        steps.table(con, name)
    bound = {name: f"main.{name}" for name in READ} | {name: f"main.{meant}" for name, meant in VARIANTS.items()}
    make(con, DRAWN, bound, ACCOUNT, known)
    con.execute(f"CREATE VIEW variant_spells AS FROM {DRAWN}.residence_spells")
    steps.table(con, "drawn_spells")


def make(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    bound: Mapping[str, str],
    tables: Iterable[str],
    known: Mapping[str, object],
    query: Callable[[str], str] | None = None,
) -> None:
    """Make tables, each by its SQL, in a schema of their own, where names mean the tables they are bound to.

    query: the SQL of a table, where it is not the one of its file.
    """
    con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    con.execute(f"CREATE SCHEMA {schema}")
    for name, meant in bound.items():
        con.execute(f"CREATE VIEW {schema}.{name} AS FROM {meant}")
    con.execute(f"USE {schema}")
    try:
        for table in tables:
            taken = transformations.used(transformations.sql(table), known)
            con.execute(f"CREATE TABLE {table} AS {(query or transformations.sql)(table)}", taken or None)
    finally:
        con.execute("USE main")
