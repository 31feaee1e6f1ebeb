"""What ties codes together: the codes a table may have, and which area lies in which."""

from collections.abc import Iterator, Mapping, Sequence

from pysdmx.model import Codelist, HierarchicalCode, Hierarchy
from pysdmx.model.constraint import ConstraintAttachment, CubeKeyValue, CubeRegion, CubeValue, DataConstraint

from migflow.contracts import Contract
from migflow.publish.sdmx.codelists import COMMON, Code, allowed
from migflow.publish.sdmx.concepts import Component, Role
from migflow.publish.sdmx.data import identifier

# Concepts and codelists grow with the tables; two-part versions are those that SDMX lets grow.
VERSION = "1.0"


def constraints(
    tables: Mapping[Contract, Sequence[Component]], codes: Mapping[str, Sequence[Code]], agency: str
) -> Iterator[DataConstraint]:
    """The codes that each table may have in its dimensions, where the tables share a codelist that has more."""
    for contract, parts in tables.items():
        narrower = [
            CubeKeyValue(part.concept, [CubeValue(code) for code in allowed(part)])
            for part in parts
            if part.role is Role.DIMENSION and part.column and part.codelist
            if 0 < len(allowed(part)) < len(codes[part.codelist])
        ]
        flow = f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={identifier(contract, agency)}"
        if narrower:
            yield DataConstraint(
                id=f"{contract.table.upper()}_VALUES",
                name=f"Values of {contract.title}",
                agency=agency,
                version=contract.version,
                constraint_attachment=ConstraintAttachment(data_provider=None, dataflows=[flow]),
                cube_regions=[CubeRegion(narrower)],
            )


def hierarchy(codelist: Codelist, areas: Sequence[Code]) -> Hierarchy:
    """Which area lies in which, from the country down."""
    inner: dict[str | None, list[Code]] = {}
    for area in (code for code in areas if code.code not in COMMON):
        inner.setdefault(area.parent, []).append(area)
    urn = f"urn:sdmx:org.sdmx.infomodel.codelist.Code={codelist.agency}:{codelist.id}({codelist.version})"

    def within(parent: str | None) -> list[HierarchicalCode]:
        return [
            HierarchicalCode(id=area.code, urn=f"{urn}.{area.code}", codes=within(area.code))
            for area in inner.get(parent, ())
        ]

    return Hierarchy(
        id="H_GEO", name="Areas in wider areas", agency=codelist.agency, version=VERSION, codes=within(None)
    )
