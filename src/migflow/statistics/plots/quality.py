"""Charts of quality: how many links are expected to have been found."""

import altair as alt
import pandas as pd

from migflow.statistics.plots.style import IN, OUT, WIDTH, heading

GROUP_KINDS = {
    "all": "All",
    "sex": "Sex",
    "age_group": "Age",
    "citizenship": "Citizenship",
    "municipality": "Municipality",
}


def expected_recall(rows: pd.DataFrame) -> alt.FacetChart:
    """rows: source, group_kind, group_code, first_age, expected_recall of each group that is large enough."""
    groups = rows.assign(kind=rows["group_kind"].map(GROUP_KINDS))
    points = alt.Chart(groups).mark_point(filled=True, size=45)
    points = points.encode(
        x=alt.X("expected_recall:Q", title="Expected recall", scale=alt.Scale(zero=False)),
        y=alt.Y("group_code:N", title=None, sort=alt.SortField("first_age")),
        color=alt.Color(
            "source:N", title="Records of", scale=alt.Scale(range=[OUT, IN]), legend=alt.Legend(orient="top")
        ),
        tooltip=["source:N", "group_code:N", alt.Tooltip("expected_recall:Q", format=".4f")],
    )
    header = alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start", labelOrient="top", labelFontWeight="bold")
    row = alt.Row("kind:N", title=None, sort=list(GROUP_KINDS.values()), header=header)
    subtitle = "Share of the links that exist among candidates"
    faceted = points.properties(width=WIDTH - 160, height=alt.Step(11)).facet(
        row=row, title=heading("Expected recall of links to persons", subtitle, rows), spacing=8
    )
    return faceted.resolve_scale(y="independent")
