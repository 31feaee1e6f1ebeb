"""What a linkage is made of: blocking rules, comparisons with their levels, parameters (Fellegi and Sunter 1969)."""

import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from migflow.errors import MigflowError

Similarity = Callable[[Sequence[str], Sequence[str]], np.ndarray]
Level = float | str

# Methods and the levels they take where a model names none, best first; equality stands above them.
DEFAULT_LEVELS: Mapping[str, tuple[Level, ...]] = {
    "exact": (),
    "jaro_winkler": (0.92, 0.82),
    "levenshtein": (1, 2),
    "damerau": (1, 2),
    "date": ("swapped", "typo", "two_parts"),
    "numeric": (1,),
    "token_set": (0.9, 0.7),
    "name": (0.9, 0.7),
    "names": ("one_alike", "both_alike", "swapped", "one_equal"),
    "array_overlap": (1,),
    "distance_km": (0.1, 1, 10),
    "nested_overlap": (),
}
SIMILARITIES = ("jaro_winkler", "token_set", "name")
WITHOUT_FREQUENCY = ("numeric", "distance_km", "array_overlap", "nested_overlap")
COLUMNS: Mapping[str, int] = {"names": 2, "distance_km": 2}


@dataclass(frozen=True)
class Block:
    """One blocking rule: SQL expressions that both records of a candidate pair have equal and not null.

    `right` has the expressions of the right table where they differ from those of the left.
    """

    on: tuple[str, ...]
    right: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The rule as people read it."""
        if not self.right:
            return ", ".join(self.on)
        return ", ".join(a if a == b else f"{a} = {b}" for a, b in zip(self.on, self.right, strict=True))

    def side(self, right: bool) -> tuple[str, ...]:
        """The expressions of one table."""
        return self.right if right and self.right else self.on


@dataclass(frozen=True)
class Parameters:
    """P(level | one person) = m and P(level | two persons) = u, from the lowest level to equality."""

    m: tuple[float, ...]
    u: tuple[float, ...]

    @property
    def weights(self) -> np.ndarray:
        """log2(m / u) of each level."""
        return np.log2(np.asarray(self.m)) - np.log2(np.asarray(self.u))


@dataclass(frozen=True)
class Comparison:
    """How one column (or several) of two records is compared: method, levels best first, parameters once trained.

    `columns` are SQL expressions. `conflict`: records at the lowest level cannot be one person (deduplication).
    """

    columns: tuple[str, ...]
    method: str | Similarity = "exact"
    levels: tuple[Level, ...] = ()
    term_frequency: bool = False
    right: tuple[str, ...] = ()
    conflict: bool = False
    parameters: Parameters | None = None

    @property
    def name(self) -> str:
        """The columns as people read them."""
        return " + ".join(self.columns)

    @property
    def with_name(self) -> str:
        """The method as a model file writes it."""
        if isinstance(self.method, str):
            return self.method
        return f"{self.method.__module__}.{self.method.__qualname__}"

    def side(self, right: bool) -> tuple[str, ...]:
        """The expressions of one table."""
        return self.right if right and self.right else self.columns

    @property
    def level_names(self) -> tuple[str, ...]:
        """Labels from the lowest level to equality."""
        best = f"{self.columns[0]} in common" if self.method == "nested_overlap" else "equal"
        return ("differs", *(_level_name(self.with_name, level) for level in reversed(self.levels)), best)


def _level_name(method: str, level: Level) -> str:
    if method == "nested_overlap":
        return f"{level} in common"
    if isinstance(level, str):
        return level.replace("_", " ")
    if method == "distance_km":
        return f"within {level:g} km"
    if method == "numeric":
        return f"within {level:g}"
    if method == "date":
        return f"within {level:g} days"
    if method == "array_overlap":
        return f"overlap {level:g} or more"
    return f"at most {level:g} edits" if level >= 1 else f"{level:g} or more"


@dataclass(frozen=True)
class Deterministic:
    """A rule whose pairs are nearly all one person, and the share of matches thought to keep it: it sets the prior."""

    on: tuple[str, ...]
    recall: float

    @property
    def name(self) -> str:
        """The rule as people read it."""
        return ", ".join(self.on)

    def side(self, right: bool) -> tuple[str, ...]:
        """The expressions, which both tables share."""
        return self.on


@dataclass(frozen=True)
class Lookalikes:
    """Pairs of two persons that share what a rule blocks on and more: households, neighbours, twins.

    `share` of all pairs; `levels`: for each comparison P(level | such a pair), from the lowest level to equality.
    """

    of: str
    share: float
    levels: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MatchKind:
    """One kind of matches, where comparisons agree or differ together (persons who moved, and who did not).

    `share` of the matches; `levels`: for each comparison P(level | such a match), from the lowest level to equality.
    """

    share: float
    levels: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class LinkageModel:
    """Blocking rules and comparisons of a linkage; with prior and parameters, it is trained.

    `prior`: probability that a record of the left and one of the right table, taken at random, are one person.
    `unique`: columns in which two records with an equal value cannot be one person (the source, where a source has
    no duplicates). `threshold`: match probability from which a pair is a link.
    """

    id: str
    blocks: tuple[Block, ...]
    compares: tuple[Comparison, ...]
    prior: float | None = None
    threshold: float = 0.5
    unique: tuple[str, ...] = ()
    deterministic: tuple[Deterministic, ...] = ()
    lookalikes: tuple[Lookalikes, ...] = ()
    kinds: tuple[MatchKind, ...] = ()
    source: str = field(default="the model", compare=False)

    def __post_init__(self) -> None:
        check(self)

    @property
    def keys(self) -> tuple[Block | Deterministic, ...]:
        """All rules that need a key: those that block, then those that only set the prior."""
        return (*self.blocks, *self.deterministic)

    @property
    def trained(self) -> bool:
        """Whether pairs can be weighed."""
        return self.prior is not None and all(c.parameters for c in self.compares)

    @property
    def prior_weight(self) -> float:
        """log2 of the prior odds."""
        assert self.prior is not None
        return math.log2(self.prior) - math.log2(1 - self.prior)

    @classmethod
    def from_toml(cls, path: str | Path) -> "LinkageModel":
        """Read a model file; MigflowError names the file, the key and what was expected."""
        try:
            text = Path(path).read_text(encoding="utf-8")
            return cls.from_dict(tomllib.loads(text), source=Path(path).name)
        except OSError as error:
            raise MigflowError(f"Model file {path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise MigflowError(f"{path}: the file is not UTF-8 text.") from error
        except tomllib.TOMLDecodeError as error:
            raise MigflowError(f"{path} is not valid TOML: {error}.") from error

    @classmethod
    def from_dict(cls, read: Mapping[str, Any], source: str = "the model") -> "LinkageModel":
        """A model from the content of a model file."""
        from migflow.linkage.model_file import parse

        return parse(read, source)

    def to_toml(self, path: str | Path | None = None) -> str:
        """The model as TOML text, written to a path if one is given; what was trained is in it."""
        from migflow.linkage.model_file import text

        written = text(self)
        if path is not None:
            Path(path).write_text(written, encoding="utf-8")
        return written

    def with_parameters(
        self,
        prior: float,
        parameters: Sequence[Parameters],
        lookalikes: tuple[Lookalikes, ...] = (),
        kinds: tuple[MatchKind, ...] = (),
    ) -> "LinkageModel":
        """The same model, trained."""
        compares = tuple(replace(c, parameters=p) for c, p in zip(self.compares, parameters, strict=True))
        return replace(self, prior=prior, compares=compares, lookalikes=lookalikes, kinds=kinds)


def check(model: LinkageModel) -> None:
    """MigflowError if a model cannot be run; it names the part that is wrong."""
    where = model.source
    if not model.blocks:
        raise MigflowError(f"{where}: there is no [[block]]; name at least one blocking rule.")
    if not model.compares:
        raise MigflowError(f"{where}: there is no [[compare]]; name at least one comparison.")
    for number, block in enumerate(model.blocks, 1):
        if not block.on or (block.right and len(block.right) != len(block.on)):
            raise MigflowError(f"{where}: block {number}: `on` and `right` need one expression for each other.")
    if not 0 < model.threshold < 1:
        raise MigflowError(f"{where}: threshold is {model.threshold}, expected a probability between 0 and 1.")
    if model.prior is not None and not 0 < model.prior < 1:
        raise MigflowError(f"{where}: prior is {model.prior}, expected a probability between 0 and 1.")
    parts: tuple[Lookalikes | MatchKind, ...] = (*model.lookalikes, *model.kinds)
    for part in parts:
        lengths = [len(levels) for levels in part.levels]
        if lengths != [len(c.levels) + 2 for c in model.compares] or not 0 < part.share < 1:
            raise MigflowError(f"{where}: lookalikes and kinds need a share and the levels of every comparison.")
    for compare in model.compares:
        _check_comparison(compare, f"{where}: compare {json.dumps(compare.name)}")


def _check_comparison(compare: Comparison, where: str) -> None:
    method = compare.method
    if isinstance(method, str) and method not in DEFAULT_LEVELS:
        known = ", ".join(DEFAULT_LEVELS)
        raise MigflowError(f"{where}: with = {json.dumps(method)} is not known; expected one of {known}.")
    needed = COLUMNS.get(method, 1) if isinstance(method, str) else 1
    if method == "nested_overlap":
        needed = len(compare.columns)
    if len(compare.columns) != needed or (compare.right and len(compare.right) != needed):
        raise MigflowError(f"{where}: with = {json.dumps(compare.with_name)} takes {needed} column(s).")
    _check_levels(compare, where)
    if compare.term_frequency and method in WITHOUT_FREQUENCY:
        raise MigflowError(f"{where}: term_frequency is for comparisons of names, codes and dates, not {method}.")
    found = compare.parameters
    if found is None:
        return
    for name, values in (("m", found.m), ("u", found.u)):
        if len(values) != len(compare.levels) + 2:
            raise MigflowError(f"{where}: {name} has {len(values)} values, expected {len(compare.levels) + 2}.")
        if any(not 0 < v <= 1 for v in values):
            raise MigflowError(f"{where}: {name} must hold probabilities above 0 and at most 1.")


def _check_levels(compare: Comparison, where: str) -> None:
    method, levels = compare.method, compare.levels
    if method == "exact" and levels:
        raise MigflowError(f'{where}: with = "exact" takes no levels.')
    if method == "nested_overlap":
        if levels != compare.columns[1:]:
            raise MigflowError(f'{where}: with = "nested_overlap" takes no levels: each column is one, finest first.')
        return
    known = [v for v in DEFAULT_LEVELS[method] if isinstance(v, str)] if isinstance(method, str) else []
    words = [v for v in levels if isinstance(v, str)]
    numbers = [float(v) for v in levels if not isinstance(v, str)]
    if any(word not in known for word in words) or (method == "names" and numbers):
        allowed = ", ".join(known) + (" or a number of days" if method == "date" else "") if known else "a number"
        wrong = next(v for v in levels if v not in known)
        raise MigflowError(f"{where}: level {json.dumps(wrong)} is not one of {allowed}.")
    if not all(0 < v < math.inf for v in numbers):
        raise MigflowError(f"{where}: levels must be numbers above 0.")
    edits = method in ("levenshtein", "damerau") and any(v >= 1 for v in numbers)
    if edits and any(v != int(v) for v in numbers):
        raise MigflowError(f"{where}: levels must be all numbers of edits or all similarities below 1.")
    if (method in SIMILARITIES or not isinstance(method, str)) and any(v > 1 for v in numbers):
        raise MigflowError(f"{where}: levels are similarities, at most 1.")
    falling = method not in ("numeric", "distance_km", "date") and not edits
    if numbers != sorted(set(numbers), reverse=falling) or len(words) != len(set(words)):
        raise MigflowError(f"{where}: levels must be {'falling' if falling else 'rising'}, best first.")
