"""Charts of how records were linked to persons: pairs by match weight with the quality expected, weights, m and u."""

import pyarrow as pa

from migflow.linkage import charts
from migflow.linkage.expected import Judged
from migflow.registers.linking import LINK
from migflow.store import Store

JUDGED = """
SELECT match_weight, match_probability, pass <> 'none' AS linked
FROM person_links
WHERE source = $source AND match_weight IS NOT NULL
"""
LEARNT = """
SELECT comparison, level, level_order AS "order", m, u, match_weight AS weight
FROM link_parameters
WHERE source = $source AND u IS NOT NULL
ORDER BY comparison, level_order
"""


def charts_of(table: str, store: Store) -> dict[str, charts.Drawn]:
    """Charts of person_links or link_parameters for each source, by title; none of other tables or without rows."""
    drawn: dict[str, charts.Drawn] = {}
    if table == "person_links":
        for source in _sources(store, table, "match_weight IS NOT NULL"):
            drawn[f"match weights of {source}"] = weights_and_quality(store, source)
    elif table == "link_parameters":
        for source in _sources(store, table, "true"):
            drawn |= learnt(store, source)
    return drawn


def weights_and_quality(store: Store, source: str) -> charts.Drawn:
    """Records of a source by the match weight of their best candidate; expected precision and recall by threshold."""
    with store.session("person_links") as con:
        found = con.sql(JUDGED, params={"source": source}).to_arrow_table()
    weight, probability, linked = (found[n].to_numpy() for n in ("match_weight", "match_probability", "linked"))
    none = pa.nulls(len(weight))
    # Each record has one candidate here, and one that was not linked would not be at a lower threshold either.
    judged = Judged(none, none, weight, probability, linked, LINK, "one to one")
    return charts.weights_and_quality(judged)


def learnt(store: Store, source: str) -> dict[str, charts.Drawn]:
    """Match weights by comparison and level, and m and u, of a source; places have no u and are in the table only."""
    with store.session("link_parameters") as con:
        parameters = con.execute(LEARNT, {"source": source}).df()
    return {
        f"match weights of {source}": charts.draw_weights(parameters, "Match weights"),
        f"m and u of {source}": charts.draw_probabilities(parameters, "Probability of each level, m and u"),
    }


def _sources(store: Store, table: str, condition: str) -> list[str]:
    with store.session(table) as con:
        rows = con.execute(f"SELECT DISTINCT source FROM {table} WHERE {condition} ORDER BY source").fetchall()
    return [source for (source,) in rows]
