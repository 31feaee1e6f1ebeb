"""What a report is about."""

import datetime as dt
from dataclasses import dataclass

from migflow.countries import Country
from migflow.publish.report.deliveries import Delivered


@dataclass(frozen=True)
class Vintage:
    """Name of the vintage, country, the period that is accounted for, and what was delivered."""

    name: str
    country: Country
    first_day: dt.date
    as_of: dt.date
    delivered: tuple[Delivered, ...]
