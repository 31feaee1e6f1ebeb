"""How a clerk writes a name or a birth date: language, script, errors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migflow.simulation import calendar, spelling
from migflow.simulation.config import TextErrors
from migflow.simulation.names import (
    ALBANIAN,
    CYRILLIC,
    CYRILLIC_DIMINUTIVE,
    DIMINUTIVE,
    NATIVE,
    PLAIN,
    SERBIAN,
    Names,
)

Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

LANGUAGES = ("sq", "sr-Latn", "sr-Cyrl")  # what an office writes in, by code


@dataclass
class Texts:
    """Texts as codes into distinct values, so that millions of rows stay small."""

    codes: Ints
    values: list[str]

    def array(self, rows: npt.NDArray | slice = slice(None)) -> pa.Array:
        """The rows as a dictionary array; a code below 0 is no text."""
        codes = self.codes[rows]
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(self.values, pa.string()))

    def chosen(self, rows: npt.NDArray) -> "Texts":
        """Some of the rows."""
        return Texts(self.codes[rows], self.values)

    def mistype(self, rng: np.random.Generator, rows: npt.NDArray[np.int64]) -> None:
        """One typing error in each of the rows."""
        kind, place, letter = (
            rng.integers(0, 4, len(rows)),
            rng.integers(0, 60, len(rows)),
            rng.integers(0, 60, len(rows)),
        )
        wrong = [
            spelling.mistype(self.values[code], int(k), int(p), int(c))
            for code, k, p, c in zip(self.codes[rows], kind, place, letter, strict=True)
        ]
        self.codes[rows] = np.arange(len(self.values), len(self.values) + len(wrong))
        self.values = self.values + wrong


def proneness(rng: np.random.Generator, variance: float, count: int) -> npt.NDArray[np.float64]:
    """How much more or less than others each row errs (mean 1), so that errors come together as they do."""
    return rng.gamma(1 / variance, variance, count) if variance > 0 else np.ones(count)


class Clerk:
    """Writes names and birth dates with errors.

    language: code of each row's office; prone: how prone to error each row is (see proneness); other_script: rows
    whose names are in the script that the office does not use.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        errors: TextErrors,
        first: Names,
        last: Names,
        language: npt.NDArray[np.int8],
        prone: npt.NDArray[np.float64],
        other_script: Mask | None = None,
    ):
        self.rng, self.errors, self.first, self.last = rng, errors, first, last
        self.language, self.prone = language, prone
        self.other_script = np.zeros(len(language), bool) if other_script is None else other_script
        self._values = [*first.forms.tolist(), *last.forms.tolist()]
        self._offset = len(first.forms)

    def names(self, first: Ints, surname: Ints) -> tuple[Texts, Texts]:
        """First names and surnames as written: form, typing errors, now and then exchanged."""
        given = Texts(self._codes(self.first, first), self._values)
        family = Texts(self._offset + self._codes(self.last, surname), self._values)
        self._shorten(given, first)
        for texts in (given, family):
            texts.mistype(self.rng, self._some(self.errors.typing))
        # Both must share their values before they can be exchanged.
        family.codes = np.where(
            family.codes >= len(self._values), family.codes + len(given.values) - len(self._values), family.codes
        )
        family.values = given.values = given.values + family.values[len(self._values) :]
        swapped = self._some(self.errors.swapped_names)
        given.codes[swapped], family.codes[swapped] = family.codes[swapped], given.codes[swapped]
        return given, family

    def name(self, names: Names, ids: Ints) -> Texts:
        """One name by itself (of a parent, or at birth), without typing errors; id -1 is no name."""
        offset = 0 if names is self.first else self._offset
        codes = np.where(ids < 0, -1, offset + self._codes(names, np.maximum(ids, 0)))
        return Texts(codes.astype(np.int32), self._values)

    @property
    def native_surname(self) -> int:
        """Code of the first surname in its native form; the others follow in the order of their ids."""
        return self._offset

    def birth_dates(self, days: calendar.Days) -> calendar.Days:
        """Dates of birth as written."""
        out = days.copy()
        swapped = self._some(self.errors.day_month_swapped)
        out[swapped] = calendar.swap_day_and_month(days[swapped])
        wrong = self._some(self.errors.birth_date_typing)
        shift = self.rng.choice(np.array([1, -1, 2, -3, 9, 10, -10, 20, 365, 366, -365, -730, 30, -31]), len(wrong))
        out[wrong] = days[wrong] + shift
        return out.astype(np.int32)

    def _some(self, share: float) -> npt.NDArray[np.int64]:
        return np.flatnonzero(self.rng.random(len(self.language)) < share * self.prone)

    def _codes(self, names: Names, ids: Ints) -> Ints:
        """Form of each name by the office's language, then code of that form."""
        rng, errors, count = self.rng, self.errors, len(ids)
        albanian = names.albanian[ids]
        form = np.where(self.language == 2, CYRILLIC, NATIVE)
        form[(rng.random(count) < errors.without_diacritics) & (self.language < 2)] = PLAIN
        respelt = rng.random(count) < errors.other_language
        form[respelt & (self.language == 0) & ~albanian] = ALBANIAN
        form[respelt & (self.language == 1) & albanian] = SERBIAN
        other = rng.random(count) < errors.other_script
        form[other & (self.language == 1)] = CYRILLIC
        form[other & (self.language == 2)] = SERBIAN
        form[self.other_script] = np.where(self.language[self.other_script] == 2, SERBIAN, CYRILLIC)
        return (form * names.count + ids).astype(np.int32)

    def _shorten(self, texts: Texts, ids: Ints) -> None:
        short = self._some(self.errors.diminutive)
        short = short[self.first.has_diminutive[ids[short]]]
        cyrillic = (self.language[short] == 2) != self.other_script[short]
        form = np.where(cyrillic, CYRILLIC_DIMINUTIVE, DIMINUTIVE)
        texts.codes[short] = form * self.first.count + ids[short]
