"""What the charts share: colours, sizes, titles, and what is said of suppressed figures."""

from typing import Any

import altair as alt
import pandas as pd

from migflow.statistics.plots import words
from migflow.statistics.plots.chart import SUPPRESSED, Drawn

IN, OUT, NEUTRAL, QUIET = "#1b7f79", "#d1495b", "#5b6c7d", "#b8bfc6"
BY_SEX = alt.Color(
    "sex:N",
    title=None,
    scale=alt.Scale(domain=["Women", "Men"], range=["#c2649a", "#3f7cac"]),
    legend=alt.Legend(orient="top"),
)
PALETTE = ["#1b7f79", "#e09f3e", "#3f7cac", "#d1495b", "#6b4e71", "#7fb069", "#b8bfc6"]
WIDTH = 620
CONFIG: dict[str, Any] = {
    "axis": {
        "labelLimit": 260,
        "labelFlush": False,
        "titleFontWeight": "normal",
        "gridColor": "#e6e9ec",
        "domainColor": "#9aa4ad",
    },
    "legend": {"titleFontWeight": "normal"},
    "view": {"stroke": None},
}


def titled(chart: Drawn, title: str, subtitle: str, height: float, rows: pd.DataFrame) -> Any:
    """The chart with its heading, which says how many suppressed figures are left out."""
    return chart.properties(title=heading(title, subtitle, rows), width=WIDTH, height=height)


def heading(title: str, subtitle: str, rows: pd.DataFrame) -> alt.TitleParams:
    """Title and subtitle; the subtitle says how many suppressed figures are left out."""
    left_out = int(rows[SUPPRESSED].sum()) if SUPPRESSED in rows else 0
    said = f"{subtitle}; {words.suppressed(left_out)} left out" if left_out else subtitle
    return alt.TitleParams(text=title, subtitle=said, anchor="start", fontSize=16, subtitleColor="#666")


def bars(rows: pd.DataFrame, title: str, subtitle: str, height: float) -> alt.Chart:
    """A bar chart without its encodings."""
    chart: alt.Chart = titled(alt.Chart(rows).mark_bar(), title, subtitle, height, rows)
    return chart


def by_year(title: str | None = None) -> alt.X:
    """Years along the horizontal axis."""
    return alt.X("year:O", title=title, axis=alt.Axis(labelAngle=0))


def year_of(rows: pd.DataFrame) -> str:
    """The newest period among the rows."""
    return str(rows["year"].max())


def number(column: str, title: str | None = None) -> alt.Tooltip:
    """A figure in a tooltip."""
    return alt.Tooltip(f"{column}:Q", title=title or column.replace("_", " "), format=",.10~g")


def spec(chart: Drawn) -> dict[str, Any]:
    """The chart's Vega-Lite specification in the style of all charts."""
    made: dict[str, Any] = chart.to_dict()
    made["config"] = {**made.get("config", {}), **CONFIG}
    return made


def png(chart: Drawn, scale: float = 1.2) -> bytes:
    """The chart as a PNG picture."""
    import vl_convert

    return vl_convert.vegalite_to_png(spec(chart), scale=scale)
