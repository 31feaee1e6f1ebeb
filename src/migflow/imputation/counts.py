"""What draws change in counts of persons and events: the tables' own SQL, run on the persons whom a draw changes."""

from collections.abc import Mapping

import duckdb

from migflow import contracts, transformations
from migflow.contracts import VALUE
from migflow.imputation import accounts, each_draw, steps

INTERVAL = ("lower", "upper")
SPELLS, CHANGED = "residence_spells", "main.changed_spells"
# How a household moves depends on all who live there; everything else that is counted, on one person's spells.
WITH_HOUSEMATES = {"household_moves": "main.spells_of_households"}
# Accounts that follow from the spells, each after those it reads; and tables of persons that stay as they are, for
# signs of life, and what is judged by them, are of persons wherever they are registered.
FROM_SPELLS = ("moves", "vital_events", "sign_places", "actual_residence", "usual_residence")
KEPT = ("citizenship_spells", "persons", "residency_index", "signs_of_life")
READ = ("drawn_spells", SPELLS)
COUNTED = "counted"


def is_counted(table: str) -> bool:
    """Whether the table's SQL reads tables of persons, and not only counts."""
    return bool({*KEPT, *FROM_SPELLS, SPELLS} & set(transformations.inputs(table)))


def chain(table: str) -> tuple[str, ...]:
    """The table after the tables that it is worked out from, down to those that count persons."""
    read = () if is_counted(table) else tuple(name for name in transformations.inputs(table) if _has_value(name))
    return (*dict.fromkeys(name for origin in read for name in chain(origin)), table)


def counted_tables() -> tuple[str, ...]:
    """Tables that count persons or events, if they have intervals or a table that has them is worked out from them."""
    shown = (contract.table for contract in contracts.load_all().values() if contract.has_intervals)
    return tuple(dict.fromkeys(name for table in shown for name in chain(table) if is_counted(name)))


def reads() -> tuple[str, ...]:
    """Stored tables that the changes of the counted tables are worked out from."""
    found = {name for table in (*counted_tables(), *FROM_SPELLS) for name in transformations.inputs(table)}
    return tuple(sorted((found | set(READ)) - set(FROM_SPELLS)))


def changes(con: duckdb.DuckDBPyConnection, known: Mapping[str, object]) -> str:
    """Count the persons whom draws change; returns the query of what changes, with the columns of drawn_counts.

    Reads the tables of reads(), and changes, which accounts.spells_of_draws leaves in the session. Each draw counts
    them twice: with its links, and under its negative number without.
    """
    for name in ("changed_persons", "changed_spells", "housemates", "spells_of_households"):
        steps.table(con, name)
    changed = "SELECT DISTINCT person_id FROM changed_persons"
    for name in KEPT:
        con.execute(f"CREATE TABLE kept_{name} AS FROM {name} SEMI JOIN ({changed}) AS c USING (person_id)")
    bound = {name: f"main.{name}" for name in set(reads()) - {*KEPT, SPELLS}}
    bound |= {name: f"main.kept_{name}" for name in KEPT}
    of_spells = {name: f"{COUNTED}.{name}" for name in FROM_SPELLS}

    def query(table: str) -> str:
        of_draws = {SPELLS: WITH_HOUSEMATES.get(table, CHANGED), **of_spells}
        return each_draw.query(transformations.sql(table), of_draws, CHANGED)

    tables = counted_tables()
    accounts.make(con, COUNTED, bound, (*FROM_SPELLS, *tables), known, query)
    return " UNION ALL ".join(map(_change, tables))


def _change(table: str) -> str:
    """SELECT of what a draw counts in each cell of a table, less what is counted without it."""
    columns = cell_columns(table)
    cell = ", ".join(f"'{name}': {name}" for name in columns)
    return (
        f"SELECT '{table}' AS counted, draw, CAST(to_json({{{cell}}}) AS VARCHAR) AS cell, change FROM ("
        f"SELECT abs(draw) AS draw, {', '.join(columns)}, sum(sign(draw) * {VALUE}) AS change "
        f"FROM {COUNTED}.{table} GROUP BY ALL HAVING change <> 0)"
    )


def of_table(table: str) -> str:
    """SELECT of what draws change in a counted table, from drawn_counts: draw, its columns but those of intervals."""
    contract = contracts.load(table)
    types = ", ".join(f'"{name}": "{contract.column(name).type}"' for name in cell_columns(table))
    value = f"CAST(change AS {contract.column(VALUE).type}) AS {VALUE}"
    return f"SELECT draw, unnest(from_json(cell, '{{{types}}}')), {value} FROM drawn_counts WHERE counted = '{table}'"


def cell_columns(table: str) -> list[str]:
    """Columns of a table that say which cell it is: all but its figures."""
    return [column.name for column in contracts.load(table).columns if column.name not in (VALUE, *INTERVAL)]


def _has_value(table: str) -> bool:
    return VALUE in {column.name for column in contracts.load(table).columns}
