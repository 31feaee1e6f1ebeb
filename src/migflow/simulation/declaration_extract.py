"""What municipalities send: declarations of residence, in each office's language and script."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from migflow.errors import MigflowError
from migflow.simulation import identity
from migflow.simulation.addresses import AddressBook, Written
from migflow.simulation.config import MunicipalCounters
from migflow.simulation.declarations import ARRIVAL, DEPARTURE, Declarations
from migflow.simulation.files import Column, Dates
from migflow.simulation.handwriting import Clerk, Texts, proneness
from migflow.simulation.names import rows
from migflow.simulation.population import ABROAD
from migflow.simulation.spelling import to_cyrillic
from migflow.simulation.world import World

Ints = npt.NDArray[np.int32]

EVENT_TYPES = ["arrival", "departure", "change_of_address"]
# Reasons in the order of world.WORK and the following, in Albanian and Serbian.
_REASONS = (
    ("punësim", "familje", "martesë", "banim", "studime"),
    ("posao", "porodica", "brak", "stanovanje", "školovanje"),
)


@dataclass(frozen=True)
class Together:
    """Rows written in one go, one below the other: the first of each group, and the group of each row."""

    first: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]


def _written_together(declared: Declarations, moves: dict[str, Ints], dwelling: Ints) -> Together:
    """Members of a household who declare together share the wording of an address."""
    columns = (declared.municipality, declared.declared, declared.kind, moves["unit"][declared.move], dwelling)
    starts = np.zeros(len(dwelling), bool)
    starts[:1] = True
    for column in columns:
        starts[1:] |= column[1:] != column[:-1]
    return Together(np.flatnonzero(starts), np.cumsum(starts) - 1)


def declaration_columns(
    rng: np.random.Generator,
    rates: MunicipalCounters,
    world: World,
    moves: dict[str, Ints],
    declared: Declarations,
    book: AddressBook,
    numbers: npt.NDArray[np.int64],
    language: npt.NDArray[np.int8],
    codes: list[str],
    both_scripts: npt.NDArray[np.bool_] | None = None,
) -> tuple[dict[str, Column], Written, Written]:
    """Columns of municipal_residence without record_id, the addresses declared and those moved from.

    language: code of each row's office; both_scripts: rows of offices whose files hold Latin and Cyrillic letters (by
    default all).

    Declarations come in the order of municipality, day, kind and those who move together."""
    row = declared.move
    person = moves["person"][row]
    people, kind = world.people, declared.kind
    prone = proneness(rng, rates.carelessness, len(row))
    other_script = _in_other_script(rng, rates, np.ones(len(row), bool) if both_scripts is None else both_scripts)
    clerk = Clerk(rng, rates.text, world.first_names, world.surnames, language, prone, other_script)
    surname = moves["surname"][row]
    maiden = (people.sex[person] == 0) & (surname != people.birth_surname[person])
    maiden &= rng.random(len(row)) < rates.text.maiden_name
    first, last = clerk.names(people.first[person], np.where(maiden, people.birth_surname[person], surname))
    birth = np.minimum(clerk.birth_dates(people.birth[person]), moves["day"][row])
    birth = np.where(rng.random(len(row)) < rates.birth_date_missing, -(2**30), birth).astype(np.int32)
    # A departure names the address left, the others the new one.
    current, before = declared_dwellings(declared, moves)
    together = _written_together(declared, moves, current)
    here = book.write(rng, rates.address, current[together.first], language[together.first]).repeated(together.of)
    written_number = identity.as_text(_written_numbers(rng, rates, world, person, numbers, prone))
    there = _previous_address(rng, rates, book, before, language, _written_together(declared, moves, before))
    columns: dict[str, Column] = {
        "event_type": Texts(kind, EVENT_TYPES),
        "event_date": Dates(moves["day"][row]),
        "declared_on": Dates(declared.declared),
        "personal_number": written_number,
        "first_name": first,
        "surname": last,
        "birth_date": Dates(birth),
        "sex": Texts(people.sex[person].astype(np.int32), ["F", "M"]),
        "citizenship": Texts(moves["citizenship"][row], ["XK", *codes]),
        "settlement": here.settlement,
        "address": here.address,
        "previous_address": there.address,
        **_places(world, moves, declared, language),
        "reason": _reasons(rng, rates, moves["reason"][row], language),
    }
    return columns, here, there


def declared_dwellings(declared: Declarations, moves: dict[str, Ints]) -> tuple[Ints, Ints]:
    """Dwelling that each declaration means as its address, and as its previous address (-1 none or abroad)."""
    departs = declared.kind == DEPARTURE
    origin, destination = moves["origin"][declared.move], moves["destination"][declared.move]
    return np.where(departs, origin, destination), np.where(departs, ABROAD, origin)


def _in_other_script(
    rng: np.random.Generator, rates: MunicipalCounters, both_scripts: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Rows with names in the other script: the share is of all rows, though not every file can hold them.

    Drawn from a stream of its own, so that all else stays as it is without them.
    """
    wanted, able = rates.names_in_other_script * len(both_scripts), int(both_scripts.sum())
    if wanted > able:
        raise MigflowError(
            f"names_in_other_script is {rates.names_in_other_script}: expected at most "
            f"{able / len(both_scripts):.2f}, as the encodings of the other offices' files lack the other script."
        )
    return both_scripts & (rng.spawn(1)[0].random(len(both_scripts)) * able < wanted)


def _written_numbers(
    rng: np.random.Generator,
    rates: MunicipalCounters,
    world: World,
    person: Ints,
    numbers: npt.NDArray[np.int64],
    prone: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """Personal numbers as written: a relative's, mistyped, or none (foreigners have none yet)."""
    people = world.people
    relative = np.where(people.spouse[person] >= 0, people.spouse[person], people.mother[person])
    lent = (rng.random(len(person)) < rates.number_of_relative) & (relative >= 0)
    out = numbers[np.where(lent, relative, person)]
    wrong = np.flatnonzero(rng.random(len(person)) < rates.number_mistyped * prone)
    out[wrong] = identity.mistyped(rng, out[wrong])
    # Foreigners have no number yet; the others' chance is such that all missing ones make up the rate.
    foreign = people.birth_municipality[person] < 0
    chance = max(0.0, (rates.number_missing * len(person) - foreign.sum()) / max(1, (~foreign).sum()))
    return np.where(foreign | (rng.random(len(person)) < chance * prone), -1, out)


def _previous_address(
    rng: np.random.Generator,
    rates: MunicipalCounters,
    book: AddressBook,
    before: Ints,
    language: npt.NDArray[np.int8],
    together: Together,
) -> Written:
    """What was moved from: address and settlement in one text; no text where it is not known."""
    known = (before >= 0) & (rng.random(len(together.first)) >= rates.previous_address_missing)[together.of]
    dwelling = np.maximum(before[together.first], 0)
    written = book.write(rng, rates.address, dwelling, language[together.first]).repeated(together.of)
    empty = pc.equal(written.address, "")
    text = pc.if_else(empty, written.settlement, pc.binary_join_element_wise(written.address, written.settlement, ", "))
    return replace(written, address=pc.if_else(pa.array(known), text, pa.scalar(None, pa.string())))


def _places(
    world: World, moves: dict[str, Ints], declared: Declarations, language: npt.NDArray[np.int8]
) -> dict[str, Column]:
    """Municipality or country moved from and to, in the office's language."""
    m, abroad = world.country.municipalities, rows("countries.csv")
    first = [*m.name, *(r["name"] for r in abroad)]
    second = [*m.name_second, *(r["name_second"] for r in abroad)]
    values = [*first, *second, *(to_cyrillic(n) for n in second)]
    of, row = world.country.dwellings.municipality, declared.move
    origin, destination, country = moves["origin"][row], moves["destination"][row], moves["country"][row]

    def place(dwelling: Ints, applies: npt.NDArray[np.bool_]) -> Texts:
        code = np.where(dwelling == ABROAD, len(m.code) + country - 1, of[dwelling]) + language * len(first)
        return Texts(np.where(applies, code, -1).astype(np.int32), values)

    return {
        "previous_place": place(origin, declared.kind == ARRIVAL),
        "next_place": place(destination, declared.kind == DEPARTURE),
    }


def _reasons(rng: np.random.Generator, rates: MunicipalCounters, reason: Ints, language: npt.NDArray[np.int8]) -> Texts:
    values = [*_REASONS[0], *_REASONS[1], *(to_cyrillic(r) for r in _REASONS[1])]
    missing = rng.random(len(reason)) < rates.reason_missing
    return Texts(np.where(missing, -1, reason + language * len(_REASONS[0])).astype(np.int32), values)
