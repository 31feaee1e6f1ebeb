"""What people declare at municipal counters of the moves they make, and when."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migflow.simulation.config import MunicipalCounters
from migflow.simulation.population import ABROAD
from migflow.simulation.world import EMIGRATION, IMMIGRATION, INTERNAL, RETURN, Ints, World

ARRIVAL, DEPARTURE, CHANGE = range(3)


@dataclass(frozen=True)
class Declarations:
    """One entry a declaration: kind, the move it is about (row of the move log), day declared, municipality."""

    kind: Ints
    move: Ints
    declared: Ints
    municipality: Ints

    def chosen(self, rows: npt.NDArray) -> "Declarations":
        """Some of the declarations."""
        return Declarations(self.kind[rows], self.move[rows], self.declared[rows], self.municipality[rows])


def delays(rng: np.random.Generator, count: int, late: float, late_months: float, prompt_days: float) -> Ints:
    """Days from an event to its entry: mostly some days, for a share of them months."""
    is_late = rng.random(count) < late
    days = np.where(is_late, 30 + rng.exponential(late_months * 30.4, count), rng.exponential(prompt_days, count))
    return days.astype(np.int32)


def declare(rng: np.random.Generator, rates: MunicipalCounters, world: World, moves: dict[str, Ints]) -> Declarations:
    """Declarations made before the simulation ends; those who move together declare together."""
    of = world.country.dwellings.municipality
    origin = np.where(moves["origin"] == ABROAD, -1, of[moves["origin"]])
    destination = np.where(moves["destination"] == ABROAD, -1, of[moves["destination"]])
    internal, kind = moves["kind"] == INTERNAL, moves["kind"]
    between, within = internal & (origin != destination), internal & (origin == destination)
    parts = [
        (ARRIVAL, between, rates.arrival_declared, destination),
        (DEPARTURE, between, rates.departure_declared, origin),
        (CHANGE, within, rates.change_declared, destination),
        (DEPARTURE, kind == EMIGRATION, rates.emigration_declared, origin),
        (ARRIVAL, kind == IMMIGRATION, rates.immigration_declared, destination),
        (ARRIVAL, kind == RETURN, rates.return_declared, destination),
    ]
    kinds, rows, days, places = [], [], [], []
    for what, concerned, share, place in parts:
        decides = rng.random(world.units) < share
        lag = delays(rng, world.units, rates.late_entry, rates.late_months, rates.prompt_days)
        at = np.flatnonzero(concerned & decides[moves["unit"]])
        at = at[rng.random(len(at)) >= rates.member_left_out]
        kinds.append(np.full(len(at), what, np.int32))
        rows.append(at.astype(np.int32))
        days.append(moves["day"][at] + lag[moves["unit"][at]])
        places.append(place[at].astype(np.int32))
    made = Declarations(*(np.concatenate(c) for c in (kinds, rows, days, places)))
    twice = np.flatnonzero(rng.random(len(made.move)) < rates.double_entry)
    again = made.chosen(twice)
    made = Declarations(
        np.concatenate([made.kind, again.kind]),
        np.concatenate([made.move, again.move]),
        np.concatenate([made.declared, again.declared + rng.integers(0, 40, len(twice)).astype(np.int32)]),
        np.concatenate([made.municipality, again.municipality]),
    )
    return made.chosen(made.declared < world.end)
