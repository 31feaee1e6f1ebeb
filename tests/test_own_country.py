"""A second country made of data files alone: the profile and the two deliveries of docs/own-country."""

from pathlib import Path

import duckdb
import pytest

from migflow import countries
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.receive import receive
from migflow.settings import Settings
from pipelines.run import run

FOLDER = Path(__file__).parents[1] / "docs" / "own-country"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DuckDB file of a run over the two deliveries."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), country=str(FOLDER / "profile"))
    providers = load_providers(countries.find(settings.country))
    for file, source, month in (
        ("persons-2023-12.csv", "civil_registry_persons", "2023-12"),
        ("counters-2024-12.jsonl", "municipal_residence", "2024-12"),
    ):
        receive([FOLDER / "deliveries" / file], source=source, month=month, home=settings.home, providers=providers)
    assert run(settings).success
    return settings.home / "published" / "latest" / "migflow.duckdb"


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(query).fetchall()


def test_population_follows_the_registry_and_then_the_declarations(published: Path) -> None:
    counted = rows(published, "SELECT time_period, area, sum(obs_value)::INT FROM population GROUP BY ALL ORDER BY ALL")
    assert counted == [
        (2024, "QM1", 3),
        (2024, "QM2", 2),
        (2024, "QM3", 1),
        (2025, "QM1", 2),
        (2025, "QM2", 3),
    ]


def test_the_one_internal_move_and_the_one_emigration_are_accounted_for(published: Path) -> None:
    moves = rows(
        published,
        "SELECT origin, destination, sex, age_group, obs_value FROM internal_migration_od WHERE indicator = 'moves'",
    )
    assert moves == [("QM1", "QM2", "M", "Y45T49", 1)]
    emigration = rows(
        published, "SELECT area, obs_value FROM population_balance WHERE component = 'emigration' AND obs_value > 0"
    )
    assert emigration == [("QM3", 1)]


def test_labels_are_those_of_the_profile(published: Path) -> None:
    assert rows(published, "SELECT name FROM areas WHERE level = 'county' ORDER BY code") == [
        ("Northby",),
        ("Southby",),
        ("Eastby",),
    ]
