"""A profile of one's own: what is wrong in its files is told, and every file is part of what tables were made of."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from registers_tables import deliver, new_store
from typer.testing import CliRunner

from migflow import countries
from migflow.cli import app
from migflow.errors import MigflowError
from migflow.registers import addresses, persons
from migflow.standardise import identifiers, words

pytestmark = pytest.mark.usefixtures("without_great_expectations")

MERIDIA = Path(__file__).parents[1] / "docs" / "own-country" / "profile"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MERIDIA, tmp_path / "profile"))


@pytest.mark.parametrize("file", ["words.toml", "identifiers.toml", "area_names.csv", "country_names.csv", "areas.csv"])
def test_each_file_of_the_profile_is_part_of_what_tables_are_made_of(profile: Path, file: str) -> None:
    before = countries.load(str(profile)).digest
    header = {"area_names.csv": "area,language,kind,name\n", "country_names.csv": "country,language,kind,name\n"}
    with (profile / file).open("a") as content:
        content.write(header.get(file, "\n"))
    assert countries.load(str(profile)).digest != before


def test_registers_remember_the_profile(profile: Path, tmp_path: Path) -> None:
    store = new_store(tmp_path / "home")
    deliver(store, "civil_registry_persons", "2019-12", [])

    def made() -> list[str | None]:
        country = countries.load(str(profile))
        addresses.build(store, country)
        persons.build(store, country)
        return [store.provenance_digest(table) for table in ("persons", "person_links", "place_links", "address_links")]

    before = made()
    with (profile / "words.toml").open("a") as content:
        content.write("\n")
    assert not set(made()) & set(before)


def test_layouts_are_no_part_of_it(profile: Path) -> None:
    before = countries.load(str(profile)).digest
    shutil.rmtree(profile / "providers")
    assert countries.load(str(profile)).digest == before


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("QM1,county,QM,Again,,,,", "code QM1 stands in 2 rows"),
        ("QM4,county,QX,Westby,,,,", "QM4 has the parent QX"),
        ("QM 4,county,QM,Westby,,,,", "code 'QM 4' cannot be published in SDMX"),
    ],
)
def test_areas_that_cannot_be_are_told(profile: Path, row: str, told: str) -> None:
    with (profile / "areas.csv").open("a") as areas:
        areas.write(row + "\n")
    with pytest.raises(MigflowError, match=rf"areas\.csv: .*{told}"):
        countries.load(str(profile))


def test_the_office_that_publishes_is_an_id(profile: Path) -> None:
    assert countries.load(str(profile)).agency == "MIGFLOW"
    settings = profile / "profile.toml"
    before = settings.read_text()
    settings.write_text(f'agency = "QM.STAT"\n{before}')
    assert countries.load(str(profile)).agency == "QM.STAT"
    settings.write_text(f'agency = "Office of Meridia"\n{before}')
    with pytest.raises(MigflowError, match=r"profile\.toml: agency 'Office of Meridia' is no id in SDMX"):
        countries.load(str(profile))


def test_a_level_of_no_area_is_told(profile: Path) -> None:
    settings = profile / "profile.toml"
    settings.write_text(settings.read_text().replace('"county"', '"commune"'))
    with pytest.raises(MigflowError, match=r"areas\.csv: no area has the level 'commune'"):
        countries.load(str(profile))


@pytest.mark.parametrize(
    ("file", "load"),
    [
        ("profile.toml", lambda folder: countries.load(str(folder))),
        ("words.toml", words.load),
        ("identifiers.toml", identifiers.load),
    ],
)
@pytest.mark.parametrize("content", [b"code = \n", b"code = '\xff'\n"])
def test_a_malformed_file_is_named(profile: Path, file: str, load: Callable[[Path], object], content: bytes) -> None:
    (profile / file).write_bytes(content)
    with pytest.raises(MigflowError, match=file.replace(".", r"\.")):
        load(profile)


def test_only_the_simulated_country_is_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGFLOW_COUNTRY", "serbia")
    result = CliRunner().invoke(app, ["simulate", "--persons", "100", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert "makes a simulated Kosovo, and country is serbia" in " ".join(result.output.split())
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize("profile", ["kosovo", "serbia"])
def test_a_shipped_profile_is_whole(profile: str) -> None:
    """Every municipality lies in a wider area and has a name in each script; no two share a code or a full name."""
    country = countries.load(profile)
    named = [(area.name, area.name_second) for area in country.municipalities]
    assert all(all(names) for names in named) and len(set(named)) == len(named)
    assert all(area.parent for area in country.municipalities)
    assert words.load(country.folder).of("street_types") and "personal_number" in identifiers.load(country.folder)


def test_numbers_of_serbias_municipalities_end_in_their_check_digit() -> None:
    """11 minus the sum weighted 5, 4, 3, 2 modulo 11, 10 written 0, 11 written 1; 89010 is confirmed by the office."""
    for area in countries.load("serbia").municipalities:
        total = sum(int(digit) * weight for digit, weight in zip(area.code, (5, 4, 3, 2), strict=False))
        assert area.code[4] == {10: "0", 11: "1"}.get(11 - total % 11, str(11 - total % 11))
