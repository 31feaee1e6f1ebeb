"""Pairwise precision, recall and F1 of links or clusters against the true pairs."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

# The pairs of a file that was found, by what it holds. Either record of a pair of one file may stand first.
_LINKS = "SELECT DISTINCT left_id::BIGINT AS left_id, right_id::BIGINT AS right_id FROM found"
_PAIRS = f"SELECT DISTINCT least(left_id, right_id) AS left_id, greatest(left_id, right_id) AS right_id FROM ({_LINKS})"
_CLUSTERS = """SELECT a.record_id::BIGINT AS left_id, b.record_id::BIGINT AS right_id
    FROM found AS a JOIN found AS b USING (cluster_id) WHERE a.record_id::BIGINT < b.record_id::BIGINT"""


@dataclass(frozen=True)
class Score:
    """Shares of pairs: of those found that are true, of the true that are found, and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """2 P R / (P + R), 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(found: Path, truth: Path, one_file: bool = False, least: float | None = None) -> Score:
    """The score of pairs (left_id, right_id) or of clusters (record_id, cluster_id), whose pairs count, by a truth.

    The truth of one file has the smaller id as left_id. `least`: only pairs of this match probability or more.
    """
    with duckdb.connect() as con:
        con.execute(
            f"CREATE VIEW found AS FROM '{found}' WHERE {'true' if least is None else f'match_probability >= {least}'}"
        )
        con.execute(
            f"CREATE VIEW truth AS SELECT left_id::BIGINT AS left_id, right_id::BIGINT AS right_id FROM '{truth}'"
        )
        pairs = _CLUSTERS if "cluster_id" in con.table("found").columns else _PAIRS if one_file else _LINKS
        con.execute(f"CREATE TABLE pairs AS {pairs}")
        counts = con.sql(
            """SELECT (SELECT count(*) FROM pairs SEMI JOIN truth USING (left_id, right_id)),
                      (SELECT count(*) FROM pairs), (SELECT count(*) FROM truth)"""
        )
        right, named, true = counts.fetchall()[0]
    return Score(right / max(named, 1), right / true)
