"""What `migflow run` prints at the end: figures of the run, seconds per stage, checks, and where to look."""

import math

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from migflow.publish import REPORT
from migflow.store import Store
from pipelines.summary import RunSummary

SHOWN_WARNINGS = 10


def closing(summary: RunSummary, store: Store) -> RenderableType:
    """Tables of the figures and of time and memory, then warnings and errors."""
    parts: list[RenderableType] = [_stages(summary)]
    if summary.success:
        parts.insert(0, _figures(summary, store))
    # Texts, not markup: what they quote, such as [sections] of files, may look like it.
    parts += [Text.assemble(("Warning", "yellow"), " ", text) for text in summary.warnings[:SHOWN_WARNINGS]]
    if len(summary.warnings) > SHOWN_WARNINGS:
        more = f"... and {len(summary.warnings) - SHOWN_WARNINGS:,} more warnings in the UI"
        parts.append(Text(more, style="yellow"))
    failed = [*summary.checks_failed, *summary.errors]
    parts += [Text.assemble(("Failed", "bold red"), " ", text) for text in failed]
    return Group(*parts)


def what_stopped(summary: RunSummary) -> str:
    """What a failed run leaves for readers."""
    if summary.has_published:
        return "A step beside the publication failed, see above: published/latest is the new vintage all the same."
    return "Nothing was published: published/latest shows what it showed before."


def where_to_look(store: Store) -> Text:
    """Where the results are and how to open them."""
    published = store.home / "published" / "latest"
    return Text("\n").join(
        Text(line)
        for line in [
            f"Published tables   {published.resolve()}",
            f"  in DuckDB        duckdb -readonly {published / 'migflow.duckdb'}",
            f"  in pandas        pandas.read_parquet('{published / 'internal_migration_od.parquet'}')",
            f"Report             {published / REPORT}",
            f"Data Docs          {store.home / 'data_docs' / 'index.html'}",
            f"Dagster UI         migflow ui --home {store.home}   (in a clone: make ui)",
        ]
    )


def _figures(summary: RunSummary, store: Store) -> Table:
    table = Table(title="Results", show_header=False, title_justify="left")
    for name, value in [*_counts(store), *_against_truth(summary)]:
        table.add_row(Text(name), value)
    table.add_row("Checks", f"{summary.checks_passed:,} passed, {len(summary.checks_failed):,} failed")
    return table


def _counts(store: Store) -> list[tuple[str, str]]:
    """Persons, links and their expected quality, addresses by grade and moves, counted in the store."""
    with store.session("persons", "person_links", "linkage_quality", "address_links", "moves") as con:
        ((persons,),) = con.execute("SELECT count(*) FROM persons").fetchall()
        links = con.execute(
            "SELECT source, count(person_id), count(*) FROM person_links GROUP BY source ORDER BY source"
        ).fetchall()
        expected = con.execute(
            "SELECT expected_precision, expected_recall FROM linkage_quality WHERE source = 'municipal_residence' "
            "AND group_kind = 'all' AND expected_precision IS NOT NULL"
        ).fetchall()
        grades = con.execute(
            "SELECT grade, count(*) FROM address_links GROUP BY grade ORDER BY count(*) DESC, grade"
        ).fetchall()
        moves = con.execute(
            "SELECT move_type, count(*) FROM moves GROUP BY move_type ORDER BY count(*) DESC, move_type"
        ).fetchall()
    addresses = sum(count for _, count in grades)
    return [
        ("Persons", f"{persons:,}"),
        *((f"  linked records of {source}", f"{linked:,} of {all_:,}") for source, linked, all_ in links),
        *(("  expected of declarations", f"precision {p:.4f}, recall {r:.4f}") for p, r in expected),
        ("Written addresses", f"{addresses:,}"),
        *((f"  {_grade(grade)}", f"{count:,} ({count / addresses:.1%})") for grade, count in grades),
        ("Moves", f"{sum(count for _, count in moves):,}"),
        *((f"  {kind.replace('_', ' ')}", f"{count:,}") for kind, count in moves),
    ]


def _grade(grade: str) -> str:
    return "not matched" if grade == "none" else f"matched to the {grade}"


def _against_truth(summary: RunSummary) -> list[tuple[str, str]]:
    """Figures of the evaluation, where the country is simulated."""
    figures = summary.metadata.get("evaluation", {})
    return [
        (name, f"{value:,.4f}" if isinstance(value, float) else f"{value:,}")
        for name, value in figures.items()
        if isinstance(value, int | float) and not math.isnan(value) and name not in ("seconds", "peak_memory_mb")
    ]


def _stages(summary: RunSummary) -> Table:
    table = Table(title="Time and memory", title_justify="left")
    for column in ("stage", "seconds", "peak MB"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for stage, seconds in summary.seconds_by_stage.items():
        peak = max((step.peak_mb for step in summary.steps if step.stage == stage), default=0)
        table.add_row(stage, f"{seconds:,.1f}", f"{peak:,}")
    table.add_section()
    table.add_row("whole run", f"{summary.seconds:,.1f}", f"{summary.peak_mb:,}")
    return table
