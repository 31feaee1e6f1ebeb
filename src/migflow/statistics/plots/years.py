"""Charts over the years: shares of kinds of events, indices of migration."""

from collections.abc import Callable, Mapping

import altair as alt
import pandas as pd

from migflow.statistics.plots.style import NEUTRAL, OUT, PALETTE, WIDTH, by_year, heading, number, titled

INDICES = {
    "cmi": "Crude migration intensity, %",
    "mei": "Migration effectiveness index, %",
    "anmr": "Aggregate net migration rate, %",
    "gini_total": "Total Gini index",
    "mean_distance": "Mean distance, km",
}


def with_shares(labels: Mapping[str, str]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Of year, kind, count, suppressed: kinds by their labels, with their share of the year in %.

    A year that has a suppressed figure has no shares.
    """

    def work_out(rows: pd.DataFrame) -> pd.DataFrame:
        years = rows.groupby("year")
        whole = years["suppressed"].transform("sum") == 0
        share = (100 * rows["count"] / years["count"].transform("sum")).where(whole)
        return rows.assign(kind=rows["kind"].map(lambda kind: labels.get(kind, kind)), share_percent=share)

    return work_out


def shares(title: str, subtitle: str, labels: Mapping[str, str]) -> Callable[[pd.DataFrame], alt.Chart]:
    """A drawing of rows with_shares of the same labels, which also give the order."""

    def draw(rows: pd.DataFrame) -> alt.Chart:
        held = set(rows["kind"])
        order = [label for label in labels.values() if label in held]
        kinds = rows.assign(rank=rows["kind"].map(order.index))
        scale = alt.Scale(domain=order, range=PALETTE[: len(order)])
        legend = alt.Legend(orient="top", columns=2, labelLimit=260)
        chart: alt.Chart = titled(alt.Chart(kinds).mark_bar(), title, subtitle, 260, rows)
        return chart.encode(
            x=by_year(),
            y=alt.Y("share_percent:Q", title="Share, %", scale=alt.Scale(domain=[0, 100])),
            color=alt.Color("kind:N", title=None, sort=order, scale=scale, legend=legend),
            order="rank:O",
            tooltip=["year:O", "kind:N", number("count"), number("share_percent", "share, %")],
        )

    return draw


def with_indices(rows: pd.DataFrame) -> pd.DataFrame:
    """The indicators by their names."""
    return rows.assign(indicator=rows["indicator"].map(INDICES))


def migration_indices(rows: pd.DataFrame) -> alt.FacetChart:
    """rows: with_indices of year, measure, indicator, value, suppressed: moves and movers between municipalities."""
    scale = alt.Scale(domain=["moves", "movers"], range=[NEUTRAL, OUT])
    lines = alt.Chart(rows).mark_line(point=True)
    lines = lines.encode(
        x=by_year(),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=3)),
        color=alt.Color("measure:N", title=None, scale=scale, legend=alt.Legend(orient="top")),
        tooltip=["year:O", "measure:N", number("value")],
    )
    header = alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start", labelOrient="top", labelFontWeight="bold")
    row = alt.Row("indicator:N", title=None, sort=list(INDICES.values()), header=header)
    title = heading("Indices of internal migration", "Between municipalities; moves are events, movers persons", rows)
    faceted = lines.properties(width=WIDTH - 60, height=70).facet(row=row, title=title, spacing=12)
    return faceted.resolve_scale(y="independent")


def with_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    """The lengths of the intervals in words: P5Y is over 5 years."""
    return rows.assign(
        observed_over=rows["observed_over"].map(lambda p: f"over {p[1:-1]} year{'s' if p != 'P1Y' else ''}")
    )


def transitions(rows: pd.DataFrame) -> alt.Chart:
    """rows: with_intervals of year, observed_over, movers, stayers, per_1000, suppressed."""
    chart: alt.Chart = titled(
        alt.Chart(rows).mark_bar(),
        "In another municipality at the end of the interval",
        "Movers per 1,000 residents on both 1 Januaries; intervals ending with the year",
        260,
        rows,
    )
    return chart.encode(
        x=by_year(),
        xOffset="observed_over:N",
        y=alt.Y("per_1000:Q", title="Movers per 1,000"),
        color=alt.Color(
            "observed_over:N", title=None, scale=alt.Scale(range=[NEUTRAL, OUT]), legend=alt.Legend(orient="top")
        ),
        tooltip=["year:O", "observed_over:N", number("movers"), number("per_1000", "movers per 1,000")],
    )
