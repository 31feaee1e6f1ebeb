"""The structure message: concepts, codelists, and a data structure, a dataflow and its values for every table."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.model import Code, Codelist, Concept, ConceptScheme, DataType, ItemReference, Organisation
from pysdmx.model import Component as SdmxComponent
from pysdmx.model import Components as SdmxComponents
from pysdmx.model import Role as SdmxRole
from pysdmx.model.dataflow import Dataflow, DataStructureDefinition
from pysdmx.model.message import Header

from migflow.contracts import Contract
from migflow.publish.sdmx import codelists
from migflow.publish.sdmx.concepts import Component, Role
from migflow.publish.sdmx.ties import VERSION, constraints, hierarchy

SCHEME = "CS_MIGRATION"
TYPES = {
    "VARCHAR": DataType.STRING,
    "DATE": DataType.DATE,
    "INTEGER": DataType.INTEGER,
    "BIGINT": DataType.LONG,
    "DOUBLE": DataType.DOUBLE,
    "BOOLEAN": DataType.BOOLEAN,
}
ROLES = {
    Role.DIMENSION: SdmxRole.DIMENSION,
    Role.MEASURE: SdmxRole.MEASURE,
    Role.ATTRIBUTE: SdmxRole.ATTRIBUTE,
}


def write_structure(
    target: Path,
    tables: Mapping[Contract, Sequence[Component]],
    codes: Mapping[str, Sequence[codelists.Code]],
    agency: str,
    prepared: date,
) -> None:
    """Write the structure message as SDMX-ML 3.0; prepared stands in its header, so that no clock is read."""
    lists = {name: _codelist(name, codes[name], agency) for name in codes}
    structures = [_structure(contract, parts, lists, agency) for contract, parts in tables.items()]
    flows = [_flow(structure) for structure in structures]
    header = Header(
        id=f"{agency}_STRUCTURES",
        prepared=datetime.combine(prepared, time(), UTC),
        sender=Organisation(id=agency),
    )
    everything = [*lists.values(), _scheme(tables, agency), *structures, *flows]
    everything += constraints(tables, codes, agency)
    if "CL_GEO" in lists:
        everything.append(hierarchy(lists["CL_GEO"], codes["CL_GEO"]))
    write_sdmx(everything, Format.STRUCTURE_SDMX_ML_3_0, str(target), header=header)


def _codelist(name: str, codes: Sequence[codelists.Code], agency: str) -> Codelist:
    return Codelist(
        id=name,
        name=name.removeprefix("CL_").replace("_", " ").capitalize(),
        agency=agency,
        version=VERSION,
        items=[Code(id=code.code, name=code.name, description=code.description) for code in codes],
    )


def _scheme(tables: Mapping[Contract, Sequence[Component]], agency: str) -> ConceptScheme:
    names = {part.concept: part.name for parts in tables.values() for part in parts}
    return ConceptScheme(
        id=SCHEME,
        name="Concepts of migration statistics",
        agency=agency,
        version=VERSION,
        items=[Concept(id=concept, name=names[concept]) for concept in sorted(names)],
    )


def _structure(
    contract: Contract, parts: Sequence[Component], lists: Mapping[str, Codelist], agency: str
) -> DataStructureDefinition:
    return DataStructureDefinition(
        id=contract.table.upper(),
        name=contract.title,
        description=_definitions(contract, parts),
        agency=agency,
        version=contract.version,
        components=SdmxComponents([_component(part, lists, agency) for part in parts]),
    )


def _component(part: Component, lists: Mapping[str, Codelist], agency: str) -> SdmxComponent:
    column = part.column
    return SdmxComponent(
        id=part.concept,
        required=column is None or column.required or part.role is Role.DIMENSION,
        role=ROLES[part.role],
        concept=ItemReference("Concept", agency, SCHEME, VERSION, part.concept),
        local_codes=lists[part.codelist] if part.codelist else None,
        local_dtype=_kind(part),
        attachment_level="O" if part.role is Role.ATTRIBUTE else None,
    )


def _kind(part: Component) -> DataType | None:
    """Type of the values; None where a codelist says what they are."""
    if part.concept == "TIME_PERIOD":
        return DataType.PERIOD
    return TYPES[part.column.type] if part.column and not part.codelist else None


def _definitions(contract: Contract, parts: Sequence[Component]) -> str:
    """What the table and each of its columns mean: SDMX-ML has no place for the definition of a single component."""
    about = [contract.description, contract.limitations or "", f"One observation: {contract.grain}."]
    columns = [f"{part.concept}: {part.column.description}." for part in parts if part.column]
    return " ".join(text for text in (*about, *columns) if text)


def _flow(structure: DataStructureDefinition) -> Dataflow:
    return Dataflow(
        id=structure.id,
        name=structure.name,
        agency=structure.agency,
        version=structure.version,
        structure=structure,
    )
