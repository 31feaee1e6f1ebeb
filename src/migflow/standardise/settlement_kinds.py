"""Which settlements of the cadastre are urban and which rural, as the profile says of those that bear their names."""

import pyarrow as pa

from migflow.countries import SETTLEMENT_KINDS, Country
from migflow.errors import MigflowError
from migflow.standardise import names
from migflow.standardise.place_names import NAMES_FILE, SETTLEMENTS_FILE, rows


def load(country: Country) -> pa.Table:
    """Columns settlement_id (as in dwellings: municipality and folded name) and kind, urban or rural.

    A name that an urban and a rural settlement of one municipality share tells neither. Empty if settlements.csv has no
    column kind; MigflowError names a row with another kind.
    """
    path = country.folder / SETTLEMENTS_FILE
    named: list[tuple[str, str, str]] = []
    others: dict[str, list[str]] = {}
    for row in rows(country.folder / NAMES_FILE, ("area", "name")):
        others.setdefault(row["area"], []).append(row["name"])
    for row in rows(path, ("code", "municipality", "name", "name_second")):
        kind = row.get("kind") or ""
        if kind and kind not in SETTLEMENT_KINDS:
            raise MigflowError(
                f"{path}: kind of {row['code']} is {kind!r}, expected {' or '.join(SETTLEMENT_KINDS)}, or nothing."
            )
        borne = (row["name"], row["name_second"], *others.get(row["code"], ()))
        named += [(row["municipality"], name, kind) for name in borne if kind and name]
    kinds: dict[str, set[str]] = {}
    for folded, (municipality, _, kind) in zip(names.fold([name for _, name, _ in named]), named, strict=True):
        kinds.setdefault(f"{municipality}:{folded}", set()).add(kind)
    known = {settlement: min(found) for settlement, found in sorted(kinds.items()) if len(found) == 1}
    return pa.table(
        {"settlement_id": pa.array(known, pa.string()), "kind": pa.array(list(known.values()), pa.string())}
    )
