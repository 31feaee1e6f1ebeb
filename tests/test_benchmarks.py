"""What the benchmarks count and score, on tables small enough to check by hand."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.candidate_pairs import candidate_pairs
from benchmarks.score import Score, score


def _written(path: Path, **columns: list) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_either_record_of_a_pair_of_one_file_may_stand_first_and_ids_may_be_text(tmp_path: Path) -> None:
    truth = _written(tmp_path / "truth.parquet", left_id=[2, 2], right_id=[10, 11])
    found = _written(tmp_path / "found.parquet", left_id=["10", "2", "3"], right_id=["2", "10", "4"])
    assert score(found, truth, one_file=True) == Score(precision=1 / 2, recall=1 / 2)
    assert score(found, truth) == Score(precision=1 / 3, recall=1 / 2)


def test_pairs_below_a_probability_do_not_count(tmp_path: Path) -> None:
    truth = _written(tmp_path / "truth.parquet", left_id=[1], right_id=[1])
    found = _written(tmp_path / "found.parquet", left_id=[1, 2], right_id=[1, 2], match_probability=[0.9, 0.6])
    assert score(found, truth, least=0.9) == Score(precision=1.0, recall=1.0)


def test_clusters_score_by_the_pairs_in_them(tmp_path: Path) -> None:
    truth = _written(tmp_path / "truth.parquet", left_id=[1, 4], right_id=[2, 5])
    found = _written(tmp_path / "found.parquet", record_id=[1, 2, 3, 4, 5], cluster_id=["a", "a", "a", "b", "c"])
    assert score(found, truth, one_file=True) == Score(precision=1 / 3, recall=1 / 2)


def test_a_candidate_pair_counts_under_the_first_rule_that_makes_it(tmp_path: Path) -> None:
    model = tmp_path / "model.toml"
    model.write_text('[[block]]\non = ["name"]\n[[block]]\non = ["place", "substr(born, 1, 4)"]\n')
    left = _written(tmp_path / "l.parquet", name=["a", None], place=["x", "x"], born=["1990-01", "1990-02"])
    right = _written(tmp_path / "r.parquet", name=["a", "b"], place=["x", "x"], born=["1990-03", "1991-01"])
    assert candidate_pairs(model, left, right) == 2
