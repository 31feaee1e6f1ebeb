"""Charts of stocks: ages, citizenships, what changed the population."""

import altair as alt
import pandas as pd

from migflow.statistics.plots.style import BY_SEX, IN, NEUTRAL, OUT, bars, by_year, number, titled, year_of

COMPONENTS = {
    "births": ("Births", 1),
    "deaths": ("Deaths", -1),
    "immigration": ("Immigration", 1),
    "emigration": ("Emigration", -1),
    "adjustment": ("Adjustment", 1),
}


def age_pyramid(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, age, sex, persons, suppressed; women right, men left."""
    sides = rows.assign(side=rows["persons"].where(rows["sex"] == "Women", -rows["persons"]))
    subtitle = f"1 January {year_of(rows)}; {rows['persons'].sum():,.0f} persons"
    return bars(sides, "Population by age and sex", subtitle, 420).encode(
        x=alt.X("side:Q", title="Persons", axis=alt.Axis(labelExpr="format(abs(datum.value), ',')")),
        y=alt.Y("age:O", title="Age", sort="descending", axis=alt.Axis(values=list(range(0, 101, 10)))),
        color=BY_SEX,
        tooltip=["age:O", "sex:N", number("persons")],
    )


def registered_and_resident(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: year, age_group, sex, registered, usually_resident, suppressed; bars: resident, strokes: registered."""
    sign = rows["sex"].map({"Women": 1, "Men": -1})
    sides = rows.assign(inner=rows["usually_resident"] * sign, outer=rows["registered"] * sign)
    order = list(dict.fromkeys(rows["age_group"]))
    base = alt.Chart(sides).encode(
        y=alt.Y("age_group:N", title="Age group", sort=order[::-1]),
        tooltip=["age_group:N", "sex:N", number("registered"), number("usually_resident", "usually resident")],
    )
    axis = alt.Axis(labelExpr="format(abs(datum.value), ',')")
    resident = base.mark_bar().encode(
        x=alt.X("inner:Q", title="Persons", axis=axis),
        color=BY_SEX,
    )
    registered = base.mark_tick(thickness=2.5, color="#222").encode(x="outer:Q")
    subtitle = f"1 January {year_of(rows)}; bars: usually resident, strokes: registered"
    made: alt.LayerChart = titled(
        alt.layer(resident, registered), "Registered and usually resident population", subtitle, 17 * len(order), rows
    )
    return made


def over_coverage(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, municipality, registered, over_covered, percent, suppressed, highest first."""
    subtitle = f"Registered and usually resident nowhere in the country, % of registered, 1 January {year_of(rows)}"
    return _by_municipality(rows, "percent", "Over-coverage of the registers", subtitle).encode(
        x=alt.X("percent:Q", title="Over-coverage, %"),
        color=alt.value(OUT),
        tooltip=["municipality:N", number("registered"), number("over_covered", "over-covered"), number("percent")],
    )


def growth(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, municipality, persons, per_1000, suppressed, highest first."""
    subtitle = f"Per 1,000 mean population, {year_of(rows)}"
    return _by_municipality(rows, "per_1000", "Growth of the population", subtitle).encode(
        x=alt.X("per_1000:Q", title="Change per 1,000"),
        color=alt.condition("datum.per_1000 < 0", alt.value(OUT), alt.value(IN)),
        tooltip=["municipality:N", number("persons"), number("per_1000", "per 1,000")],
    )


def _by_municipality(rows: pd.DataFrame, measure: str, title: str, subtitle: str) -> alt.Chart:
    """Bars of the municipalities whose measure is known, in the order of the rows."""
    known = rows.dropna(subset=measure).head(60)
    chart: alt.Chart = titled(alt.Chart(known).mark_bar(), title, subtitle, 14 * len(known) + 10, rows)
    return chart.encode(y=alt.Y("municipality:N", title=None, sort=list(known["municipality"])))


def citizenships(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, citizenship, persons, suppressed; the largest is told and not drawn, it would dwarf the others."""
    first, others = rows.head(1), rows.iloc[1:16]
    told = f"1 January {year_of(rows)}"
    if len(others):
        told += f"; not drawn: {first['citizenship'].item()}, {_told(first['persons'].item())}"
    shown = others if len(others) else first
    return bars(shown, "Population by citizenship", told, 20 * len(shown) + 20).encode(
        x=alt.X("persons:Q", title="Persons"),
        y=alt.Y("citizenship:N", title=None, sort=list(shown["citizenship"])),
        color=alt.value(NEUTRAL),
        tooltip=["citizenship:N", number("persons")],
    )


def _told(value: float) -> str:
    return "suppressed" if pd.isna(value) else f"{value:,.0f} persons"


def balance(rows: pd.DataFrame) -> alt.Chart:
    """rows: year, component, persons, suppressed; gains up, losses down. Internal migration cancels out."""
    parts = rows.assign(
        part=rows["component"].map(lambda name: COMPONENTS[name][0]),
        change=rows["persons"] * rows["component"].map(lambda name: COMPONENTS[name][1]),
    )
    labels = [label for label, _ in COMPONENTS.values()]
    colours = alt.Scale(domain=labels, range=["#7fb069", "#6b4e71", IN, OUT, "#b8b8b8"])
    quarterly = rows["year"].astype(str).str.contains("Q").any()
    title = "Components of population change" + (" by quarter" if quarterly else "")
    return bars(parts, title, "The country as a whole; gains up, losses down", 320).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-60)) if quarterly else by_year(),
        y=alt.Y("change:Q", title="Persons"),
        color=alt.Color("part:N", title=None, scale=colours, sort=labels, legend=alt.Legend(orient="top", columns=3)),
        tooltip=["year:O", "part:N", number("persons")],
    )
