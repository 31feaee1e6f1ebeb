"""Charts on the page: each with its title, a text alternative, and its data as a table."""

from dataclasses import dataclass
from html import escape
from typing import Any

import duckdb
import pandas as pd

from migflow.publish.report import html
from migflow.statistics import plots
from migflow.statistics.plots import Chart, ages


@dataclass(frozen=True)
class Figure:
    """A chart of a vintage: its HTML, and the Vega-Lite specification drawn into it, if there is a figure to draw."""

    name: str
    html: str
    spec: dict[str, Any] | None


def draw(con: duckdb.DuckDBPyConnection, chart: Chart) -> Figure | None:
    """The chart of the published tables in a session; None where they have no rows for it."""
    rows = chart.rows(con)
    if rows.empty:
        return None
    table = html.details(f"Data as a table: {len(rows):,} rows", html.data_table(rows, chart.table))
    if not chart.has_figures(rows):
        said = html.paragraph("Every figure of this chart is suppressed or not available.")
        heading = f"<h3>{escape(chart.title.capitalize())}</h3>"
        return Figure(chart.name, f'<figure id="{escape(chart.name)}">\n{heading}{said}{table}</figure>\n', None)
    spec = plots.spec(chart.draw(rows))
    heading = spec.pop("title")
    title, subtitle = heading["text"], heading["subtitle"]
    spec.pop("$schema")
    spec["description"] = f"{title}. {subtitle}. {chart.about}"
    # A JSON number is never NaN: what is suppressed or missing is null and not drawn.
    drawn = (
        f'<figure id="{escape(chart.name)}">\n<figcaption><h3>{escape(title)}</h3><p>{escape(subtitle)}</p>'
        f'</figcaption>\n<div class="chart" role="img" aria-label="{escape(spec["description"])}" '
        f'data-chart="{escape(chart.name)}"></div>\n' + table + _fit(rows) + "</figure>\n"
    )
    return Figure(chart.name, drawn, spec)


def _fit(rows: pd.DataFrame) -> str:
    """Parameters of a fitted age profile with their intervals; nothing for other charts."""
    if ages.FITS not in rows.attrs:
        return ""
    fitted = ages.parameters(rows)
    if fitted.empty:
        return ""
    header = ["Sex", "Parameter", "Estimate", "95 % from", "to", "R²"]
    return html.details(
        "Parameters of the Rogers-Castro schedule", html.table(header, fitted.itertuples(index=False, name=None))
    )
