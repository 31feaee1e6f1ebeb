"""What the civil registry sends of acts: births, deaths, marriages and changes, by month of entry."""

import numpy as np
import numpy.typing as npt

from migflow.simulation import identity
from migflow.simulation.acts import ACTS, BIRTH, Acts
from migflow.simulation.config import CivilRegistry
from migflow.simulation.files import Column, Dates
from migflow.simulation.handwriting import Clerk, Texts, proneness
from migflow.simulation.residence import Timeline
from migflow.simulation.world import World


def act_columns(
    rng: np.random.Generator,
    rates: CivilRegistry,
    world: World,
    acts: Acts,
    homes: Timeline,
    numbers: npt.NDArray[np.int64],
    language: npt.NDArray[np.int8],
    codes: list[str],
) -> dict[str, Column]:
    """Columns of civil_registry_events without record_id; language: code of each municipality's records."""
    people, person = world.people, acts.person
    dwelling = homes.at(person, acts.day, -1)
    municipality = np.where(dwelling >= 0, world.country.dwellings.municipality[dwelling], -1).astype(np.int32)
    prone = proneness(rng, rates.carelessness, len(person))
    written_in = language[np.maximum(municipality, 0)]
    clerk = Clerk(rng, rates.text, world.first_names, world.surnames, written_in, prone)
    first, surname = clerk.names(people.first[person], acts.surname)
    own = numbers[person]
    own = np.where(rng.random(len(person)) < rates.event_number_missing, -1, own)
    own = np.where((people.birth_municipality[person] < 0) & (rng.random(len(person)) < 0.3), -1, own)
    mother = np.where(acts.kind == BIRTH, people.mother[person], -1)
    return {
        "event_type": Texts(acts.kind, list(ACTS)),
        "event_date": Dates(acts.day),
        "declared_on": Dates(acts.entered),
        "personal_number": identity.as_text(own),
        "first_name": first,
        "surname": surname,
        "new_surname": clerk.name(world.surnames, acts.new_surname),
        "sex": Texts(people.sex[person].astype(np.int32), ["F", "M"]),
        "birth_date": Dates(np.minimum(clerk.birth_dates(people.birth[person]), acts.day)),
        "new_citizenship": Texts(acts.new_citizenship, ["XK", *codes]),
        "mother_personal_number": identity.as_text(np.where(mother >= 0, numbers[mother], -1)),
        "partner_personal_number": identity.as_text(np.where(acts.partner >= 0, numbers[acts.partner], -1)),
        "municipality": Texts(municipality, world.country.municipalities.code),
    }
