"""The command line: what a person reads when something is wrong, and what a command leaves behind."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from migflow.cli import app

OWN = Path(__file__).parents[1] / "docs" / "own-country"


@pytest.fixture
def meridia(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the second country."""
    monkeypatch.setenv("MIGFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MIGFLOW_COUNTRY", str(OWN / "profile"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def told(*arguments: str) -> tuple[int, str]:
    """Exit code and everything printed, on one line."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, " ".join(result.output.split())


PERSONS = str(OWN / "deliveries" / "persons-2023-12.csv")


def test_file_is_received_once_and_can_be_withdrawn(meridia: Path) -> None:
    command = ("receive", PERSONS, "--source", "civil_registry_persons", "--month", "2023-12")
    assert told(*command) == (
        0,
        "persons-2023-12.csv: received as civil_registry_persons/2023-12/registry/0001 (6 rows).",
    )
    assert "already received" in told(*command)[1]
    withdrawn = ("withdraw", "--source", "civil_registry_persons", "--month", "2023-12", "--provider", "registry")
    assert told(*withdrawn)[0] == 0
    assert told(*withdrawn) == (
        1,
        "Stopped. civil_registry_persons 2023-12: there is no delivery of 'registry' to withdraw.",
    )


def test_unknown_source_is_answered_with_the_known_ones(meridia: Path) -> None:
    code, text = told("receive", PERSONS, "--source", "persons", "--month", "2023-12")
    assert code == 1
    assert "expected one of civil_registry_persons, municipal_residence" in text


def test_wrong_setting_is_named(meridia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGFLOW_THREADS", "many")
    code, text = told("evaluate")
    assert code == 1 and "threads" in text
    monkeypatch.delenv("MIGFLOW_THREADS")
    Path("migflow.toml").write_text("home = ")
    code, text = told("evaluate")
    assert code == 1 and "migflow.toml is not valid TOML" in text


def test_brackets_in_a_message_are_shown_as_they_are(meridia: Path) -> None:
    code, text = told("receive", "[bold]x[/dd].csv", "--source", "municipal_residence", "--month", "2023-12")
    assert code == 1 and "[bold]x[/dd].csv: there is no such file." in text


def test_simulation_is_not_mixed_with_other_deliveries(meridia: Path) -> None:
    told("receive", PERSONS, "--source", "civil_registry_persons", "--month", "2023-12")
    code, text = told("simulate", "--persons", "500", "--years", "1")
    assert code == 1 and "already holds other deliveries" in text


def test_simulation_that_was_killed_while_receiving_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGFLOW_HOME", str(tmp_path))
    command = ("simulate", "--persons", "500", "--years", "1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("migflow.cli._receive_simulated", killed)
        assert told(*command)[0] != 0
    assert json.loads((tmp_path / "simulation.json").read_text())["persons"] == 500
    code, text = told(*command)
    assert code == 0 and "0 were there already" in text
    assert told(*command)[1].count(" 0 deliveries received") == 1


def test_counts_of_a_home_without_a_vintage_cannot_be_regrouped(meridia: Path) -> None:
    code, said = told("regroup", "2007-01-01", "--out", str(meridia / "out"))
    assert code == 1 and "holds no vintage yet: migflow run publishes one" in said
