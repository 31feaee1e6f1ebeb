"""What linking learnt, as rows: how often each comparison level occurs for one person (m) and by chance (u)."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from migflow.registers import comparing as c
from migflow.registers.evidence import Evidence

COMPARISONS = {c.FIRST: "first name", c.SURNAME: "surname", c.BIRTH: "birth date", c.SEX: "sex"}
GRADES = {0: "none", c.MUNICIPALITY: "municipality", c.SETTLEMENT: "settlement", c.BUILDING: "building"}
GRADES[c.DWELLING] = "dwelling"
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("comparison", pa.string()),
        ("level", pa.string()),
        ("level_order", pa.int32()),
        ("m", pa.float64()),
        ("u", pa.float64()),
    ]
)
# Level, m, u; u is None where chance depends on the record.
Level = tuple[str, float, float | None]


def table(learnt: Mapping[str, Evidence]) -> pa.Table:
    """Columns of SCHEMA, from the evidence of each source; level_order is 0 for the level that tells most."""
    rows = [
        dict(zip(SCHEMA.names, (source, comparison, level, order, m, u), strict=True))
        for source, found in learnt.items()
        for comparison, levels in _comparisons(found)
        for order, (level, m, u) in enumerate(levels)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _comparisons(found: Evidence) -> Iterator[tuple[str, list[Level]]]:
    for kind, name in COMPARISONS.items():
        named = zip(c.IDENTITY.compares[kind].level_names, found.m[kind], found.u[kind], strict=True)
        levels: list[Level] = [(level, float(m), float(u)) for level, m, u in named]
        yield name, levels[::-1]
    yield "order of names", [("as stated", 1 - found.swapped, None), ("exchanged", found.swapped, None)]
    yield "number", _numbers(found)
    yield "declared twice", [("linked to one declared together", found.repeated, 1 / found.persons)]
    for grade, stated in GRADES.items():
        for family in (False, True):
            if grade or family:
                yield _place_name(stated, family), _places(found, grade, family)


def _numbers(found: Evidence) -> list[Level]:
    """Of a number that somebody has (equal, a housemate's, somebody else's), and of one that nobody has."""
    numbers, persons = found.numbers, found.persons
    return [
        ("equal", numbers.equal, numbers.lent / persons),
        ("a housemate's", numbers.housemate, None),
        ("one digit off", numbers.near, 1 / persons),
        ("nobody's", numbers.wrong, 1.0),
        ("somebody else's", numbers.other, numbers.lent),
    ]


def _place_name(stated: str, family: bool) -> str:
    return f"place, {stated} stated" + (", companions' home known" if family else "")


def _places(found: Evidence, grade: int, family: bool) -> list[Level]:
    """The levels that a statement can reach; chance is the share of persons at the place, so it has none here."""
    names = list(c.PLACE.compares[0].level_names)
    names[c.FAMILY] = "companions' home"
    possible = [level for level in range(len(names)) if (family if level == c.FAMILY else level <= grade)]
    return [(names[level], float(found.place[grade, int(family), level]), None) for level in reversed(possible)]
