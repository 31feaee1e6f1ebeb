"""Charts of quality: how many links are expected to have been found."""

import altair as alt
import pandas as pd

from migflow.statistics.plots import words
from migflow.statistics.plots.style import IN, OUT, WIDTH, heading

GROUP_KINDS = {
    "all": "All",
    "sex": "Sex",
    "age_group": "Age",
    "citizenship": "Citizenship",
    "municipality": "Municipality",
}
WORDS = {
    "all": lambda _: "All records",
    "sex": words.sex,
    "age_group": words.age_group,
    "citizenship": words.country,
    "municipality": words.area,
}


def with_groups(rows: pd.DataFrame) -> pd.DataFrame:
    """The groups in words."""
    told = [WORDS[kind](code) for kind, code in zip(rows["group_kind"], rows["group_code"], strict=True)]
    return rows.assign(group_kind=rows["group_kind"].map(GROUP_KINDS), group_code=told)


def expected_recall(rows: pd.DataFrame) -> alt.FacetChart:
    """rows: with_groups of source, group_kind, group_code, first_age, expected_recall of each group large enough."""
    points = alt.Chart(rows).mark_point(filled=True, size=45)
    points = points.encode(
        x=alt.X("expected_recall:Q", title="Expected recall", scale=alt.Scale(zero=False)),
        y=alt.Y("group_code:N", title=None, sort=alt.SortField("first_age")),
        color=alt.Color(
            "source:N",
            title=None,
            scale=alt.Scale(range=[OUT, IN]),
            legend=alt.Legend(orient="top", columns=1, labelLimit=320),
        ),
        tooltip=["source:N", "group_code:N", alt.Tooltip("expected_recall:Q", format=".4f")],
    )
    header = alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start", labelOrient="top", labelFontWeight="bold")
    row = alt.Row("group_kind:N", title=None, sort=list(GROUP_KINDS.values()), header=header)
    subtitle = "Share of the links that exist among candidates"
    faceted = points.properties(width=WIDTH - 160, height=alt.Step(11)).facet(
        row=row, title=heading("Expected recall of links to persons", subtitle, rows), spacing=8
    )
    return faceted.resolve_scale(y="independent")
