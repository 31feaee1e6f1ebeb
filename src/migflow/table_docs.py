"""docs/tables.md: every table, column and rule, from the contracts; `python -m migflow.table_docs FILE` writes it."""

import sys
from collections.abc import Iterator
from pathlib import Path

from migflow import contracts, transformations
from migflow.contracts import STAGES, Column, Contract, Disclosure

HEAD = """# Tables
Written by `make docs` from the contracts in `data_contracts/`. Published are the tables of the stage statistics; the
others stay in the home. A column marked *personal* holds values of single persons and never leaves it.
"""


def markdown() -> str:
    """The page: stages in the order of the data's way, their tables by name, columns in the table's order."""
    known = contracts.load_all()
    lines = [HEAD]
    for stage in STAGES:
        lines.append(f"## {stage.capitalize()}\n")
        for name in sorted(table for table, contract in known.items() if contract.stage == stage):
            lines += _table(contracts.published(known[name]))
    return "\n".join(lines)


def _table(contract: Contract) -> Iterator[str]:
    yield f"### {contract.table}\n{contract.description}\n"
    if contract.limitations:
        yield f"**Beware:** {contract.limitations}\n"
    facts = [f"one row: {contract.grain}", f"key: {', '.join(f'`{column}`' for column in contract.key)}"]
    if made_of := _sources(contract):
        facts.append(f"made of: {', '.join(f'`{table}`' for table in made_of)}")
    if contract.disclosure:
        facts.append(f"published with {_protection(contract.disclosure)}")
    yield "; ".join(facts) + f". Answers for it: {contract.owner}.\n"
    yield "| column | type | meaning | values |"
    yield "|---|---|---|---|"
    for column in contract.columns:
        personal = " *(personal)*" if column.personal else ""
        meaning = f"{column.description}{personal}".replace("|", "\\|")
        yield f"| `{column.name}` | {column.type} | {meaning} | {_values(column)} |"
    yield ""
    for rule in contract.custom_rules:
        yield f"- `{rule.name}`: {rule.description}"
    if contract.custom_rules:
        yield ""


def _protection(rule: Disclosure) -> str:
    """The rule of disclosure in words; docs/disclosure.md explains."""
    return {
        "suppression": f"figures below {rule.minimum} left out",
        "rounding": f"figures rounded at random to multiples of {rule.base}",
        "cell_key": f"noise by cell key, no figure below {rule.minimum}",
    }.get(rule.method, "its exact figures")


def _sources(contract: Contract) -> tuple[str, ...]:
    """Tables that the table's SQL reads; none where no single SQL file makes it."""
    file = Path(transformations.__file__).parent / contract.stage / f"{contract.table}.sql"
    return transformations.inputs(contract.table) if file.is_file() else ()


def _values(column: Column) -> str:
    """What may stand in the column."""
    said = [] if column.required else ["may be empty"]
    if column.allowed:
        said.append(", ".join(column.allowed))
    if column.pattern:
        said.append(f"`{column.pattern}`".replace("|", "\\|"))
    if column.minimum is not None:
        said.append(f"{column.minimum:g} or more")
    if column.maximum is not None:
        said.append(f"{column.maximum:g} or less")
    return "; ".join(said)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown(), encoding="utf-8")
