"""Charts of a vintage: what its protection left out, and what of the vintage before it revised."""

import altair as alt
import pandas as pd

from migflow.statistics.plots.style import NEUTRAL, OUT, number, titled

CELLS, COUNTED = "Cells", "Persons or events"


def protection(rows: pd.DataFrame) -> alt.Chart:
    """rows: table_name, method, cells, cells_left_out_percent, counted_left_out_percent; tables that leave some out."""
    some = rows[rows["cells_left_out_percent"] > 0]
    shown = some if len(some) else rows.head(1)
    parts = shown.rename(columns={"cells_left_out_percent": CELLS, "counted_left_out_percent": COUNTED})
    parts = parts.melt(["table_name", "method", "cells"], [CELLS, COUNTED], "part", "percent")
    whole = len(rows) - len(some)
    subtitle = f"Share of what is not zero; tables that leave nothing out: {whole}"
    chart: alt.Chart = titled(alt.Chart(parts).mark_bar(), "What was left out", subtitle, 34 * len(shown) + 10, parts)
    scale = alt.Scale(domain=[CELLS, COUNTED], range=[NEUTRAL, OUT])
    return chart.encode(
        x=alt.X("percent:Q", title="Left out, %", scale=alt.Scale(domainMin=0)),
        y=alt.Y("table_name:N", title=None, sort=list(shown["table_name"])),
        yOffset=alt.YOffset("part:N", sort=[CELLS, COUNTED]),
        color=alt.Color("part:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
        tooltip=["table_name:N", "method:N", "part:N", number("percent", "left out, %"), number("cells")],
    )


def revised_figures(rows: pd.DataFrame) -> alt.Chart:
    """rows: compared_with, table_name, in_both, changed, new, gone, mean_absolute_revision, changed_percent."""
    shown = rows.dropna(subset="changed_percent")
    subtitle = f"Share of the figures that this vintage and {rows['compared_with'].iloc[0]} both show"
    chart: alt.Chart = titled(
        alt.Chart(shown).mark_bar(), "Figures that were revised", subtitle, 22 * len(shown) + 10, shown
    )
    return chart.encode(
        x=alt.X("changed_percent:Q", title="Changed, %", scale=alt.Scale(domainMin=0)),
        y=alt.Y("table_name:N", title=None, sort=list(shown["table_name"])),
        color=alt.value(NEUTRAL),
        tooltip=[
            "table_name:N",
            *(number(column) for column in ("in_both", "changed", "new", "gone", "mean_absolute_revision")),
        ],
    )


def revised_totals(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: compared_with, figure, year, value_before, value_after, percent: a point for each figure and year."""
    known = rows.dropna(subset="percent")
    order = list(dict.fromkeys(rows["figure"]))
    points = alt.Chart(known).mark_point(filled=True, size=90, opacity=0.85)
    points = points.encode(
        x=alt.X("percent:Q", title="Revision, %"),
        y=alt.Y("figure:N", title=None, sort=order),
        color=alt.Color("year:O", title="Year", scale=alt.Scale(scheme="viridis"), legend=alt.Legend(orient="top")),
        tooltip=["figure:N", "year:O", number("value_before"), number("value_after"), number("percent", "revision, %")],
    )
    unchanged = alt.Chart(pd.DataFrame({"percent": [0]})).mark_rule(color="#9aa4ad").encode(x="percent:Q")
    subtitle = f"Difference from {rows['compared_with'].iloc[0]}, % of what that vintage said"
    made: alt.LayerChart = titled(
        alt.layer(unchanged, points), "Main figures, revised", subtitle, 34 * len(order) + 10, known
    )
    return made
