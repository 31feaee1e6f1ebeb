"""The age profile of internal migration with the model schedule of Rogers and Castro fitted to it."""

import altair as alt
import pandas as pd

from migflow.statistics.indices import RogersCastroFit, fit_rogers_castro, rogers_castro
from migflow.statistics.indices.flows import IndexInputError
from migflow.statistics.plots.style import BY_SEX, number, titled, year_of

OLDEST = 84  # behind it single ages hold few persons, and their rates are unsteady
FITS = "fits"


def with_fit(rows: pd.DataFrame) -> pd.DataFrame:
    """The rates with the fitted ones beside them (fitted); the fits by sex are in the attribute fits."""
    fits = {str(sex): fit for sex, of_sex in rows.groupby("sex") if (fit := _fit(of_sex)) is not None}
    made = rows.assign(fitted=float("nan"))
    for sex, fit in fits.items():
        here = (rows["sex"] == sex) & (rows["age"] <= OLDEST)
        made.loc[here, "fitted"] = rogers_castro(rows.loc[here, "age"], **fit.parameters).to_numpy()
    made.attrs[FITS] = fits
    return made


def _fit(rates: pd.DataFrame) -> RogersCastroFit | None:
    """The seven-parameter schedule; None where there are too few ages, or no profile, to fit one."""
    known = rates[rates["age"] <= OLDEST].dropna(subset="movers_rate")
    try:
        return fit_rogers_castro(known["age"], known["movers_rate"])
    except IndexInputError:
        return None


def parameters(rows: pd.DataFrame) -> pd.DataFrame:
    """Of rows with_fit: sex, parameter, estimate, lower, upper (95 %), R2."""
    tables = [
        fit.intervals.reset_index(names="parameter").assign(sex=sex, R2=fit.R2)
        for sex, fit in sorted(rows.attrs[FITS].items())
    ]
    columns = ["sex", "parameter", "estimate", "lower", "upper", "R2"]
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def age_profile(rows: pd.DataFrame) -> alt.LayerChart:
    """rows: with_fit of year, age, sex, movers_rate, suppressed: points are observed, lines are fitted.

    Older than OLDEST few move: where small counts are suppressed, only ages at which nobody did would be seen.
    """
    drawn = rows[rows["age"] <= OLDEST]
    base = alt.Chart(drawn).encode(
        x=alt.X("age:Q", title="Age", axis=alt.Axis(values=list(range(0, OLDEST, 10)))),
        color=BY_SEX,
        tooltip=["age:Q", "sex:N", number("movers_rate", "movers per 1,000"), number("fitted")],
    )
    points = base.mark_point(filled=True, size=22, opacity=0.55).encode(
        y=alt.Y("movers_rate:Q", title="Movers per 1,000 residents")
    )
    lines = base.mark_line(strokeWidth=2.5).encode(y="fitted:Q")
    quality = ", ".join(f"{sex} R² {fit.R2:.3f}" for sex, fit in sorted(rows.attrs.get(FITS, {}).items()))
    subtitle = f"{year_of(rows)}, ages to {OLDEST}; lines: Rogers-Castro schedule"
    made: alt.LayerChart = titled(
        alt.layer(points, lines) if rows["fitted"].notna().any() else alt.layer(points),
        "Age profile of internal migration",
        f"{subtitle} ({quality})" if quality else f"{year_of(rows)}, ages to {OLDEST}; no schedule can be fitted",
        300,
        drawn,
    )
    return made
