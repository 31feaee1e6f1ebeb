"""Municipality names of a profile with one typing error: resolved right, left open, or taken for another place.

    python -m benchmarks.areas [kosovo serbia ...]

Every name of every municipality (areas.csv, area_names.csv), by language and script, as it is and with each single
error a typist makes: a letter left out, doubled, replaced by its neighbour on the keyboard, or swapped with the next.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from migflow import countries
from migflow.countries import Country
from migflow.standardise import areas, place_names

_LATIN = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_CYRILLIC = ("љњертзуиоп", "асдфгхјклчћ", "жџцвбнм")


def main(profiles: Sequence[str]) -> None:
    """Print a table for each profile."""
    for profile in profiles:
        country = countries.load(profile)
        print(f"\n{country.name}: {len(country.municipalities)} municipalities")
        print(f"{'language':10} {'names':>6} {'exact':>8} {'typed':>7} {'right':>8} {'open':>8} {'wrong':>8}")
        for language, named in sorted(by_language(country).items()):
            print(row(language, named, country))


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
    """One line of the table: shares of the names as they are, and of those with an error."""
    exact = judged(named, country)
    typed = judged([(code, text) for code, name in named for text in errors(name)], country)
    total = sum(typed.values())
    shares = " ".join(f"{typed[kind] / total:8.2%}" for kind in ("right", "open", "wrong"))
    return f"{language:10} {len(named):6} {exact['right'] / len(named):8.2%} {total:7} {shares}"


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
    main(sys.argv[1:] or ["kosovo", "serbia"])
