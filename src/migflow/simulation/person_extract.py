"""What the civil registry sends of persons: snapshots in which a record stays as it was once written."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from migflow.simulation import identity
from migflow.simulation.addresses import AddressBook, Written
from migflow.simulation.calendar import NEVER
from migflow.simulation.config import CivilRegistry
from migflow.simulation.country import SERBIAN_MAJORITY
from migflow.simulation.files import Column, Dates
from migflow.simulation.handwriting import Clerk, Texts, proneness
from migflow.simulation.names import rows as data_rows
from migflow.simulation.population import SINGLE
from migflow.simulation.registry import Registry
from migflow.simulation.world import World

Ints = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

MARITAL = ["single", "married", "widowed", "divorced"]
FIRST_RECORD = 100_001  # number of the first record


@dataclass
class State:
    """What news changes in a record; one entry a record."""

    address: Ints  # row of the registry's addresses, -1 before entry
    surname: Ints  # code of the text
    citizenship: Ints
    marital: Ints
    present: npt.NDArray[np.int8]
    death: Ints


class PersonExtract:
    """Writes every record once, then follows the news from snapshot to snapshot."""

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
        self.registry, self._countries = registry, ["XK", *codes]
        people, person = world.people, registry.person
        self._municipality = world.country.dwellings.municipality[registry.address_dwelling]
        self._municipalities = world.country.municipalities.code
        serbian = np.isin(self._municipalities, SERBIAN_MAJORITY).astype(np.int8)
        language = serbian[self._municipality[_first_addresses(registry)]]
        prone = proneness(rng, rates.carelessness, registry.count)
        clerk = Clerk(rng, rates.text, world.first_names, world.surnames, language, prone)
        self._first, self._surname = clerk.names(people.first[person], _entered_surname(rng, rates, world, registry))
        self._native_surname = clerk.native_surname
        self._birth_surname = clerk.name(world.surnames, people.birth_surname[person])
        self._father = clerk.name(world.first_names, people.father_first[person])
        self._mother = clerk.name(world.first_names, people.mother_first[person])
        self._birth = np.minimum(clerk.birth_dates(people.birth[person]), registry.entered)
        self._numbers = _written_numbers(rng, rates, registry, numbers, people.count)
        self._sex = people.sex[person].astype(np.int32)
        self._place = _birth_places(world, registry, language)
        self._written = book.write(rng, rates.address, registry.address_dwelling, serbian[self._municipality])
        self.state = State(
            address=np.full(registry.count, -1, np.int32),
            surname=self._surname.codes.copy(),
            citizenship=registry.citizenship.copy(),
            marital=registry.marital.copy(),
            present=np.ones(registry.count, np.int8),
            death=np.full(registry.count, NEVER, np.int32),
        )

    def advance(self, after: int, until: int) -> None:
        """Let the news of days (after, until] reach the records."""
        r, state = self.registry, self.state
        r.addresses.apply(state.address, after, until)
        r.citizenships.apply(state.citizenship, after, until)
        r.maritals.apply(state.marital, after, until)
        r.present.apply(state.present, after, until)
        r.deaths.apply(state.death, after, until)
        r.surnames.apply(state.surname, after, until, offset=self._native_surname)

    def present(self, day: int) -> Rows:
        """Records held at the end of a day."""
        return np.flatnonzero((self.registry.entered <= day) & (self.state.present == 1))

    def dwelling(self, rows: Rows) -> Ints:
        """Dwelling that the registered address of each record means."""
        return self.registry.address_dwelling[self.state.address[rows]]

    def written(self, rows: Rows) -> Written:
        """Registered address of each record as it is written."""
        return self._written.repeated(self.state.address[rows])

    def columns(self, rows: Rows) -> dict[str, Column]:
        """Columns of civil_registry_persons for the records given."""
        state, address, written = self.state, self.state.address[rows], self.written(rows)
        return {
            "record_id": pa.array(rows + FIRST_RECORD).cast(pa.string()),
            "personal_number": identity.as_text(self._numbers[rows]),
            "first_name": self._first.chosen(rows),
            "surname": Texts(state.surname[rows], self._surname.values),
            "birth_surname": self._birth_surname.chosen(rows),
            "father_name": self._father.chosen(rows),
            "mother_name": self._mother.chosen(rows),
            "sex": Texts(self._sex[rows], ["F", "M"]),
            "birth_date": Dates(self._birth[rows]),
            "birth_place": self._place.chosen(rows),
            "citizenship": Texts(state.citizenship[rows], self._countries),
            "marital_status": Texts(state.marital[rows], MARITAL),
            "death_date": Dates(state.death[rows]),
            "municipality": Texts(self._municipality[address], self._municipalities),
            "settlement": written.settlement,
            "address": written.address,
            "registered_since": Dates(self.registry.address_since[address]),
        }


def _first_addresses(registry: Registry) -> Ints:
    """Row of the address with which each record was entered."""
    first = np.zeros(registry.count, np.int32)
    first[registry.addresses.record[::-1]] = registry.addresses.value[::-1]
    return first


def _entered_surname(rng: np.random.Generator, rates: CivilRegistry, world: World, registry: Registry) -> Ints:
    """Surname at entry; a few married women are still under the one they were born with."""
    maiden = world.people.birth_surname[registry.person]
    married = (registry.marital != SINGLE) & (world.people.sex[registry.person] == 0)
    forgotten = (rng.random(registry.count) < rates.text.maiden_name) & married
    return np.where(forgotten, maiden, registry.surname).astype(np.int32)


def _written_numbers(
    rng: np.random.Generator, rates: CivilRegistry, registry: Registry, numbers: npt.NDArray[np.int64], persons: int
) -> npt.NDArray[np.int64]:
    """Personal numbers of records, -1 none; a person's second record bears another number, or none."""
    count = registry.count
    spare = numbers[persons + np.arange(count) % (len(numbers) - persons)]
    second = np.where(rng.random(count) < 0.5, spare, -1)
    own = np.where(registry.double, second, numbers[registry.person])
    own = np.where(rng.random(count) < rates.number_missing, -1, own)
    wrong = np.flatnonzero((rng.random(count) < rates.number_mistyped) & (own >= 0))
    own[wrong] = identity.mistyped(rng, own[wrong])
    return own


def _birth_places(world: World, registry: Registry, language: npt.NDArray[np.int8]) -> Texts:
    """Municipality of birth, or the country for those born abroad, in the language of the record."""
    m, abroad = world.country.municipalities, data_rows("countries.csv")
    first = [*m.name, *(r["name"] for r in abroad)]
    second = [*m.name_second, *(r["name_second"] for r in abroad)]
    born = world.people.birth_municipality[registry.person].astype(np.int32)
    foreign = len(m.code) + np.maximum(registry.citizenship, 1) - 1
    code = np.where(born >= 0, born, foreign) + language.astype(np.int32) * len(first)
    return Texts(code.astype(np.int32), first + second)
