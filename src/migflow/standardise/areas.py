"""Free text that names a municipality, a settlement or a country, resolved to its code."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.standardise import names, place_names
from migflow.standardise.place_names import SETTLEMENT, Place, PlaceNames

# One typing error in five letters, two in ten; with more, short names are as likely two places as one (Klina, Vitina).
TYPED = 80.0
# The level at which names are taken for one name written by the rules of two languages.
HEARD = 90.0
# How much better than the next place a fuzzy match must be.
MARGIN = 4.0
# Shorter texts (UK, SAD) are abbreviations: one letter apart is another one.
SHORTEST_FUZZY = 5
# A swap of two letters is one error, as a letter more, less or another is.
_UNTOUCHED = OSA.normalized_similarity
# Of a text that sounds like a name and is not written like it.
_LESS_THAN_EXACT = 99.0
# Texts compared at once, which bounds the matrix of scores.
_BATCH = 2_000


class Resolved(NamedTuple):
    """What a text names.

    code: area or settlement code, or ISO 3166-1 alpha-2; kind: an area's level, 'settlement', 'country' or 'none';
    score: 0 to 100; area: the municipality (area at which residence is counted) that this is or lies in.
    """

    code: str | None
    kind: str
    score: float | None
    reason: str
    area: str | None = None


class _Way(NamedTuple):
    """How texts are compared with names: to a matrix of scores, of which a match needs so much."""

    reason: str
    cutoff: float
    scores: Callable[[Sequence[str], Sequence[str]], npt.NDArray[np.float32]]


_NONE = Resolved(None, "none", None, "no name like it")


class Gazetteer:
    """Resolves texts by the names of one profile."""

    def __init__(self, known: PlaceNames) -> None:
        self.known = known
        # Settlements are many and alike: a text that resembles one is told only where a wider area is given.
        self._pool = [n for n, bearers in known.bearers.items() if any(p.kind != SETTLEMENT for p in bearers)]

    def resolve(self, texts: Sequence[str | None], within: Sequence[str | None] | None = None) -> list[Resolved]:
        """What each text names, given the code of the wider area it is written for, if any.

        An exact folded name counts first, then the nearest name if it is clearly the nearest. A name borne by
        several places is resolved only if one of them lies in the wider area.
        """
        contexts = [context or "" for context in within] if within is not None else [""] * len(texts)
        if unknown := sorted({c for c in contexts if c} - set(self.known.parents)):
            raise MigflowError(f"within: {', '.join(unknown)} is no code of areas.csv or settlements.csv.")
        plain = names.fold(texts)
        folded = [self.known.bare(text) for text in plain]
        asked = list(zip(folded, contexts, strict=True))
        # Sounds are told from the letters and the script that were written, unless a word stands before the name.
        spelled = [text if bare == whole else bare for text, whole, bare in zip(texts, plain, folded, strict=True)]
        written = {text: min(spellings) for text, spellings in _grouped(folded, spelled).items()}
        found: dict[tuple[str, str], Resolved] = {}
        for context in sorted(set(contexts)):
            open_texts = sorted({text for text, where in asked if where == context})
            found |= {(t, context): place for t, place in self._in_context(open_texts, context, written).items()}
        return [found[pair] for pair in asked]

    def _in_context(self, texts: Sequence[str], context: str, written: Mapping[str, str]) -> dict[str, Resolved]:
        found = {text: self._exact(text, context) for text in texts if not text or text in self.known.bearers}
        found |= dict.fromkeys((text for text in texts if text not in found), _NONE)
        inside = [n for n, bearers in self.known.bearers.items() if self._inside(bearers, context)]
        ways = (
            _Way("fuzzy name", TYPED, self._untouched),
            _Way("name that sounds alike", HEARD, lambda left, right: _alike([written[t] for t in left], right)),
        )
        for way in ways:
            for candidates, scope in ((inside, context), (self._pool, "")):
                open_texts = [t for t in texts if found[t] == _NONE and len(t) >= SHORTEST_FUZZY]
                if open_texts and candidates:
                    found |= self._nearest(open_texts, candidates, scope, way)
        return found

    def _inside(self, bearers: Sequence[Place], context: str) -> list[Place]:
        return [place for place in bearers if context and self.known.within(place.code, context)]

    def _exact(self, text: str, context: str) -> Resolved:
        if not text:
            return Resolved(None, "none", None, "no text")
        bearers = self.known.bearers[text]
        inside = self._inside(bearers, context)
        place = _owner(inside or bearers)
        if place is None:
            return Resolved(None, "none", None, "several places of this name")
        if inside:
            needed = _owner(bearers) != place
            return self._resolved(place, 100.0, "exact name in the area given" if needed else "exact name")
        elsewhere = context and place.code != context and not self.known.within(context, place.code)
        return self._resolved(place, 100.0, "exact name outside the area given" if elsewhere else "exact name")

    def _nearest(self, texts: Sequence[str], candidates: Sequence[str], context: str, way: _Way) -> dict[str, Resolved]:
        """The candidate that each text resembles clearly more than any other place's name."""
        owners = [_owner(self._inside(self.known.bearers[n], context) or self.known.bearers[n]) for n in candidates]
        codes = np.array([owner.code if owner else "" for owner in owners])
        found: dict[str, Resolved] = {}
        for start in range(0, len(texts), _BATCH):
            part = texts[start : start + _BATCH]
            scores = way.scores(part, candidates)
            best = scores.argmax(axis=1)
            top = scores[np.arange(len(part)), best]
            # The best score of any name of another place.
            rival = np.where(codes[None, :] == codes[best][:, None], 0, scores).max(axis=1)
            for text, i, score, other in zip(part, best, top, rival, strict=True):
                found[text] = self._judged(owners[i], float(score), float(other), way)
        return found

    def _judged(self, place: Place | None, score: float, rival: float, way: _Way) -> Resolved:
        if score < way.cutoff:
            return _NONE
        if place is None or score - rival < MARGIN:
            return Resolved(None, "none", None, "ambiguous")
        return self._resolved(place, min(round(score, 2), _LESS_THAN_EXACT), way.reason)

    def _untouched(self, texts: Sequence[str], candidates: Sequence[str]) -> npt.NDArray[np.float32]:
        """How much of the longer text no typing error touches, in per cent: of its letters or its sounds, the more."""
        left, right = (names.sound(side, self.known.sounds) for side in (texts, candidates))
        typed = process.cdist(texts, candidates, scorer=_UNTOUCHED, dtype=np.float32, workers=2)
        return 100 * np.maximum(typed, process.cdist(left, right, scorer=_UNTOUCHED, dtype=np.float32, workers=2))

    def _resolved(self, place: Place, score: float, reason: str) -> Resolved:
        area = {self.known.level: place.code, SETTLEMENT: self.known.parents.get(place.code)}.get(place.kind)
        return Resolved(place.code, place.kind, score, reason, area)


def _alike(texts: Sequence[str], candidates: Sequence[str]) -> npt.NDArray[np.float32]:
    """Similarity of each text, in whatever script and spelling, and each candidate, in per cent."""
    left, right = np.divmod(np.arange(len(texts) * len(candidates)), len(candidates))
    scores = names.Names([*texts, *candidates]).similarity(left, right + len(texts))
    return 100 * scores.reshape(len(texts), len(candidates))


def _grouped(keys: Sequence[str], values: Sequence[str | None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(key, []).append(value or "")
    return found


def _owner(bearers: Sequence[Place]) -> Place | None:
    """The one place of lowest rank; None if there are several."""
    first = min(bearers)
    return first if sum(place.rank == first.rank for place in bearers) == 1 else None


@functools.lru_cache(maxsize=8)
def gazetteer(country: Country) -> Gazetteer:
    """The names of a profile, ready to resolve with."""
    return Gazetteer(place_names.load(country))


def resolve(
    texts: Sequence[str | None], country: Country, within: Sequence[str | None] | None = None
) -> list[Resolved]:
    """Area, settlement or country that each text names; see Gazetteer.resolve."""
    return gazetteer(country).resolve(texts, within)
