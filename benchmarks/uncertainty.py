"""How often intervals from drawn links hold the truth, and the bias they correct, over simulated countries.

    python -m benchmarks.uncertainty [--seeds 20] [--first 1] [--persons 30000] [--years 2]

Each seed is a country of its own whose declarations are hard to link: most have no personal number, many no birth date,
names are mistyped, and most declared moves never reach the civil registry, so that a missed link is a missed move.
Linkage's truth is the same table with every record linked to the person it means; lives' truth is what really happened,
undeclared moves included, which no interval from linkage can hold.
"""

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import duckdb
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from migflow import audit, contracts, countries, transformations
from migflow.countries import Country
from migflow.deliveries.build import build as build_months
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.receive import receive
from migflow.evaluation.tables import BOUND, bind_truth
from migflow.imputation import intervals, tables
from migflow.imputation.accounts import ACCOUNT, make
from migflow.registers import addresses, persons
from migflow.settings import Settings
from migflow.simulation import SimulationConfig, simulate
from migflow.store import Store

SOURCES = ("cadastre_addresses", "civil_registry_events", "civil_registry_persons", "municipal_residence")
ACCOUNTS = ("accounting_years", "accounting_quarters", "citizenship_spells", *ACCOUNT, "moves", "vital_events")
TABLE = "internal_migration_by_municipality"
COUNTED = ("population_balance_quarterly", "population_balance", TABLE)
SHOWN = ("net_moves", "in_moves", "out_moves", "turnover", "net_rate")
# Ends of intervals are rounded to so much.
ROUNDED = 1e-6
BAR = (0.93, 0.97)


def hard_to_link() -> SimulationConfig:
    """A country of many moves between municipalities, declared at counters that write little down and that badly."""
    plain = SimulationConfig()
    text = dataclasses.replace(
        plain.counters.text, typing=0.12, birth_date_typing=0.05, swapped_names=0.03, other_language=0.3
    )
    address = dataclasses.replace(plain.counters.address, without_number=0.5, without_dwelling=0.8)
    return dataclasses.replace(
        plain,
        lives=dataclasses.replace(plain.lives, moves_between=30.0, emigration=5.0),
        registry=dataclasses.replace(plain.registry, update_never=0.8, stale_at_start=0.0),
        counters=dataclasses.replace(
            plain.counters,
            text=text,
            address=address,
            number_missing=0.7,
            birth_date_missing=0.4,
            arrival_declared=0.95,
            member_left_out=0.0,
            previous_address_missing=0.6,
        ),
    )


def cells(seed: int, size: int, years: int, folder: Path) -> pd.DataFrame:
    """One row a cell of TABLE: its key, obs_value, corrected, lower, upper, and the truths of linkage and of lives."""
    country = countries.load("kosovo")
    made = simulate(folder, persons=size, years=years, seed=seed, config=hard_to_link())
    store, providers = Store(Settings(home=folder)), load_providers(country.folder)
    sent = [delivery for delivery in made.deliveries if delivery[1] in SOURCES]
    for file, source, month, provider in sorted(sent, key=lambda d: (d[2], d[1], d[3])):
        receive([file], source=source, month=month, provider=provider, home=folder, providers=providers, move=True)
    # What an audit checks is not what is measured here.
    with mock.patch.object(audit, "audit", lambda *_: ()):
        for source in SOURCES:
            build_months(store, source, providers)
        addresses.build(store, country)
        persons.build(store, country)
        for table in ACCOUNTS:
            transformations.build(store, country, table)
        tables.build(store, country)
    return _compared(store, country, made.truth).assign(seed=seed)


def _compared(store: Store, country: Country, truth: Path) -> pd.DataFrame:
    known = transformations.values(store, country)
    names = {*ACCOUNTS, *tables.READ, *tables.TABLES}
    key = ", ".join(contracts.load(TABLE).key)
    with store.session(*sorted(names)) as con:
        transformations.bind_areas(con, country)
        bind_truth(con, truth)
        _count(con, "observed", {}, (), known, names)
        for table in COUNTED:
            con.execute(f"CREATE VIEW main.{table} AS FROM observed.{table}")
        intervals.add(con, TABLE, known)
        _link_truly(con)
        _count(con, "linked", {"person_links": "true_links"}, (*ACCOUNT, "moves", "vital_events"), known, names)
        _count(con, "lived", BOUND, ("moves", "vital_events"), known, names)
        return con.sql(
            f"SELECT {key}, o.obs_value, p.corrected, p.lower, p.upper, coalesce(l.obs_value, 0) AS linked, "
            f"coalesce(t.obs_value, 0) AS lived FROM observed.{TABLE} AS o JOIN pooled AS p USING ({key}) "
            f"LEFT JOIN linked.{TABLE} AS l USING ({key}) LEFT JOIN lived.{TABLE} AS t USING ({key}) ORDER BY {key}"
        ).df()


def _count(
    con: duckdb.DuckDBPyConnection,
    schema: str,
    others: Mapping[str, str],
    accounts: tuple[str, ...],
    known: Mapping[str, object],
    names: set[str],
) -> None:
    """Make the COUNTED tables in a schema: over the stored tables, or others instead of them, or accounts anew."""
    bound = {name: f"main.{others.get(name, name)}" for name in names - set(accounts)}
    make(con, schema, bound, (*accounts, *COUNTED), known)


def _link_truly(con: duckdb.DuckDBPyConnection) -> None:
    """Make true_links: person_links with every record at the person it means, or at nobody who is not registered."""
    con.execute(
        "CREATE TABLE meant AS SELECT source, record_id, min(person_id) AS true_person FROM truth_records GROUP BY ALL"
    )
    con.execute(
        "CREATE TABLE registered AS SELECT m.true_person, min(p.person_id) AS person_id FROM persons AS p JOIN meant "
        "AS m ON m.source = 'civil_registry_persons' AND m.record_id = p.anchor_record_id GROUP BY ALL"
    )
    con.execute(
        "CREATE TABLE true_links AS SELECT l.* REPLACE (CASE WHEN l.pass = 'anchor' THEN l.person_id ELSE r.person_id "
        "END AS person_id) FROM person_links AS l LEFT JOIN meant AS m USING (source, record_id) "
        "LEFT JOIN registered AS r USING (true_person)"
    )


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """One row an indicator: bias and root mean square error, naive and corrected, and coverage of both truths."""
    rows = []
    for indicator in SHOWN:
        of = found[found["indicator"] == indicator]
        naive, corrected = of["obs_value"] - of["linked"], of["corrected"] - of["linked"]
        rows.append(
            {
                "indicator": indicator,
                "cells": len(of),
                "mean": of["linked"].abs().mean(),
                "naive bias": naive.mean(),
                "corrected bias": corrected.mean(),
                "naive RMSE": np.sqrt((naive**2).mean()),
                "corrected RMSE": np.sqrt((corrected**2).mean()),
                "naive exact": (naive.abs() < ROUNDED).mean(),
                "width": (of["upper"] - of["lower"]).mean(),
                "coverage": _inside(of, "linked").mean(),
                "bias against lives": (of["obs_value"] - of["lived"]).mean(),
                "coverage of lives": _inside(of, "lived").mean(),
            }
        )
    return pd.DataFrame(rows)


def shrinkage(found: pd.DataFrame) -> tuple[float, float]:
    """Bias of net migration away from 0, naive and corrected: the mean error in the direction of the true figure."""
    net = found[found["indicator"] == "net_moves"]
    towards = np.sign(net["linked"])
    return float(((net["obs_value"] - net["linked"]) * towards).mean()), float(
        ((net["corrected"] - net["linked"]) * towards).mean()
    )


def _inside(cells_of: pd.DataFrame, truth: str) -> pd.Series:
    return (cells_of["lower"] - ROUNDED <= cells_of[truth]) & (cells_of[truth] <= cells_of["upper"] + ROUNDED)


def main() -> None:
    """Simulate the seeds, one after the other, and print coverage and bias."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="countries")
    parser.add_argument("--first", type=int, default=1, help="seed of the first")
    parser.add_argument("--persons", type=int, default=30_000, help="persons of each")
    parser.add_argument("--years", type=int, default=2, help="years of each")
    arguments = parser.parse_args()
    console = Console(width=160)
    found = []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found.append(cells(seed, arguments.persons, arguments.years, Path(folder)))
        net = found[-1][found[-1]["indicator"] == "net_moves"]
        console.print(
            f"seed {seed}: net migration covered in {_inside(net, 'linked').mean():.1%} of {len(net)} cells, "
            f"{time.monotonic() - started:.0f} s",
            style="dim",
            highlight=False,
        )
    every = pd.concat(found, ignore_index=True)
    _print(console, summary(every))
    naive, corrected = shrinkage(every)
    coverage = float(_inside(every[every["indicator"] == "net_moves"], "linked").mean())
    reached = "reached" if BAR[0] <= coverage <= BAR[1] else "not reached"
    console.print(
        f"Net migration is off in the direction of its sign by {naive:+.3f} naive, {corrected:+.3f} corrected."
    )
    console.print(f"Coverage of net migration {coverage:.1%}, bar {BAR[0]:.0%} to {BAR[1]:.0%}: {reached}.")


def _print(console: Console, rows: pd.DataFrame) -> None:
    shown = Table()
    for column in rows.columns:
        shown.add_column(column, justify="left" if column == "indicator" else "right")
    for row in rows.to_dict("records"):
        shown.add_row(*(_cell(str(name), value) for name, value in row.items()))
    console.print(shown)


def _cell(column: str, value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.1%}" if column.startswith("coverage") or column == "naive exact" else f"{value:.3f}"


if __name__ == "__main__":
    main()
