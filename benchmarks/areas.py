"""Municipality names of a profile with one typing error: resolved right, left open, or taken for another place.

    python -m benchmarks.areas [kosovo serbia ...] [TOWNS.csv]

Every name of every municipality (areas.csv, area_names.csv), by language and script, as it is and with each single
error a typist makes: a letter left out, doubled, replaced by its neighbour on the keyboard, or swapped with the next.

With a file of towns (columns country, name, alternatenames, the latter apart by |, as GeoNames has them), also what
becomes of the names that other languages have for the municipalities' seats, where their letters are Latin or Cyrillic.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from migflow import countries
from migflow.countries import Country
from migflow.standardise import areas, place_names

_LATIN = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_CYRILLIC = ("љњертзуиоп", "асдфгхјклчћ", "жџцвбнм")


def main(arguments: Sequence[str]) -> None:
    """Print a table for each profile, both shipped ones if none is named."""
    files = [argument for argument in arguments if argument.endswith(".csv")]
    for profile in [a for a in arguments if a not in files] or ["kosovo", "serbia"]:
        country = countries.load(profile)
        print(f"\n{country.name}: {len(country.municipalities)} municipalities")
        print(
            f"{'language':10} {'names':>6} {'right':>8} {'wrong':>8} {'typed':>7} {'right':>8} {'open':>8} {'wrong':>8}"
        )
        for language, named in sorted(by_language(country).items()):
            print(row(language, named, country))
        for file in files:
            named = elsewhere(Path(file), country)
            print(f"{'elsewhere':10} {len(named):6} {shares(judged(named, country), ('right', 'wrong'))}")


def elsewhere(file: Path, country: Country) -> list[tuple[str, str]]:
    """Municipality and name, of the names that a file of towns has for seats of municipalities."""
    with file.open(encoding="utf-8", newline="") as rows:
        towns = [town for town in csv.DictReader(rows) if town["country"] == country.code]
    seats = zip(towns, areas.resolve([town["name"] for town in towns], country), strict=True)
    known = [(p.area, town) for town, p in seats if p.code == p.area and p.score == 100]
    named = {(code, name) for code, town in known for name in town["alternatenames"].split("|")}
    return sorted((code, name) for code, name in named if code and name and max(name) < "\u0530")


def by_language(country: Country) -> dict[str, list[tuple[str, str]]]:
    """Language -> municipality and name."""
    codes = {area.code for area in country.municipalities}
    found: dict[str, list[tuple[str, str]]] = {}
    for area in country.municipalities:
        for language, name in zip(country.languages, (area.name, area.name_second), strict=False):
            found.setdefault(language, []).append((area.code, name))
    for line in place_names.rows(country.folder / place_names.NAMES_FILE, ("area", "language", "kind", "name")):
        if line["area"] in codes:
            found.setdefault(line["language"], []).append((line["area"], line["name"]))
    return {language: sorted(set(named)) for language, named in found.items()}


def row(language: str, named: Sequence[tuple[str, str]], country: Country) -> str:
    """One line of the table: names resolved right and wrongly as they are; shares of those with an error."""
    typed = [(code, text) for code, name in named for text in errors(name)]
    as_they_are = shares(judged(named, country), ("right", "wrong"))
    return f"{language:10} {len(named):6} {as_they_are} {len(typed):7} {shares(judged(typed, country))}"


def shares(counted: Counter[str], kinds: Sequence[str] = ("right", "open", "wrong")) -> str:
    """How many of all are of each kind, in per cent."""
    return " ".join(f"{counted[kind] / sum(counted.values()):8.2%}" for kind in kinds)


def judged(written: Sequence[tuple[str, str]], country: Country) -> Counter[str]:
    """How many texts are resolved to their municipality, to none, and to another place."""
    found = areas.resolve([text for _, text in written], country)
    pairs = zip(written, found, strict=True)
    return Counter("open" if p.code is None else "right" if p.code == code else "wrong" for (code, _), p in pairs)


def errors(name: str) -> Iterator[str]:
    """The name with one typing error, in each place and way."""
    for i, letter in enumerate(name):
        yield name[:i] + name[i + 1 :]
        yield name[:i] + letter + name[i:]
        for beside in neighbours(letter):
            yield name[:i] + beside + name[i + 1 :]
        if i + 1 < len(name) and name[i + 1] != letter:
            yield name[:i] + name[i + 1] + letter + name[i + 2 :]


def neighbours(letter: str) -> str:
    """Letters beside a letter on the keyboard, in its case; none for letters with marks."""
    for keys in (*_LATIN, *_CYRILLIC):
        if (at := keys.find(letter.lower())) >= 0:
            beside = keys[max(at - 1, 0) : at] + keys[at + 1 : at + 2]
            return beside.upper() if letter.isupper() else beside
    return ""


if __name__ == "__main__":
    main(sys.argv[1:])
