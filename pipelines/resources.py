"""The home a run works on: its store and country, locked against other runs for as long as the run lasts."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dagster as dg

from migflow import countries, locking
from migflow.countries import Country
from migflow.deliveries.layouts import Provider, load_providers
from migflow.privacy import keep_private
from migflow.settings import Settings
from migflow.store import Store


@dataclass(frozen=True)
class Home:
    """What every step needs: the tables, and the country they are about."""

    store: Store
    country: Country

    @classmethod
    def of(cls, settings: Settings) -> "Home":
        """The home that the settings name."""
        return cls(Store(settings), countries.load(settings.country))

    @functools.cached_property
    def providers(self) -> Mapping[str, Provider]:
        """The country's providers and their layouts."""
        return load_providers(self.country.folder)


def locked_home(settings: Settings) -> dg.ResourceDefinition:
    """The home as a resource that holds its lock from the start of a run to its end.

    With the in-process executor a resource lives as long as the run. A second run waits up to
    settings.lock_wait_seconds and is then refused with the name of the first.
    """

    @dg.resource(description=f"The home {settings.home}, held by one run at a time")
    def home(context: dg.InitResourceContext) -> Iterator[Home]:
        run = f"run {context.run_id[:8]}" if context.run_id else "a run"
        warn = context.log.warning if context.log else None
        keep_private()
        with locking.only_one(settings.home, run, settings.lock_wait_seconds, waiting=warn):
            found = Home.of(settings)
            found.store.sweep()
            yield found

    return home
