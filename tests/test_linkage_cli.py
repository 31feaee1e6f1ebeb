"""migflow link, dedupe and explain: what they write, what they print, and what a wrong file or model is told."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from linkage_tables import MODEL, two_files
from typer.testing import CliRunner

from migflow.cli import app
from migflow.linkage import LinkageModel, Options, dedupe, link


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with left.csv, right.parquet and model.toml, which is the current one."""
    left, right = two_files(300)
    pyarrow.csv.write_csv(left, tmp_path / "left.csv")
    pq.write_table(right, tmp_path / "right.parquet")
    pq.write_table(pa.concat_tables([left, right]), tmp_path / "both.parquet")
    (tmp_path / "model.toml").write_text(MODEL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> tuple[int, str]:
    """Exit code and everything printed, on one line."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


LINK = ("link", "left.csv", "right.parquet", "--model", "model.toml", "--threads", "2")
DEDUPE = ("dedupe", "both.parquet", "--model", "model.toml", "--threads", "2")


def test_links_are_those_of_the_engine(files: Path) -> None:
    code, printed = told(*LINK, "--out", "pairs.parquet", "--one-to-one")
    assert code == 0, printed
    model = LinkageModel.from_toml("model.toml")
    result = link("left.csv", "right.parquet", model, one_to_one=True, options=Options(threads=2))
    assert pq.read_table("pairs.parquet").equals(result.pairs)
    assert f"links │ {result.pairs.num_rows:,} " in printed
    for part in ("left.csv: 300 records; right.parquet: 300 records", "birth_date", "expected precision", "Training"):
        assert part in printed


def test_clusters_are_those_of_the_engine(files: Path) -> None:
    code, printed = told(*DEDUPE, "--out", "clusters.csv")
    assert code == 0, printed
    found = dedupe("both.parquet", LinkageModel.from_toml("model.toml"), options=Options(threads=2)).clusters
    assert pyarrow.csv.read_csv("clusters.csv").equals(found)
    assert f"clusters │ {len(found['cluster_id'].unique()):,} " in printed


def test_nothing_printed_or_reported_names_a_record(files: Path) -> None:
    printed = [
        told(*LINK, "--out", "pairs.csv", "--report", "report.html", "--by", "municipality")[1],
        told(*DEDUPE, "--out", "clusters.csv")[1],
        Path("report.html").read_text(encoding="utf-8").split("</head>")[1],
    ]
    ids = set(pq.read_table("both.parquet")["record_id"].to_pylist())
    for text in printed:
        assert not ids & set(text.replace('"', " ").split())
        assert "Krasniqi" not in text


def test_saved_model_is_used_without_training(files: Path) -> None:
    told(*LINK, "--out", "one.parquet", "--save-model", "trained.toml")
    code, printed = told(*LINK[:3], "--model", "trained.toml", "--out", "two.parquet")
    assert code == 0 and "nothing was trained" in printed
    assert pq.read_table("one.parquet")["left_id"].equals(pq.read_table("two.parquet")["left_id"])


def test_threshold_is_that_of_the_command(files: Path) -> None:
    told(*LINK, "--out", "pairs.parquet", "--threshold", "0.99", "--save-model", "trained.toml")
    assert min(pq.read_table("pairs.parquet")["match_probability"].to_pylist()) >= 0.99
    assert LinkageModel.from_toml("trained.toml").threshold == 0.99


def test_quality_by_group_is_printed(files: Path) -> None:
    code, printed = told(*LINK, "--out", "pairs.parquet", "--by", "municipality")
    assert code == 0 and "┃ municipality ┃ links ┃" in printed


def test_splink_settings_are_written(files: Path) -> None:
    assert told(*DEDUPE, "--out", "clusters.csv", "--save-splink", "splink.json")[0] == 0
    assert json.loads(Path("splink.json").read_text())["link_type"] == "dedupe_only"


def test_pair_is_explained(files: Path) -> None:
    told(*LINK, "--out", "pairs.parquet", "--save-model", "trained.toml")
    pair = pq.read_table("pairs.parquet").to_pylist()[0]
    asked = ("explain", pair["left_id"], pair["right_id"], "--left", "left.csv", "--right", "right.parquet")
    code, printed = told(*asked, "--model", "trained.toml")
    assert code == 0
    assert f"{pair['match_weight']:+.2f}" in printed and f"{pair['match_probability']:.6f}" in printed
    assert all(part in printed for part in ("prior", "first_name", "birth_date", "frequency of the value"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((*LINK, "--out", "pairs.xlsx"), "expected a name that ends in .parquet or .csv"),
        ((*LINK, "--out", "nowhere/pairs.csv"), "there is no folder nowhere"),
        ((*LINK, "--out", "left.csv"), "left.csv is named twice"),
        ((*LINK, "--out", "a.csv", "--report", "a.csv"), "a.csv is named twice"),
        ((*LINK, "--out", "a.csv", "--threshold", "2"), "threshold is 2.0"),
        ((*LINK, "--out", "a.csv", "--pair-budget", "10"), "over the budget of 10"),
        ((*LINK, "--out", "a.csv", "--by", "country"), "--by country: left.csv has no such column"),
        ((*LINK, "--out", "a.csv", "--by", "birth_date"), "--by birth_date: more than 200 values"),
        (("link", "left.csv", "none.csv", "--model", "model.toml", "--out", "a.csv"), "there is no such file"),
        (("link", "left.csv", "right.parquet", "--model", "none.toml", "--out", "a.csv"), "none.toml cannot be read"),
        (("explain", "L1", "R1", "--left", "left.csv", "--model", "model.toml"), "has no parameters"),
    ],
)
def test_mistake_is_told_in_one_line_and_nothing_is_written(
    files: Path, arguments: tuple[str, ...], expected: str
) -> None:
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 1
    last = result.output.strip().splitlines()[-1]
    assert last.startswith("Stopped.") and expected in last
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


def test_comparison_that_splink_cannot_express_is_told_before_linking(files: Path) -> None:
    Path("model.toml").write_text(MODEL + '[[compare]]\ncolumn = "surname"\nwith = "name"\n', encoding="utf-8")
    code, printed = told(*LINK, "--out", "a.csv", "--save-splink", "splink.json")
    assert code == 1 and "compare surname (with = name)" in printed and "records" not in printed


def test_markup_in_names_is_printed_as_it_is(files: Path) -> None:
    Path("[red]left.csv").write_bytes(Path("left.csv").read_bytes())
    code, printed = told("link", "[red]left.csv", *LINK[2:], "--out", "[b]pairs.csv")
    assert code == 0 and "[red]left.csv: 300 records" in printed and "[b]pairs.csv" in printed
