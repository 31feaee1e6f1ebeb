"""The example of docs/own-country as a home: its two deliveries received, and what of them is personal."""

import datetime as dt
import re
from pathlib import Path

from migflow import contracts, countries
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.receive import receive
from migflow.settings import Settings
from migflow.store import Store
from pipelines.partitions import sources

EXAMPLE = Path(__file__).parents[1] / "docs" / "own-country"
PERSONS, COUNTERS = "persons-2023-12.csv", "counters-2024-12.jsonl"
# Of the personal columns those whose values are nobody else's: places and dates of events occur in statistics too.
OF_ONE_PERSON = re.compile("name|personal_number|birth_date")
FOLDERS = ("dagster", "great_expectations", "data_docs")


def deliver(settings: Settings, file: Path, source: str, month: str) -> None:
    providers = load_providers(countries.find(settings.country))
    receive([file], source=source, month=month, home=settings.home, providers=providers)


def received(home: Path) -> Settings:
    """A home of which nothing has been built yet."""
    settings = Settings(home=home, country=str(EXAMPLE / "profile"), disclosure_control=False)
    deliver(settings, EXAMPLE / "deliveries" / PERSONS, "civil_registry_persons", "2023-12")
    deliver(settings, EXAMPLE / "deliveries" / COUNTERS, "municipal_residence", "2024-12")
    return settings


def received_with_long_numbers(home: Path) -> Settings:
    """The same, with numbers of persons that nothing else can be mistaken for."""
    settings = Settings(home=home, country=str(EXAMPLE / "profile"), disclosure_control=False)
    for file, source, month in [
        (PERSONS, "civil_registry_persons", "2023-12"),
        (COUNTERS, "municipal_residence", "2024-12"),
    ]:
        text = (EXAMPLE / "deliveries" / file).read_text(encoding="utf-8")
        sent = home.parent / file
        sent.write_text(re.sub(r"(?<=[,\"])(1\d{3})(?=[,\"])", r"7731\1", text), encoding="utf-8")
        deliver(settings, sent, source, month)
    return settings


def personal_values(store: Store) -> set[str]:
    """Names, numbers and birth dates of the deliveries, longer than chance would have them."""
    values: set[str] = set()
    for source in sources():
        personal = [c.name for c in contracts.load(source).columns if c.personal and OF_ONE_PERSON.search(c.name)]
        with store.session(source) as con:
            for column in personal:
                found = con.execute(f"SELECT DISTINCT {column} FROM {source} WHERE {column} IS NOT NULL").fetchall()
                values |= {v.isoformat() if isinstance(v, dt.date) else str(v) for (v,) in found}
    return {value for value in values if len(value) > 4}


def where_kept(home: Path, values: set[str]) -> set[tuple[str, str]]:
    """Every file outside the tables that holds one of the values."""
    files = [path for folder in FOLDERS for path in (home / folder).rglob("*") if path.is_file()]
    assert len(files) > 20
    found = set()
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="replace")
        # Looking for a value as it stands is so much faster that the few that occur can be looked at again.
        for value in (value for value in values if value in text):
            if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text):
                found.add((path.relative_to(home).as_posix(), value))
    return found
