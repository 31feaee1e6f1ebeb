"""A table made by one SQL file: <stage>/<table>.sql holds one SELECT over other tables and $parameters."""

import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from migflow import contracts
from migflow.countries import Area, Country
from migflow.errors import MigflowError
from migflow.imputation import changes_of_cells, intervals
from migflow.standardise import settlement_kinds
from migflow.statistics import functions
from migflow.store import Store, Written

AREAS, WIDER_AREAS, SETTLEMENT_KINDS = "areas", "wider_areas", "settlement_kinds"
# What bind_areas makes readable: tables of the profile, not of the store.
OF_PROFILE = frozenset({AREAS, WIDER_AREAS, SETTLEMENT_KINDS})
_WIDER_AREAS_SQL = Path(__file__).with_name(f"{WIDER_AREAS}.sql")


def sql(table: str) -> str:
    """Text of the table's SELECT; MigflowError if it has no SQL file."""
    path = _path(table)
    if not path.is_file():
        raise MigflowError(f"{table} has a contract but no transformation: expected {path.parent.name}/{path.name}.")
    return path.read_text(encoding="utf-8").strip().rstrip(";")


def _path(table: str) -> Path:
    return Path(__file__).parent / contracts.load(table).stage / f"{table}.sql"


@functools.cache
def inputs(table: str) -> tuple[str, ...]:
    """Stored tables that the table's SELECT reads, by name; its areas are those of the profile."""
    return tuple(name for name in reads(sql(table)) if name not in OF_PROFILE)


def reads(query: str) -> tuple[str, ...]:
    """Tables that a SELECT reads, by name."""
    tree = sqlglot.parse_one(query, dialect="duckdb")
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    return tuple(sorted({t.name for t in tree.find_all(exp.Table) if t.name} - inner))


def period(store: Store) -> dict[str, dt.date]:
    """first_day: the day after the first registry snapshot; as_of: the setting, or the day after the newest delivery.

    Raises MigflowError if nothing has been delivered, if no whole calendar year lies between them, or if as_of lies
    after the newest delivery.
    """
    snapshots = store.partitions("civil_registry_persons")
    if not snapshots:
        raise MigflowError("No snapshot of civil_registry_persons has been read: receive one first.")
    delivered = {m for t in contracts.load_all().values() if t.stage == "deliveries" for m in store.partitions(t.table)}
    first_day, newest = _day_after(snapshots[0]), _day_after(max(delivered))
    first_year = first_day.year + (first_day > dt.date(first_day.year, 1, 1))
    earliest = dt.date(first_year + 1, 1, 1)
    if newest < earliest:
        raise MigflowError(
            f"No whole calendar year has been delivered yet: accounts begin on {first_day}, after the first snapshot "
            f"of civil_registry_persons, and deliveries end with {max(delivered)}. Receive the months up to "
            f"{first_year}-12, or a snapshot of an earlier December."
        )
    as_of = store.settings.as_of or newest
    if not earliest <= as_of <= newest:
        raise MigflowError(
            f"The as-of date {as_of} is not possible: expected a day from {earliest}, when the first whole year ends, "
            f"to {newest}, the day after the newest delivered month. Change as_of in migflow.toml or MIGFLOW_AS_OF."
        )
    return {"first_day": first_day, "as_of": as_of}


def _day_after(month: str) -> dt.date:
    year, number = map(int, month.split("-"))
    return dt.date(year + number // 12, number % 12 + 1, 1)


def bind_areas(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make the profile's areas readable in a session: areas (columns of migflow.countries.Area), wider_areas and
    settlement_kinds.
    """
    names = list(Area.__dataclass_fields__)
    con.register(SETTLEMENT_KINDS, _settlement_kinds(country, country.digest))
    con.register(AREAS, pa.table({n: [getattr(a, n) for a in country.areas] for n in names}))
    bind_wider_areas(con)


@functools.cache
def _settlement_kinds(country: Country, digest: str) -> pa.Table:
    """Kept while the profile's files are the same: folding their names takes longer than most tables do."""
    return settlement_kinds.load(country)


def bind_wider_areas(con: duckdb.DuckDBPyConnection) -> None:
    """Make wider_areas (code, level, area) of the table areas: each area with itself and every wider one."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW {WIDER_AREAS} AS {_WIDER_AREAS_SQL.read_text(encoding='utf-8')}")


@functools.cache
def parameters(query: str) -> frozenset[str]:
    """Names of the parameters that a SELECT takes."""
    return frozenset(p.name for p in sqlglot.parse_one(query, dialect="duckdb").find_all(exp.Placeholder))


def used(query: str, known: Mapping[str, object]) -> dict[str, object]:
    """Values of those parameters that a query names."""
    named = parameters(query)
    unknown = named - known.keys()
    if unknown:
        raise MigflowError(f"The SQL names parameters nobody sets: {', '.join(sorted(unknown))}.")
    return {name: known[name] for name in sorted(named)}


def values(store: Store, country: Country) -> dict[str, object]:
    """Every parameter there is: first_day and as_of of the period, and the profile's country and other_settlements."""
    return {**period(store), "country": country.code, "other_settlements": country.other_settlements}


def has_sql(table: str) -> bool:
    """Whether a SQL file makes the table; others are made by a module."""
    return _path(table).is_file()


def stored_inputs(table: str) -> tuple[str, ...]:
    """Stored tables that building a table reads: those of its SELECT, and those that its intervals come from."""
    uncertain = contracts.load(table).has_intervals
    return tuple(sorted({*inputs(table), *(changes_of_cells.reads(table) if uncertain else ())}))


def build(store: Store, country: Country, table: str) -> Written:
    """Run a table's SELECT over the store and write its result, with intervals if its contract asks for them."""
    query, read = sql(table), stored_inputs(table)
    with store.session(*read) as con:
        bind_areas(con, country)
        functions.bind_functions(con)
        digests = {name: store.provenance_digest(name) or "empty" for name in read}
        digests[AREAS] = country.digest
        known = values(store, country) if parameters(query) or contracts.load(table).has_intervals else {}
        taken = used(query, known)
        if contracts.load(table).has_intervals:
            con.execute(f"CREATE TABLE {table} AS {query}", taken or None)
            query, taken = intervals.add(con, table, known), {}
        return store.write(con, table, query, parameters=taken, inputs=digests)
