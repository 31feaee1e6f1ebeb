"""The commands of clerical review: migflow review export, import."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from migflow.locking import only_one
from migflow.settings import settings_for
from migflow.store import Store
from migflow.terminal import Home, console, told

app = typer.Typer(help="Uncertain links: hand them out to people, take their decisions back.", no_args_is_help=True)


@app.command(name="export")
def export_command(
    out: Annotated[
        Path | None, typer.Option(help="XLSX file to write; review/review.xlsx in the home if left out")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Stop at the record that reaches so many pairs, the most uncertain first", min=1)
    ] = None,
    municipality: Annotated[
        list[str] | None, typer.Option(help="Code or name: only records of this municipality; repeatable")
    ] = None,
    decided: Annotated[bool, typer.Option("--decided", help="Also the pairs decided before")] = False,
    home: Home = None,
) -> None:
    """Write the uncertain links to a workbook, both records side by side. It holds personal data."""
    from migflow.review.export import export

    with told():
        store = Store(settings_for(home))
        if out is None:
            out = store.home / "review" / "review.xlsx"
            out.parent.mkdir(parents=True, exist_ok=True)
        written = export(store, out, limit=limit, municipalities=municipality or (), decided=decided)
        if not written.pairs:
            console.print("No pair waits for a decision; no file was written.")
            return
        console.print(
            f"{out}: {written.pairs:,} pairs of {written.records:,} records.\n"
            "It holds personal data and only you can read it: keep it so, and delete it after the import.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


@app.command(name="import")
def import_command(
    file: Annotated[Path, typer.Argument(help="The workbook filled in, or a CSV file in UTF-8 saved from it")],
    on: Annotated[
        dt.datetime | None, typer.Option(help="Day of the decisions whose row names none", formats=["%Y-%m-%d"])
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="The file outranks what was decided before")] = False,
    home: Home = None,
) -> None:
    """Take decisions back, all or none; the next run follows them, whatever the model says."""
    from migflow.review.importing import import_decisions

    with told():
        settings = settings_for(home)
        with only_one(settings.home, "migflow review import", settings.lock_wait_seconds):
            taken = import_decisions(Store(settings), file, on=on.date() if on else None, replace=replace)
        console.print(
            f"{file}: {taken.new:,} new decisions, {taken.replaced:,} replaced, {taken.withdrawn:,} withdrawn, "
            f"{taken.known:,} known already; {taken.unsure:,} rows unsure, {taken.open:,} without a decision. "
            "The next migflow run follows them.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
