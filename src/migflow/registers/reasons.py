"""Why a link was made, in words: what of a statement and a person agrees."""

import numpy as np

from migflow.registers import comparing as c

_BIRTH = (
    "",
    "two parts of the birth date",
    "birth date with a typing error",
    "birth date with day and month exchanged",
)
_PLACE = ("", "municipality", "settlement", "building", "home of those declared together", "dwelling")
_NUMBER = ("", "personal number one digit off", "personal number")
_EQUAL = 3


def reasons_of(levels: np.ndarray, places: np.ndarray) -> list[str]:
    """A text for each pair, from its levels of an identity (pairs x comparisons) and of places."""
    if not len(levels):
        return []
    rows = np.column_stack([levels, places])
    kinds, place = np.unique(rows, axis=0, return_inverse=True)
    texts = [_reason(kind) for kind in kinds.tolist()]
    return [texts[number] for number in place.reshape(-1)]


def _reason(levels: list[int]) -> str:
    agreeing = [
        _NUMBER[max(levels[c.NUMBER], 0)],
        _names(levels),
        "birth date" if levels[c.BIRTH] == len(_BIRTH) else _BIRTH[max(levels[c.BIRTH], 0)],
        _PLACE[max(levels[-1], 0)],
    ]
    return ", ".join(part for part in agreeing if part) or "sex only"


def _names(levels: list[int]) -> str:
    straight = levels[c.FIRST], levels[c.SURNAME]
    crossed = levels[c.SURNAME_AS_FIRST], levels[c.FIRST_AS_SURNAME]
    first, surname = max(straight, crossed, key=sum)
    exchanged = " (exchanged)" if sum(crossed) > sum(straight) else ""
    if min(first, surname) >= 1:
        return ("names" if min(first, surname) == _EQUAL else "like names") + exchanged
    if first >= 1:
        return "first name" if first == _EQUAL else "like first name"
    if surname >= 1:
        return "surname" if surname == _EQUAL else "like surname"
    return ""
