"""What the civil registry sends of persons: snapshots in which a record stays as it was once written."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migflow.simulation import identity
from migflow.simulation.addresses import AddressBook
from migflow.simulation.calendar import NEVER
from migflow.simulation.config import CivilRegistry
from migflow.simulation.country import SERBIAN_MAJORITY
from migflow.simulation.files import Column, Dates
from migflow.simulation.handwriting import Clerk, Texts
from migflow.simulation.names import rows
from migflow.simulation.population import SINGLE
from migflow.simulation.registry import Registry
from migflow.simulation.world import World

Ints = npt.NDArray[np.int32]

MARITAL = ["single", "married", "widowed", "divorced"]


class PersonExtract:
    """Snapshots of the registry's persons: what is written stays as it was written."""

    def __init__(
        self,
        rng: np.random.Generator,
        rates: CivilRegistry,
        world: World,
        registry: Registry,
        book: AddressBook,
        numbers: npt.NDArray[np.int64],
        codes: list[str],
    ) -> None:
        self.registry, self.codes = registry, codes
        people, person = world.people, registry.person
        of = world.country.dwellings.municipality
        self._municipality_of = of
        serbian = np.isin(world.country.municipalities.code, SERBIAN_MAJORITY)
        entry = np.full(registry.count, -1, np.int32)
        entry[registry.addresses.record[::-1]] = registry.addresses.value[::-1]
        language = serbian[of[registry.address_dwelling[entry]]].astype(np.int8)
        clerk = Clerk(rng, rates.text, world.first_names, world.surnames, language)
        surname = self._maiden(rng, rates, world, registry)
        self._first, self._surname = clerk.names(people.first[person], surname)
        self._first_surname_code = clerk.native_surname
        self._birth_surname = clerk.name(world.surnames, people.birth_surname[person])
        self._father = clerk.name(world.first_names, people.father_first[person])
        self._mother = clerk.name(world.first_names, people.mother_first[person])
        self._birth = np.minimum(clerk.birth_dates(people.birth[person]), registry.entered)
        self._numbers = self._written_numbers(rng, rates, numbers, people.count)
        self._sex, self._place = people.sex[person].astype(np.int32), self._birth_places(world, person, language)
        written = book.write(
            rng, rates.address, registry.address_dwelling, serbian[of[registry.address_dwelling]].astype(np.int8)
        )
        self._written = written
        self._codes = world.country.municipalities.code
        self.address = np.full(registry.count, -1, np.int32)
        self._state = {
            "surname": self._surname.codes.copy(),
            "citizenship": registry.citizenship.copy(),
            "marital": registry.marital.copy(),
            "present": np.ones(registry.count, np.int8),
            "death": np.full(registry.count, NEVER, np.int32),
        }

    def advance(self, after: int, until: int) -> None:
        """Let the news of days (after, until] reach the records."""
        r, state = self.registry, self._state
        r.addresses.apply(self.address, after, until)
        r.citizenships.apply(state["citizenship"], after, until)
        r.maritals.apply(state["marital"], after, until)
        r.present.apply(state["present"], after, until)
        r.deaths.apply(state["death"], after, until)
        low, high = np.searchsorted(r.surnames.day, [after, until], side="right")
        changed = r.surnames.record[low:high]
        state["surname"][changed] = self._first_surname_code + r.surnames.value[low:high]

    def present(self, day: int) -> npt.NDArray[np.int64]:
        """Records held at the end of a day."""
        return np.flatnonzero((self.registry.entered <= day) & (self._state["present"] == 1))

    def columns(self, rows: npt.NDArray[np.int64]) -> dict[str, Column]:
        """Columns of civil_registry_persons for the records given."""
        r, state = self.registry, self._state
        address = self.address[rows]
        at = pa.array(address)
        return {
            "record_id": pa.array(rows + 100_001).cast(pa.string()),
            "personal_number": identity.as_text(self._numbers[rows]),
            "first_name": Texts(self._first.codes[rows], self._first.values),
            "surname": Texts(state["surname"][rows], self._surname.values),
            "birth_surname": Texts(self._birth_surname.codes[rows], self._birth_surname.values),
            "father_name": Texts(self._father.codes[rows], self._father.values),
            "mother_name": Texts(self._mother.codes[rows], self._mother.values),
            "sex": Texts(self._sex[rows], ["F", "M"]),
            "birth_date": Dates(self._birth[rows]),
            "birth_place": Texts(self._place.codes[rows], self._place.values),
            "citizenship": Texts(state["citizenship"][rows], ["XK", *self.codes]),
            "marital_status": Texts(state["marital"][rows], MARITAL),
            "death_date": Dates(state["death"][rows]),
            "municipality": Texts(self._municipality_of[r.address_dwelling[address]], self._codes),
            "settlement": self._written.settlement.take(at),
            "address": self._written.address.take(at),
            "registered_since": Dates(r.address_since[address]),
        }

    @staticmethod
    def _maiden(rng: np.random.Generator, rates: CivilRegistry, world: World, registry: Registry) -> Ints:
        maiden = world.people.birth_surname[registry.person]
        forgotten = (rng.random(registry.count) < rates.text.maiden_name) & (registry.marital != SINGLE)
        return np.where(forgotten, maiden, registry.surname).astype(np.int32)

    def _written_numbers(
        self, rng: np.random.Generator, rates: CivilRegistry, numbers: npt.NDArray[np.int64], persons: int
    ) -> npt.NDArray[np.int64]:
        r = self.registry
        own = numbers[r.person]
        # A person's second record bears another number, or none.
        spare = numbers[persons + np.arange(r.count) % (len(numbers) - persons)]
        own = np.where(r.double, np.where(rng.random(r.count) < 0.5, spare, -1), own)
        own = np.where(rng.random(r.count) < rates.number_missing, -1, own)
        wrong = np.flatnonzero((rng.random(r.count) < rates.number_mistyped) & (own >= 0))
        own[wrong] = identity.mistyped(rng, own[wrong])
        return own

    def _birth_places(self, world: World, person: Ints, language: npt.NDArray[np.int8]) -> Texts:
        """Municipality of birth, or the country for those born abroad, in the language of the record."""
        m, abroad = world.country.municipalities, rows("countries.csv")
        first = [*m.name, *(r["name"] for r in abroad)]
        second = [*m.name_second, *(r["name_second"] for r in abroad)]
        born = world.people.birth_municipality[person].astype(np.int32)
        foreign = len(m.code) + np.maximum(self.registry.citizenship, 1) - 1
        code = np.where(born >= 0, born, foreign) + language * len(first)
        return Texts(code.astype(np.int32), first + second)
