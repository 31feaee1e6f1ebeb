"""Snapshots of the cadastre: every address standing by then, with street names in both languages."""

import numpy as np
import pyarrow as pa

from migflow.simulation.addresses import AddressBook
from migflow.simulation.calendar import NEVER
from migflow.simulation.country import NO_STREET, Country
from migflow.simulation.files import Column, Dates
from migflow.simulation.handwriting import Texts
from migflow.simulation.truth import address_ids, numbered

_SUFFIXES = ("", "a", "b", "c")


def cadastre_columns(country: Country, book: AddressBook) -> dict[str, Column]:
    """Columns of cadastre_addresses, one row a dwelling; valid_to is that of closed_by."""
    d, s = country.dwellings, country.settlements
    first, second = book.street_names()
    street = np.where(d.street == NO_STREET, -1, d.street).astype(np.int32)
    largest = int(d.house_number.max())
    numbers = [f"{n}{x}" for n in range(largest + 1) for x in _SUFFIXES]
    count = [str(n) for n in range(int(max(d.dwelling.max(), d.entrance.max())) + 1)]
    zones = [f"{70000000 + at * 137 + 19}" for at in range(len(s.name))]
    parcel = pa.compute.binary_join_element_wise(
        "P",
        pa.array(zones).take(pa.array(d.settlement)),
        pa.compute.utf8_lpad(pa.array(d.building % 100_000).cast(pa.string()), 5, "0"),
        "0",
        "-",
    )
    return {
        "address_id": address_ids(np.arange(len(d.street))),
        "municipality": Texts(d.municipality, country.municipalities.code),
        "settlement_name": Texts(d.settlement, s.name),
        "settlement_name_second": Texts(d.settlement, s.name_second),
        "street_name": Texts(street, first),
        "street_name_second": Texts(street, second),
        "house_number": Texts((d.house_number * len(_SUFFIXES) + d.suffix).astype(np.int32), numbers),
        "entrance": Texts(np.where(d.entrance > 0, d.entrance, -1).astype(np.int32), count),
        "dwelling": Texts(np.where(d.dwelling > 0, d.dwelling, -1).astype(np.int32), count),
        "postcode": Texts(d.settlement, s.postcode),
        "latitude": pa.array(d.latitude),
        "longitude": pa.array(d.longitude),
        "building_id": numbered("B", d.building),
        "parcel_id": parcel,
        "valid_from": Dates(d.valid_from),
    }


def closed_by(country: Country, until: int) -> Dates:
    """valid_to as a snapshot knows it: what is torn down later still stands."""
    closed = country.dwellings.valid_to
    return Dates(np.where(closed <= until, closed, NEVER).astype(np.int32))
