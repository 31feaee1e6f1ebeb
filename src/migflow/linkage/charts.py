"""Charts of a linkage: what each level weighs, m and u, pairs by weight with expected quality; one page of all."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from migflow.linkage.expected import Judged, expected, expected_by_threshold, judge
from migflow.linkage.model import LinkageModel
from migflow.linkage.results import DedupeResult, LinkResult, probability_of, weight_of

FOR, AGAINST, NEUTRAL = "#1b7f79", "#d1495b", "#5b6c7d"
WIDTH = 560
Drawn = alt.Chart | alt.LayerChart | alt.FacetChart
_SIGN = alt.Scale(domain=["for", "against"], range=[FOR, AGAINST])
_SIDE = alt.Scale(domain=["for", "against", "together"], range=[FOR, AGAINST, NEUTRAL])
# The thresholds of the curves end where all odds are certain to the eye.
_MOST_WEIGHT = 30.0
_STYLE = """body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid #ddd; padding: .25rem .6rem; text-align: right; } th:first-child, td:first-child
{ text-align: left; } th { background: #f4f4f4; } .warning { color: #b3261e; }"""


def parameters_table(model: LinkageModel) -> pd.DataFrame:
    """Trained parameters: comparison, level, order (0 is the best level), m, u, weight (log2 of m / u)."""
    rows = []
    for comparison in model.compares:
        p = comparison.parameters
        if p is not None:
            rows += [
                (comparison.name, level, len(p.m) - 1 - n, p.m[n], p.u[n], float(p.weights[n]))
                for n, level in reversed(list(enumerate(comparison.level_names)))
            ]
    return pd.DataFrame(rows, columns=["comparison", "level", "order", "m", "u", "weight"])


def match_weights(model: LinkageModel) -> alt.FacetChart:
    """The weight of every level of every comparison: to the right it speaks for one person, to the left against."""
    return draw_weights(parameters_table(model), f"Match weights; prior weight {model.prior_weight:.1f}")


def draw_weights(parameters: pd.DataFrame, title: str) -> alt.FacetChart:
    """Match weights of a table of parameters (columns of parameters_table)."""
    table = parameters.assign(speaks=np.where(parameters["weight"] < 0, "against", "for"))
    bars = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("weight:Q", title="Match weight (log2 of m / u)"),
            y=alt.Y("level:N", title=None, sort=alt.SortField("order")),
            color=alt.Color("speaks:N", title="Speaks", scale=_SIGN),
            tooltip=["comparison", "level", _number("weight"), _figure("m"), _figure("u")],
        )
    )
    return _by_comparison(bars, table, title)


def probabilities(model: LinkageModel) -> alt.FacetChart:
    """m and u of every level: how often records of one person, and of two, are at it."""
    return draw_probabilities(parameters_table(model), "Probability of each level, m and u")


def draw_probabilities(parameters: pd.DataFrame, title: str) -> alt.FacetChart:
    """m and u of a table of parameters (columns of parameters_table)."""
    table = parameters.melt(["comparison", "level", "order"], ["m", "u"], "of", "probability")
    table["of"] = table["of"].map({"m": "one person (m)", "u": "two persons (u)"})
    bars = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("probability:Q", title="Probability of the level", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("level:N", title=None, sort=alt.SortField("order")),
            yOffset="of:N",
            color=alt.Color("of:N", title="Records of", scale=alt.Scale(range=[FOR, AGAINST])),
            tooltip=["comparison", "level", "of", _figure("probability")],
        )
    )
    return _by_comparison(bars, table, title)


def weights_and_quality(judged: Judged) -> alt.LayerChart:
    """Candidate pairs by match weight, and expected precision and recall if the threshold were at that weight."""
    weight = judged.weight[~np.isnan(judged.weight)]
    floors, pairs = np.unique(np.floor(weight), return_counts=True)
    bars = (
        alt.Chart(pd.DataFrame({"from": floors, "to": floors + 1, "pairs": pairs}))
        .mark_bar(color=NEUTRAL, opacity=0.45)
        .encode(
            x=alt.X("from:Q", bin="binned", title="Match weight"),
            x2="to:Q",
            y=alt.Y("pairs:Q", title="Candidate pairs", scale=alt.Scale(type="symlog"), stack=False),
            tooltip=["from", "to", alt.Tooltip("pairs:Q", format=",")],
        )
    )
    curves = _curves(judged, weight)
    lines = (
        alt.Chart(curves)
        .mark_line(point=alt.OverlayMarkDef(size=12))
        .encode(
            x="match_weight:Q",
            y=alt.Y("share:Q", title="Expected precision and recall", scale=alt.Scale(zero=False)),
            color=alt.Color("quality:N", title="Expected", scale=alt.Scale(range=[FOR, AGAINST])),
            tooltip=[_number("match_weight"), _figure("threshold"), "quality", _figure("share")],
        )
    )
    chosen = alt.Chart(pd.DataFrame({"match_weight": [weight_of(judged.threshold)]})).mark_rule(strokeDash=[4, 4])
    layers = alt.layer(bars, alt.layer(lines, chosen.encode(x="match_weight:Q"))).resolve_scale(y="independent")
    title = _title("Pairs by match weight, expected quality by threshold", "Broken line: the threshold used")
    return layers.properties(title=title, width=WIDTH, height=320)


def _curves(judged: Judged, weight: np.ndarray) -> pd.DataFrame:
    """threshold, match_weight, quality (precision or recall), share; at every half unit of weight."""
    lowest, highest = (float(weight.min()), float(weight.max())) if len(weight) else (0.0, 0.0)
    grid = np.arange(np.floor(lowest), min(np.ceil(highest), _MOST_WEIGHT) + 0.5, 0.5)
    table = expected_by_threshold(judged, [float(p) for p in probability_of(grid)])
    table = table.rename(columns={"expected_precision": "precision", "expected_recall": "recall"})
    return table.melt(["threshold", "match_weight"], ["precision", "recall"], "quality", "share").dropna()


def quality_by_group(column: str, groups: pd.DataFrame) -> alt.Chart:
    """Expected precision and recall by group (columns of expected_by_group)."""
    renamed = groups.rename(columns={"expected_precision": "precision", "expected_recall": "recall"})
    table = renamed.melt(["group", "links"], ["precision", "recall"], "quality", "share").dropna(subset="share")
    points = alt.Chart(table.assign(group=table["group"].fillna("(none)"))).mark_point(filled=True, size=70)
    return points.encode(
        x=alt.X("share:Q", title="Expected precision and recall", scale=alt.Scale(zero=False)),
        y=alt.Y("group:N", title=None),
        color=alt.Color("quality:N", title="Expected", scale=alt.Scale(range=[FOR, AGAINST])),
        tooltip=["group", alt.Tooltip("links:Q", format=","), "quality", _figure("share")],
    ).properties(title=_title(f"Expected quality by {column}", ""), width=WIDTH)


def waterfall(parts: pd.DataFrame) -> alt.LayerChart:
    """From the prior weight to the match weight (parts as of Explanation.table); it shows both records' values."""
    end = parts["weight"].cumsum()
    steps = pd.DataFrame(
        {
            "part": [_part(row) for row in parts.itertuples()],
            "from": end - parts["weight"],
            "to": end,
            "weight": parts["weight"],
            "side": np.where(parts["weight"] < 0, "against", "for"),
        }
    )
    last = float(end.iloc[-1])
    end_row = {"part": "match weight", "from": 0.0, "to": last, "weight": last, "side": "together"}
    steps = pd.concat([steps, pd.DataFrame([end_row])], ignore_index=True)
    steps["order"] = np.arange(len(steps))
    y = alt.Y("part:N", title=None, sort=alt.SortField("order"), axis=alt.Axis(labelLimit=420))
    bars = (
        alt.Chart(steps)
        .mark_bar()
        .encode(
            x=alt.X("from:Q", title="Match weight"),
            x2="to:Q",
            y=y,
            color=alt.Color("side:N", title="Speaks", scale=_SIDE),
            tooltip=["part", _number("weight")],
        )
    )
    figures = (
        alt.Chart(steps).mark_text(align="left", dx=4).encode(x="to:Q", y=y, text=alt.Text("weight:Q", format="+.2f"))
    )
    probability = float(probability_of(np.asarray(last)))
    title = _title("Why the pair weighs what it weighs", f"Match probability {probability:.6f}")
    return alt.LayerChart(layer=[bars, figures], title=title, width=WIDTH)


def _part(row: object) -> str:
    level = getattr(row, "level", None)
    if not isinstance(level, str):
        return str(getattr(row, "comparison", ""))
    values = [
        v if isinstance(v, str) else "-" for v in (getattr(row, "left_value", ""), getattr(row, "right_value", ""))
    ]
    # Parts are told apart by their text: a comparison and the frequency of its value differ in the level.
    return f"{getattr(row, 'comparison', '')}: {level} ({values[0]} / {values[1]})"


def report(
    result: LinkResult | DedupeResult,
    path: str | Path,
    *,
    judged: Judged | None = None,
    groups: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """Write one HTML page of the linkage that loads nothing from anywhere and holds no value of a record.

    judged: the pairs as judged (default: judge(result)); groups: tables of expected_by_group, by column.
    MigflowError if the result has no candidates.
    """
    judged = judge(result) if judged is None else judged
    by_group = [quality_by_group(column, table) for column, table in (groups or {}).items()]
    drawn: list[Drawn] = [
        weights_and_quality(judged),
        *by_group,
        match_weights(result.model),
        probabilities(result.model),
    ]
    Path(path).write_text(_page(_opening(result, judged), drawn), encoding="utf-8")


def _opening(result: LinkResult | DedupeResult, judged: Judged) -> str:
    """The figures before the charts."""
    found = expected(judged)
    lines = [
        f"<p>{found.links:,} linked pairs; threshold {judged.threshold:g} (match probability). Expected precision "
    ]
    lines += [f"{found.precision:.4f}, expected recall among candidate pairs {found.recall:.4f}. Both come from match "]
    lines += ["probabilities, not from known matches; pairs that no blocking rule makes are not seen.</p>"]
    if result.training is not None:
        end = "converged" if result.training.converged else "did not converge"
        lines += [f"<p>Training {end} after {result.training.iterations:,} iterations.</p>"]
        lines += [f'<p class="warning">{html.escape(w)}</p>' for w in result.training.warnings]
    blocks = pd.DataFrame(
        [(b.rule, b.pairs, b.keys, b.largest) for b in result.blocking],
        columns=["blocking rule", "candidate pairs", "blocks", "pairs of the largest"],
    )
    return "".join(lines) + blocks.to_html(
        index=False, border=0, formatters=dict.fromkeys(blocks.columns[1:], "{:,}".format)
    )


def _page(opening: str, drawn: Sequence[Drawn]) -> str:
    import vl_convert

    # The signature asks for a snippet; without one, the libraries put vegaEmbed into the page.
    libraries = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    places = "\n".join(f'<div id="chart{n}"></div>' for n in range(len(drawn)))
    # A closing tag inside a value must not end the script.
    specs = ",\n".join(json.dumps(chart.to_dict()).replace("</", "<\\/") for chart in drawn)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Linkage</title>\n'
        f"<style>{_STYLE}</style>\n<script>{libraries}</script></head>\n"
        f"<body><h1>Linkage</h1>\n{opening}\n{places}\n"
        f"<script>[{specs}].forEach((s, n) => vegaEmbed('#chart' + n, s, {{actions: false}}));</script>\n"
        "</body></html>\n"
    )


def _by_comparison(bars: alt.Chart, table: pd.DataFrame, title: str) -> alt.FacetChart:
    order = list(table["comparison"].unique())
    header = alt.Header(labelAngle=0, labelAlign="left", labelLimit=160)
    row = alt.Row("comparison:N", title=None, sort=order, header=header)
    faceted = bars.properties(width=WIDTH - 160).facet(row=row, title=_title(title, ""))
    return faceted.resolve_scale(y="independent")


def _title(text: str, subtitle: str) -> alt.TitleParams:
    return alt.TitleParams(text=text, subtitle=subtitle, anchor="start", fontSize=16, subtitleColor="#666")


def _number(column: str) -> alt.Tooltip:
    return alt.Tooltip(f"{column}:Q", format=".2f")


def _figure(column: str) -> alt.Tooltip:
    return alt.Tooltip(f"{column}:Q", format=".4g")
