"""Moving a group of persons into other households: the one place where residence changes."""

import numpy as np

from migflow.simulation.population import ABROAD
from migflow.simulation.world import Ints, World


def relocate(
    world: World,
    persons: Ints,
    group: Ints,
    day: Ints,
    household: Ints,
    unit: Ints,
    kind: int,
    country: Ints | int,
    reason: Ints | int,
) -> None:
    """Move persons to the household of their group and log it.

    group: position of each person in day, household, unit and (where arrays) country and reason. A group
    waits for a child born in the period; who dies before the day stays behind; who already lives in that
    dwelling changes household without a move.
    """
    p = world.people
    day = day.copy()
    np.maximum.at(day, group, np.where(p.birth[persons] >= world.start, p.birth[persons] + 1, 0).astype(day.dtype))
    goes = p.death[persons] > day[group]
    persons, group = persons[goes], group[goes]
    target = world.dwelling[household]
    origin = world.dwelling[p.household[persons]]
    moves = origin != target[group]
    moving, of = persons[moves], group[moves]
    world.log_moves(
        moving,
        day[of],
        target[of],
        kind,
        country=country[of] if isinstance(country, np.ndarray) else country,
        unit=unit[of],
        reason=reason[of] if isinstance(reason, np.ndarray) else reason,
    )
    p.home[persons] = np.where(target[group] == ABROAD, origin, target[group])
    p.household[persons] = household[group]
    world.busy[persons] = True
