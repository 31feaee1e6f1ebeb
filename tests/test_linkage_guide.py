"""The guide to linkage: what it shows works as shown, and its tables name what there is."""

import re
import shlex
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from linkage_tables import two_files
from typer.main import get_command
from typer.testing import CliRunner

from migflow.cli import app
from migflow.linkage.model import DEFAULT_LEVELS
from migflow.linkage.model_file import _list

GUIDE = (Path(__file__).parents[1] / "docs" / "linkage.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Code blocks of one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    return [text for named, text in found if named == language]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the guide speaks of."""
    left, right = two_files(300)
    for name, table in (("left", left), ("right", right), ("persons", pa.concat_tables([left, right]))):
        pyarrow.csv.write_csv(table, tmp_path / f"{name}.csv")
    (tmp_path / "model.toml").write_text(blocks("toml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_run_as_shown(files: Path) -> None:
    lines = "".join(blocks("")).splitlines()
    assert len(lines) == 3
    for line in lines:
        program, *arguments = shlex.split(line)
        result = CliRunner().invoke(app, arguments)
        assert program == "migflow" and result.exit_code == 0, result.output
    assert {"links.parquet", "trained.toml", "clusters.csv", "report.html"} <= {path.name for path in files.iterdir()}


def test_python_runs_as_shown(files: Path) -> None:
    names: dict[str, object] = {}
    exec("".join(blocks("python")), names)
    assert {"result", "judged", "why"} <= names.keys()
    assert (files / "report.html").is_file()


def test_every_option_is_listed() -> None:
    commands = get_command(app).commands
    for name in ("link", "dedupe"):
        options = {o for p in commands[name].params for o in p.opts if o.startswith("--")} - {"--model"}
        assert all(f"| `{option}` |" in GUIDE for option in options)


def test_every_method_is_listed_with_its_levels() -> None:
    for method, levels in DEFAULT_LEVELS.items():
        (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `{method}` |")]
        shown = row.rsplit("|", 2)[1].strip().strip("`")
        assert shown == (_list(levels) if method != "exact" else "")
