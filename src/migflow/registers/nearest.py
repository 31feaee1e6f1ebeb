"""Names matched to the names of the same scope (a municipality, a settlement): exact, else nearest if it is clear."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

# One typing error in a name of six letters stays above it; street names share long words, so not lower.
CUTOFF = 82.0
# A second name this close makes a fuzzy match a guess.
MARGIN = 5.0
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
    the name, then of its spelling, then of the nearest spelling with the same digits if it reaches CUTOFF and no other
    id comes within MARGIN. Names that match nothing have no row; an exact name may have several ids.
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
        "SELECT scope, trim(digits), list(spelling ORDER BY spelling, name, id), list(id ORDER BY spelling, name, id), "
        "list(name ORDER BY spelling, name, id) FROM choices "
        "WHERE spelling <> '' AND scope IN (SELECT scope FROM wanted) GROUP BY 1, 2"
    ).fetchall()
    choices = {(scope, digits): (spellings, np.array(ids), texts) for scope, digits, spellings, ids, texts in offered}
    found: dict[str, list[object]] = {name: [] for name in FOUND.names}
    for scope, digits, names, spellings in missing:
        if (scope, digits) not in choices:
            continue
        known, ids, texts = choices[scope, digits]
        for row, place, score in _nearest(spellings, known, ids, workers):
            for column, value in zip(found, (scope, names[row], ids[place], texts[place], score), strict=True):
                found[column].append(value)
    return pa.table(found, schema=FOUND)


def _nearest(
    spellings: list[str], offered: list[str], ids: np.ndarray, workers: int
) -> Iterator[tuple[int, int, float]]:
    """(row, place among those offered, score) of the spellings whose nearest one offered is near and clear."""
    step = max(1, BLOCK // len(offered))
    for start in range(0, len(spellings), step):
        part = spellings[start : start + step]
        scores = process.cdist(part, offered, scorer=fuzz.ratio, dtype=np.float32, workers=workers)
        best = scores.argmax(axis=1)
        top = scores[np.arange(len(part)), best]
        rival = np.where(ids[None, :] == ids[best][:, None], 0, scores).max(axis=1)
        for row in np.flatnonzero((top >= CUTOFF) & (top - rival >= MARGIN)):
            yield start + int(row), int(best[row]), round(float(top[row]), 2)
