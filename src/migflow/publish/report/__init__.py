"""The report of a vintage: one page of figures and charts, and a quality report, each a file that needs no network."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from html import escape
from pathlib import Path

import duckdb

from migflow import engine
from migflow.contracts import Contract
from migflow.countries import Country
from migflow.publish.report import figures, headline, html, tables
from migflow.publish.report.about import Vintage
from migflow.publish.report.deliveries import delivered
from migflow.publish.report.quality import quality_report
from migflow.publish.report.readable import bind_vintage
from migflow.publish.report.vega import javascript
from migflow.statistics import plots
from migflow.store import Store
from migflow.transformations import period

INDEX, QUALITY = "index.html", "quality.html"


@dataclass(frozen=True)
class Part:
    """A section of the page that consists of charts: anchor, title, what to know, charts by name."""

    anchor: str
    title: str
    note: str
    charts: tuple[str, ...]


PARTS = (
    Part(
        "flows",
        "Where people move",
        "Moves are events: a person who moves twice counts twice.",
        ("flow_map", "flow_matrix", "largest_flows", "net_migration", "types_of_move"),
    ),
    Part(
        "movers",
        "Who moves",
        "Movers are persons who live in another municipality on 1 January than a year before; never add them to moves.",
        ("age_profile", "mobility_by_citizenship", "orders_of_move", "households", "transitions"),
    ),
    Part(
        "indices",
        "Indices over the years",
        "Summary measures of the whole matrix of flows between municipalities.",
        ("migration_indices",),
    ),
    Part(
        "population",
        "Population and its balance",
        "Registered are those whom the registers show; usual residents those who live here for 12 months or more.",
        (
            "registered_and_resident",
            "over_coverage",
            "age_pyramid",
            "citizenships",
            "durations",
            "population_growth",
            "population_change",
            "population_change_quarterly",
        ),
    ),
    Part(
        "border",
        "Across the border",
        "Immigration and emigration by the 12-month rule.",
        ("immigration", "emigration", "first_moves"),
    ),
)


def build_report(
    store: Store, country: Country, vintage: str, published: Path, target: Path, shown: Sequence[Contract]
) -> None:
    """Write index.html and quality.html into the folder target, from the Parquet files of the folder published.

    vintage: its name; shown: contracts of its tables as they are published. The same tables give the same bytes.
    """
    target.mkdir()
    about = Vintage(vintage, country, period(store)["first_day"], period(store)["as_of"], delivered(store))
    with engine.session(store.settings) as con:
        held = bind_vintage(con, published)
        (target / QUALITY).write_text(quality_report(con, about, shown), encoding="utf-8")
        page = _page(con, about, shown, held, javascript(store.home / "store" / ".cache"))
        (target / INDEX).write_text(page, encoding="utf-8")


def _page(
    con: duckdb.DuckDBPyConnection, about: Vintage, shown: Sequence[Contract], held: Set[str], script: str
) -> str:
    drawn = {
        chart.name: figure
        for chart in plots.CHARTS
        if held >= set(chart.reads) and (figure := figures.draw(con, chart)) is not None
    }
    sections = [
        html.section("headline", "In figures", headline.cards(con, shown)),
        *(_section(part, drawn) for part in PARTS),
        html.section("quality", "Linkage and data quality", *_quality(con, drawn)),
        html.section("suppression", "What was suppressed", *_suppression(con, shown, drawn)),
        html.section("definitions", "Definitions", tables.definitions(shown)),
    ]
    body = _header(about) + f"<main>\n{''.join(sections)}</main>\n{_footer(about)}"
    return html.page(_title(about), body, _scripts({name: f.spec for name, f in drawn.items() if f.spec}, script))


def _title(about: Vintage) -> str:
    return f"Migration statistics: {about.country.name}"


def _header(about: Vintage) -> str:
    links = [("headline", "In figures"), *((part.anchor, part.title) for part in PARTS)]
    links += [("quality", "Quality"), ("suppression", "Suppression"), ("definitions", "Definitions")]
    anchors = "".join(f'<a href="#{anchor}">{escape(title)}</a>\n' for anchor, title in links)
    return (
        f"<header>\n<h1>{escape(_title(about))}</h1>\n"
        + html.paragraph(
            f"Vintage {about.name}: what the registers showed up to {about.as_of}. Figures of the newest final year "
            "unless a chart shows several; years still open to revision are provisional."
        )
        + f'<nav aria-label="Sections">\n{anchors}<a href="quality.html">Quality report</a>\n</nav>\n</header>\n'
    )


def _footer(about: Vintage) -> str:
    return (
        f"<footer>{escape(f'Vintage {about.name}, as of {about.as_of}.')} All figures are in the Parquet files, "
        "migflow.duckdb and sdmx/ of the same vintage.</footer>\n"
    )


def _section(part: Part, drawn: Mapping[str, figures.Figure]) -> str:
    content = _figures(part.charts, drawn) or html.paragraph("No rows in this vintage.")
    return html.section(part.anchor, part.title, html.paragraph(part.note, "quiet"), content)


def _figures(charts: Sequence[str], drawn: Mapping[str, figures.Figure]) -> str:
    """Those of the charts that are drawn, side by side; empty if none is."""
    here = [drawn[name].html for name in charts if name in drawn]
    return f'<div class="figures">\n{"".join(here)}</div>\n' if here else ""


def _quality(con: duckdb.DuckDBPyConnection, drawn: Mapping[str, figures.Figure]) -> list[str]:
    revised = _figures(("revised_totals", "revised_figures"), drawn) or html.paragraph(tables.FIRST_VINTAGE)
    return [
        tables.linked(tables.linkage(con)),
        _figures(("expected_recall",), drawn),
        revised,
        '<p><a href="quality.html">The quality report</a> follows the concepts of ESS SIMS.</p>\n',
    ]


def _suppression(
    con: duckdb.DuckDBPyConnection, shown: Sequence[Contract], drawn: Mapping[str, figures.Figure]
) -> list[str]:
    return [_figures(("protection",), drawn), tables.suppressed(tables.suppression(con, shown))]


def _scripts(specs: dict[str, dict[str, object]], script: str) -> str:
    drawing = Path(__file__).with_name("report.js").read_text(encoding="utf-8")
    return (
        "<noscript><p>Charts need JavaScript; their data stand below each as a table.</p></noscript>\n"
        f'<script type="application/json" id="specs">{html.inert(specs)}</script>\n'
        f'<script type="module">{script}</script>\n<script type="module">{drawing}</script>\n'
    )
