"""Simulate a country: lives, then registers, then delivery files and the truth beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from migflow import countries
from migflow.deliveries.layouts import Provider, load_providers
from migflow.simulation import identity, lives, residence, truth
from migflow.simulation.activity_extract import ActivityExtract
from migflow.simulation.acts import BIRTH, DEATH, register_acts
from migflow.simulation.addresses import AddressBook
from migflow.simulation.calendar import day
from migflow.simulation.config import SimulationConfig
from migflow.simulation.declarations import declare
from migflow.simulation.deliver import (
    Delivery,
    Office,
    deliver_activity,
    deliver_acts,
    deliver_cadastre,
    deliver_declarations,
    deliver_persons,
)
from migflow.simulation.person_extract import PersonExtract
from migflow.simulation.registry import keep_registry


@dataclass(frozen=True)
class SimulationResult:
    """deliveries: file, source, reference month (YYYY-MM) and provider of each; truth: the folder of its tables."""

    deliveries: list[Delivery]
    truth: Path


def simulate(
    out: Path,
    *,
    persons: int = 40_000,
    years: int = 5,
    last_year: int = 2024,
    seed: int = 1,
    config: SimulationConfig | None = None,
    progress: Callable[[str], None] | None = None,
) -> SimulationResult:
    """Write out/deliveries/<month>/<provider>/<source>.<ext> and out/truth/*.parquet; same seed, same bytes."""
    config, say = config or SimulationConfig(), progress or (lambda _: None)
    first_year = last_year - years + 1
    start = day(first_year)
    streams = [np.random.default_rng([seed, part]) for part in range(7)]
    world = lives.live(streams[0], config.lives, persons, first_year, years, say)
    say("registers")
    codes, _, _ = lives.countries_of_migration()
    moves, changes = world.moves.joined(), residence.steps(world, start)
    truth.write_lives(out / "truth", world, changes, codes)
    declared = declare(streams[1], config.counters, world, moves)
    acts = register_acts(streams[2], config.registry, world)
    registry = keep_registry(
        streams[3], config.registry, world, moves, declared, start, acts.entries(BIRTH), acts.entries(DEATH)
    )
    count = world.people.count
    numbers = identity.personal_numbers(int(streams[4].integers(0, 10**9)), count + registry.count // 50 + 100)
    book = AddressBook(world.country)
    office = Office(out, _providers(), world, moves, book, numbers, codes)
    extract = PersonExtract(streams[4], config.registry, world, registry, book, numbers, codes)
    deliveries = deliver_persons(office, extract, first_year, years, say)
    deliveries += deliver_cadastre(office, first_year, years, say)
    say("events and declarations")
    deliveries += deliver_acts(office, streams[5], config.registry, acts, changes.timeline, first_year, years)
    deliveries += deliver_declarations(office, streams[5], config.counters, declared, first_year, years)
    active = ActivityExtract(streams[6], config.others, world, residence.spells(world, changes), numbers)
    deliveries += deliver_activity(office, active, first_year, years)
    return SimulationResult(deliveries, out / "truth")


def _providers() -> dict[str, Provider]:
    return load_providers(countries.find("kosovo"))
