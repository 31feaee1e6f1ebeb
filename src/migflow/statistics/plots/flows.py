"""Charts of flows between municipalities, and of what they leave in each."""

import altair as alt
import pandas as pd

from migflow.statistics.plots.style import BY_SEX, IN, NEUTRAL, OUT, QUIET, WIDTH, bars, number, titled, year_of

LARGEST, BARS, MATRIX = 15, 60, 45


def largest_flows(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, origin, destination, moves, suppressed, largest first; the first fifteen are drawn."""
    flows = rows.dropna(subset="moves").head(LARGEST)
    flows = flows.assign(flow=flows["origin"] + " → " + flows["destination"])
    chart: alt.Chart = titled(
        alt.Chart(flows).mark_bar(),
        f"The {len(flows)} largest flows between municipalities",
        f"Moves in {year_of(rows)}; {rows['moves'].sum():,.0f} in all",
        22 * len(flows) + 10,
        rows,
    )
    return chart.encode(
        x=alt.X("moves:Q", title="Moves"),
        y=alt.Y("flow:N", title=None, sort=list(flows["flow"])),
        color=alt.value(NEUTRAL),
        tooltip=["origin:N", "destination:N", number("moves")],
    )


def flow_matrix(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: as largest_flows; one square a flow, grey where it is suppressed, among the municipalities with most."""
    ends = pd.concat([rows[["origin", "moves"]].set_axis(["area", "moves"], axis=1),
                      rows[["destination", "moves"]].set_axis(["area", "moves"], axis=1)])  # fmt: skip
    busiest = ends.groupby("area")["moves"].sum().sort_values(ascending=False, kind="stable").head(MATRIX).index
    shown = rows[rows["origin"].isin(busiest) & rows["destination"].isin(busiest)]
    order = sorted(busiest)
    base = alt.Chart(shown).encode(
        x=alt.X(
            "destination:N", title="To", sort=order, axis=alt.Axis(labelAngle=-90, orient="top", labelOverlap=True)
        ),
        y=alt.Y("origin:N", title="From", sort=order),
        tooltip=["origin:N", "destination:N", number("moves"), number("suppressed")],
    )
    scale = alt.Scale(type="sqrt", scheme="teals")
    legend = alt.Legend(title="Moves", orient="bottom", gradientLength=220)
    squares = base.mark_rect().encode(color=alt.Color("moves:Q", scale=scale, legend=legend))
    hidden = base.transform_filter("!isValid(datum.moves)").mark_rect(color=QUIET)
    subtitle = f"Moves in {year_of(rows)}, from the row to the column"
    made: alt.LayerChart = titled(
        alt.layer(squares, hidden), "Origins and destinations", subtitle, 13 * len(order) + 20, rows
    )
    return made


def net_migration(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: year, municipality, net_rate, lower, upper, suppressed, highest first; intervals where they are wide."""
    known = rows.dropna(subset="net_rate")
    ends = known if len(known) <= BARS else pd.concat([known.head(BARS // 2), known.tail(BARS // 2)])
    order = list(ends["municipality"])
    told = f"Per 1,000 mean population, {year_of(rows)}"
    if len(known) > BARS:
        told += f"; the {BARS // 2} highest and lowest of {len(known)}"
    base = alt.Chart(ends).encode(y=alt.Y("municipality:N", title=None, sort=order))
    drawn = base.mark_bar().encode(
        x=alt.X("net_rate:Q", title="In minus out, per 1,000 mean population"),
        color=alt.condition("datum.net_rate >= 0", alt.value(IN), alt.value(OUT)),
        tooltip=["municipality:N", number("net_rate", "net rate"), number("lower"), number("upper")],
    )
    layers: list[alt.Chart] = [drawn]
    if (ends["upper"] > ends["lower"]).any():
        layers.append(base.mark_rule(strokeWidth=2, color="#222").encode(x="lower:Q", x2="upper:Q"))
    made: alt.LayerChart = titled(
        alt.layer(*layers), "Net internal migration by municipality", told, 14 * len(order) + 10, rows
    )
    return made


def mobility_by_citizenship(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, citizenship, sex, movers, movers_rate, suppressed; the citizenships with most movers."""
    most = rows.groupby("citizenship")["movers"].sum().sort_values(ascending=False, kind="stable").head(12).index
    shown = rows[rows["citizenship"].isin(most)]
    points = alt.Chart(shown).mark_point(filled=True, size=70, opacity=0.9)
    subtitle = f"Movers between municipalities per 1,000 residents on both 1 Januaries, {year_of(rows)}"
    chart: alt.Chart = titled(points, "Internal migration by citizenship", subtitle, 22 * len(most) + 10, rows)
    return chart.encode(
        x=alt.X("movers_rate:Q", title="Movers per 1,000"),
        y=alt.Y("citizenship:N", title=None, sort=list(most)),
        color=BY_SEX,
        tooltip=["citizenship:N", "sex:N", number("movers"), number("movers_rate", "movers per 1,000")],
    )


def partner_countries(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, direction, country, migrants, suppressed, largest first; the first fifteen countries."""
    shown = rows.dropna(subset="migrants").head(LARGEST)
    direction = rows["direction"].iloc[0]
    of = "previous" if direction == "immigration" else "next"
    title = f"{direction.capitalize()} by country of {of} residence"
    subtitle = f"12-month rule, {year_of(rows)}; {rows['migrants'].sum():,.0f} in all"
    made = bars(shown, title, subtitle, 20 * len(shown) + 10).properties(width=WIDTH)
    return made.encode(
        x=alt.X("migrants:Q", title="Migrants"),
        y=alt.Y("country:N", title=None, sort=list(shown["country"])),
        color=alt.value(IN if direction == "immigration" else OUT),
        tooltip=["country:N", number("migrants")],
    )
