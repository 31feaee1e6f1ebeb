"""What should have been delivered and was not: months of a provider, municipalities of a snapshot."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migflow import contracts
from migflow.countries import Country
from migflow.deliveries.layouts import Provider
from migflow.deliveries.manifests import current_manifests
from migflow.store import Store


@dataclass(frozen=True)
class Gap:
    """Something missing: in which month, of which area or provider, said in a sentence."""

    source: str
    month: str
    missing: str
    message: str


def gaps(store: Store, source: str, country: Country, providers: Mapping[str, Provider]) -> list[Gap]:
    """Every gap of a source: municipalities without a row in a stored snapshot, then months not delivered."""
    areas: list[Gap] = []
    if _is_snapshot(source):
        for month in store.partitions(source):
            areas += missing_areas(store, source, month, country)
    return areas + missing_deliveries(store, source, providers)


def missing_areas(store: Store, source: str, month: str, country: Country) -> list[Gap]:
    """Municipalities of the profile that have no row in one stored month of a source."""
    with store.session(source) as con:
        con.execute(f"SELECT DISTINCT municipality FROM {source} WHERE reference_month = ?", [month])
        present = {row[0] for row in con.fetchall()}
    total = len(country.municipalities)
    return [
        Gap(
            source,
            month,
            area.code,
            f"{source} {month} has no row in {area.code} {area.name}; expected rows in each of the {total} "
            "municipalities. Ask the provider for a complete file and receive it for the same month.",
        )
        for area in country.municipalities
        if area.code not in present
    ]


def missing_deliveries(store: Store, source: str, providers: Mapping[str, Provider]) -> list[Gap]:
    """Months not delivered, from each provider's first month to the newest of the source.

    A snapshot is expected in the months in which any provider sent one; other sources every month.
    """
    received: dict[str, set[str]] = {p.id: set() for p in providers.values() if source in p.layouts}
    for manifest in current_manifests(store.home, source):
        received.setdefault(manifest.provider, set()).add(manifest.reference_month)
    found = sorted(set().union(*received.values()))
    if not found:
        return []
    expected = found if _is_snapshot(source) else list(_months(found[0], found[-1]))
    result = []
    for provider, months in sorted(received.items()):
        first = min(months, default=expected[-1])
        result += [
            Gap(source, month, provider, f"{source} {month}: nothing received from {provider}.")
            for month in expected
            if month >= first and month not in months
        ]
    return result


def _is_snapshot(source: str) -> bool:
    return contracts.load(source).delivery == contracts.SNAPSHOT


def _months(first: str, last: str) -> Iterator[str]:
    day = dt.date.fromisoformat(f"{first}-01")
    while (month := f"{day:%Y-%m}") <= last:
        yield month
        day = (day + dt.timedelta(days=31)).replace(day=1)
