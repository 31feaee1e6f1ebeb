"""The simulated people: one array an attribute, room for those yet to come, and the log of what happens to them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from migflow.simulation.calendar import NEVER

Ints = npt.NDArray[np.int32]
Column = npt.NDArray

KOSOVO = 0  # index of the own country among the citizenships; others follow in the order of countries.csv
SINGLE, MARRIED, WIDOWED, DIVORCED = range(4)
NOBODY = -1
ABROAD = -1  # the dwelling of a household outside the country

PERSON_FIELDS: Mapping[str, tuple[type, int]] = {
    "sex": (np.int8, 0),  # 0 F, 1 M
    "birth": (np.int32, 0),
    "death": (np.int32, int(NEVER)),
    "community": (np.int8, 0),
    "first": (np.int32, 0),  # name ids
    "surname": (np.int32, 0),
    "birth_surname": (np.int32, 0),
    "father_first": (np.int32, 0),
    "mother_first": (np.int32, 0),
    "father": (np.int32, NOBODY),  # persons
    "mother": (np.int32, NOBODY),
    "spouse": (np.int32, NOBODY),
    "household": (np.int32, 0),
    "citizenship": (np.int8, KOSOVO),
    "marital": (np.int8, SINGLE),
    "last_birth": (np.int32, -int(NEVER)),
    "birth_municipality": (np.int8, -1),  # -1 abroad
    "home": (np.int32, -1),  # dwelling last lived in, also of those abroad
}


class People:
    """Persons as columns; persons are numbered from 0 and never removed."""

    sex: Column
    birth: Column
    death: Column
    community: Column
    first: Column
    surname: Column
    birth_surname: Column
    father_first: Column
    mother_first: Column
    father: Column
    mother: Column
    spouse: Column
    household: Column
    citizenship: Column
    marital: Column
    last_birth: Column
    birth_municipality: Column
    home: Column

    def __init__(self) -> None:
        self.count = 0
        for name, (kind, _) in PERSON_FIELDS.items():
            setattr(self, name, np.empty(0, kind))

    def add(self, count: int, **values: Column | int) -> Ints:
        """Append persons; attributes not given take their default. Returns their numbers."""
        for name, (kind, default) in PERSON_FIELDS.items():
            new: Column = np.empty(count, kind)
            new[:] = values.get(name, default)
            setattr(self, name, np.concatenate([getattr(self, name), new]))
        numbers = np.arange(self.count, self.count + count, dtype=np.int32)
        self.count += count
        return numbers

    def age(self, persons: Ints, at: float) -> npt.NDArray[np.float64]:
        """Exact age in years at a day."""
        return (at - self.birth[persons]) / 365.25


class Log:
    """Events as batches of columns, joined at the end."""

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self._batches: list[dict[str, Column]] = []

    def add(self, **values: Column | int) -> None:
        """Append a batch; a single number holds for all its rows."""
        length = max((len(v) for v in values.values() if isinstance(v, np.ndarray)), default=0)
        batch = {}
        for name in self.columns:
            column = np.empty(length, np.int32)
            column[:] = values[name]
            batch[name] = column
        self._batches.append(batch)

    def joined(self) -> dict[str, Ints]:
        """All events, in the order they were added."""
        empty = np.empty(0, np.int32)
        return {c: np.concatenate([empty, *(b[c] for b in self._batches)]) for c in self.columns}
