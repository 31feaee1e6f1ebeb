"""Codes in words: what charts, and the tables beside them, show of sexes, ages, countries, tables and sources."""

import re
from collections.abc import Callable, Mapping

import pandas as pd

from migflow import contracts
from migflow.countries import world

TOTAL, UNKNOWN = "_T", "_U"
NOT_KNOWN = "Unknown"
SEXES = {"F": "Women", "M": "Men", TOTAL: "Both sexes", UNKNOWN: NOT_KNOWN}
WIDTH = re.compile(r"Y(?:_LT(?P<below>\d+)|(?P<low>\d+)T(?P<high>\d+)|_GE(?P<over>\d+))")


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with names for codes in the columns of WORDS."""
    named = {column: word for column, word in WORDS.items() if column in rows}
    return rows.assign(**{column: rows[column].map(word, na_action="ignore") for column, word in named.items()})


def suppressed(number: int) -> str:
    """1 suppressed figure, 2 suppressed figures."""
    return f"{number:,} suppressed {'figure' if number == 1 else 'figures'}"


def sex(code: str) -> str:
    """Women, men."""
    return SEXES.get(code, code)


def age_group(code: str) -> str:
    """Y_LT5: Under 5; Y5T9: 5 to 9; Y_GE85: 85 and over."""
    if code == UNKNOWN:
        return NOT_KNOWN
    match = WIDTH.fullmatch(code)
    if match is None:
        return code
    below, low, high, over = match.group("below", "low", "high", "over")
    return f"Under {below}" if below else f"{over} and over" if over else f"{low} to {high}"


def country(code: str) -> str:
    """Name of a country."""
    return NOT_KNOWN if code == UNKNOWN else world.names().get(code, code)


def area(name: str) -> str:
    """Name of an area as the profile gives it."""
    return NOT_KNOWN if name == UNKNOWN else name


def table(name: str) -> str:
    """Title of a table or source."""
    held = contracts.load_all()
    return held[name].title if name in held else name


WORDS: Mapping[str, Callable[[str], str]] = {
    "sex": sex,
    "age_group": age_group,
    "citizenship": country,
    "country": country,
    "table_name": table,
    "source": table,
}
