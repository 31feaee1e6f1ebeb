"""The country's dictionaries for names and addresses: words.toml, and the names of its municipalities."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migflow.countries import read_toml
from migflow.errors import MigflowError
from migflow.standardise import names
from migflow.standardise.address_patterns import KINDS

# Not words of an address: what a postcode looks like, and the scripts that addresses are written in.
PATTERNS = ("postcodes", "scripts")
FROM_AREAS = ("places", "countries")


@dataclass(frozen=True)
class Words:
    """sounds: spelling and what it is replaced by, in order; addresses: kind of word -> its folded forms.

    ordinals: ordinal word -> its digits.
    """

    sounds: tuple[tuple[str, str], ...] = ()
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ordinals: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[str, ...]:
        """Folded forms of a kind of word in addresses; empty if the profile has none."""
        return self.addresses.get(kind, ())


def load(folder: Path) -> Words:
    """Read words.toml of a profile, no words if there is no such file; MigflowError names a key that is wrong."""
    path = folder / "words.toml"
    if not path.is_file():
        return Words()
    content = read_toml(path)
    sounds = tuple((spelling, letter) for spelling, letter in content.get("names", {}).get("sounds", ()))
    addresses = content.get("addresses", {})
    expected = [kind for kind in (*KINDS, *PATTERNS) if kind not in FROM_AREAS]
    if unknown := sorted(set(addresses) - set(expected)):
        raise MigflowError(f"{path}: [addresses] has {', '.join(unknown)}; expected {', '.join(expected)}.")
    ordinals = {word: str(n) for n, words in enumerate(addresses.pop("ordinals", ()), 1) for word in words}
    spoken = {kind: tuple(words) for kind, words in addresses.items()}
    return Words(sounds, spoken | {"ordinals": tuple(ordinals)} | _areas(folder), ordinals)


def _areas(folder: Path) -> dict[str, tuple[str, ...]]:
    """Folded names of municipalities (places) and of the country itself (countries), from the profile's area files."""
    level = read_toml(folder / "profile.toml")["statistics_level"] if (folder / "profile.toml").is_file() else None
    areas = _rows(folder / "areas.csv")
    kinds = {a["code"]: {level: "places", "country": "countries"}.get(a["level"]) for a in areas}
    named = [(a["code"], a[column]) for a in areas for column in ("name", "name_second")]
    named += [(row["area"], row["name"]) for row in _rows(folder / "area_names.csv")]
    named += [(row["country"], row["name"]) for row in _rows(folder / "country_names.csv") if row["country"] in kinds]
    named += [(code, code) for code, kind in kinds.items() if kind == "countries"]
    found: dict[str, set[str]] = {"places": set(), "countries": set()}
    for (code, _), folded in zip(named, names.fold([name for _, name in named]), strict=True):
        if folded and (kind := kinds.get(code)):
            found[kind].add(folded)
    return {kind: tuple(sorted(forms)) for kind, forms in found.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
