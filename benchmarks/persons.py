"""Two simulated files of persons for speed, memory and growth: the number of names, postcodes and places grows with n.

A postcode has 1,500 persons and a municipality 30,000 whatever n is, so that blocks on them keep their size. Names are
made of syllables; their frequencies fall as Zipf and Mandelbrot have it, with a long tail of rare ones.
"""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.errors import misdate, mistype

POSTCODE_PERSONS, MUNICIPALITY_PERSONS = 1_500, 30_000
SHARED = 0.85  # share of each file that is in the other too
MOVED, SWAPPED = 0.08, 0.01
MISTYPED = {"first_name": 0.04, "surname": 0.04, "birth_date": 0.03, "postcode": 0.01}
MISSING = {"first_name": 0.01, "surname": 0.01, "birth_date": 0.01, "sex": 0.01, "municipality": 0.01, "postcode": 0.03}
_ONSETS = ("", *"bcdfghjklmnprstvz", "br", "dr", "sh", "tr")
_VOWELS = ("a", "e", "i", "o", "u", "ia", "ei")
_CODAS = ("", "", "", "n", "r", "l", "s", "k", "t", "m")
_FIRST_DAY, _DAYS = np.datetime64("1925-01-01"), 36_500


def write_persons(folder: Path, records: int, seed: int = 1) -> None:
    """left.parquet, right.parquet (record_id, names, sex, birth date, place) and truth.parquet (left_id, right_id)."""
    rng = np.random.default_rng([seed, records])
    shared = round(records * SHARED)
    persons = _persons(2 * records - shared, rng)
    left = rng.permutation(records)
    right = rng.permutation(np.arange(records - shared, 2 * records - shared))
    place = np.empty(2 * records - shared, np.int64)
    place[left] = np.arange(records)
    both = np.flatnonzero(right < records)
    truth = pa.table({"left_id": place[right[both]], "right_id": both.astype(np.int64)})
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(_observed(persons.take(pa.array(left)), 0.25, rng), folder / "left.parquet")
    pq.write_table(_observed(persons.take(pa.array(right)), 1.0, rng), folder / "right.parquet")
    pq.write_table(truth, folder / "truth.parquet")


def _persons(count: int, rng: np.random.Generator) -> pa.Table:
    """The persons as they are."""
    home = rng.integers(0, count, count)
    born = _FIRST_DAY + rng.integers(0, _DAYS, count).astype("timedelta64[D]")
    return pa.table(
        {
            "first_name": _drawn(_names(max(500, int(5 * count**0.5)), 2, rng), count, 15, rng),
            "surname": _drawn(_names(max(2_000, count // 10), 3, rng), count, 15, rng),
            "sex": pa.array(np.array(["F", "M"])[rng.integers(0, 2, count)]),
            "birth_date": pc.cast(pa.array(born), pa.string()),
            **_place(home),
        }
    )


def _names(count: int, syllables: int, rng: np.random.Generator) -> pa.Array:
    """Distinct names of one syllable fewer to one more, most frequent first."""
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [[sounds[i] for i in rng.integers(0, len(sounds), 4 * count)] for sounds in (_ONSETS, _VOWELS, _CODAS)]
        spoken = ["".join(part) for part in zip(*parts, strict=True)]
        lengths = rng.integers(max(2, syllables - 1), syllables + 2, count)
        found.update((("".join(spoken[4 * i : 4 * i + n])), None) for i, n in enumerate(lengths))
    return pa.array(list(found)[:count])


def _drawn(names: pa.Array, count: int, flat: int, rng: np.random.Generator) -> pa.Array:
    """Names by frequency 1 / (rank + flat)."""
    share = np.cumsum(1 / (np.arange(len(names)) + flat))
    return names.take(pa.array(np.searchsorted(share, rng.random(count) * share[-1])))


def _place(home: np.ndarray) -> dict[str, pa.Array]:
    """Postcode and municipality of the number of a home."""
    postcode = pc.utf8_lpad(pc.cast(pa.array(home // POSTCODE_PERSONS), pa.string()), 5, "0")
    municipality = pc.binary_join_element_wise("M", pc.cast(pa.array(home // MUNICIPALITY_PERSONS), pa.string()), "")
    return {"municipality": municipality, "postcode": postcode}


def _observed(persons: pa.Table, share: float, rng: np.random.Generator) -> pa.Table:
    """The persons as a register has them: `share` of the full rates of moves, errors and gaps."""
    count = len(persons)
    columns = {name: persons[name].combine_chunks() for name in persons.column_names}
    moved = pa.array(rng.random(count) < MOVED * share)
    for name, values in _place(rng.integers(0, count, count)).items():
        columns[name] = pc.if_else(moved, values, columns[name])
    draw = random.Random(int(rng.integers(2**32)))
    for name, rate in MISTYPED.items():
        columns[name] = _mistyped(columns[name], rng.random(count) < rate * share, name == "birth_date", draw)
    swapped = pa.array(rng.random(count) < SWAPPED * share)
    first, last = columns["first_name"], columns["surname"]
    columns["first_name"], columns["surname"] = pc.if_else(swapped, last, first), pc.if_else(swapped, first, last)
    for name, rate in MISSING.items():
        missing = pa.array(rng.random(count) < rate * share)
        columns[name] = pc.if_else(missing, pa.scalar(None, pa.string()), columns[name])
    return pa.table({"record_id": pa.array(np.arange(count, dtype=np.int64)), **columns})


def _mistyped(values: pa.Array, mask: np.ndarray, dates: bool, draw: random.Random) -> pa.Array:
    """The values with an error where the mask is set."""
    wrong = misdate if dates else mistype
    written = [wrong(text, draw) for text in values.filter(pa.array(mask)).to_pylist()]
    return pc.replace_with_mask(values, pa.array(mask), pa.array(written, pa.string()))
