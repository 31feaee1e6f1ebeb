"""Pairwise precision, recall and F1 of links or clusters against the true pairs."""

from dataclasses import dataclass
from pathlib import Path

import duckdb


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


def score(found: Path, truth: Path, clusters: bool) -> Score:
    """The score of pairs (left_id, right_id) or of clusters (record_id, cluster_id), whose pairs count, by a truth."""
    pairs = "SELECT DISTINCT left_id::BIGINT AS left_id, right_id::BIGINT AS right_id FROM read_parquet($found)"
    if clusters:
        pairs = """SELECT a.record_id::BIGINT AS left_id, b.record_id::BIGINT AS right_id
            FROM read_parquet($found) AS a JOIN read_parquet($found) AS b USING (cluster_id)
            WHERE a.record_id::BIGINT < b.record_id::BIGINT"""
    counts = duckdb.sql(
        f"""WITH found AS ({pairs}), truth AS (SELECT left_id, right_id FROM read_parquet($truth))
            SELECT (SELECT count(*) FROM found SEMI JOIN truth USING (left_id, right_id)),
                   (SELECT count(*) FROM found), (SELECT count(*) FROM truth)""",
        params={"found": str(found), "truth": str(truth)},
    )
    right, named, true = counts.fetchall()[0]
    return Score(right / max(named, 1), right / true)
