"""What draws change in the cells of a table: its own SQL, run on the persons whose account a draw changes.

One run counts all draws apart: a mark, the number of the draw, is written before the codes of persons and areas.
"""

from collections.abc import Mapping

import duckdb

from migflow import contracts, transformations
from migflow.imputation import steps
from migflow.imputation.accounts import make

# Tables of persons: those kept as they are, and those that follow from the spells.
KEPT, FROM_SPELLS = ("citizenship_spells", "persons"), ("moves", "usual_residence", "vital_events")
SPELLS = "residence_spells"
VALUE, UNCERTAINTY = "obs_value", ("lower", "upper")
# Columns of the cells that hold codes of areas; a table without one cannot count draws apart.
AREAS = ("area", "origin", "destination")
READ = ("drawn_spells", "link_draws", "person_links", SPELLS)
MARK = r"^(\d+)([+-]?)\|"


def chain(table: str) -> tuple[str, ...]:
    """The table after the tables it is made from, down to those that count persons."""
    read = () if counts_persons(table) else tuple(name for name in transformations.inputs(table) if _has_value(name))
    return (*dict.fromkeys(name for origin in read for name in chain(origin)), table)


def counts_persons(table: str) -> bool:
    """Whether the table's SQL reads tables of persons, and not only other counts."""
    return bool({*KEPT, *FROM_SPELLS, SPELLS} & set(transformations.inputs(table)))


def reads(table: str) -> tuple[str, ...]:
    """Stored tables that the changes of a table are worked out from."""
    found = {name for link in chain(table) for name in (link, *transformations.inputs(link))}
    return tuple(sorted((found | set(READ)) - {table} - set(FROM_SPELLS)))


def make_changes(con: duckdb.DuckDBPyConnection, table: str, known: Mapping[str, object]) -> str:
    """Make a table of what each draw changes in `table`: draw, the cells' columns and obs_value, a difference.

    Reads the tables of reads(table), and the table itself, all by name; returns the name of the new one.
    """
    con.execute("DROP SCHEMA IF EXISTS change CASCADE")
    con.execute("CREATE SCHEMA change")
    for name in ("changes", "marks", "marked_spells"):
        steps.table(con, name)
    links = chain(table)
    con.execute("CREATE OR REPLACE TABLE plain_areas AS FROM wider_areas")
    con.execute(f"CREATE OR REPLACE TEMP VIEW {transformations.WIDER_AREAS} AS {steps.query('marked_areas')}")
    _count_persons(con, [link for link in links if counts_persons(link)], known)
    for link in links:
        if not counts_persons(link):
            _derive(con, link, links, known)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {transformations.WIDER_AREAS} AS FROM plain_areas")
    return f"change.{table}"


def _count_persons(con: duckdb.DuckDBPyConnection, tables: list[str], known: Mapping[str, object]) -> None:
    """Make the changes of tables that count persons: what the draw counts less what is counted without it."""
    read = {name for table in tables for name in transformations.inputs(table)}
    kept = [name for name in KEPT if name in read]
    for name in kept:
        con.execute(
            f"CREATE OR REPLACE TABLE marked_{name} AS SELECT m.mark || t.person_id AS person_id, "
            f"t.* EXCLUDE (person_id) FROM {name} AS t JOIN marks AS m USING (person_id)"
        )
    bound = {name: f"main.{name}" for name in read - {*KEPT, *FROM_SPELLS, SPELLS}}
    bound |= {SPELLS: "main.marked_spells", **{name: f"main.marked_{name}" for name in kept}}
    make(con, "counted", bound, [*(name for name in FROM_SPELLS if name in read), *tables], known)
    for table in tables:
        _sum(con, table, _unmarked(con, table, f"counted.{table}"))


def _derive(con: duckdb.DuckDBPyConnection, table: str, links: tuple[str, ...], known: Mapping[str, object]) -> None:
    """Make the changes of a table from those of what it reads; if it is not additive, from the whole tables."""
    read = [name for name in transformations.inputs(table) if name in links]
    others = {name: f"main.{name}" for name in transformations.inputs(table) if name not in links}
    uncertainty = contracts.load(table).uncertainty
    additive = uncertainty is not None and uncertainty.additive
    for name in read:
        whole = "" if additive else f" UNION ALL BY NAME {_of_each_draw(con, name)}"
        con.execute(f"CREATE OR REPLACE TABLE terms AS FROM change.{name}{whole}")
        con.execute(f"CREATE OR REPLACE TABLE marked_{name} AS {_marked(con, name)}")
    make(con, "derived", others | {name: f"main.marked_{name}" for name in read}, [table], known)
    before = "" if additive else f" UNION ALL BY NAME {_of_each_draw(con, table, '-')}"
    _sum(con, table, f"{_unmarked(con, table, f'derived.{table}')}{before}")


def _of_each_draw(con: duckdb.DuckDBPyConnection, table: str, sign: str = "") -> str:
    """SELECT of a table once for each draw."""
    cell = ", ".join(_cell(con, table))
    return f"SELECT draw, {cell}, {sign}{VALUE} AS {VALUE} FROM {table} CROSS JOIN (SELECT DISTINCT draw FROM changes)"


def _marked(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SELECT of the sums of terms with the draw before the codes of areas."""
    columns = [f"draw || '|' || {name} AS {name}" if name in AREAS else name for name in _cell(con, table)]
    return f"SELECT {', '.join(columns)}, {_total(con, table)} AS {VALUE} FROM terms GROUP BY ALL"


def _unmarked(con: duckdb.DuckDBPyConnection, table: str, made: str) -> str:
    """SELECT of marked cells: the draw, the cells without marks, and the value with the sign of the mark."""
    cell = _cell(con, table)
    mark = next(name for name in cell if name in AREAS)
    columns = [f"regexp_replace({name}, '{MARK}', '') AS {name}" if name in AREAS else name for name in cell]
    return (
        f"SELECT CAST(regexp_extract({mark}, '{MARK}', 1) AS INTEGER) AS draw, {', '.join(columns)}, "
        f"CASE WHEN regexp_extract({mark}, '{MARK}', 2) = '-' THEN -{VALUE} ELSE {VALUE} END AS {VALUE} FROM {made}"
    )


def _sum(con: duckdb.DuckDBPyConnection, table: str, terms: str) -> None:
    """Make the changes of a table of terms of either sign; what adds up to nothing is no change."""
    con.execute(
        f"CREATE TABLE change.{table} AS SELECT draw, {', '.join(_cell(con, table))}, "
        f"{_total(con, table)} AS {VALUE} FROM ({terms}) AS terms GROUP BY ALL HAVING sum(terms.{VALUE}) <> 0"
    )


def _total(con: duckdb.DuckDBPyConnection, table: str) -> str:
    relation = con.sql(f"FROM {table}")
    return f"CAST(sum({VALUE}) AS {dict(zip(relation.columns, relation.types, strict=True))[VALUE]})"


def _cell(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Columns of a table but its value and the ends of intervals."""
    return [name for name in con.sql(f"FROM {table}").columns if name not in (VALUE, *UNCERTAINTY)]


def _has_value(table: str) -> bool:
    return VALUE in {column.name for column in contracts.load(table).columns}
