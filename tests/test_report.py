"""The report of a vintage: self-contained, says what the published tables say, never shows what is suppressed."""

import importlib
import json
import re
import shutil
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from migflow import contracts, countries
from migflow.cli import app
from migflow.contracts import Contract
from migflow.errors import MigflowError
from migflow.publish import report
from migflow.publish.report import headline, quality, vega
from migflow.settings import Settings
from migflow.statistics import plots
from migflow.statistics.plots.chart import bind
from migflow.store import Store

pytestmark = pytest.mark.usefixtures("without_great_expectations")

YEARS = "(VALUES (2022, 'A'), (2023, 'A'), (2024, 'P')) AS y (year, status)"
AREAS = """SELECT * FROM (VALUES
    ('XK', 'country', NULL, 'Kosovë', NULL, NULL, NULL),
    ('XK01', 'municipality', 'XK', '<Deçan>', NULL, 42.5, 20.3),
    ('XK02', 'municipality', 'XK', 'Gjakovë', NULL, 42.4, 20.4))
    AS a (code, level, parent, name, name_second, latitude, longitude)"""
TABLES = {
    "areas": AREAS,
    "population_by_citizenship": f"""SELECT year AS time_period, 'XK' AS area, 'country' AS level, c AS citizenship,
        'F' AS sex, n AS obs_value, 'PS' AS unit_measure, status AS obs_status, 'F' AS conf_status
        FROM {YEARS}, (VALUES ('XK', 1200), ('DE', 34)) AS c (c, n)""",
    "internal_migration_by_municipality": f"""SELECT year AS time_period, a AS area, i AS indicator, n AS obs_value,
        n - 2 AS lower, n + 2 AS upper, 'EVT' AS unit_measure, status AS obs_status, 'F' AS conf_status
        FROM {YEARS}, (VALUES ('XK01', 'net_moves', 17.0), ('XK02', 'net_moves', -17.0), ('XK01', 'net_rate', 5.5))
        AS v (a, i, n)""",
    "internal_migration_od": f"""SELECT year AS time_period, o AS origin, d AS destination, 'F' AS sex,
        g AS age_group, 'moves' AS indicator, n AS obs_value, NULL::DOUBLE AS lower, NULL::DOUBLE AS upper,
        'EVT' AS unit_measure, status AS obs_status, c AS conf_status FROM {YEARS}, (VALUES
        ('XK01', 'XK02', 'Y_LT5', 77, 'F'), ('XK01', 'XK02', 'Y5T9', NULL, 'A'), ('XK02', 'XK01', 'Y5T9', NULL, 'D'))
        AS v (o, d, g, n, c)""",
    "immigration": f"""SELECT year AS time_period, 'COMPLET' AS agedef, 'Y_LT5' AS age_group, 'F' AS sex,
        'DE' AS citizenship, 'DE' AS previous_country, NULL::BIGINT AS obs_value, 'EVT' AS unit_measure,
        status AS obs_status, 'A' AS conf_status FROM {YEARS}""",
    "revisions": """SELECT '2024-07-01.1' AS compared_with, t AS table_name, p AS time_period, '_T' AS area,
        i AS indicator, 4 AS cells, n AS cells_changed, 0 AS cells_new, 1 AS cells_gone, b AS value_before,
        a AS value_after, a - b AS revision, 2.5 AS mean_absolute_revision, s AS status_before, 'A' AS status_after
        FROM (VALUES ('immigration', '2022', 'COMPLET', 1, 200, 210, 'A'),
            ('immigration', '2023', 'COMPLET', 2, 100, 99, 'P'), ('immigration', '2024', 'COMPLET', 0, 0, 50, NULL),
            ('population', '2023', '_T', 0, NULL, NULL, 'A')) AS v (t, p, i, n, b, a, s)""",
}
LOSS = """"table","method","cells","hidden_cells","hidden_flow"
"immigration","suppression",8,0.75,0.25
"population","rounding",9,0,0
"""


class Page(HTMLParser):
    """Elements of a page with their attributes, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def specs(page: Page) -> dict[str, Any]:
    """Specifications of the charts by name."""
    (found,) = [json.loads(t) for t in page.texts if t.startswith('{"') and '"mark"' in t]
    return dict(found)


def published() -> Sequence[Contract]:
    return [contracts.published(c) for c in contracts.load_all().values() if c.stage in ("statistics", "publication")]


def vintage_in(folder: Path) -> Path:
    """A folder of published tables, those of TABLES and the others without rows, and of what protection cost."""
    folder.mkdir()
    with duckdb.connect() as con:
        for contract in published():
            empty = contracts.empty_table_sql(contract)
            query = f"{empty} UNION ALL BY NAME ({TABLES.get(contract.table, empty)})"
            con.execute(f"COPY ({query}) TO '{folder / contract.table}.parquet'")
    (folder / "disclosure.csv").write_text(LOSS)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, without_great_expectations: None) -> Store:
    store = Store(Settings(home=tmp_path_factory.mktemp("home")))
    with store.session("civil_registry_persons") as con:
        for month in ("2021-12", "2024-12"):
            store.write(con, "civil_registry_persons", "FROM civil_registry_persons", partition=month)
    return store


def build(store: Store, tables: Path, target: Path, profile: str = "kosovo") -> Path:
    report.build_report(store, countries.load(profile), "2025-01-01.7", tables, target, published())
    return target


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vintage_in(tmp_path_factory.mktemp("vintage") / "tables")


@pytest.fixture(scope="module")
def folder(store: Store, tables: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        # Putting Vega together takes seconds; test_example_run does it.
        patch.setattr(vega, "_bundle", lambda: "window.vegaEmbed = () => {};")
        return build(store, tables, tmp_path_factory.mktemp("report") / "report")


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page(folder / report.INDEX)


@pytest.mark.parametrize("name", [report.INDEX, report.QUALITY])
def test_page_needs_nothing_from_elsewhere(folder: Path, name: str) -> None:
    page = Page(folder / name)
    targets = [a[key] or "" for _, a in page.elements for key in ("src", "href", "data", "action") if key in a]
    local = re.compile(r"#[\w.]+|data:,|index\.html|quality\.html")
    assert len(targets) > 5 and all(local.fullmatch(target) for target in targets)
    assert not re.search(r"@import|url\(", (folder / name).read_text(encoding="utf-8"))
    assert "Vintage 2025-01-01.7" in " ".join(page.texts)


def test_headline_figures_are_those_of_the_tables(page: Page) -> None:
    values = [float(a["value"] or "nan") for a in page.all("data")]
    assert values == [1234, 17, -17]
    text = " ".join(page.texts)
    assert (
        "1,234" in text
        and "95 % interval 15 to 19" in text
        and "Largest net gain by internal migration: <Deçan>" in text
    )


@pytest.mark.parametrize(("suppressed", "shown"), [(("XK", 30), 62), (("XK01", 20), 60), ((None, 0), 60)])
def test_headline_sums_the_level_that_leaves_least_out(suppressed: tuple[str | None, int], shown: int) -> None:
    cells = [("country", "XK", 30), ("country", "XK", 20), ("country", "XK", 10)]
    cells += [("municipality", area, count) for area in ("XK01", "XK02") for count in (20, 11)]
    rows = [
        f"(2024, '{level}', '{area}', {'NULL' if (area, n) == suppressed else n}, "
        f"'{'D' if (area, n) == suppressed else 'F'}')"
        for level, area, n in cells
    ]
    with duckdb.connect() as con:
        columns = "time_period, level, area, obs_value, conf_status"
        con.execute(f"CREATE TABLE made AS FROM (VALUES {', '.join(rows)}) t({columns})")
        bind(
            con,
            {
                "population_coverage": "(SELECT *, 'A' AS obs_status FROM made)",
                "areas": "(SELECT '' AS code, '' AS name)",
            },
        )
        query = headline.OF_LEVELS.format(table="population_coverage", cells="TRUE")
        found = con.execute(f"SELECT value, year, suppressed FROM ({query})").fetchall()
    assert found == [(shown, 2024, 0)]


def test_suppressed_is_said_and_is_no_number(page: Page, tables: Path) -> None:
    text = "|".join(page.texts)
    assert "Immigration, 12-month rule|suppressed|" in text
    assert "Countries of origin|Every figure of this chart is suppressed or not available." in text
    assert "Gjakovë|<Deçan>|suppressed|" in text.replace("\n", "")
    assert "<Deçan>|Gjakovë|77 without 1 suppressed|" in text.replace("\n", "")
    flows = [row for data in specs(page)["flow_matrix"]["datasets"].values() for row in data]
    assert [row["moves"] for row in flows] == [77, None]


def test_every_chart_has_a_text_alternative_and_its_data_as_a_table(page: Page, folder: Path) -> None:
    charts = [a for a in page.all("div") if "data-chart" in a]
    names = {a["data-chart"] for a in charts}
    assert {"flow_map", "flow_matrix", "largest_flows", "net_migration", "citizenships"} <= names
    about = {chart.name: chart.about for chart in plots.CHARTS}
    assert all(a["role"] == "img" and about[str(a["data-chart"])] in str(a["aria-label"]) for a in charts)
    figures = re.findall(r"<figure.*?</figure>", (folder / report.INDEX).read_text(encoding="utf-8"), re.S)
    assert len(figures) == len(charts) + 1 and all("<details>" in f and "<th " in f and "<td" in f for f in figures)


def test_what_was_left_out_is_drawn_of_the_tables_that_leave_some_out(page: Page) -> None:
    (data,) = specs(page)["protection"]["datasets"].values()
    assert [(row["table_name"], row["part"], row["percent"]) for row in data] == [
        ("Immigration", "Cells", 75),
        ("Immigration", "Persons or events", 25),
    ]


def test_revisions_are_told_of_years_that_both_vintages_hold(page: Page, folder: Path) -> None:
    data = [row for rows in specs(page)["revised_totals"]["datasets"].values() for row in rows if "figure" in row]
    assert [(row["figure"], row["year"], row["percent"]) for row in data] == [
        ("Immigration", 2022, 5),
        ("Immigration", 2023, -1),
    ]
    (tables,) = specs(page)["revised_figures"]["datasets"].values()
    assert [(row["table_name"], row["changed_percent"]) for row in tables] == [
        ("Immigration", 25),
        ("Population on 1 January", 0),
    ]
    assert "Immigration: 3 %." in "".join(Page(folder / report.QUALITY).texts)


def test_table_without_rows_leaves_a_sentence_and_no_chart(page: Page) -> None:
    assert "No rows in this vintage." in page.texts
    assert "migration_indices" not in {a.get("data-chart") for a in page.all("div")}


def test_every_published_column_is_defined(page: Page) -> None:
    texts = set(page.texts)
    for contract in published():
        assert contract.description in texts
        assert {column.description for column in contract.columns if column.description} <= texts


def test_same_tables_give_the_same_bytes(store: Store, tables: Path, folder: Path, tmp_path: Path) -> None:
    again = build(store, tables, tmp_path / "report")
    for name in (report.INDEX, report.QUALITY):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_quality_report_has_every_concept_and_says_what_is_not_given(folder: Path) -> None:
    text = "".join(Page(folder / report.QUALITY).texts)
    assert all(f"{name} {title}" in text for name, title in quality.concepts().items())
    assert [f"S.{n}" for n in range(1, 20)] == [name for name in quality.concepts() if name.count(".") == 1]
    assert "S.1.5 Contact mail address\nNot given." in text
    assert "0 months from the end of 2024" not in text  # no balance has rows here
    assert "Persons of the civil registry: snapshot." in text


def test_quality_report_quotes_the_office_from_the_profile(
    store: Store, tables: Path, folder: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    shutil.copytree(countries.load("kosovo").folder, profile)
    written = (profile / "profile.toml").read_text(encoding="utf-8")
    own = '\n[quality_report]\n"S.1.6" = "office@stat & sons"\n'
    (profile / "profile.toml").write_text(written + own, encoding="utf-8")
    made = build(store, tables, tmp_path / "report", str(profile))
    assert "S.1.6 Contact email address\noffice@stat & sons" in "".join(Page(made / report.QUALITY).texts)
    (profile / "profile.toml").write_text(written + own.replace("S.1.6", "S.20"), encoding="utf-8")
    with pytest.raises(MigflowError, match=r"'S\.20', which is no concept of SIMS"):
        build(store, tables, tmp_path / "other", str(profile))


def test_figures_are_not_rounded_to_what_they_are_not() -> None:
    shown = [report.html.figure(v) for v in (1234567, 0.0, -3.25, 0.9999997, 0.99987, 12345.67, None, float("nan"))]
    assert shown == ["1,234,567", "0", "-3.25", "> 0.999999", "0.999870", "12,345.7", "not available", "not available"]


def test_command_prints_where_the_report_is(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["report", "--home", str(tmp_path)])
    assert refused.exit_code == 1
    vintage = tmp_path / "published" / "2025-01-01.1"
    (vintage / "report").mkdir(parents=True)
    (vintage / importlib.import_module("migflow.publish").REPORT).write_text("<html>")
    (tmp_path / "published" / "latest").symlink_to(vintage.name)
    told = CliRunner().invoke(app, ["report", "--home", str(tmp_path)])
    assert told.exit_code == 0 and Path(told.output.strip()) == (vintage / "report" / "index.html").resolve()
