"""Months: the partitions of every deliveries table."""

import datetime as dt
from pathlib import Path

import dagster as dg

from migflow import contracts
from migflow.deliveries import manifests

FORMAT = "%Y-%m"
# Before anything has landed; the first month that lands takes its place.
FIRST_MONTH = "2020-01"


def sources() -> list[str]:
    """The deliveries tables, by name."""
    return [c.table for c in contracts.load_all().values() if c.stage == "deliveries"]


def landed_months(home: Path) -> list[str]:
    """Months about which anything has landed, in order."""
    return sorted({month for source in sources() for month in manifests.months(home, source)})


def monthly(home: Path) -> dg.MonthlyPartitionsDefinition:
    """Months from the first that has landed to the current one.

    A calendar rather than a list of landed months: a month that nobody delivered shows as a hole, a late one
    takes its place in time, and a new one needs no registration.
    """
    landed = landed_months(home)
    first = dt.datetime.strptime(landed[0] if landed else FIRST_MONTH, FORMAT)
    return dg.MonthlyPartitionsDefinition(start_date=first, fmt=FORMAT, end_offset=1)
