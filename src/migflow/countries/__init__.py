"""Country profiles: areas, names, identifier rules, provider layouts. Data only; this file finds and reads them."""

import csv
import hashlib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migflow.errors import MigflowError

# IDType and NestedNCNameIDType of the SDMX 3.0 schemas.
CODE = re.compile(r"[A-Za-z0-9_@$\-]+")
SETTLEMENT_KINDS = ("urban", "rural")
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*")


@dataclass(frozen=True)
class Area:
    """A row of areas.csv: code, level, wider area, names, WGS 84 coordinates, population."""

    code: str
    level: str
    parent: str
    name: str
    name_second: str
    latitude: float | None
    longitude: float | None
    population: int | None


@dataclass(frozen=True)
class Country:
    """A profile folder that has been found and read."""

    folder: Path
    code: str
    name: str
    languages: tuple[str, ...]
    statistics_level: str
    areas: tuple[Area, ...]
    agency: str = "MIGFLOW"  # id of the office that publishes, in SDMX
    area_words: tuple[str, ...] = ()  # before a name, what kind of area it is: Komuna e, Grad
    other_settlements: str | None = None  # kind of settlements that settlements.csv does not name: urban or rural
    quality_report: tuple[tuple[str, str], ...] = ()  # what the office says of a concept of ESS SIMS, by its id

    @property
    def municipalities(self) -> tuple[Area, ...]:
        """The areas at which residence is counted, by code."""
        return tuple(sorted((a for a in self.areas if a.level == self.statistics_level), key=lambda a: a.code))

    @property
    def digest(self) -> str:
        """Hash of the profile's files that tables are made with: all but the layouts, which come with deliveries."""
        digest = hashlib.sha256()
        for path in sorted(p for p in self.folder.iterdir() if p.suffix in (".toml", ".csv")):
            digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()


def find(country: str) -> Path:
    """Folder of a shipped profile by name, or of one's own by path; MigflowError if there is neither."""
    shipped = Path(__file__).parent / country
    for folder in (shipped, Path(country)):
        if (folder / "profile.toml").is_file():
            return folder
    names = ", ".join(sorted(p.parent.name for p in Path(__file__).parent.glob("*/profile.toml")))
    raise MigflowError(f"No country profile {country!r}: expected one of {names}, or a folder that holds profile.toml.")


def load(country: str) -> Country:
    """Read a profile and its areas; MigflowError names the file, and the line or code, that is wrong."""
    folder = find(country)
    profile = read_toml(folder / "profile.toml")
    try:
        found = Country(
            folder=folder,
            code=profile["code"],
            name=profile["name"],
            languages=tuple(profile["languages"]),
            statistics_level=profile["statistics_level"],
            areas=_areas(folder / "areas.csv"),
            agency=str(profile.get("agency", Country.agency)),
            area_words=tuple(profile.get("area_words", ())),
            other_settlements=profile.get("other_settlements"),
            quality_report=tuple((name, str(text)) for name, text in profile.get("quality_report", {}).items()),
        )
    except KeyError as error:
        raise MigflowError(f"{folder / 'profile.toml'}: the key {error} is missing.") from error
    _check_areas(found)
    return found


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file of a profile; MigflowError names the file if it is not well formed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MigflowError(f"{path} is not a TOML file in UTF-8: {error}.") from error


def _check_areas(country: Country) -> None:
    path = country.folder / "areas.csv"
    times = Counter(area.code for area in country.areas)
    if again := sorted(code for code, n in times.items() if n > 1):
        raise MigflowError(f"{path}: the code {again[0]} stands in {times[again[0]]} rows; each area has its own.")
    for area in country.areas:
        if area.parent and area.parent not in times:
            raise MigflowError(f"{path}: {area.code} has the parent {area.parent}, which is the code of no row.")
    if unfit := [area.code for area in country.areas if not CODE.fullmatch(area.code)]:
        raise MigflowError(
            f"{path}: the code {unfit[0]!r} cannot be published in SDMX; expected letters of ASCII, digits, _ or -."
        )
    if not AGENCY.fullmatch(country.agency):
        raise MigflowError(
            f"{country.folder / 'profile.toml'}: agency {country.agency!r} is no id in SDMX; expected a letter, then "
            "letters, digits, _ or -; parts are parted by dots."
        )
    if country.other_settlements not in (None, *SETTLEMENT_KINDS):
        raise MigflowError(
            f"{country.folder / 'profile.toml'}: other_settlements is {country.other_settlements!r}, expected "
            f"{' or '.join(SETTLEMENT_KINDS)}; without the key they are neither."
        )
    if not country.municipalities:
        raise MigflowError(
            f"{path}: no area has the level {country.statistics_level!r}, which profile.toml names as statistics_level."
        )


def _areas(path: Path) -> tuple[Area, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = set(Area.__dataclass_fields__) - set(reader.fieldnames or [])
        if missing:
            raise MigflowError(f"{path}: columns {', '.join(sorted(missing))} are missing in the header.")
        return tuple(_area(row, path, reader.line_num) for row in reader)


def _area(row: dict[str, str], path: Path, line: int) -> Area:
    try:
        return Area(
            code=row["code"],
            level=row["level"],
            parent=row["parent"],
            name=row["name"],
            name_second=row["name_second"],
            latitude=float(row["latitude"]) if row["latitude"] else None,
            longitude=float(row["longitude"]) if row["longitude"] else None,
            population=int(row["population"]) if row["population"] else None,
        )
    except ValueError as error:
        raise MigflowError(f"{path}, line {line}: {error}.") from error
