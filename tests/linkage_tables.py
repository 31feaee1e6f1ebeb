"""Two small simulated files of persons, and a model for them."""

import numpy as np
import pyarrow as pa

FIRST = ("Ana", "Besa", "Dardan", "Elira", "Faton", "Gent", "Hana", "Ilir", "Jeta", "Kushtrim", "Liridona", "Mentor")
LAST = ("Krasniqi", "Gashi", "Berisha", "Hoxha", "Morina", "Shala", "Bytyqi", "Thaqi", "Rexhepi", "Osmani")
MODEL = """
id = "record_id"
[[block]]
on = ["birth_date"]
[[block]]
on = ["surname", "first_name"]
[[compare]]
column = "first_name"
with = "jaro_winkler"
levels = [0.9]
term_frequency = true
[[compare]]
column = "surname"
with = "damerau"
levels = [1]
term_frequency = true
[[compare]]
column = "birth_date"
with = "date"
[[compare]]
column = "municipality"
"""


def two_files(persons: int = 600, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """The same persons twice, the second time with typing errors; person 7 is L7 and R7."""
    rng = np.random.default_rng(seed)
    first, last = rng.choice(FIRST, persons), rng.choice(LAST, persons)
    days = np.datetime64("1950-01-01") + rng.integers(0, 20_000, persons)
    date, municipality = days.astype(str), rng.integers(1, 8, persons).astype(str)
    left = _table("L", first, last, date, municipality)
    first = [_mistyped(v, rng) if rng.random() < 0.1 else v for v in first]
    last = [_mistyped(v, rng) if rng.random() < 0.1 else v for v in last]
    date = [f"{v[:8]}{(int(v[8:]) % 28) + 1:02}" if rng.random() < 0.05 else v for v in date]
    moved = rng.random(persons) < 0.1
    municipality = np.where(moved, rng.integers(1, 8, persons).astype(str), municipality)
    return left, _table("R", first, last, date, municipality)


def _mistyped(name: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(1, len(name) - 1))
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def _table(side: str, first: object, last: object, date: object, municipality: object) -> pa.Table:
    count = len(np.asarray(first))
    return pa.table(
        {
            "record_id": [f"{side}{n}" for n in range(count)],
            "first_name": pa.array(np.asarray(first).tolist()),
            "surname": pa.array(np.asarray(last).tolist()),
            "birth_date": pa.array(np.asarray(date).tolist()),
            "municipality": pa.array(np.asarray(municipality).tolist()),
        }
    )
