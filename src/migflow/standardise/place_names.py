"""The names of a profile's areas, settlements and countries, folded, with what bears each of them."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.standardise import names, words

COUNTRY = "country"
SETTLEMENT = "settlement"
# Names that are not the place's own today give way to another place's own name.
LESSER = ("other", "old")

NAMES_FILE, COUNTRIES_FILE, SETTLEMENTS_FILE = "area_names.csv", "country_names.csv", "settlements.csv"


class Place(NamedTuple):
    """code and kind (an area's level, 'settlement' or 'country') of what bears a name; the lowest rank owns it."""

    rank: int
    code: str
    kind: str


@dataclass(frozen=True)
class PlaceNames:
    """bearers: folded name -> places; parents: code -> wider code; level: at which residence is counted."""

    bearers: Mapping[str, tuple[Place, ...]]
    parents: Mapping[str, str]
    level: str = "municipality"
    prefixes: tuple[str, ...] = ()
    sounds: tuple[tuple[str, str], ...] = ()

    def bare(self, folded: str) -> str:
        """A folded text that is no name as it stands, without the words for the kind of area ('komuna e', 'grad')."""
        if folded in self.bearers:
            return folded
        for prefix in self.prefixes:
            if folded.startswith(prefix + " "):
                return folded[len(prefix) + 1 :]
        return folded

    def within(self, code: str, wider: str) -> bool:
        """Whether an area or settlement lies in a wider one; nothing lies in itself."""
        while (code := self.parents.get(code, "")) != wider:
            if not code:
                return False
        return True


def load(country: Country) -> PlaceNames:
    """Names in areas.csv, area_names.csv, settlements.csv and country_names.csv; MigflowError names a wrong row."""
    levels = {area.code: area.level for area in country.areas}
    parents = {area.code: area.parent for area in country.areas}
    named = [(name, area.code, "official") for area in country.areas for name in (area.name, area.name_second)]
    path = country.folder / SETTLEMENTS_FILE
    for row in rows(path, ("code", "municipality", "name", "name_second")):
        if levels.get(row["municipality"]) != country.statistics_level:
            raise MigflowError(
                f"{path}: settlement {row['code']} lies in {row['municipality']!r}, which areas.csv has not "
                f"as a {country.statistics_level}."
            )
        if row["code"] in levels:
            raise MigflowError(f"{path}: the code {row['code']} stands twice; each settlement and area has its own.")
        levels[row["code"]], parents[row["code"]] = SETTLEMENT, row["municipality"]
        named += [(row[column], row["code"], "official") for column in ("name", "name_second")]
    path = country.folder / NAMES_FILE
    for row in rows(path, ("area", "language", "kind", "name")):
        if row["area"] not in levels:
            raise MigflowError(f"{path}: area {row['area']!r} is not in areas.csv, nor in {SETTLEMENTS_FILE}.")
        named.append((row["name"], row["area"], row["kind"]))
    for row in rows(country.folder / COUNTRIES_FILE, ("country", "language", "kind", "name")):
        levels.setdefault(row["country"], COUNTRY)
        named.append((row["name"], row["country"], "official"))
    order = {country.statistics_level: 0, COUNTRY: 2, SETTLEMENT: 3}
    bearers: dict[str, set[Place]] = {}
    for folded, (_, code, kind) in zip(names.fold([name for name, _, _ in named]), named, strict=True):
        if folded:
            rank = 2 * order.get(levels[code], 1) + (kind in LESSER)
            bearers.setdefault(folded, set()).add(Place(rank, code, levels[code]))
    return PlaceNames(
        bearers={name: tuple(sorted(places)) for name, places in sorted(bearers.items())},
        parents=parents,
        level=country.statistics_level,
        prefixes=tuple(sorted(names.fold(country.area_words), key=len, reverse=True)),
        sounds=words.load(country.folder).sounds,
    )


def rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a profile's CSV file, none if there is no such file; MigflowError if a column is missing."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = sorted(set(columns) - set(reader.fieldnames or []))
        if missing:
            raise MigflowError(f"{path}: columns {', '.join(missing)} are missing in the header.")
        return list(reader)
