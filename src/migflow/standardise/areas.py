"""Free text that names a municipality or a country, resolved to its code."""

import csv
import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.standardise import names

# Below it, two short names with a letter or two apart are as likely two places as one (Klina, Vitina).
CUTOFF = 84.0
# How much better than the next place a fuzzy match must be.
MARGIN = 4.0
# Shorter texts (UK, SAD) are abbreviations: one letter apart is another one.
SHORTEST_FUZZY = 5


class Resolved(NamedTuple):
    """code: area code or ISO 3166-1 alpha-2; kind: an area's level, 'country' or 'none'; score 0 to 100."""

    code: str | None
    kind: str
    score: float | None
    reason: str


@dataclass(frozen=True)
class Gazetteer:
    """Names of places: folded name -> code and kind."""

    places: dict[str, tuple[str, str]]

    def resolve(self, texts: Sequence[str | None]) -> list[Resolved]:
        """What place each text names: exact on the folded name, else the nearest name if it is clear."""
        folded = names.fold(texts)
        known = {text: self._exact(text) for text in set(folded) if text in self.places or not text}
        unknown = sorted({text for text in folded if text not in known})
        for start in range(0, len(unknown), 20_000):
            part = unknown[start : start + 20_000]
            known.update(zip(part, self._nearest(part), strict=True))
        return [known[text] for text in folded]

    def _exact(self, text: str) -> Resolved:
        if not text:
            return Resolved(None, "none", None, "no text")
        code, kind = self.places[text]
        return Resolved(code, kind, 100.0, "exact name")

    def _nearest(self, texts: Sequence[str]) -> list[Resolved]:
        candidates = list(self.places)
        if not candidates:
            return [Resolved(None, "none", None, "no names to compare with")] * len(texts)
        scores = process.cdist(texts, candidates, scorer=fuzz.ratio, dtype=np.float32, workers=2)
        codes = np.array([self.places[name][0] for name in candidates])
        best = scores.argmax(axis=1)
        top = scores[np.arange(len(texts)), best]
        # The best score of any name of another place.
        rival = np.where(codes[None, :] == codes[best][:, None], 0, scores).max(axis=1)
        return [
            self._judged(text, candidates[i], float(score), float(other))
            for text, i, score, other in zip(texts, best, top, rival, strict=True)
        ]

    def _judged(self, text: str, name: str, score: float, rival: float) -> Resolved:
        if len(text) < SHORTEST_FUZZY or score < CUTOFF:
            return Resolved(None, "none", None, "no name like it")
        if score - rival < MARGIN:
            return Resolved(None, "none", None, "ambiguous")
        code, kind = self.places[name]
        return Resolved(code, kind, round(score, 2), "fuzzy name")


@functools.lru_cache(maxsize=8)
def gazetteer(country: Country) -> Gazetteer:
    """Names from areas.csv, area_names.csv and country_names.csv of a profile; the finer area owns a shared name."""
    areas = {area.code: area for area in country.areas}
    named = [(name, area.code, area.level) for area in country.areas for name in (area.name, area.name_second)]
    for row in _rows(country.folder / "area_names.csv", ("area", "language", "kind", "name")):
        if row["area"] not in areas:
            raise MigflowError(f"{country.folder / 'area_names.csv'}: area {row['area']!r} is not in areas.csv.")
        named.append((row["name"], row["area"], areas[row["area"]].level))
    foreign = _rows(country.folder / "country_names.csv", ("country", "language", "kind", "name"))
    named += [(row["name"], row["country"], "country") for row in foreign]
    order = {country.statistics_level: 0}
    places: dict[str, tuple[str, str]] = {}
    for name, code, level in sorted(named, key=lambda place: (order.get(place[2], 1), place[2] == "country")):
        for folded in filter(None, names.fold([name])):
            places.setdefault(folded, (code, level))
    return Gazetteer(places)


def _rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = sorted(set(columns) - set(reader.fieldnames or []))
        if missing:
            raise MigflowError(f"{path}: columns {', '.join(missing)} are missing in the header.")
        return list(reader)


def resolve(texts: Sequence[str | None], country: Country) -> list[Resolved]:
    """Area or country that each text names; see Gazetteer.resolve."""
    return gazetteer(country).resolve(texts)
