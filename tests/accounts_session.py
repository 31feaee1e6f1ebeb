"""A DuckDB session of hand-made tables, in which the accounts and statistics are run as the pipeline runs them."""

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from contract_arrow import schema_of

from migflow import contracts, transformations
from migflow.statistics import functions

Row = Mapping[str, Any]
COUNTRY = "XK"
PROFILE = {"country": COUNTRY, "other_settlements": "rural"}
PERIOD = {"first_day": dt.date(2020, 1, 1), "as_of": dt.date(2023, 1, 1)}
ACCOUNTS = (
    "accounting_years",
    "accounting_quarters",
    "declared_residence",
    "registered_residence",
    "residence_statements",
    "residence_spells",
    "citizenship_spells",
    "moves",
    "vital_events",
    "migration_counts",
    "resident_counts",
    "population",
    "population_balance_quarterly",
    "population_balance",
    "internal_migration_by_municipality",
    "internal_migration_od",
    "population_balance_by_level",
    "migration_exposure",
    "migration_intensities",
    "migration_matrices",
    "internal_migration_by_age",
    "internal_migration_by_citizenship",
    "internal_migration_by_type",
    "population_by_citizenship",
    "residence_duration",
    "residence_transitions",
    "migration_indices",
    "repeat_moves",
    "first_moves_of_immigrants",
    "household_moves",
    "signs_of_life",
    "sign_history",
    "sign_weights",
    "residency_rates",
    "residency_chain",
    "residency_index",
    "sign_places",
    "actual_residence",
    "usual_residence",
    "international_migration_counts",
    "immigration",
    "emigration",
    "coverage_counts",
    "coverage_measures",
    "population_coverage",
)
COVERAGE = ("coverage_counts", "coverage_measures", "population_coverage")
SPELLS = ("declared_residence", "registered_residence", "residence_statements", "residence_spells")
SOURCES = (
    "civil_registry_persons",
    "civil_registry_events",
    "municipal_residence",
    "administrative_activity",
    "persons",
    "person_links",
    "address_links",
    "place_links",
)


def bind(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Register rows as a table with the contract's columns; columns left out are empty, days may be text."""
    schema = schema_of(contracts.load(table))
    arrays = [pa.array([_value(r.get(f.name), f.type) for r in rows], type=f.type) for f in schema]
    con.register(table, pa.Table.from_arrays(arrays, schema=schema))


def _value(value: object, type_: pa.DataType) -> object:
    return dt.date.fromisoformat(value) if isinstance(value, str) and pa.types.is_date(type_) else value


def derive(con: duckdb.DuckDBPyConnection, *tables: str, period: Mapping[str, dt.date] = PERIOD) -> None:
    """Make tables by their SQL, in order, and hold them to their contracts' row rules and keys."""
    for table in tables:
        contract, query = contracts.load(table), transformations.sql(table)
        # lower and upper come from draws, not from the SELECT.
        drawn = ("lower", "upper") if contract.has_intervals else ()
        columns = ", ".join(
            f"CAST({'NULL' if c.name in drawn else c.name} AS {c.type}) AS {c.name}" for c in contract.columns
        )
        con.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT {columns} FROM ({query}) ORDER BY {', '.join(contract.key)}",
            {name: {**period, **PROFILE}[name] for name in _named(table)} or None,
        )
        broken = [r.name for r, n in zip(contract.row_rules, _broken(con, contract), strict=True) if n]
        assert not broken, f"{table}: {broken}"
        key = ", ".join(contract.key)
        assert count(con, f"SELECT {key} FROM {table} GROUP BY ALL HAVING count(*) > 1") == 0, f"{table}: key"


def _broken(con: duckdb.DuckDBPyConnection, contract: contracts.Contract) -> tuple[int, ...]:
    """Rows that break each rule."""
    counts = ", ".join(f"count(*) FILTER (WHERE NOT ({rule.predicate}))" for rule in contract.row_rules)
    return con.execute(f"SELECT {counts} FROM {contract.table}").fetchall()[0]


@functools.cache
def _named(table: str) -> tuple[str, ...]:
    """Parameters of a table's SQL; kept because parsing takes longer than running it on a few rows."""
    return tuple(transformations.used(transformations.sql(table), {**PERIOD, **PROFILE}))


def count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Result of a query with days as text."""
    found = con.execute(query).fetchall()
    return [tuple(v.isoformat() if isinstance(v, dt.date) else v for v in row) for row in found]


class Registers:
    """Deliveries and links of a few persons, written down statement by statement."""

    def __init__(self, snapshots: Sequence[str] = ("2019-12", "2020-12", "2021-12", "2022-12")) -> None:
        self.snapshots = snapshots
        self.tables: dict[str, list[dict[str, Any]]] = {table: [] for table in SOURCES}
        self._records = 0

    def person(
        self, name: str, born: str = "1980-05-05", *, sex: str = "F", died: str | None = None, **row: Any
    ) -> None:
        """A person of the register of persons; first_month and last_month follow from `registered`."""
        self.tables["persons"].append(
            {
                "person_id": name,
                "anchor_record_id": f"arc:{name}",
                "personal_number": name,
                "first_name": "x",
                "surname": "x",
                "sex": sex,
                "birth_date": born,
                "death_date": died,
                "citizenship": "XK",
                "first_month": self.snapshots[-1],
                "last_month": self.snapshots[0],
                **row,
            }
        )
        self._link("civil_registry_persons", f"arc:{name}", name, by="anchor")

    def registered(
        self,
        name: str,
        place: str,
        since: str | None,
        months: Sequence[str] | None = None,
        citizenship: str = "XK",
        provider: str = "arc",
    ) -> None:
        """A registration that the snapshots of some months (all of them if none are given) hold."""
        for month in months or self.snapshots:
            self.tables["civil_registry_persons"].append(
                {
                    "reference_month": month,
                    "record_id": f"arc:{name}",
                    "provider": provider,
                    "municipality": place.split("/")[0],
                    "registered_since": since,
                    "citizenship": citizenship,
                }
            )
            self._address("civil_registry_persons", f"arc:{name}", month, place)
            person = next(p for p in self.tables["persons"] if p["person_id"] == name)
            person["first_month"] = min(person["first_month"], month)
            person["last_month"] = max(person["last_month"], month)

    def declared(
        self, name: str, kind: str, on: str, place: str, *, came: str | None = None, went: str | None = None
    ) -> None:
        """A declaration at the counter of a municipality; place is municipality/settlement/building/dwelling."""
        self._records += 1
        record = f"m:{self._records:03d}"
        self.tables["municipal_residence"].append(
            {
                "reference_month": on[:7],
                "record_id": record,
                "event_type": kind,
                "event_date": on,
                "municipality": place.split("/")[0],
                "previous_place": came,
                "next_place": went,
            }
        )
        self._link("municipal_residence", record, name)
        self._address("municipal_residence", record, on[:7], place)

    def act(self, name: str, kind: str, on: str, place: str | None = None, **row: Any) -> None:
        """An act of the civil registry: birth, death, citizenship_change."""
        self._records += 1
        record = f"arc:act{self._records:03d}"
        self.tables["civil_registry_events"].append(
            {
                "reference_month": on[:7],
                "record_id": record,
                "event_type": kind,
                "event_date": on,
                "municipality": place,
                **row,
            }
        )
        self._link("civil_registry_events", record, name)

    def _link(self, source: str, record: str, person: str, by: str = "exact") -> None:
        self.tables["person_links"].append(
            {"source": source, "record_id": record, "person_id": person, "pass": by, "reason": "x"}
        )

    def _address(self, source: str, record: str, month: str, place: str) -> None:
        parts = [*place.split("/"), None, None, None][:4]
        names = ("municipality", "settlement_id", "building_id", "address_id")
        finer = ["/".join(place.split("/")[: n + 1]) if part else None for n, part in enumerate(parts)]
        self.tables["address_links"].append(
            {
                "source": source,
                "record_id": record,
                "reference_month": month,
                "role": "current",
                "grade": ("municipality", "settlement", "building", "dwelling")[place.count("/")],
                **dict(zip(names, finer, strict=True)),
            }
        )

    def session(self) -> duckdb.DuckDBPyConnection:
        """All tables, with every place text linked to itself: two letters are a country, else a municipality."""
        con = duckdb.connect()
        texts = {d[c] for d in self.tables["municipal_residence"] for c in ("previous_place", "next_place") if d[c]}
        self.tables["place_links"] = [
            {"place": t, "municipality": t if t in MUNICIPALITIES else None, "country": t if len(t) == 2 else None}
            for t in sorted(texts)
        ]
        for table, content in self.tables.items():
            bind(con, table, content)
        con.execute(
            "CREATE TABLE areas AS SELECT 'XK' AS code, 'country' AS level, '' AS parent, "
            "CAST(NULL AS DOUBLE) AS latitude, CAST(NULL AS DOUBLE) AS longitude"
        )
        con.execute("INSERT INTO areas (code, level, parent) VALUES ('R1', 'region', 'XK'), ('R2', 'region', 'XK')")
        con.executemany(
            "INSERT INTO areas VALUES (?, 'municipality', ?, 0, ?)",
            [(m, r, d) for d, (m, r) in enumerate(REGION_OF.items())],
        )
        transformations.bind_wider_areas(con)
        con.execute("CREATE TABLE settlement_kinds AS SELECT 'B/t' AS settlement_id, 'urban' AS kind")
        functions.bind_functions(con)
        return con


# Municipality -> its region. They lie on the equator, one degree apart from west to east.
REGION_OF = {"A": "R1", "B": "R1", "C": "R2", "D": "R2"}
MUNICIPALITIES = tuple(REGION_OF)


SHOWN = "municipality, from_date, to_date, entry_reason, exit_reason, basis"


def spells(registers: Registers, columns: str = SHOWN, person: str = "P") -> list[tuple[Any, ...]]:
    """Residence spells of a person in the order of time."""
    con = registers.session()
    derive(con, *SPELLS)
    return rows(con, f"SELECT {columns} FROM residence_spells WHERE person_id = '{person}' ORDER BY spell_number")


def settled_person() -> Registers:
    """One person registered in municipality A since 2010 in every snapshot."""
    registers = Registers()
    registers.person("P")
    registers.registered("P", "A/s/1", "2010-01-01")
    return registers
