"""Charts of a linkage: what they show, and a page that needs no network and holds no record."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from linkage_tables import MODEL, two_files

from migflow.linkage import LinkageModel, LinkResult, Options, charts, link
from migflow.linkage.expected import KEEP_FROM, expected, expected_by_group, judge


@pytest.fixture(scope="module")
def result() -> LinkResult:
    left, right = two_files()
    model = LinkageModel.from_dict(tomllib.loads(MODEL))
    return link(left, right, model, options=Options(threads=2, keep_from=KEEP_FROM))


def rows(drawn: dict[str, Any], column: str) -> list[dict[str, Any]]:
    """The rows of the one data set that has a column."""
    (found,) = [data for data in drawn["datasets"].values() if data and column in data[0]]
    return list(found)


def test_every_level_has_its_weight(result: LinkResult) -> None:
    drawn = rows(charts.match_weights(result.model).to_dict(), "weight")
    assert len(drawn) == 3 + 3 + 5 + 2
    for row in drawn:
        assert row["weight"] == pytest.approx(np.log2(row["m"] / row["u"]))
        assert row["speaks"] == ("against" if row["weight"] < 0 else "for")
    assert [row["level"] for row in drawn[:3]] == ["equal", "0.9 or more", "differs"]


def test_m_and_u_of_a_comparison_each_add_up_to_one(result: LinkResult) -> None:
    drawn = rows(charts.probabilities(result.model).to_dict(), "probability")
    sums: dict[tuple[str, str], float] = {}
    for row in drawn:
        key = (row["comparison"], row["of"])
        sums[key] = sums.get(key, 0) + row["probability"]
    assert len(sums) == 8 and all(value == pytest.approx(1) for value in sums.values())


def test_histogram_holds_every_candidate_pair_and_curves_the_quality_at_the_threshold(result: LinkResult) -> None:
    judged = judge(result)
    drawn = charts.weights_and_quality(judged).to_dict()
    assert sum(row["pairs"] for row in rows(drawn, "pairs")) == len(judged)
    at = {row["quality"]: row["share"] for row in rows(drawn, "share") if row["threshold"] == 0.5}
    found = expected(judged)
    assert at == {"precision": pytest.approx(found.precision), "recall": pytest.approx(found.recall)}


def test_charts_can_be_drawn_of_a_linkage_without_candidates() -> None:
    left, right = two_files(20)
    model = LinkageModel.from_dict(tomllib.loads(MODEL.replace('"birth_date"]', "\"birth_date || 'x'\"]")))
    empty = link(left.slice(0, 0), right, model, options=Options(threads=2, keep_from=KEEP_FROM))
    assert "datasets" in charts.weights_and_quality(judge(empty)).to_dict()


def test_report_is_one_page_without_network_and_without_records(result: LinkResult, tmp_path: Path) -> None:
    left, _ = two_files()
    judged = judge(result)
    groups = {"municipality": expected_by_group(judged, left["record_id"], left["municipality"])}
    charts.report(result, tmp_path / "report.html", judged=judged, groups=groups)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    outside_scripts = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<script|\b(src|href)=|url\(", outside_scripts)
    assert page.count('<div id="chart') == 4
    shown = page[page.index("</head>") :]
    assert f"{expected(judged).precision:.4f}" in shown and "Expected quality by municipality" in shown
    for column in ("record_id", "first_name", "birth_date"):
        values = set(left[column].to_pylist())
        assert not any(f'"{value}"' in shown for value in values)


def test_text_of_a_model_cannot_end_the_script(result: LinkResult, tmp_path: Path) -> None:
    groups = expected_by_group(judge(result), *(two_files()[0][c] for c in ("record_id", "municipality")))
    charts.report(result, tmp_path / "report.html", groups={"</script><b>": groups})
    shown = (tmp_path / "report.html").read_text(encoding="utf-8").split("</head>")[1]
    assert "</script><b>" not in shown
