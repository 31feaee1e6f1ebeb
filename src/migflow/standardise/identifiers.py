"""Identification numbers: which are well formed, by the rules of identifiers.toml."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migflow.countries import read_toml
from migflow.errors import MigflowError

WEIGHTED_MOD_11 = "weighted_mod_11"


@dataclass(frozen=True)
class Rule:
    """Form and check digit of an identifier.

    checksum weighted_mod_11: the last digit is 11 - (weighted sum of the others mod 11), 10 and 11 written 0;
    numbers that match `exempt` have none. stdnum: the module of python-stdnum that validates instead.
    """

    name: str
    pattern: str
    source: str
    certainty: str
    checksum: str = ""
    weights: tuple[int, ...] = field(default=())
    exempt: str = ""
    stdnum: str = ""


def load(folder: Path) -> dict[str, Rule]:
    """Rules of a profile by key, none if it has no identifiers.toml; MigflowError names what is wrong."""
    path = folder / "identifiers.toml"
    if not path.is_file():
        return {}
    return {key: _rule(path, key, section) for key, section in read_toml(path).items()}


def _rule(path: Path, key: str, section: dict[str, Any]) -> Rule:
    try:
        rule = Rule(**{**section, "weights": tuple(section.get("weights", ()))})
    except TypeError as error:
        raise MigflowError(f"{path}, [{key}]: {str(error).removeprefix('Rule.__init__() ')}.") from error
    if rule.checksum not in ("", WEIGHTED_MOD_11):
        raise MigflowError(f"{path}, [{key}]: checksum is {rule.checksum!r}; expected {WEIGHTED_MOD_11}.")
    if rule.checksum and not rule.weights:
        raise MigflowError(f"{path}, [{key}]: {rule.checksum} needs weights.")
    return rule


def compact(numbers: Sequence[str]) -> pa.Array:
    """The numbers without the spaces, dots, slashes and hyphens people put in."""
    return pc.replace_substring_regex(pa.array(numbers, pa.string()), r"[\s./-]", "")


def valid(numbers: pa.Array, rule: Rule) -> np.ndarray:
    """Whether each compact number keeps the rule, as booleans; a missing number does not."""
    fits = pc.fill_null(pc.match_substring_regex(numbers, rule.pattern), False).to_numpy(zero_copy_only=False)
    fits = np.array(fits, dtype=bool)
    if rule.stdnum:
        module = importlib.import_module(f"stdnum.{rule.stdnum}")
        fits[fits] = [module.is_valid(number) for number in numbers.filter(pa.array(fits)).to_pylist()]
    elif rule.checksum:
        fits[fits] = _check_digit_holds(numbers.filter(pa.array(fits)), rule)
    return fits


def _check_digit_holds(numbers: pa.Array, rule: Rule) -> np.ndarray:
    """numbers: all digits, one longer than the weights."""
    characters = "".join(numbers.to_pylist()).encode("ascii")
    digits = np.frombuffer(characters, dtype=np.uint8).reshape(-1, len(rule.weights) + 1).astype(np.int64) - ord("0")
    check = (11 - digits[:, :-1] @ np.array(rule.weights) % 11) % 11 % 10
    holds: np.ndarray = digits[:, -1] == check
    if rule.exempt:
        holds |= pc.match_substring_regex(numbers, rule.exempt).to_numpy(zero_copy_only=False)
    return holds
