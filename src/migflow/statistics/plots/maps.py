"""The flow map: municipalities at their coordinates, the largest flows between them as arcs."""

import altair as alt
import numpy as np
import pandas as pd

from migflow.statistics.plots.style import IN, NEUTRAL, OUT, QUIET, titled, year_of

DRAWN = 60
BEND, STEPS, ARROW = 0.16, 16, 10


def flow_map(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: year, origin, destination, moves, suppressed, net and coordinates of both, largest first.

    An arc bends to the left of its direction, so that both directions of a pair are seen; its arrow points there.
    """
    flows = rows.dropna(subset=["moves"]).head(DRAWN)
    drawn = _arcs(flows)
    width = alt.StrokeWidth("moves:Q", title="Moves", scale=alt.Scale(range=[0.6, 9], zero=True))
    legend = alt.Legend(orient="bottom")
    place = {"longitude": "longitude:Q", "latitude": "latitude:Q"}
    told = ["origin:N", "destination:N", alt.Tooltip("moves:Q", format=",")]
    lines = alt.Chart(drawn).mark_line(color=NEUTRAL, opacity=0.55, strokeCap="round")
    lines = lines.encode(**place, strokeWidth=width.legend(legend), detail="flow:N", order="step:Q", tooltip=told)
    arrows = alt.Chart(drawn[drawn["step"] == ARROW]).mark_point(shape="triangle", filled=True, color="#2f3b45")
    arrows = arrows.encode(**place, angle=alt.Angle("angle:Q", scale=None), size=alt.value(42), tooltip=told)
    points = alt.Chart(_points(rows)).mark_circle(size=60, opacity=1, stroke="white", strokeWidth=0.8)
    scale = alt.Scale(domain=["gain", "loss", "not known"], range=[IN, OUT, QUIET])
    points = points.encode(
        **place,
        color=alt.Color("balance:N", scale=scale, legend=None),
        tooltip=["area:N", alt.Tooltip("net:Q", format="+,")],
    )
    names = alt.Chart(_points(rows[rows["origin"].isin(_busiest(flows))])).mark_text(dy=-9, fontSize=10, color="#222")
    names = names.encode(**place, text="area:N")
    subtitle = f"The {len(flows)} largest flows of {year_of(rows)}; points: gain green, loss red, not known grey"
    made: alt.LayerChart = titled(
        alt.layer(lines, arrows, points, names), "Where people moved", subtitle, 520, rows
    ).project("mercator")
    return made


def _points(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a municipality: area, net, balance (gain, loss, not known), longitude, latitude."""
    ends = [
        rows[[end, f"{end}_net", f"{end}_longitude", f"{end}_latitude"]].set_axis(
            ["area", "net", "longitude", "latitude"], axis=1
        )
        for end in ("origin", "destination")
    ]
    points = pd.concat(ends).drop_duplicates("area").sort_values("area")
    balance = np.where(points["net"] >= 0, "gain", np.where(points["net"].isna(), "not known", "loss"))
    return points.assign(balance=balance)


def _busiest(flows: pd.DataFrame) -> list[str]:
    """Municipalities with most moves among the drawn flows, as many as names fit."""
    ends = pd.concat([flows.groupby("origin")["moves"].sum(), flows.groupby("destination")["moves"].sum()])
    return list(ends.groupby(level=0).sum().sort_values(ascending=False, kind="stable").head(12).index)


def _arcs(flows: pd.DataFrame) -> pd.DataFrame:
    """Points along the arc of each flow: flow, step, longitude, latitude, angle (clockwise from north)."""
    x0, y0, x1, y1 = (
        flows[f"{end}_{axis}"].to_numpy(float)[:, None]
        for end in ("origin", "destination")
        for axis in ("longitude", "latitude")
    )
    stretch = np.cos(np.radians((y0 + y1) / 2))
    t = np.linspace(0, 1, STEPS + 1)[None, :]
    middle_x = (x0 + x1) / 2 - BEND * (y1 - y0) / stretch
    middle_y = (y0 + y1) / 2 + BEND * (x1 - x0) * stretch
    x = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * middle_x + t**2 * x1
    y = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * middle_y + t**2 * y1
    angle = np.degrees(np.arctan2(np.gradient(x, axis=1) * stretch, np.gradient(y, axis=1)))
    each = STEPS + 1
    return pd.DataFrame(
        {
            "flow": np.repeat(np.arange(len(flows)), each),
            "origin": flows["origin"].repeat(each).to_numpy(),
            "destination": flows["destination"].repeat(each).to_numpy(),
            "moves": flows["moves"].repeat(each).to_numpy(),
            "step": np.tile(np.arange(each), len(flows)),
            "longitude": x.ravel().round(5),
            "latitude": y.ravel().round(5),
            "angle": angle.ravel().round(1),
        }
    )
