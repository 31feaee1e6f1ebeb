"""Writes the delivery files of each register, and what each record in them truly means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migflow.deliveries.layouts import Layout, Provider
from migflow.simulation import truth
from migflow.simulation.act_extract import act_columns
from migflow.simulation.activity_extract import ActivityExtract
from migflow.simulation.acts import Acts
from migflow.simulation.addresses import AddressBook, Written
from migflow.simulation.cadastre import cadastre_columns, closed_by
from migflow.simulation.calendar import day, month_index, month_name
from migflow.simulation.config import CivilRegistry, MunicipalCounters
from migflow.simulation.country import SERBIAN_MAJORITY
from migflow.simulation.declaration_extract import declaration_columns, declared_dwellings
from migflow.simulation.declarations import ARRIVAL, Declarations
from migflow.simulation.files import EXTENSIONS, rendered, write_months, write_whole
from migflow.simulation.handwriting import LANGUAGES
from migflow.simulation.person_extract import FIRST_RECORD, PersonExtract
from migflow.simulation.population import NOBODY
from migflow.simulation.residence import Timeline
from migflow.simulation.spelling import holds
from migflow.simulation.world import Ints, World

Delivery = tuple[Path, str, str, str]  # file, source, reference month, provider
Progress = Callable[[str], None]

_NORTH = ("XK12", "XK28", "XK29", "XK38")  # whose cadastre is kept by an office of its own


@dataclass(frozen=True)
class Office:
    """What every extract needs: where files go, the layouts, and the world observed."""

    out: Path
    providers: dict[str, Provider]
    world: World
    moves: dict[str, Ints]
    book: AddressBook
    numbers: npt.NDArray[np.int64]
    codes: list[str]
    records: list[dict[str, pa.Array]] = field(default_factory=list)  # truth_records, in parts
    writings: list[pa.Table] = field(default_factory=list)  # truth_addresses, in parts

    def file(self, source: str, month: str, provider: str) -> Delivery:
        """Where a delivery is written."""
        extension = EXTENSIONS[self.providers[provider].layouts[source].format]
        return self.out / "deliveries" / month / provider / f"{source}.{extension}", source, month, provider

    def layout(self, provider: str, source: str) -> Layout:
        """How a provider writes a source."""
        return self.providers[provider].layouts[source]

    def note(
        self,
        source: str,
        record_id: pa.Array,
        month: Sequence[str] | pa.Array,
        person: Ints,
        current: Ints,
        before: Ints,
    ) -> None:
        """Keep what records mean, for truth_records."""
        self.records.append(
            {
                "source": pa.repeat(source, len(person)),
                "record_id": record_id,
                "reference_month": month,
                "person_id": truth.person_ids(person),
                "address_id": truth.address_ids(current),
                "previous_address_id": truth.address_ids(before),
            }
        )

    def note_writing(
        self,
        source: str,
        record_id: pa.Array,
        month: Sequence[str] | pa.Array,
        role: str,
        written: Written,
        placed: bool | npt.NDArray[np.bool_] = True,
    ) -> None:
        """Keep how the addresses of records are written, for truth_addresses; a missing one is not written.

        placed: whether the record says in which municipality the address lies.
        """
        key = {"source": source, "record_id": record_id, "reference_month": month, "role": role}
        count = len(written.address)
        columns = {n: pa.repeat(v, count) if isinstance(v, str) else v for n, v in key.items()}
        columns["municipality_written"] = pa.array(np.broadcast_to(placed, count))
        how = {name: written.how[name] for name in written.how.column_names}
        self.writings.append(pa.table(columns | how).filter(written.address.is_valid()))


def snapshot_days(first_year: int, years: int) -> list[int]:
    """The last days of December before and in each simulated year."""
    return [day(year) - 1 for year in range(first_year, first_year + years + 1)]


def deliver_persons(
    office: Office, extract: PersonExtract, first_year: int, years: int, say: Progress
) -> list[Delivery]:
    """Snapshots of civil_registry_persons; a record's meaning is noted when it is new or its address is."""
    source, provider = "civil_registry_persons", "arc"
    layout, deliveries, after = office.layout(provider, source), [], -(2**30)
    told = np.full(extract.registry.count, NOBODY, np.int32)
    for until in snapshot_days(first_year, years):
        month = month_name(int(month_index(np.array([until], np.int32))[0]))
        say(f"civil registry of {month}")
        extract.advance(after, until)
        after = until
        rows = extract.present(until)
        table = rendered(extract.columns(rows), layout)
        deliveries.append(office.file(source, month, provider))
        write_whole(deliveries[-1][0], table, layout)
        written = np.full(extract.registry.count, NOBODY, np.int32)
        written[rows] = extract.state.address[rows]
        news = np.flatnonzero((written != told) & (written != NOBODY))
        told = written
        ids, months = _record_ids([provider], news + FIRST_RECORD), pa.repeat(month, len(news))
        person, meant = extract.registry.person[news], extract.dwelling(news)
        office.note(source, ids, months, person, meant, np.full(len(news), NOBODY))
        office.note_writing(source, ids, months, "current", extract.written(news))
    return deliveries


def deliver_cadastre(office: Office, first_year: int, years: int, say: Progress) -> list[Delivery]:
    """Snapshots of cadastre_addresses by the two cadastral offices."""
    source, deliveries = "cadastre_addresses", []
    country = office.world.country
    columns = cadastre_columns(country, office.book)
    north = np.isin(country.municipalities.code, _NORTH)[country.dwellings.municipality]
    for until in snapshot_days(first_year, years):
        month = month_name(int(month_index(np.array([until], np.int32))[0]))
        say(f"cadastre of {month}")
        built = country.dwellings.valid_from <= until
        columns["valid_to"] = closed_by(country, until)
        for provider, own in (("cadastre", ~north), ("cadastre-north", north)):
            layout = office.layout(provider, source)
            table = rendered(columns, layout, np.flatnonzero(built & own))
            deliveries.append(office.file(source, month, provider))
            write_whole(deliveries[-1][0], table, layout)
    return deliveries


def deliver_activity(office: Office, extract: ActivityExtract, first_year: int, years: int) -> list[Delivery]:
    """administrative_activity of each year, the one before the first included."""
    source, provider, deliveries = "administrative_activity", "interoperability", []
    layout = office.layout(provider, source)
    for year in range(first_year - 1, first_year + years):
        table = rendered(extract.columns(day(year), day(year + 1)), layout)
        deliveries.append(office.file(source, f"{year}-12", provider))
        write_whole(deliveries[-1][0], table, layout)
    return deliveries


def deliver_acts(
    office: Office,
    rng: np.random.Generator,
    rates: CivilRegistry,
    acts: Acts,
    homes: Timeline,
    first_year: int,
    years: int,
) -> list[Delivery]:
    """civil_registry_events by month of entry."""
    source, provider = "civil_registry_events", "arc"
    language = np.isin(office.world.country.municipalities.code, SERBIAN_MAJORITY).astype(np.int8)
    columns = act_columns(rng, rates, office.world, acts, homes, office.numbers, language, office.codes)
    numbers = np.arange(1, len(acts.kind) + 1)
    columns["record_id"] = pa.array(numbers).cast(pa.string())
    months, ends = _months(month_index(acts.entered), first_year, years)
    deliveries = [office.file(source, month, provider) for month in months]
    layout = office.layout(provider, source)
    write_months([d[0] for d in deliveries], ends, rendered(columns, layout), layout)
    home = homes.at(acts.person, acts.day, -1)
    of_month = pa.array(months).take(pa.array(np.repeat(np.arange(len(months)), np.diff([0, *ends]))))
    office.note(source, _record_ids([provider, of_month], numbers), of_month, acts.person, home, np.full(len(home), -1))
    return deliveries


def deliver_declarations(
    office: Office,
    rng: np.random.Generator,
    rates: MunicipalCounters,
    declared: Declarations,
    first_year: int,
    years: int,
) -> list[Delivery]:
    """municipal_residence, one file a municipality and month of declaration; then truth_records and
    truth_addresses."""
    source, codes = "municipal_residence", office.world.country.municipalities.code
    by_municipality = {p.municipality: p for p in office.providers.values() if source in p.layouts}
    spoken = np.array([LANGUAGES.index(by_municipality[code].language) for code in codes], np.int8)
    both_scripts = np.array([holds("ш", by_municipality[code].layouts[source].encoding) for code in codes])
    unit = office.moves["unit"][declared.move]
    declared = declared.chosen(
        np.lexsort((declared.move, unit, declared.kind, declared.declared, declared.municipality))
    )
    columns, here, there = declaration_columns(
        rng,
        rates,
        office.world,
        office.moves,
        declared,
        office.book,
        office.numbers,
        spoken[declared.municipality],
        office.codes,
        both_scripts[declared.municipality],
    )
    bounds = np.searchsorted(declared.municipality, np.arange(len(codes) + 1))
    number = np.arange(len(declared.move)) - bounds[declared.municipality] + 1
    columns["record_id"] = pa.array(number).cast(pa.string())
    current, before = declared_dwellings(declared, office.moves)
    arrives = declared.kind == ARRIVAL
    person = office.moves["person"][declared.move]
    deliveries: list[Delivery] = []
    for m, code in enumerate(codes):
        rows, provider = slice(int(bounds[m]), int(bounds[m + 1])), by_municipality[code]
        months, ends = _months(month_index(declared.declared[rows]), first_year, years)
        files = [office.file(source, month, provider.id) for month in months]
        layout = provider.layouts[source]
        write_months([f[0] for f in files], ends, rendered(columns, layout, rows), layout)
        deliveries += files
        of_month = pa.array(months).take(pa.array(np.repeat(np.arange(len(months)), np.diff([0, *ends]))))
        ids = _record_ids([provider.id, of_month], number[rows])
        office.note(source, ids, of_month, person[rows], current[rows], before[rows])
        at, placed = np.arange(rows.start, rows.stop), True if "previous_place" in layout.columns else ~arrives[rows]
        office.note_writing(source, ids, of_month, "current", here.repeated(at))
        if "previous_address" in layout.columns:
            office.note_writing(source, ids, of_month, "previous", there.repeated(at), placed)
    joined = {name: pa.chunked_array([part[name] for part in office.records]) for name in office.records[0]}
    truth.write(office.out / "truth", "truth_records", joined)
    truth.write(office.out / "truth", "truth_addresses", pa.concat_tables(office.writings))
    return deliveries


def _record_ids(parts: list[str | pa.Array], numbers: npt.NDArray) -> pa.Array:
    """record_id as the reader forms it: provider, for monthly sources the month, and number."""
    return pa.compute.binary_join_element_wise(*parts, pa.array(numbers).cast(pa.string()), ":")


def _months(index: npt.NDArray[np.int32], first_year: int, years: int) -> tuple[list[str], list[int]]:
    """Every month of the period, and where in sorted month indices each ends."""
    wanted = np.arange((first_year - 1970) * 12, (first_year + years - 1970) * 12)
    return [month_name(int(i)) for i in wanted], np.searchsorted(index, wanted, side="right").tolist()
