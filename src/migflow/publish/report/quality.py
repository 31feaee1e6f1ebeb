"""The quality report in the structure of ESS SIMS 2.0: what the run knows, what the office says, or 'not given'."""

import csv
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import duckdb

from migflow.contracts import Contract
from migflow.errors import MigflowError
from migflow.publish.report import html, statements
from migflow.publish.report.about import Vintage

NOT_GIVEN = "Not given."
COMPLETENESS = "S.10.6.1"


def concepts() -> dict[str, str]:
    """Concepts of SIMS 2.0 by id, in order."""
    with Path(__file__).with_name("sims.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["concept"] for row in csv.DictReader(file)}


def answers(con: duckdb.DuckDBPyConnection, about: Vintage, shown: Sequence[Contract]) -> dict[str, str]:
    """What is said of each concept, as HTML: the office's own words before those of the run.

    Raises MigflowError if the profile speaks of a concept that SIMS does not have.
    """
    said = dict(about.country.quality_report)
    unknown = [name for name in said if name not in concepts()]
    if unknown:
        raise MigflowError(
            f"{about.country.folder / 'profile.toml'}: quality_report has {unknown[0]!r}, which is no concept of SIMS; "
            'expected ids as in "S.1.1".'
        )
    run, tables = statements.of_run(about, shown), statements.of_tables(con, about, shown)
    found = {name: run.get(name, "") + tables.get(name, "") for name in run | tables}
    found |= {name: html.paragraph(text) for name, text in said.items()}
    return {COMPLETENESS: _completeness(found)} | found


def _completeness(found: Mapping[str, str]) -> str:
    """How many concepts are answered, of those without parts and those that have an answer of their own."""
    parents = {name.rpartition(".")[0] for name in concepts()}
    asked = {name for name in concepts() if name not in parents} | set(found)
    said = len({*found, COMPLETENESS})
    return html.paragraph(
        f"{said} of {len(asked)} concepts are answered in this report ({100 * said / len(asked):.0f} %)."
    )


def quality_report(con: duckdb.DuckDBPyConnection, about: Vintage, shown: Sequence[Contract]) -> str:
    """The whole page."""
    names, said = concepts(), answers(con, about, shown)
    parents = {name.rpartition(".")[0] for name in names}
    chapters = {name: title for name, title in names.items() if name.count(".") == 1}
    sections = []
    for chapter, title in chapters.items():
        entries = [_entry(c, names[c], said.get(c), c in parents) for c in names if c.startswith(f"{chapter}.")]
        own = said.get(chapter) or ("" if entries else html.paragraph(NOT_GIVEN, "quiet"))
        sections.append(html.section(chapter, f"{chapter} {title}", own, f"<dl>\n{''.join(entries)}</dl>\n"))
    links = "".join(f'<a href="#{name}">{escape(f"{name} {title}")}</a>\n' for name, title in chapters.items())
    title = f"Quality report: migration statistics of {about.country.name}"
    head = html.paragraph(
        f"Vintage {about.name}, as of {about.as_of}. The concepts are those of the Single Integrated Metadata "
        "Structure of the European Statistical System, version 2.0. What the run cannot know stands in the country "
        "profile under quality_report."
    )
    nav = f'<nav aria-label="Concepts">\n<a href="index.html">Report</a>\n{links}</nav>\n'
    body = f"<header>\n<h1>{escape(title)}</h1>\n{head}{nav}</header>\n<main>\n{''.join(sections)}</main>\n"
    return html.page(title, body)


def _entry(concept: str, title: str, said: str | None, has_parts: bool) -> str:
    term = f"<dt>{escape(f'{concept} {title}')}</dt>\n"
    if said:
        return f"{term}<dd>{said}</dd>\n"
    return term if has_parts else f'{term}<dd class="missing">{NOT_GIVEN}</dd>\n'
