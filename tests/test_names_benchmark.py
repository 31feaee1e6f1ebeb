"""What the benchmark of names counts, on pairs small enough to check by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import names


def test_labelled_pairs_of_names_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    same, scores = np.array([1, 1, 0, 0]), np.array([0.9, 0.4, 0.4, 0.1])
    # Of four couples three are in order and one is a tie.
    assert names.auc(same, scores) == 0.875
    assert names.f1(same, scores >= 0.4) == 0.8
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("left,right,same,stratum\nHoxha,Хоџа,1,a\nHoxha,Marko,0,a\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["names", str(pairs), "--worst", "1"])
    names.main()
    out = capsys.readouterr().out
    assert "1.0000   1.000" in out
    assert "Hoxha | Marko" in out
