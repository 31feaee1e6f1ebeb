"""Names of the countries that people come from, go to and are citizens of."""

import csv
import functools
from collections.abc import Mapping
from pathlib import Path


@functools.cache
def names() -> Mapping[str, str]:
    """Names by ISO 3166-1 alpha-2 code, as in the tz database, with XK for Kosovo and XX for unknown."""
    with Path(__file__).with_name("world.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
