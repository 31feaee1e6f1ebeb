"""Layouts: every shipped one reads back what it writes; a wrong one says which file and key."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delivery_files import SUFFIX, write

from migflow import contracts, countries
from migflow.deliveries import readers, typed
from migflow.deliveries.layouts import Layout, Provider, load_providers
from migflow.errors import MigflowError

PROVIDERS = load_providers(countries.find("kosovo"))
LAYOUTS = [(provider, layout) for provider in PROVIDERS.values() for layout in provider.layouts.values()]

# One filled row of each source; names are written with letters that each office's encoding has.
ROWS: dict[str, dict[str, Any]] = {
    "civil_registry_persons": {
        "record_id": "17",
        "personal_number": "1000000017",
        "first_name": "Arbër",
        "surname": "Çeku",
        "sex": "M",
        "birth_date": dt.date(1931, 5, 9),
        "citizenship": "XK",
        "marital_status": "widowed",
        "death_date": dt.date(2024, 2, 29),
        "municipality": "XK38",
        "settlement": "Mitrovicë; qendër",
        "address": 'Rr. "Dëshmorët", nr. 5',
        "registered_since": dt.date(1999, 12, 31),
    },
    "civil_registry_events": {
        "record_id": "A-1",
        "event_type": "citizenship_change",
        "event_date": dt.date(2024, 3, 1),
        "declared_on": dt.date(2024, 3, 2),
        "first_name": "Đorđe",
        "surname": "Žikić",
        "sex": "M",
        "birth_date": dt.date(1970, 1, 1),
        "new_citizenship": "RS",
        "municipality": "XK35",
    },
    "cadastre_addresses": {
        "address_id": "7000001",
        "municipality": "XK12",
        "settlement_name": "Leposaviq",
        "settlement_name_second": "Leposavić",
        "house_number": "12a",
        "latitude": 43.10389,
        "longitude": 20.80278,
        "building_id": "B1",
        "valid_from": dt.date(2001, 7, 1),
    },
    "municipal_residence": {
        "record_id": "5",
        "event_type": "change_of_address",
        "event_date": dt.date(2024, 3, 5),
        "declared_on": dt.date(2024, 3, 11),
        "first_name": "Ana",
        "surname": "Petrova",
        "birth_date": dt.date(1950, 12, 31),
        "sex": "F",
        "citizenship": "AL",
        "address": "5a",
    },
    "administrative_activity": {
        "record_id": "9",
        "personal_number": "1000000017",
        "birth_date": dt.date(1991, 8, 17),
        "activity": "health",
        "municipality": "XK38",
        "first_day": dt.date(2023, 4, 1),
        "last_day": dt.date(2024, 2, 29),
    },
}
LETTERS = {"sq": ("Arbër", "Çeku"), "sr-Latn": ("Đorđe", "Žikić"), "sr-Cyrl": ("Ђорђе", "Жикић")}


def typed_rows(path: Path, layout: Layout, provider: Provider, month: str = "2024-03") -> list[dict[str, Any]]:
    """The file as rows_sql makes of it, as dictionaries."""
    sent = readers.read(path, layout).read_all()
    with duckdb.connect() as con:
        con.register("given", sent)
        con.execute(f"CREATE VIEW sent AS SELECT *, '{month}' AS reference_month, 'd' AS delivery_id FROM given")
        rows = con.sql(typed.rows_sql(layout, provider.id)).to_arrow_table()
    return list(rows.to_pylist())


def expected_row(layout: Layout, provider: Provider, given: dict[str, Any]) -> dict[str, Any]:
    """What must come back: delivered values and constants; record_id with the provider, and the month, before it."""
    row = {column: given.get(column) for column in layout.columns} | dict(layout.constants)
    if "record_id" in row:
        month = "2024-03:" if contracts.load(layout.source).delivery == contracts.MONTHLY else ""
        row["record_id"] = f"{provider.id}:{month}{row['record_id']}"
    return row


def test_there_are_42_providers_and_every_municipality_has_a_counter() -> None:
    counters = {p.municipality for p in PROVIDERS.values() if "municipal_residence" in p.layouts}
    assert len(PROVIDERS) == 42
    assert counters == {area.code for area in countries.load("kosovo").municipalities}


def test_formats_encodings_and_dates_differ_between_municipalities() -> None:
    municipal = [layout for _, layout in LAYOUTS if layout.source == "municipal_residence"]
    assert {layout.format for layout in municipal} == {"csv", "xlsx", "jsonl"}
    assert {layout.encoding for layout in municipal} >= {"utf-8", "utf-8-sig", "windows-1250", "windows-1251"}
    assert {form for layout in municipal for form in layout.dates} == {"%Y-%m-%d", "%d.%m.%Y", "%d/%m/%y", "excel"}


@pytest.mark.parametrize(("provider", "layout"), LAYOUTS, ids=[f"{p.id}-{layout.source}" for p, layout in LAYOUTS])
def test_layout_reads_back_what_it_writes(provider: Provider, layout: Layout, tmp_path: Path) -> None:
    given = dict(ROWS[layout.source])
    if layout.source == "municipal_residence":
        given["first_name"], given["surname"] = LETTERS[provider.language]
    path = write(tmp_path / f"file{SUFFIX[layout.format]}", layout, [given, given])
    first, second = typed_rows(path, layout, provider)
    wanted = expected_row(layout, provider, given)
    assert {column: first[column] for column in wanted} == wanted
    assert first["rules"] is None
    assert second["source_line"] - first["source_line"] == 1
    assert first["source_line"] == (1 if layout.format in ("parquet", "jsonl") else 2)


@pytest.mark.parametrize(("provider", "layout"), LAYOUTS, ids=[f"{p.id}-{layout.source}" for p, layout in LAYOUTS])
def test_every_code_of_a_layout_is_read(provider: Provider, layout: Layout, tmp_path: Path) -> None:
    for column, codes in layout.codes.items():
        rows = [ROWS[layout.source] | {column: ours} for ours in dict.fromkeys(codes.values())]
        path = write(tmp_path / f"{column}{SUFFIX[layout.format]}", layout, rows)
        assert [row[column] for row in typed_rows(path, layout, provider)] == [row[column] for row in rows]


def test_raw_columns_keep_the_text_as_sent(tmp_path: Path) -> None:
    provider = PROVIDERS["gjilan"]
    layout = provider.layouts["municipal_residence"]
    path = write(tmp_path / "gjilan.csv", layout, [ROWS["municipal_residence"] | {"event_type": " ARDHJE "}])
    [row] = typed_rows(path, layout, provider)
    assert (row["event_type"], row["event_type_raw"]) == ("arrival", " ARDHJE ")
    assert (row["event_date"], row["event_date_raw"]) == (dt.date(2024, 3, 5), "05.03.2024")


def test_parquet_is_read_whatever_its_types(tmp_path: Path) -> None:
    provider = PROVIDERS["cadastre"]
    layout = provider.layouts["cadastre_addresses"]
    values = {"address_id": 7000001, "municipality": "Leposaviq", "building_id": 9, "latitude": 43.10389}
    texts = {header: pa.array([values.get(column)]) for column, header in layout.columns.items()}
    texts[layout.columns["municipality"]] = pa.array(["Leposaviq"]).dictionary_encode()
    texts[layout.columns["settlement_name"]] = pa.array(["Leposaviq"], pa.large_string())
    texts[layout.columns["valid_from"]] = pa.array([dt.date(2001, 7, 1)])
    texts[layout.columns["valid_to"]] = pa.array([dt.datetime(2020, 1, 2)], pa.timestamp("us"))
    pq.write_table(pa.table(texts), tmp_path / "cadastre.parquet")
    [row] = typed_rows(tmp_path / "cadastre.parquet", layout, provider)
    assert (row["rules"], row["address_id"], row["municipality"], row["latitude"]) == (
        None,
        "7000001",
        "XK12",
        43.10389,
    )
    assert (row["valid_from"], row["valid_to"]) == (dt.date(2001, 7, 1), dt.date(2020, 1, 2))


def test_two_digit_year_is_the_latest_century_not_after_the_reference_month(tmp_path: Path) -> None:
    provider = PROVIDERS["kacanik"]
    layout = provider.layouts["municipal_residence"]
    texts = ["31/03/24", "01/04/24", "05/03/00", "05/03/68", "05/03/69"]
    rows = [ROWS["municipal_residence"] | {"birth_date": text} for text in texts]
    found = typed_rows(write(tmp_path / "kacanik.csv", layout, rows), layout, provider, "2024-03")
    assert [row["birth_date"].year for row in found] == [2024, 1924, 2000, 1968, 1969]


def test_year_of_two_digits_where_four_are_due_is_not_read(tmp_path: Path) -> None:
    provider = PROVIDERS["gjilan"]
    layout = provider.layouts["municipal_residence"]
    path = write(tmp_path / "gjilan.csv", layout, [ROWS["municipal_residence"] | {"birth_date": "05.03.24"}])
    assert typed_rows(path, layout, provider)[0]["rules"] == ["unreadable_birth_date"]


def test_excel_dates_are_read_as_cells_and_as_day_numbers(tmp_path: Path) -> None:
    provider = PROVIDERS["junik"]
    layout = provider.layouts["municipal_residence"]
    # 45356 is 5 March 2024 in Excel's count.
    rows = [ROWS["municipal_residence"] | {"birth_date": value} for value in (dt.date(1950, 2, 3), "45356")]
    found = typed_rows(write(tmp_path / "junik.xlsx", layout, rows), layout, provider)
    assert [row["birth_date"] for row in found] == [dt.date(1950, 2, 3), dt.date(2024, 3, 5)]


def test_municipality_sent_as_our_code_must_be_one_of_the_profiles(tmp_path: Path) -> None:
    provider = PROVIDERS["gjilan"]
    named = provider.layouts["municipal_residence"]
    columns = dict(named.columns) | {"municipality": "Komuna"}
    layout = replace(named, columns=columns, constants={}, codes={**named.codes, "municipality": {"Gjilan": "XK04"}})
    coded = replace(layout, codes=named.codes)
    rows = [ROWS["municipal_residence"] | {"municipality": code} for code in ("XK04", "XK99", None)]
    found = typed_rows(write(tmp_path / "gjilan.csv", coded, rows), coded, provider)
    assert [row["rules"] for row in found] == [None, ["unknown_municipality"], ["missing_municipality"]]
    found = typed_rows(write(tmp_path / "gjilan.csv", layout, rows), layout, provider)
    assert [row["rules"] for row in found] == [None, ["unreadable_municipality"], ["missing_municipality"]]


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """A profile folder whose only provider is a copy of Gjilan's layout."""
    shipped = countries.find("kosovo")
    (tmp_path / "providers").mkdir()
    for name in ("profile.toml", "areas.csv", "providers/gjilan.toml"):
        (tmp_path / name).write_text((shipped / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('delimiter = ";"', 'delimiter = ";"\nquote = "x"', "municipal_residence.quote is not known"),
        ('format = "csv"', 'format = "xls"', "municipal_residence.format must be one of csv, xlsx"),
        ('encoding = "windows-1250"', 'encoding = "ansi-ish"', "municipal_residence.encoding must be an encoding"),
        ('encoding = "windows-1250"', 'encoding = "utf-16"', "municipal_residence.encoding must be an encoding"),
        ('encoding = "windows-1250"\n', "", "municipal_residence.encoding must be given: csv files need it"),
        ('delimiter = ";"', 'delimiter = ";"\nnewlines_in_values = 1', "newlines_in_values must be true or false"),
        ('delimiter = ";"', 'delimiter = ";"\nsheet = "A"', "municipal_residence.sheet must be left out"),
        ('dates = ["%d.%m.%Y"]', 'dates = ["dd.mm.yyyy"]', "municipal_residence.dates must be strptime formats"),
        ('surname = "Mbiemri"', 'family_name = "Mbiemri"', "municipal_residence.columns.family_name is not known"),
        ('surname = "Mbiemri"\n', "", "municipal_residence.columns.surname must be given"),
        ('surname = "Mbiemri"', 'surname = "Emri"', "'Emri' is named twice"),
        ('"ardhje" = "arrival"', '"ardhje" = "arrived"', "must be one of arrival, departure, change_of_address"),
        ('"Serbi" = "RS"', '"Serbi" = "Serbia"', "codes.citizenship.'Serbi' must be of the form"),
        ('[municipal_residence.constants]\nmunicipality = "XK04"', "", "columns.municipality must be given"),
        ('municipality = "XK04"', 'municipality = "XK99"', "key municipality must be a municipality of areas.csv"),
        ('provider = "gjilan"', 'provider = "gnjilane"', "provider must be 'gjilan', the name of the file"),
        ('language = "sq"', "language = sq", "is not a TOML file"),
    ],
)
def test_wrong_layout_is_refused_with_file_and_key(country: Path, old: str, new: str, told: str) -> None:
    path = country / "providers" / "gjilan.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(MigflowError) as error:
        load_providers(country)
    assert "gjilan.toml" in str(error.value)
    assert told in str(error.value)


def test_layouts_name_no_column_that_the_reader_fills() -> None:
    for _, layout in LAYOUTS:
        filled = {"reference_month", "provider", "delivery_id", "source_line"}
        raw = {c.name for c in contracts.load(layout.source).columns if c.name.endswith("_raw")}
        assert not (filled | raw) & set(layout.columns)
