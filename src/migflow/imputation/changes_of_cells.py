"""What draws change in the cells of a table: its own SQL, run on the persons whose account a draw changes."""

from collections.abc import Iterator, Mapping

import duckdb

from migflow import contracts, transformations
from migflow.imputation import steps
from migflow.imputation.accounts import make

# Tables of persons: those kept as they are, and those that follow from the spells.
KEPT, FROM_SPELLS = ("citizenship_spells", "persons"), ("moves", "usual_residence", "vital_events")
SPELLS = "residence_spells"
VALUE, UNCERTAINTY = "obs_value", ("lower", "upper")
READ = ("drawn_spells", "link_draws", "person_links", SPELLS)


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


def each_draw(con: duckdb.DuckDBPyConnection, table: str, known: Mapping[str, object]) -> Iterator[str]:
    """For each draw that changes a link the name of a table of differences: the cells' columns, and obs_value.

    Reads the tables of reads(table), and the table itself, all by name.
    """
    steps.table(con, "changes")
    links = chain(table)
    personal = _personal(links)
    for name in personal:
        con.execute(f"CREATE OR REPLACE TABLE affected_{name} AS FROM {name} SEMI JOIN changes USING (person_id)")
    for (draw,) in con.execute("SELECT DISTINCT draw FROM changes ORDER BY draw").fetchall():
        _count_persons(con, links, personal, draw, known)
        for link in links:
            if not counts_persons(link):
                _derive(con, link, links, known)
        yield f"change.{table}"


def _personal(links: tuple[str, ...]) -> tuple[str, ...]:
    read = {name for link in links if counts_persons(link) for name in transformations.inputs(link)}
    return tuple(sorted({SPELLS, *(read & set(KEPT))}))


def _count_persons(
    con: duckdb.DuckDBPyConnection,
    links: tuple[str, ...],
    personal: tuple[str, ...],
    draw: int,
    known: Mapping[str, object],
) -> None:
    """Make the tables that count persons in the schemas before and after, and their difference in change."""
    con.execute("DROP SCHEMA IF EXISTS change CASCADE")
    con.execute("CREATE SCHEMA change")
    con.execute(f"CREATE OR REPLACE TABLE who AS SELECT DISTINCT person_id FROM changes WHERE draw = {draw}")
    for name in personal:
        con.execute(f"CREATE OR REPLACE TABLE who_{name} AS FROM affected_{name} SEMI JOIN who USING (person_id)")
    con.execute(f"CREATE OR REPLACE TABLE who_drawn AS SELECT * EXCLUDE (draw) FROM drawn_spells WHERE draw = {draw}")
    counted = [link for link in links if counts_persons(link)]
    read = {name for link in counted for name in transformations.inputs(link)}
    made = [name for name in FROM_SPELLS if name in read]
    others = {name: f"main.{name}" for name in read - {*KEPT, *FROM_SPELLS, SPELLS}}
    bound = others | {name: f"main.who_{name}" for name in personal}
    make(con, "before", bound, [*made, *counted], known)
    make(con, "after", bound | {SPELLS: "main.who_drawn"}, [*made, *counted], known)
    for link in counted:
        _difference(con, f"change.{link}", f"after.{link}", f"before.{link}")


def _derive(con: duckdb.DuckDBPyConnection, table: str, links: tuple[str, ...], known: Mapping[str, object]) -> None:
    """Make the change of a table from the changes of what it reads, or from the whole tables with their changes."""
    read = [name for name in transformations.inputs(table) if name in links]
    others = {name: f"main.{name}" for name in transformations.inputs(table) if name not in links}
    uncertainty = contracts.load(table).uncertainty
    if uncertainty and uncertainty.additive:
        make(con, "derived", others | {name: f"change.{name}" for name in read}, [table], known)
        con.execute(f"CREATE TABLE change.{table} AS FROM derived.{table}")
        return
    for name in read:
        con.execute(f"CREATE OR REPLACE TABLE whole_{name} AS {_summed(con, name, f'change.{name}', '+')}")
    make(con, "derived", others | {name: f"main.whole_{name}" for name in read}, [table], known)
    _difference(con, f"change.{table}", f"derived.{table}", table)


def _difference(con: duckdb.DuckDBPyConnection, target: str, table: str, other: str) -> None:
    con.execute(f"CREATE TABLE {target} AS FROM ({_summed(con, table, other, '-')}) WHERE {VALUE} <> 0")


def _summed(con: duckdb.DuckDBPyConnection, table: str, other: str, sign: str) -> str:
    """SELECT of the cells of either table, with the sum or difference of their values."""
    relation = con.sql(f"FROM {table}")
    types = dict(zip(relation.columns, relation.types, strict=True))
    cell = ", ".join(name for name in types if name not in (VALUE, *UNCERTAINTY))
    return (
        f"SELECT {cell}, CAST(sum({VALUE}) AS {types[VALUE]}) AS {VALUE} FROM (SELECT {cell}, {VALUE} FROM {table} "
        f"UNION ALL SELECT {cell}, {sign}{VALUE} FROM {other}) AS terms GROUP BY {cell}"
    )


def _has_value(table: str) -> bool:
    return VALUE in {column.name for column in contracts.load(table).columns}
