"""Days as int32 counts since 1970-01-01, the form in which the simulation keeps every date."""

import datetime as dt

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int32]
NEVER = np.int32(2**30)  # later than any day of a simulation


def day(year: int, month: int = 1, day_of_month: int = 1) -> int:
    """Day number of a date."""
    return (dt.date(year, month, day_of_month) - dt.date(1970, 1, 1)).days


def month_index(days: Days) -> npt.NDArray[np.int32]:
    """Months since 1970-01 of each day."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)


def month_name(index: int) -> str:
    """YYYY-MM of months since 1970-01."""
    return f"{1970 + index // 12:04d}-{index % 12 + 1:02d}"


def parts(days: Days) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Year, month (1-12) and day of month (1-31)."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    number = months.astype(np.int32)
    of_month = (dates - months.astype("datetime64[D]")).astype(np.int32) + 1
    return number // 12 + 1970, number % 12 + 1, of_month


def swap_day_and_month(days: Days) -> Days:
    """Each date with day and month exchanged where that is a date, else unchanged."""
    year, month, of_month = parts(days)
    possible = of_month <= 12
    months = (year - 1970) * 12 + np.where(possible, of_month, month) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    return np.where(possible, first + month - 1, days).astype(np.int32)
