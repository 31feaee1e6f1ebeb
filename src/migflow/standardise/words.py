"""The country's dictionaries for names and addresses: words.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from migflow.countries import read_toml
from migflow.errors import MigflowError

ADDRESS_WORDS = (
    "street_types",
    "number_signs",
    "no_number",
    "entrances",
    "floors",
    "dwellings",
    "settlements",
    "postcodes",
)


@dataclass(frozen=True)
class Words:
    """sounds: spelling and what it is replaced by, in order; addresses: kind of word -> its folded forms."""

    sounds: tuple[tuple[str, str], ...] = ()
    addresses: Mapping[str, tuple[str, ...]] | None = None

    def of(self, kind: str) -> tuple[str, ...]:
        """Folded forms of a kind of word in addresses; empty if the profile has none."""
        return (self.addresses or {}).get(kind, ())


def load(folder: Path) -> Words:
    """Read words.toml of a profile, no words if there is no such file; MigflowError names a key that is wrong."""
    path = folder / "words.toml"
    if not path.is_file():
        return Words()
    content = read_toml(path)
    sounds = tuple((spelling, letter) for spelling, letter in content.get("names", {}).get("sounds", ()))
    addresses = content.get("addresses", {})
    unknown = sorted(set(addresses) - set(ADDRESS_WORDS))
    if unknown:
        raise MigflowError(f"{path}: [addresses] has {', '.join(unknown)}; expected {', '.join(ADDRESS_WORDS)}.")
    return Words(sounds, {kind: tuple(words) for kind, words in addresses.items()})
