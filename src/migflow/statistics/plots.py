"""Charts of the published tables: pure functions from tables (columns as in the contracts) to Altair charts."""

import re
from collections.abc import Callable, Mapping

import altair as alt
import pandas as pd

IN, OUT, NEUTRAL = "#1b7f79", "#d1495b", "#5b6c7d"
SEX_COLOURS = alt.Scale(domain=["F", "M"], range=["#c2649a", "#3f7cac"])
WIDTH = 620
OPEN_GROUP = 85
Drawn = alt.Chart | alt.LayerChart | alt.FacetChart


def latest_year(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the newest time_period whose values are final, or of the newest at all."""
    final = table[table["obs_status"] != "P"] if "obs_status" in table else table
    years = (final if len(final) else table)["time_period"]
    return table[table["time_period"] == years.max()]


def population_pyramid(population: pd.DataFrame) -> alt.Chart:
    """Population by single year of age and sex on the latest 1 January; women right, men left."""
    latest = latest_year(population)
    ages = _sums(latest, "age", "sex").reset_index()
    ages["persons"] = ages["obs_value"].where(ages["sex"] == "F", -ages["obs_value"])
    return _bars(ages, "Population by age and sex", f"1 January {_year(latest)}; {_total(latest)} persons", 420).encode(
        x=alt.X("persons:Q", title="Persons", axis=alt.Axis(labelExpr="format(abs(datum.value), ',')")),
        y=alt.Y("age:O", title="Age", sort="descending", axis=alt.Axis(values=list(range(0, 101, 10)))),
        color=alt.Color("sex:N", title="Sex", scale=SEX_COLOURS),
    )


def age_profile(od: pd.DataFrame, population: pd.DataFrame) -> alt.Chart:
    """Moves between municipalities per 1,000 inhabitants by five-year age group and sex, in the latest year.

    The denominator is the population on 1 January of the year, in the age group.
    """
    moves = latest_year(od[od["indicator"] == "moves"])
    people = population[population["time_period"] == _year(moves)]
    moved = _by_age_group(moves, moves["age_group"].map(_first_age))
    at_risk = _by_age_group(people, (people["age"] // 5 * 5).clip(upper=OPEN_GROUP))
    rates = (1000 * moved / at_risk).dropna().rename("rate").reset_index()
    title = "Age profile of internal migration"
    line = _titled(alt.Chart(rates).mark_line(point=True, interpolate="monotone"), title, f"{_year(moves)}", 300)
    return line.encode(
        x=alt.X("first_age:Q", title="Age group, from age", axis=alt.Axis(values=list(range(0, 101, 10)))),
        y=alt.Y("rate:Q", title="Moves per 1,000 inhabitants"),
        color=alt.Color("sex:N", title="Sex", scale=SEX_COLOURS),
    )


def top_flows(od: pd.DataFrame, count: int = 15) -> alt.Chart:
    """The largest flows from municipality to municipality in the latest year, in moves."""
    moves = latest_year(od[od["indicator"] == "moves"])
    flows = _sums(moves, "origin", "destination").reset_index()
    flows = flows.sort_values(["obs_value", "origin", "destination"], ascending=[False, True, True]).head(count)
    flows["flow"] = flows["origin"] + " → " + flows["destination"]
    subtitle = f"Moves in {_year(moves)}; {_total(moves)} in all"
    return _bars(flows, f"The {len(flows)} largest flows between municipalities", subtitle, 22 * len(flows)).encode(
        x=alt.X("obs_value:Q", title="Moves"),
        y=alt.Y("flow:N", title=None, sort=list(flows["flow"]), axis=alt.Axis(labelLimit=320)),
        color=alt.value(NEUTRAL),
    )


def net_migration(by_municipality: pd.DataFrame) -> alt.Chart:
    """Net internal migration per 1,000 mean population of each municipality in the latest year."""
    rates = by_municipality[by_municipality["indicator"] == "net_rate"]
    latest = latest_year(rates)
    latest = latest.sort_values(["obs_value", "area"], ascending=[False, True])
    title = "Net internal migration by municipality"
    return _bars(latest, title, f"Per 1,000 mean population, {_year(latest)}", 12 * len(latest)).encode(
        x=alt.X("obs_value:Q", title="In minus out, per 1,000 mean population"),
        y=alt.Y("area:N", title=None, sort=list(latest["area"])),
        color=alt.condition("datum.obs_value >= 0", alt.value(IN), alt.value(OUT)),
    )


COMPONENTS = {
    "births": ("Births", 1),
    "deaths": ("Deaths", -1),
    "immigration": ("Immigration", 1),
    "emigration": ("Emigration", -1),
    "adjustment": ("Adjustment", 1),
}


def balance(population_balance: pd.DataFrame) -> alt.Chart:
    """What changed the country's population, year by year: births, deaths, migration across the border, adjustment.

    Internal migration cancels out in the country as a whole and is left out.
    """
    parts = population_balance[population_balance["component"].isin(COMPONENTS)]
    years = _sums(parts, "time_period", "component").reset_index()
    years["label"] = years["component"].map(lambda c: COMPONENTS[c][0])
    years["persons"] = years["obs_value"] * years["component"].map(lambda c: COMPONENTS[c][1])
    labels = [label for label, _ in COMPONENTS.values()]
    colours = alt.Scale(domain=labels, range=["#7fb069", "#6b4e71", IN, OUT, "#b8b8b8"])
    return _bars(years, "Components of population change", "The country as a whole; gains up, losses down", 320).encode(
        x=alt.X("time_period:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("persons:Q", title="Persons"),
        color=alt.Color("label:N", title=None, scale=colours, sort=labels),
    )


GROUP_KINDS = {
    "all": "All",
    "sex": "Sex",
    "age_group": "Age",
    "citizenship": "Citizenship",
    "municipality": "Municipality",
}


def expected_recall(linkage_quality: pd.DataFrame) -> alt.FacetChart:
    """Expected recall of the links of each source, by what their records are grouped by."""
    groups = linkage_quality.assign(kind=linkage_quality["group_kind"].map(GROUP_KINDS))
    groups["first_age"] = groups["group_code"].where(groups["group_kind"] == "age_group").map(_first_age, "ignore")
    points = alt.Chart(groups).mark_point(filled=True, size=45)
    points = points.encode(
        x=alt.X("expected_recall:Q", title="Expected recall", scale=alt.Scale(zero=False)),
        y=alt.Y("group_code:N", title=None, sort=alt.SortField("first_age"), axis=alt.Axis(labelLimit=160)),
        color=alt.Color("source:N", title="Records of", scale=alt.Scale(range=[OUT, IN])),
    )
    header = alt.Header(labelAngle=0, labelAlign="left", labelFontWeight="bold")
    row = alt.Row("kind:N", title=None, sort=list(GROUP_KINDS.values()), header=header)
    heading = alt.TitleParams(text="Expected recall of links to persons", anchor="start", fontSize=16)
    faceted = points.properties(width=WIDTH - 160, height=alt.Step(11)).facet(row=row, title=heading, spacing=8)
    return faceted.resolve_scale(y="independent")


def png(chart: Drawn, scale: float = 1.2) -> bytes:
    """The chart as a PNG picture."""
    import vl_convert

    return vl_convert.vegalite_to_png(chart.to_json(), scale=scale)


def _bars(data: pd.DataFrame, title: str, subtitle: str, height: int) -> alt.Chart:
    return _titled(alt.Chart(data).mark_bar(), title, subtitle, height)


def _titled(chart: alt.Chart, title: str, subtitle: str, height: int) -> alt.Chart:
    heading = alt.TitleParams(text=title, subtitle=subtitle, anchor="start", fontSize=16, subtitleColor="#666")
    return chart.properties(title=heading, width=WIDTH, height=height)


def _year(table: pd.DataFrame) -> int:
    return int(table["time_period"].max())


def _total(table: pd.DataFrame) -> str:
    return f"{int(table['obs_value'].sum()):,}"


def _sums(table: pd.DataFrame, *by: str) -> pd.Series:
    return table.groupby(list(by))["obs_value"].sum()


def _by_age_group(table: pd.DataFrame, first_age: pd.Series) -> pd.Series:
    return _sums(table.assign(first_age=first_age), "first_age", "sex")


def _first_age(group: str) -> int:
    """First completed year of age of a group: 0 of Y_LT5, 20 of Y20T24, 85 of Y_GE85; behind all where unknown (_U)."""
    if group == "_U":
        return 200
    return 0 if "LT" in group else int(re.findall(r"\d+", group)[0])


# What is charted (a table, or the vintage as a whole) -> title, the tables it is drawn from, how.
CHARTS: dict[str, tuple[str, tuple[str, ...], Callable[..., Drawn]]] = {
    "population": ("age pyramid", ("population",), population_pyramid),
    "population_balance": ("population change", ("population_balance",), balance),
    "internal_migration_od": ("largest flows", ("internal_migration_od",), top_flows),
    "internal_migration_by_municipality": ("net migration", ("internal_migration_by_municipality",), net_migration),
    "linkage_quality": ("expected recall", ("linkage_quality",), expected_recall),
    "published": ("age profile", ("internal_migration_od", "population"), age_profile),
}


def charts_of(name: str, load: Callable[[str], pd.DataFrame], names: Mapping[str, str]) -> dict[str, Drawn]:
    """Charts of a table or of the vintage (published), by title; none where a table has no rows.

    load gives a published table by its name, names the name of an area by its code.
    """
    if name not in CHARTS:
        return {}
    title, tables, draw = CHARTS[name]
    frames = [labelled(known(load(table)), names) for table in tables]
    return {} if any(frame.empty for frame in frames) else {title: draw(*frames)}


def labelled(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The table with the names of areas in place of their codes, where they have one."""
    columns = [column for column in ("area", "origin", "destination") if column in table]
    table = table.assign(**{column: table[column].map(lambda code: names.get(code, code)) for column in columns})
    if "group_kind" in table:
        areas = table["group_code"].map(lambda code: names.get(code, code))
        table["group_code"] = table["group_code"].mask(table["group_kind"] == "municipality", areas)
    return table


def known(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the groups that are too small to show their quality."""
    return table.dropna(subset="expected_recall") if "expected_recall" in table else table
