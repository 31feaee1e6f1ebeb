"""A page that stands for the report where a test publishes and nobody reads it: the report takes the longest."""

from pathlib import Path
from typing import Any


def build_report(*given: Any) -> None:
    folder: Path = given[4]
    folder.mkdir()
    (folder / "index.html").write_text("A page.", encoding="utf-8")
