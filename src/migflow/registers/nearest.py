"""Names matched to the names of the same scope (a municipality, a settlement): exact, else nearest if it is clear."""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

# One typing error in a name of six letters stays above it; street names share long words, so not lower.
CUTOFF = 82.0
# A second name this close makes a fuzzy match a guess.
MARGIN = 5.0
# Off the score of a name with a word more or less: it is another street (Lola Ribar, Ivo Lola Ribar) unless all else
# is equal, as where a space was left out.
ANOTHER_WORD = 10
# Names of a few letters are one letter from each other by nature.
SHORTEST_FUZZY = 4
# Similarities held in memory at a time.
BLOCK = 20_000_000
# The scope of names looked for in the whole country, where only an exact name says enough.
EVERYWHERE = ""
FOUND = pa.schema({"scope": pa.string(), "name": pa.string(), "id": pa.string(), "known": pa.string(), "score": "f8"})


def match(con: duckdb.DuckDBPyConnection, wanted: str, known: str, target: str, workers: int) -> None:
    """Make the table target (scope, name, id, known, score, how) for the rows (scope, name) of a query.

    known: table (scope, name, id); spellings: table (text, spelling) that holds every name. First the ids of exactly
    the name, then of its spelling, then of the nearest name with the same digits: its spelling reaches CUTOFF and no
    other id comes within MARGIN, or it is one typing error away and no other is within two. Names that match nothing
    have no row; an exact name may have several ids.
    """
    con.execute(f"CREATE OR REPLACE TABLE wanted AS {_spelt(f'({wanted})')}")
    con.execute(f"CREATE OR REPLACE TABLE choices AS {_spelt(known, ', id')}")
    con.execute(
        f"CREATE OR REPLACE TABLE {target} AS WITH same AS (SELECT w.scope, w.name, c.id, c.name AS known "
        "FROM wanted AS w JOIN choices AS c ON c.scope = w.scope AND c.spelling = w.spelling "
        "QUALIFY c.name = w.name OR NOT bool_or(c.name = w.name) OVER (PARTITION BY w.scope, w.name)) "
        "SELECT scope, name, id, min(known) AS known, 100.0::DOUBLE AS score, 'exact' AS how FROM same "
        "GROUP BY scope, name, id"
    )
    con.register("found", _fuzzy(con, target, workers))
    con.execute(f"INSERT INTO {target} SELECT scope, name, id, known, score, 'fuzzy' FROM found")
    con.unregister("found")


def _spelt(source: str, more: str = "") -> str:
    """SELECT of the distinct rows of a source with the spelling of their names; names that differ in a digit are
    never spellings of each other, so digits make a scope of their own for what is not exact."""
    return (
        f"SELECT DISTINCT scope, name{more}, spelling, regexp_replace(name, '[^0-9]+', ' ', 'g') AS digits "
        f"FROM {source} AS s JOIN spellings ON spellings.text = s.name"
    )


def _fuzzy(con: duckdb.DuckDBPyConnection, target: str, workers: int) -> pa.Table:
    """The nearest names of those that target lacks, in the schema FOUND."""
    missing = con.execute(
        f"SELECT scope, trim(digits), list(name ORDER BY name), list(spelling ORDER BY name) "
        f"FROM (FROM wanted ANTI JOIN {target} USING (scope, name)) "
        "WHERE length(spelling) >= ? AND scope <> ? GROUP BY 1, 2 ORDER BY 1, 2",
        [SHORTEST_FUZZY, EVERYWHERE],
    ).fetchall()
    offered = con.execute(
        "SELECT scope, trim(digits), list(name ORDER BY spelling, name, id), "
        "list(spelling ORDER BY spelling, name, id), list(id ORDER BY spelling, name, id) FROM choices "
        "WHERE spelling <> '' AND scope IN (SELECT scope FROM wanted) GROUP BY 1, 2"
    ).fetchall()
    choices = {
        (scope, digits): _Names(names, spellings, np.array(ids)) for scope, digits, names, spellings, ids in offered
    }
    found: dict[str, list[object]] = {name: [] for name in FOUND.names}
    for scope, digits, names, spellings in missing:
        if (scope, digits) not in choices:
            continue
        known = choices[scope, digits]
        step = max(1, BLOCK // len(known.names))
        for start in range(0, len(names), step):
            wanted = _Names(names[start : start + step], spellings[start : start + step], np.array([]))
            for row, place, score in _nearest(wanted, known, workers):
                values = (scope, wanted.names[row], known.ids[place], known.names[place], score)
                for column, value in zip(found, values, strict=True):
                    found[column].append(value)
    return pa.table(found, schema=FOUND)


class _Names(NamedTuple):
    """Names of one scope, their spellings, and their ids."""

    names: list[str]
    spellings: list[str]
    ids: np.ndarray

    @property
    def word_counts(self) -> np.ndarray:
        return np.array([name.count(" ") for name in self.names], np.int16)


def _nearest(wanted: _Names, known: _Names, workers: int) -> Iterator[tuple[int, int, float]]:
    """(row, place among those known, score) of the names wanted whose nearest one is near and clear."""
    scores = process.cdist(wanted.spellings, known.spellings, scorer=fuzz.ratio, dtype=np.float32, workers=workers)
    scores -= ANOTHER_WORD * (wanted.word_counts[:, None] != known.word_counts[None, :])
    best = scores.argmax(axis=1)
    top = scores[np.arange(len(scores)), best]
    rival = np.where(known.ids[None, :] == known.ids[best][:, None], 0, scores).max(axis=1)
    clear = (top >= CUTOFF) & (top - rival >= MARGIN)
    for row in np.flatnonzero(clear):
        yield int(row), int(best[row]), round(float(top[row]), 2)
    rest = np.flatnonzero(~clear)
    texts = [wanted.names[row] for row in rest]
    errors = process.cdist(texts, known.names, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8, workers=workers)
    for row, place in zip(*_one_error(errors, known.ids), strict=True):
        yield int(rest[row]), int(place), round(float(scores[rest[row], place]), 2)


def _one_error(errors: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a matrix of typing errors, and places in them, at which only one id is one error away, none two.

    errors: 3 stands for more than two.
    """
    if not errors.size:
        return np.empty(0, int), np.empty(0, int)
    best = errors.argmin(axis=1)
    least = errors[np.arange(len(errors)), best]
    rival = np.where(ids[None, :] == ids[best][:, None], 3, errors).min(axis=1)
    rows = np.flatnonzero((least == 1) & (rival == 3))
    return rows, best[rows]
