"""What edits of names cost: sounds.csv, and what each unit of writing may sound like under chosen languages."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from migflow.errors import MigflowError
from migflow.standardise.names.spellings import Reading, rows, units

PROFILES = ("sq", "sr", "ru", "ky", "kk", "uz", "tg", "tr", "ku", "ar", "fa", "ckb", "en")
VOWELS = "aeiouyOA@"
# An Arabic text leaves short vowels unwritten: what a vowel of the other text then costs, of its usual cost.
UNWRITTEN = 0.2
# A swap that no table names costs what a consonant does.
_FAR = 1.0
# Costs are kept in whole thousandths.
_SCALE = 1000
# Sounds that stand for the ending of a father's name.
_FATHERS = "PF"


class Costs(NamedTuple):
    """Costs of edits, in thousandths: `swap` (units x units), `gap` (2 x units: usually, beside an Arabic text)."""

    swap: np.ndarray
    gap: np.ndarray


def sound_costs(lines: Iterable[Mapping[str, str]]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Costs of leaving out a sound, and of swapping two (in both orders), from rows like sounds.csv's."""
    gaps, swaps = {}, {}
    for row in lines:
        if row["other"]:
            swaps[row["one"], row["other"]] = swaps[row["other"], row["one"]] = float(row["cost"])
        else:
            gaps[row["one"]] = float(row["cost"])
    return gaps, swaps


def _check(profiles: Sequence[str]) -> None:
    wrong = sorted(set(profiles) - set(PROFILES))
    if wrong:
        raise MigflowError(f"No profile of names is called {', '.join(wrong)}; expected {', '.join(PROFILES)}.")


@lru_cache(maxsize=32)
def costs(profiles: tuple[str, ...] | None = None) -> Costs:
    """Costs under profiles, all of them if None; MigflowError names a profile that does not exist."""
    _check(profiles or ())
    return unit_costs(*sound_costs(rows("sounds.csv")), profiles)


def unit_costs(
    gaps: Mapping[str, float], swaps: Mapping[tuple[str, str], float], profiles: tuple[str, ...] | None
) -> Costs:
    """Costs of units from those of sounds."""
    readings = units().readings
    taken = [_taken(unit, profiles) for unit in readings]
    swap, gap = np.zeros((len(readings), len(readings)), np.int16), np.zeros((2, len(readings)), np.int16)
    for a, sounds in enumerate(taken):
        if not sounds:
            continue
        gap[:, a] = round(_SCALE * gaps[sounds[0][0]])
        if all(sound in VOWELS for sound, _ in sounds):
            gap[1, a] = round(_SCALE * gaps[sounds[0][0]] * UNWRITTEN)
        for b, others in enumerate(taken):
            if others and a != b:
                swap[a, b] = round(
                    _SCALE
                    * min((0.0 if x == y else swaps.get((x, y), _FAR)) + p + q for x, p in sounds for y, q in others)
                )
    return Costs(swap, gap)


def _taken(unit: Sequence[Reading], profiles: tuple[str, ...] | None) -> list[tuple[str, float]]:
    """Readings of a unit with their costs; one that belongs to a profile costs nothing there, and elsewhere is not."""
    if profiles is None:
        return [(sound, cost) for sound, cost, _ in unit]
    own = [(sound, 0.0) for sound, _, of in unit if of & set(profiles)]
    shared = [(sound, cost) for sound, cost, of in unit if not of]
    return own + shared or [(sound, cost) for sound, cost, _ in unit]


def read_as(profile: str) -> list[str]:
    """The sound of each unit under a profile; MigflowError if there is no such profile."""
    _check((profile,))
    return [taken[0][0] if (taken := _taken(unit, (profile,))) else "" for unit in units().readings]


@cache
def fathers() -> np.ndarray:
    """Whether a unit is the ending of a father's name."""
    return np.array([any(sound in _FATHERS for sound, _, _ in unit) for unit in units().readings], np.bool_)
