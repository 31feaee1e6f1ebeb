"""Given names and surnames of each community, in every spelling an office may use."""

import csv
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

from migflow.simulation import spelling

Ints = npt.NDArray[np.int32]

COMMUNITIES = ("albanian", "serbian", "bosniak", "gorani", "turkish", "roma", "ashkali", "egyptian", "other")
SEXES = ("F", "M")
# Whose name lists a community uses, and whether its names are spelt the Albanian way.
_LISTS = {"ashkali": "albanian", "egyptian": "albanian"}
_ALBANIAN_SPELLING = {"albanian", "ashkali", "egyptian"}

NATIVE, ALBANIAN, SERBIAN, CYRILLIC, PLAIN, DIMINUTIVE, CYRILLIC_DIMINUTIVE = range(7)  # the forms of a name
FORMS = 7


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a data file of the simulation."""
    text = (resources.files("migflow.simulation") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Names:
    """Distinct names: forms[form * count + id] is name id in that form; albanian marks the way it is spelt."""

    forms: npt.NDArray[np.object_]
    albanian: npt.NDArray[np.bool_]
    has_diminutive: npt.NDArray[np.bool_]
    ids: dict[tuple[str, str], Ints]  # (community, sex or "") -> name ids
    weights: dict[tuple[str, str], npt.NDArray[np.float64]]  # cumulative, 0 to 1

    @property
    def count(self) -> int:
        """Number of distinct names."""
        return len(self.albanian)

    def draw(
        self, rng: np.random.Generator, communities: npt.NDArray[np.int8], sexes: npt.NDArray[np.int8] | None = None
    ) -> Ints:
        """A name for each community (and sex) by frequency."""
        out = np.zeros(len(communities), np.int32)
        uniform = rng.random(len(communities))
        for code, community in enumerate(COMMUNITIES):
            for sex in range(2) if sexes is not None else (-1,):
                at = np.flatnonzero((communities == code) & ((sexes == sex) if sexes is not None else True))
                key = (community, SEXES[sex] if sex >= 0 else "")
                out[at] = self.ids[key][np.searchsorted(self.weights[key], uniform[at], side="right")]
        return out


def load_first_names() -> Names:
    """Given names by community and sex."""
    short = {row["name"]: row["diminutive"] for row in rows("diminutives.csv")}
    return _load([(r["community"], r["sex"], r["name"], float(r["weight"])) for r in rows("first_names.csv")], short)


def load_surnames() -> Names:
    """Surnames by community."""
    return _load([(r["community"], "", r["surname"], float(r["weight"])) for r in rows("surnames.csv")], {})


def _load(entries: list[tuple[str, str, str, float]], short: dict[str, str]) -> Names:
    spelt = sorted({(name, community in _ALBANIAN_SPELLING) for community, _, name, _ in entries})
    number = {key: i for i, key in enumerate(spelt)}
    ids: dict[tuple[str, str], Ints] = {}
    weights: dict[tuple[str, str], npt.NDArray[np.float64]] = {}
    for community in COMMUNITIES:
        source = _LISTS.get(community, community)
        for sex in ("F", "M", ""):
            own = [(number[n, c in _ALBANIAN_SPELLING], w) for c, s, n, w in entries if c == source and s == sex]
            if own:
                ids[community, sex] = np.array([i for i, _ in own], np.int32)
                total = np.cumsum([w for _, w in own])
                weights[community, sex] = total / total[-1]
                weights[community, sex][-1] = 1.1  # no uniform number falls beyond the last name
    return Names(
        forms=np.array(
            [form for forms in zip(*(_forms(n, a, short) for n, a in spelt), strict=True) for form in forms], object
        ),
        albanian=np.array([albanian for _, albanian in spelt]),
        has_diminutive=np.array([name in short for name, _ in spelt]),
        ids=ids,
        weights=weights,
    )


def _forms(name: str, albanian: bool, short: dict[str, str]) -> tuple[str, ...]:
    """A name in its forms, in the order of the constants above."""
    serbian = spelling.to_serbian(name) if albanian else name
    return (
        name,
        name if albanian else spelling.to_albanian(name),
        serbian,
        spelling.to_cyrillic(serbian),
        spelling.without_marks(name),
        short.get(name, name),
        spelling.to_cyrillic(short.get(name, serbian)),
    )
