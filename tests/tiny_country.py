"""A country of some hundred households in six municipalities, made up at random, with every statistics table stored."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from accounts_session import PROFILE, bind

from migflow import contracts, countries, transformations
from migflow.contracts import Contract
from migflow.countries import Area, Country
from migflow.settings import Settings
from migflow.statistics import functions
from migflow.store import FILE, Store

REGION_OF = {"A": "R1", "B": "R1", "C": "R1", "D": "R2", "E": "R2", "F": "R2"}
SHARES = (0.3, 0.2, 0.1, 0.2, 0.15, 0.05)
FIRST_DAY, YEARS = dt.date(2020, 1, 1), 4
# What all else is counted from.
LIVES = ("persons", "residence_spells", "usual_residence", "citizenship_spells")
TABLES = tuple(c for c in contracts.load_all().values() if c.stage == "statistics" and contracts.published(c) != c)
Rows = dict[str, list[dict[str, Any]]]


def country() -> Country:
    """Another geography in a shipped profile."""
    rows = [("XK", "country", ""), ("R1", "region", "XK"), ("R2", "region", "XK")]
    rows += [(code, "municipality", region) for code, region in REGION_OF.items()]
    areas = (Area(code, level, parent, code, "", 42.0 + n, 21.0, None) for n, (code, level, parent) in enumerate(rows))
    return replace(countries.load("kosovo"), areas=tuple(areas))


def tiny_store(home: Path, households: int, as_of: dt.date, seed: int = 1) -> Store:
    """A store with the lives known at a date and the statistics of them; a later date shows the same lives longer."""
    store = Store(Settings(home=home, disclosure_key="secret"))
    period = {"first_day": FIRST_DAY, "as_of": as_of}
    with duckdb.connect(config={"threads": 2}) as con:
        transformations.bind_areas(con, country())
        functions.bind_functions(con)
        for table, rows in lives(households, as_of, seed).items():
            bind(con, table, rows)
            _save(con, store, contracts.load(table), table)
        done = set(LIVES)
        for contract in TABLES:
            _derive(con, contract.table, {**PROFILE, **period}, done)
            _save(con, store, contract, contract.table)
        for table in ("accounting_years", "moves"):
            _save(con, store, contracts.load(table), table)
    return store


def _derive(con: duckdb.DuckDBPyConnection, table: str, known: dict[str, Any], done: set[str]) -> None:
    """Make a table and, before it, those that its SQL reads."""
    if table in done:
        return
    for needed in transformations.inputs(table):
        _derive(con, needed, known, done)
    query = transformations.sql(table)
    given = {name: known[name] for name in transformations.parameters(query)}
    con.execute(f"CREATE TABLE {table} AS {query}", given or None)
    done.add(table)


def _save(con: duckdb.DuckDBPyConnection, store: Store, contract: Contract, table: str) -> None:
    there = set(con.sql(f"SELECT * FROM {table} LIMIT 0").columns)
    columns = ", ".join(
        f"CAST({c.name if c.name in there else 'NULL'} AS {c.type}) AS {c.name}" for c in contract.columns
    )
    folder = store.folder(contract)
    folder.mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY (SELECT {columns} FROM {table} ORDER BY {', '.join(contract.key)}) TO '{folder / FILE}'")


def lives(households: int, as_of: dt.date, seed: int) -> Rows:
    """Rows of the tables of lives, as far as they are known at a date."""
    random = np.random.default_rng(seed)
    rows: Rows = {table: [] for table in LIVES}
    for number in range(households):
        places, moves = [_place(random)], sorted({_day(random) for _ in range(random.poisson(0.6))})
        for _ in moves:
            places.append(places[-1] if random.random() < 0.3 else _place(random))
        homes = [f"{place}{random.integers(1, 3)}/{number}.{n}" for n, place in enumerate(places)]
        for member in range(random.choice([1, 1, 2, 3, 4])):
            _live(rows, f"p{number:04}{member}", homes, moves, as_of, random)
    return rows


def _live(rows: Rows, person: str, homes: list[str], moves: list[dt.date], as_of: dt.date, random: Any) -> None:
    """A member of a household: there from the start, born or come from abroad; there still, dead or emigrated."""
    born = dt.date(1935, 1, 1) + dt.timedelta(int(random.integers(0, 88 * 365)))
    comes, goes, days = random.random() < 0.12, random.random() < 0.15, sorted((_day(random), _day(random)))
    entry = "birth" if born >= FIRST_DAY else "immigration" if comes else "start_of_records"
    enters = {"birth": born, "immigration": days[0], "start_of_records": dt.date(2010, 1, 1)}[entry]
    leaves = days[1] if goes and days[1] > enters else dt.date(9999, 1, 1)
    exit_, stays_registered = ("death", False) if random.random() < 0.4 else ("emigration", random.random() < 0.3)
    citizenship = "XK" if entry != "immigration" and random.random() < 0.9 else str(random.choice(["AL", "DE", "XK"]))
    sex, settled = str(random.choice(["F", "M"])), [day for day in moves if enters < day < leaves]
    if max(enters, born) >= as_of:
        return
    rows["persons"].append(
        {"person_id": person, "anchor_record_id": person, "first_name": "x", "surname": "x", "birth_date": born}
        | {"sex": sex, "first_month": "2019-12", "last_month": "2019-12"}
    )
    rows["citizenship_spells"].append(
        {"person_id": person, "spell_number": 1, "citizenship": citizenship, "from_date": min(born, enters)}
    )
    first = len([day for day in moves if day <= enters])
    for n, (start, end) in enumerate(zip([enters, *settled], [*settled, leaves], strict=True)):
        if start >= as_of:
            return
        home, ends = homes[first + n], end < as_of
        spell = {"person_id": person, "spell_number": n + 1, "municipality": home[0], "from_date": start}
        spell |= {"entry_reason": "internal" if n else entry}
        spell |= {"origin_country": "AL" if entry == "immigration" and not n else None}
        left = {"to_date": end, "exit_reason": "internal" if end < leaves else exit_} if ends else {}
        left |= {"destination_country": "DE"} if ends and end == leaves and exit_ == "emigration" else {}
        rows["usual_residence"].append(spell | left | {"entry_is_provisional": False, "exit_is_provisional": False})
        kept = {} if left.get("exit_reason") == "emigration" and stays_registered else left
        places = {"settlement_id": home.split("/")[0], "building_id": home, "address_id": home, "basis": "registry"}
        rows["residence_spells"].append(spell | kept | places)


def _day(random: Any) -> dt.date:
    return FIRST_DAY + dt.timedelta(int(random.integers(1, YEARS * 365)))


def _place(random: Any) -> str:
    return str(random.choice(list(REGION_OF), p=SHARES))
