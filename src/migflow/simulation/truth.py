"""Truth tables: who is who, where each person really lived, and what each record really means."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from migflow.simulation import residence
from migflow.simulation.calendar import NEVER
from migflow.simulation.country import NO_STREET, Country
from migflow.simulation.names import COMMUNITIES
from migflow.simulation.spelling import without_marks
from migflow.simulation.world import World

_ENTRIES = {
    residence.START: "start_of_records",
    residence.BIRTH: "birth",
    residence.ARRIVAL: "immigration",
    residence.INTERNAL: "internal",
}
_STREET_NAMES = ("street", "street_second", "former_street", "former_street_second")  # as in Country.streets
_EXITS = {residence.BIRTH: "death", residence.DEPARTURE: "emigration", residence.INTERNAL: "internal"}


def person_ids(persons: npt.NDArray) -> pa.Array:
    """Ids of true persons; -1 is nobody."""
    return numbered("P", persons)


def address_ids(dwellings: npt.NDArray) -> pa.Array:
    """Ids of dwellings, as the cadastre has them; -1 is none."""
    return numbered("A", dwellings)


def numbered(letter: str, numbers: npt.NDArray) -> pa.Array:
    """A letter and the number plus one in eight digits; null below 0."""
    text = pa.array(numbers.astype(np.int64) + 1, mask=numbers < 0).cast(pa.string())
    return pc.binary_join_element_wise(letter, pc.utf8_lpad(text, 8, "0"), "")


def coded(codes: npt.NDArray, values: list[str]) -> pa.Array:
    """Texts by code; null below 0."""
    return pa.array(values, pa.string()).take(pa.array(codes, mask=codes < 0))


def dates(days: npt.NDArray) -> pa.Array:
    """Days as dates; null where there is none (negative or NEVER)."""
    return pa.array(days.astype(np.int32), pa.int32(), mask=(days == -1) | (days == NEVER)).cast(pa.date32())


def settlement_ids(country: Country) -> list[str]:
    """Area code and plain lower-case name of each settlement."""
    s, m = country.settlements, country.municipalities
    return [f"{m.code[at]}:{without_marks(name).lower()}" for at, name in zip(s.municipality, s.name, strict=True)]


def write_lives(folder: Path, world: World, changes: residence.Steps, codes: list[str]) -> None:
    """truth_persons, truth_residence_spells, truth_citizenship_spells and truth_dwellings."""
    write(folder, "truth_persons", _persons(world, codes))
    write(folder, "truth_residence_spells", _residence_spells(world, changes, codes))
    write(folder, "truth_citizenship_spells", _citizenship_spells(world, codes))
    write(folder, "truth_dwellings", _dwellings(world.country))


def write(folder: Path, name: str, columns: dict[str, pa.Array] | pa.Table) -> None:
    """Write a truth table."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"{name}.parquet", compression="zstd")


def _persons(world: World, codes: list[str]) -> dict[str, pa.Array]:
    p = world.people
    return {
        "person_id": person_ids(np.arange(p.count)),
        "sex": coded(p.sex, ["F", "M"]),
        "birth_date": dates(p.birth),
        "death_date": dates(p.death),
        "community": coded(p.community, list(COMMUNITIES)),
        "citizenship": coded(p.citizenship, ["XK", *codes]),
    }


def _residence_spells(world: World, changes: residence.Steps, codes: list[str]) -> dict[str, pa.Array]:
    s, d = residence.spells(world, changes), world.country.dwellings
    words = [*dict.fromkeys([*_ENTRIES.values(), *_EXITS.values()])]
    entry, leave = np.full(8, -1), np.full(8, -1)
    for table, names in ((entry, _ENTRIES), (leave, _EXITS)):
        for code, word in names.items():
            table[code] = words.index(word)
    at = s["dwelling"]
    return {
        "person_id": person_ids(s["person"]),
        "spell_number": pa.array(s["number"], pa.int32()),
        "municipality": coded(d.municipality[at], world.country.municipalities.code),
        "settlement_id": coded(d.settlement[at], settlement_ids(world.country)),
        "building_id": numbered("B", d.building[at]),
        "address_id": address_ids(at),
        "from_date": dates(s["from"]),
        "to_date": dates(s["to"]),
        "entry_reason": coded(entry[s["entry"]], words),
        "exit_reason": coded(leave[s["exit"]], words),
        "origin_country": coded(s["origin"] - 1, codes),
        "destination_country": coded(s["destination"] - 1, codes),
        "basis": pa.repeat("registry", len(at)),
    }


def _citizenship_spells(world: World, codes: list[str]) -> dict[str, pa.Array]:
    p, log = world.people, world.citizenships.joined()
    first = residence.first_values(p.citizenship, log["person"], log["day"], log["old"])
    person = np.concatenate([np.arange(p.count), log["person"]])
    day = np.concatenate([p.birth, log["day"]])
    citizenship = np.concatenate([first, log["new"]])
    order = np.lexsort((day, person))
    person, day, citizenship = person[order], day[order], citizenship[order]
    follows = np.append(person[1:] == person[:-1], False)
    starts = np.flatnonzero(np.append(True, person[1:] != person[:-1]))
    number = np.arange(len(person)) - np.repeat(starts, np.diff(np.append(starts, len(person)))) + 1
    return {
        "person_id": person_ids(person),
        "spell_number": pa.array(number, pa.int32()),
        "citizenship": coded(citizenship, ["XK", *codes]),
        "from_date": dates(day),
        "to_date": dates(np.where(follows, np.append(day[1:], -1), -1)),
    }


def _dwellings(country: Country) -> dict[str, pa.Array]:
    d = country.dwellings
    return {
        "address_id": address_ids(np.arange(len(d.street))),
        "building_id": numbered("B", d.building),
        "municipality": coded(d.municipality, country.municipalities.code),
        "settlement_id": coded(d.settlement, settlement_ids(country)),
        "settlement": coded(d.settlement, country.settlements.name),
        "settlement_second": coded(d.settlement, country.settlements.name_second),
        **{name: _street_names(country, at) for at, name in enumerate(_STREET_NAMES)},
        "house_number": pc.binary_join_element_wise(
            pa.array(d.house_number).cast(pa.string()), coded(d.suffix, ["", "a", "b", "c"]), ""
        ),
        "entrance": _counted(d.entrance),
        "dwelling": _counted(d.dwelling),
    }


def _street_names(country: Country, at: int) -> pa.Array:
    """One of the names of each dwelling's street, without its type; null where there is none."""
    names = pa.array([street[at] or None for street in country.streets], pa.string())
    return names.take(pa.array(country.dwellings.street, mask=country.dwellings.street == NO_STREET))


def _counted(numbers: npt.NDArray) -> pa.Array:
    return pa.array(numbers.astype(np.int32), mask=numbers == 0).cast(pa.string())
