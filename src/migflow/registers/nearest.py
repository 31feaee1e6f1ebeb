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
FOUND = pa.schema({"scope": pa.string(), "name": pa.string(), "id": pa.string(), "score": pa.float64()})


def match(con: duckdb.DuckDBPyConnection, wanted: str, known: str, target: str, workers: int) -> None:
    """Make the table target (scope, name, id, score, how) for the rows (scope, name) of a query.

    known: table (scope, name, id); spellings: table (text, spelling) that holds every name. First the ids of exactly
    the name, then of its spelling, then of the nearest spelling if it reaches CUTOFF and no other id comes within
    MARGIN. Names that match nothing have no row; an exact name may have several ids.
    """
    con.execute(f"CREATE OR REPLACE TABLE wanted AS {_spelt(f'({wanted})')}")
    con.execute(f"CREATE OR REPLACE TABLE choices AS {_spelt(known, ', id')}")
    con.execute(
        f"CREATE OR REPLACE TABLE {target} AS SELECT w.scope, w.name, c.id, 100.0::DOUBLE AS score, 'exact' AS how "
        "FROM wanted AS w JOIN choices AS c ON c.scope = w.scope AND c.spelling = w.spelling "
        "QUALIFY c.name = w.name OR NOT bool_or(c.name = w.name) OVER (PARTITION BY w.scope, w.name)"
    )
    con.execute(f"CREATE OR REPLACE TABLE {target} AS SELECT DISTINCT * FROM {target}")
    missing = con.execute(
        "SELECT scope, list(name ORDER BY name), list(spelling ORDER BY name) "
        f"FROM (FROM wanted ANTI JOIN {target} USING (scope, name)) "
        f"WHERE length(spelling) >= {SHORTEST_FUZZY} GROUP BY scope ORDER BY scope"
    ).fetchall()
    offered = con.execute(
        "SELECT scope, list(spelling ORDER BY spelling, id), list(id ORDER BY spelling, id) FROM choices "
        "WHERE spelling <> '' GROUP BY scope"
    ).fetchall()
    choices = {scope: (spellings, np.array(ids)) for scope, spellings, ids in offered}
    found: dict[str, list[object]] = {"scope": [], "name": [], "id": [], "score": []}
    for scope, names, spellings in missing:
        if scope in choices:
            for row, place, score in _nearest(spellings, *choices[scope], workers):
                for column, value in zip(found, (scope, names[row], place, score), strict=True):
                    found[column].append(value)
    con.register("found", pa.table(found, schema=FOUND))
    con.execute(f"INSERT INTO {target} SELECT scope, name, id, score, 'fuzzy' FROM found")
    con.unregister("found")


def _spelt(source: str, more: str = "") -> str:
    """SELECT of the distinct rows of a source with the spelling of their names."""
    return f"SELECT DISTINCT scope, name{more}, spelling FROM {source} AS s JOIN spellings ON spellings.text = s.name"


def _nearest(
    spellings: list[str], offered: list[str], ids: np.ndarray, workers: int
) -> Iterator[tuple[int, str, float]]:
    """(position, id, score) of the spellings whose nearest one offered is near and clear."""
    scores = process.cdist(spellings, offered, scorer=fuzz.ratio, dtype=np.float32, workers=workers)
    best = scores.argmax(axis=1)
    top = scores[np.arange(len(spellings)), best]
    rival = np.where(ids[None, :] == ids[best][:, None], 0, scores).max(axis=1)
    for row in np.flatnonzero((top >= CUTOFF) & (top - rival >= MARGIN)):
        yield int(row), str(ids[best[row]]), round(float(top[row]), 2)
