"""Names matched to the names of the same scope (a municipality, a settlement): exact, else nearest if it is clear."""

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


def match(con: duckdb.DuckDBPyConnection, wanted: str, known: str, target: str, workers: int) -> None:
    """Make the table target (scope, name, id, score, how) for the rows (scope, name) of a query.

    known: table (scope, name, id). Every id with exactly the name; else the ids of the nearest name if it reaches
    CUTOFF and no name of another id comes within MARGIN. Names that match nothing have no row.
    """
    con.execute(f"CREATE OR REPLACE TABLE wanted AS SELECT DISTINCT scope, name FROM ({wanted}) WHERE name IS NOT NULL")
    con.execute(
        f"CREATE OR REPLACE TABLE {target} AS SELECT w.scope, w.name, k.id, 100.0::DOUBLE AS score, 'exact' AS how "
        f"FROM wanted AS w JOIN {known} AS k ON k.scope = w.scope AND k.name = w.name"
    )
    missing = con.execute(
        f"SELECT scope, list(name ORDER BY name) FROM (FROM wanted ANTI JOIN {target} USING (scope, name)) "
        f"WHERE length(name) >= {SHORTEST_FUZZY} GROUP BY scope ORDER BY scope"
    ).fetchall()
    names = con.execute(
        f"SELECT scope, list(name ORDER BY name, id), list(id ORDER BY name, id) FROM {known} "
        "WHERE name <> '' GROUP BY scope"
    ).fetchall()
    choices = {scope: (texts, np.array(ids)) for scope, texts, ids in names}
    found: list[tuple[str, str, str, float]] = []
    for scope, texts in missing:
        if scope in choices:
            found += [(scope, *row) for row in _nearest(texts, *choices[scope], workers)]
    columns = list(zip(*found, strict=True)) or [(), (), (), ()]
    con.register("found", pa.table(dict(zip(("scope", "name", "id", "score"), map(list, columns), strict=True))))
    if found:
        con.execute(f"INSERT INTO {target} SELECT scope, name, id, score, 'fuzzy' FROM found")
    con.unregister("found")


def _nearest(texts: list[str], names: list[str], ids: np.ndarray, workers: int) -> list[tuple[str, str, float]]:
    """(text, id, score) of the texts whose nearest name is near and clear."""
    scores = process.cdist(texts, names, scorer=fuzz.ratio, dtype=np.float32, workers=workers)
    best = scores.argmax(axis=1)
    top = scores[np.arange(len(texts)), best]
    rival = np.where(ids[None, :] == ids[best][:, None], 0, scores).max(axis=1)
    clear = (top >= CUTOFF) & (top - rival >= MARGIN)
    return [(texts[i], str(ids[best[i]]), round(float(top[i]), 2)) for i in np.flatnonzero(clear)]
