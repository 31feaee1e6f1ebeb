"""Matching of addresses: speed, street names of a town across scripts, and what a simulated country's truth says.

    python -m benchmarks.addresses speed [--addresses 1000000] [--dwellings 700000]
    python -m benchmarks.addresses subotica STREETS.csv
    python -m benchmarks.addresses country HOME

STREETS.csv: name_sr_cyrl, name_sr_latn and name_hu of each street. HOME: a simulated country after migflow run.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from rich.console import Console
from rich.table import Table

from benchmarks.processes import apart
from migflow.evaluation import addresses as judged
from migflow.evaluation import tables
from migflow.registers.addresses import match_addresses
from migflow.settings import Settings
from migflow.simulation import truth
from migflow.simulation.addresses import AddressBook
from migflow.simulation.calendar import day
from migflow.simulation.config import Lives, MunicipalCounters
from migflow.simulation.country import NO_STREET, SERBIAN_MAJORITY, Country, build_country, load_municipalities
from migflow.store import Store

TIME, MEMORY, FOUND = 60, 4, 0.995
WARMING = 1_000
_START = day(2020)


def main() -> None:
    """Run the part asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    fast = parts.add_parser("speed")
    fast.add_argument("--addresses", type=int, default=1_000_000)
    fast.add_argument("--dwellings", type=int, default=700_000)
    parts.add_parser("subotica").add_argument("streets", type=Path)
    parts.add_parser("country").add_argument("home", type=Path)
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    if asked.part == "speed":
        console.print(speed(asked.addresses, asked.dwellings))
    elif asked.part == "subotica":
        console.print(across_scripts(asked.streets))
    else:
        console.print(country(asked.home))


def simulated(addresses: int, dwellings: int, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Records and dwellings as match_addresses takes them; true_address and true_building are kept beside the records.

    Addresses are those of random dwellings of the simulated country, as municipal counters write them.
    """
    rng, lives, municipalities = np.random.default_rng(seed), Lives(), load_municipalities()
    wanted = (
        dwellings
        / lives.dwellings_per_household
        / (1 + lives.new_dwellings)
        * municipalities.population
        / municipalities.population.sum()
    )
    place = build_country(rng, lives, municipalities, wanted.astype(np.int32), _START, 1)
    book, d = AddressBook(place), place.dwellings
    meant = rng.integers(0, len(d.street), addresses).astype(np.int32)
    serbian = np.isin(municipalities.code, SERBIAN_MAJORITY)[d.municipality[meant]]
    language = np.where(serbian, rng.integers(1, 3, addresses), 0).astype(np.int8)
    written = book.write(rng, MunicipalCounters().address, meant, language)
    records = {
        "record_id": pa.array(np.arange(addresses)),
        "municipality": truth.coded(d.municipality[meant], municipalities.code),
        "settlement": written.settlement,
        "address": written.address,
        "true_address": truth.address_ids(meant),
        "true_building": truth.numbered("B", d.building[meant]),
    }
    return pa.table(records), pa.table(_cadastre(place, book))


def _cadastre(place: Country, book: AddressBook) -> dict[str, pa.Array]:
    d, s = place.dwellings, place.settlements
    first, second = book.street_names()
    street = np.where(d.street == NO_STREET, -1, d.street)
    suffix = truth.coded(d.suffix, ["", "a", "b", "c"])
    return {
        "address_id": truth.address_ids(np.arange(len(d.street))),
        "building_id": truth.numbered("B", d.building),
        "municipality": truth.coded(d.municipality, place.municipalities.code),
        "settlement": truth.coded(d.settlement, s.name),
        "settlement_second": truth.coded(d.settlement, s.name_second),
        "street": truth.coded(street, first),
        "street_second": truth.coded(street, second),
        "house_number": pc.binary_join_element_wise(pa.array(d.house_number).cast(pa.string()), suffix, ""),
        "entrance": pa.array(d.entrance, mask=d.entrance == 0).cast(pa.string()),
        "dwelling": pa.array(d.dwelling, mask=d.dwelling == 0).cast(pa.string()),
    }


def speed(addresses: int, dwellings: int) -> Table:
    """Seconds by stage and peak memory, in a process of its own."""
    stages, peak, found = apart(_timed, addresses, dwellings)
    table = Table(title=f"{addresses:,} addresses against a cadastre of {dwellings:,}")
    for heading in ("", "seconds", "bar"):
        table.add_column(heading)
    for stage, seconds in stages.items():
        table.add_row(stage, f"{seconds:.1f}", "")
    table.add_section()
    table.add_row("all", f"{sum(stages.values()):.1f}", f"under {TIME}")
    table.add_row("peak memory, GB", f"{peak:.2f}", f"under {MEMORY}")
    for name, share in found.items():
        table.add_row(name, f"{share:.3%}", "")
    return table


def _timed(addresses: int, dwellings: int) -> tuple[dict[str, float], float, dict[str, float]]:
    records, cadastre = simulated(addresses, dwellings)
    plain = records.drop_columns(["true_address", "true_building"])
    match_addresses(plain.slice(0, WARMING), cadastre.slice(0, WARMING), country="kosovo")
    marks: list[tuple[str, float]] = []
    links = match_addresses(
        plain, cadastre, country="kosovo", progress=lambda stage: marks.append((stage, time.perf_counter()))
    )
    ends = [at for _, at in marks[1:]] + [time.perf_counter()]
    stages = {stage: end - start for (stage, start), end in zip(marks, ends, strict=True)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    con = duckdb.connect()
    con.register("links", links)
    con.register("records", records)
    right, wrong = con.execute(
        "SELECT avg(coalesce(building_id = true_building, false)::INT), avg(coalesce(building_id <> true_building, "
        "false)::INT) FROM links JOIN records ON CAST(records.record_id AS VARCHAR) = links.record_id"
    ).fetchall()[0]
    return stages, peak, {"right building, of all (many have no number)": right, "wrong building": wrong}


def across_scripts(path: Path) -> Table:
    """Cyrillic names of streets, each looked for among all their Latin names."""
    table = Table(title=f"Streets of {path.name} that find their own Latin name")
    for heading in ("written as", "names", "right", "wrong", "not found", "share right", "bar"):
        table.add_column(heading)
    streets = csv.read_csv(path, convert_options=csv.ConvertOptions(strings_can_be_null=True))
    for column, bar in (("name_sr_cyrl", f"at least {FOUND:.1%}"), ("name_sr_latn", "")):
        known = streets.filter(pc.and_(pc.is_valid(streets["name_sr_latn"]), pc.is_valid(streets[column])))
        latin = sorted({_street(name) for name in known.column("name_sr_latn").to_pylist()})
        where = {"settlement": "Subotica", "house_number": "1"}
        dwellings = pa.Table.from_pylist([{"address_id": name, "street": name, **where} for name in latin])
        texts = sorted(set(known.column(column).to_pylist()))
        records = [{"record_id": text, "address": f"{text} 1", "settlement": "Суботица"} for text in texts]
        links = match_addresses(pa.Table.from_pylist(records), dwellings, country="serbia").to_pylist()
        own = {(row[column], _street(row["name_sr_latn"])) for row in known.to_pylist()}
        right = sum((link["record_id"], link["address_id"]) in own for link in links)
        found = sum(link["address_id"] is not None for link in links)
        table.add_row(
            column, *map(str, (len(texts), right, found - right, len(texts) - found)), f"{right / len(texts):.2%}", bar
        )
    return table


def _street(latin: str) -> str:
    """A Latin name without what is no part of it: capitals, and the word for street that some have."""
    return latin.casefold().removeprefix("ulica ")


def country(home: Path) -> Table:
    """Addresses of a simulated country by evidence, grade, language and script, and municipality."""
    store = Store(Settings(home=home))
    with store.session("address_links") as con:
        tables.bind_truth(con, home / "truth")
        judged.judge(con)
        groups = judged.groups(con)
    table = Table(title="Addresses that tell the building (bar: recall of all at least 99.5%, wrong at most 0.1%)")
    for column in groups.columns:
        table.add_column(column.replace("_", " "))
    for row in groups.itertuples(index=False):
        table.add_row(*("" if v != v else f"{v:.3%}" if isinstance(v, float) else str(v) for v in row))
    return table


if __name__ == "__main__":
    main()
