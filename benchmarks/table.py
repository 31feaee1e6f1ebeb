"""The table of measures against the bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measure; `reached` is None where the run was too small for the bar."""

    measure: str
    ours: str
    theirs: str
    ratio: str
    bar: str
    reached: bool | None


def show(console: Console, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Print the rows and what must be known to read them."""
    table = Table(show_lines=True)
    for heading in ("measure", "migflow", "theirs", "ratio", "bar", "reached"):
        table.add_column(heading)
    for row in rows:
        reached = "-" if row.reached is None else "yes" if row.reached else "[bold red]no[/]"
        table.add_row(row.measure, row.ours, row.theirs, row.ratio, row.bar, reached)
    console.print(table)
    for note in notes:
        console.print(f"- {note}")
