"""What the platform that connects the other registers sends of activity in them, a year at a time."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migflow.simulation import identity
from migflow.simulation.activity import ACTIVITIES, Habits, activity_of_year
from migflow.simulation.config import OtherRegisters
from migflow.simulation.files import Column, Dates
from migflow.simulation.handwriting import Texts
from migflow.simulation.world import Ints, World


class ActivityExtract:
    """Rows of administrative_activity, from the year before the first on."""

    def __init__(
        self,
        rng: np.random.Generator,
        rates: OtherRegisters,
        world: World,
        spells: dict[str, Ints],
        numbers: npt.NDArray[np.int64],
    ) -> None:
        self._rng, self._rates, self._world, self._numbers = rng, rates, world, numbers
        self._habits = Habits.drawn(rng, rates, world.people.count)
        self._spells = _with_year_before(rng, world, spells)

    def columns(self, begin: int, end: int) -> dict[str, Column]:
        """Columns of the activity of days [begin, end)."""
        rng, world = self._rng, self._world
        active = activity_of_year(rng, self._rates, world, self._habits, self._spells, (begin, end))
        number = self._numbers[active.person]
        number = np.where(rng.random(len(number)) < self._rates.number_missing, -1, number)
        wrong = np.flatnonzero((rng.random(len(number)) < self._rates.number_mistyped) & (number >= 0))
        number[wrong] = identity.mistyped(rng, number[wrong])
        return {
            "record_id": pa.array(np.arange(1, len(number) + 1)).cast(pa.string()),
            "personal_number": identity.as_text(number),
            "birth_date": Dates(world.people.birth[active.person]),
            "activity": Texts(active.kind, list(ACTIVITIES)),
            "municipality": Texts(active.municipality, world.country.municipalities.code),
            "first_day": Dates(active.first),
            "last_day": Dates(active.last),
        }


def _with_year_before(rng: np.random.Generator, world: World, spells: dict[str, Ints]) -> dict[str, Ints]:
    """Spells that reach back into the year before the first: some came back in it, some of those abroad left in it."""
    people, lives, start = world.people, world.lives, int(spells["from"].min()) + 1
    at_start = spells["from"] < start
    came = at_start & (rng.random(len(at_start)) < lives.returns / 1000)
    day = start - 1 - rng.integers(0, 365, len(at_start))
    born = people.birth[spells["person"]]
    begin = np.where(at_start, np.where(came, np.maximum(day, born), born), spells["from"])
    gone = np.flatnonzero(~world.first_resident).astype(np.int32)
    gone = gone[rng.random(len(gone)) < lives.emigration / 1000 / lives.initial_abroad]
    before = {
        "person": gone,
        "dwelling": world.first_dwelling[gone],
        "from": people.birth[gone],
        "to": (start - 1 - rng.integers(0, 365, len(gone))).astype(np.int32),
    }
    reached = spells | {"from": begin.astype(np.int32)}
    return {name: np.concatenate([reached[name], column]) for name, column in before.items()}
