"""What agreement tells: how often each comparison level occurs for one person (m) and by chance (u), and weights.

m is learnt without labels: from pairs that agree in what the comparison does not use (a personal number and the birth
date teach names, a number and names teach birth dates, names and birth date teach numbers). u of equality is the
frequency of the statement's own value in the registry, so that a rare name, day or dwelling tells more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from migflow.registers import comparing as c
from migflow.registers.comparing import Pairs, Shares

# Before anything is seen: levels from the lowest to equality, and how many pairs this belief counts for.
BELIEF = 50
FIRST_M = {
    "name": (0.03, 0.02, 0.05, 0.9),
    "birth": (0.002, 0.008, 0.015, 0.01, 0.965),
    "sex": (0.01, 0.99),
}
FIRST_U = {
    "name": (0.975, 0.015, 0.005, 0.005),
    "birth": (0.996, 0.003, 0.0009, 0.00005, 0.00005),
    "sex": (0.5, 0.5),
}
SWAPPED = 0.01
# Persons outside the registry who may have any name or day of birth: a registry of a few tells no frequencies.
UNSEEN_NAMES = 100
UNSEEN_DAYS = 10_000
UNSEEN_FULL_NAMES = 10_000
KINDS = {c.FIRST: "name", c.SURNAME: "name", c.BIRTH: "birth", c.SEX: "sex"}


@dataclass(frozen=True)
class Numbers:
    """Shares of one person's numbers: equal, one digit off, of nobody, of a housemate, of somebody else."""

    equal: float
    near: float
    wrong: float
    housemate: float
    other: float

    @property
    def lent(self) -> float:
        """Of somebody who is not the person."""
        return self.housemate + self.other


@dataclass(frozen=True)
class Evidence:
    """Parameters: m and u by comparison (levels from the lowest), shares of numbers and of exchanged names, relatives.

    place: m by finest place stated (0 to 5) x family known x level; persons: how many the registry has; same_surname,
    same_day: shares who live with somebody alike; repeated: of pairs declared together those of one person.
    """

    m: Mapping[int, np.ndarray]
    u: Mapping[int, np.ndarray]
    numbers: Numbers
    swapped: float
    place: np.ndarray
    persons: int
    same_surname: float
    same_day: float
    repeated: float = 1.0


def smoothed(counts: np.ndarray, belief: tuple[float, ...] | np.ndarray, weight: float = BELIEF) -> np.ndarray:
    """Shares of levels, starting from a belief that counts as so many pairs."""
    shares: np.ndarray = (counts + weight * np.asarray(belief)) / (counts.sum() + weight)
    return shares


def counted(levels: np.ndarray, size: int) -> np.ndarray:
    """How often each level occurs; missing values count nothing."""
    return np.bincount(levels[levels >= 0], minlength=size)


def table(m: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Weights by level + 1; 0 where a value is missing."""
    return np.concatenate([[0.0], np.log2(m) - np.log2(u)])


def identity(evidence: Evidence, pairs: Pairs, shares: Shares) -> dict[str, np.ndarray]:
    """Weights (log2) of names, birth date and sex of each pair."""
    at = shares.rows(pairs.statement)
    n = evidence.persons

    def name(column: int, as_name: int, persons: str) -> np.ndarray:
        frequency = (shares[persons] + 1) / (n + UNSEEN_NAMES)
        return _weights(evidence, as_name, pairs.levels[:, column], frequency[at])

    straight = name(c.FIRST, c.FIRST, "first_as_first") + name(c.SURNAME, c.SURNAME, "surname_as_surname")
    crossed = name(c.FIRST_AS_SURNAME, c.SURNAME, "first_as_surname")
    crossed += name(c.SURNAME_AS_FIRST, c.FIRST, "surname_as_first")
    days = (shares["born_that_day"] + 1) / (n + UNSEEN_DAYS)
    names = np.logaddexp2(straight + np.log2(1 - evidence.swapped), crossed + np.log2(evidence.swapped))
    # First names go with surnames (languages, families), so both tell no more than the full name's own frequency.
    most = np.log2((n + UNSEEN_FULL_NAMES) / np.maximum(shares["of_that_name"], 1))
    return {
        "names": np.minimum(names, most[at]),
        "birth date": _weights(evidence, c.BIRTH, pairs.levels[:, c.BIRTH], days[at]),
        "sex": table(evidence.m[c.SEX], evidence.u[c.SEX])[pairs.levels[:, c.SEX] + 1],
    }


def _weights(evidence: Evidence, kind: int, levels: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Weights by level; of equality by the frequency of the value."""
    m = evidence.m[kind]
    weights = table(m, evidence.u[kind])[levels + 1]
    equal = levels == len(m) - 1
    weights[equal] = np.log2(m[-1]) - np.log2(frequency[equal])
    return weights


def number(evidence: Evidence, pairs: Pairs, shares: Shares, housemates: np.ndarray) -> np.ndarray:
    """Weights of numbers; housemates: of how many who live with the number's owner the person is one, 0 if of none.

    A number that somebody in the registry has is either that person's or lent; chance makes none.
    """
    found, n = evidence.numbers, evidence.persons
    level = pairs.levels[:, c.NUMBER]
    owned = shares["owned_number"][shares.rows(pairs.statement)]
    unowned = np.select([level == 1, level == 0], [np.log2(found.near) + np.log2(n), np.log2(found.wrong)], 0.0)
    # A registry has some ten numbers that are one digit off any number; two persons rarely have such.
    unowned = np.where(level == 1, np.minimum(unowned, 20.0), unowned)
    lent = np.log2(found.other / found.lent)
    member = np.log2(found.housemate / found.lent) + np.log2(n / np.maximum(housemates, 1))
    weights = np.select([level == 2, housemates > 0], [np.log2(found.equal / found.lent) + np.log2(n), member], lent)
    return np.where(owned, weights, unowned)


def grades(shares: Shares) -> np.ndarray:
    """The finest place that each statement names itself, by level; 0 for none."""
    grade = np.zeros(len(shares.statement), np.int64)
    for level, kind in ((c.MUNICIPALITY, "municipality"), (c.SETTLEMENT, "settlement"), (c.BUILDING, "building")):
        grade[shares[f"names_{kind}"]] = level
    grade[shares["names_dwelling"]] = c.DWELLING
    return grade


def place(evidence: Evidence, levels: np.ndarray, at: np.ndarray, shares: Shares) -> np.ndarray:
    """Weights of places of pairs whose statements stand in rows `at`: a place of few persons tells more."""
    total = evidence.persons + UNSEEN_NAMES
    kinds = ("municipality", "settlement", "building", "family", "dwelling")
    inside = np.stack([np.minimum(shares[f"in_{kind}"] / total, 0.99) for kind in kinds])
    # Of a level, those who share no finer place.
    finer = np.zeros_like(inside)
    for level in range(len(kinds) - 2, -1, -1):
        finer[level] = np.maximum(finer[level + 1], inside[level + 1])
    u = np.vstack([1 - np.maximum(finer[0], inside[0]), np.maximum(inside - finer, 0.5 / total)])
    m = evidence.place[grades(shares)[at], shares["has_family"][at].astype(int)]
    level = np.maximum(levels, 0)
    weights: np.ndarray = np.log2(m[np.arange(len(at)), level]) - np.log2(u[level, at])
    return np.where(levels < 0, 0.0, weights)


def kin(evidence: Evidence, levels: np.ndarray, at: np.ndarray, shares: Shares) -> np.ndarray:
    """How much likelier than anybody a relative of the pair's person says what the statement (in row `at`) says.

    Relatives share the surname, twins the day of birth.
    """
    surname = (shares["surname_as_surname"] + 1)[at] / (evidence.persons + UNSEEN_NAMES)
    day = (shares["born_that_day"] + 1)[at] / (evidence.persons + UNSEEN_DAYS)
    same_surname = levels[:, c.SURNAME] == len(FIRST_M["name"]) - 1
    same_day = levels[:, c.BIRTH] == len(FIRST_M["birth"]) - 1
    by_surname = np.where(same_surname, np.maximum(evidence.same_surname / surname, 1), 1)
    by_day = np.where(same_day, np.maximum(evidence.same_day / day, 1), 1)
    likelier: np.ndarray = by_surname * by_day
    return likelier


def with_places(evidence: Evidence, m: np.ndarray) -> Evidence:
    """The evidence with m of places."""
    return replace(evidence, place=m)


def with_repeated(evidence: Evidence, repeated: float) -> Evidence:
    """The evidence with the share of one person among pairs declared together."""
    return replace(evidence, repeated=repeated)
