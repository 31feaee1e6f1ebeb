"""The command line: simulate, receive, withdraw, run, evaluate, regroup, report, ui; more: linkage_cli, review_cli."""

import datetime as dt
import importlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, NotRequired, TypedDict

import typer

from migflow import countries, linkage_cli, review_cli
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.receive import Receipt, receive
from migflow.deliveries.withdraw import withdraw
from migflow.errors import MigflowError
from migflow.locking import only_one
from migflow.privacy import keep_private
from migflow.settings import Settings, settings_for
from migflow.store import Store
from migflow.terminal import Home, console, told, wide

app = typer.Typer(
    help="From population registers to migration statistics.", no_args_is_help=True, pretty_exceptions_enable=False
)
app.add_typer(linkage_cli.app)
app.add_typer(review_cli.app, name="review")
# The profile whose municipalities are simulated.
SIMULATED = "kosovo"
NOTE = "simulation.json"


class Asked(TypedDict):
    """What a simulation was asked for; kept in its home. other_script is left out where no name is in it."""

    persons: int
    years: int
    last_year: int
    seed: int
    other_script: NotRequired[float]


@app.callback()
def main() -> None:
    """From population registers to migration statistics."""
    keep_private()


@app.command(name="receive")
def receive_command(
    files: Annotated[list[Path], typer.Argument(help="Files of one provider for one source and month")],
    source: Annotated[str, typer.Option(help="What they hold: a table of data_contracts/deliveries")],
    month: Annotated[str, typer.Option(help="Reference month, YYYY-MM")],
    provider: Annotated[str | None, typer.Option(help="Who sent them; may be left out if only one can")] = None,
    home: Home = None,
) -> None:
    """Check files against their provider's layout and put them into the landing folder."""
    with told():
        settings = settings_for(home)
        providers = load_providers(countries.find(settings.country))
        for receipt in receive(
            files, source=source, month=month, provider=provider, home=settings.home, providers=providers
        ):
            console.print(receipt.message, highlight=False, markup=False)


@app.command(name="withdraw")
def withdraw_command(
    source: Annotated[str, typer.Option(help="A table of data_contracts/deliveries")],
    month: Annotated[str, typer.Option(help="Reference month, YYYY-MM")],
    provider: Annotated[str, typer.Option(help="Whose delivery")],
    home: Home = None,
) -> None:
    """Let a delivery received by mistake no longer count; the next run builds the month without it."""
    with told():
        manifest = withdraw(source, month, provider, settings_for(home).home)
        console.print(
            f"{manifest.delivery_id}: withdrawn; it supersedes {manifest.supersedes}.", highlight=False, markup=False
        )


@app.command(name="simulate")
def simulate_command(
    persons: Annotated[int, typer.Option(help="Persons at the start", min=100)] = 40_000,
    years: Annotated[int, typer.Option(help="Calendar years", min=1)] = 5,
    last_year: Annotated[int, typer.Option(help="The last of them")] = 2024,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes")] = 1,
    other_script: Annotated[
        float,
        typer.Option(help="Share of municipal rows whose names are in the office's other script", min=0, max=1),
    ] = 0.0,
    home: Home = None,
) -> None:
    """Make a simulated Kosovo: deliveries of its registers, received into the landing folder, and the truth."""
    with told():
        settings = settings_for(home)
        asked: Asked = {"persons": persons, "years": years, "last_year": last_year, "seed": seed}
        if other_script:
            asked["other_script"] = other_script
        with only_one(settings.home, "migflow simulate", settings.lock_wait_seconds), console.status("") as status:
            receipts = _simulate(settings, asked, lambda step: status.update(f"Simulating: {step}"))
    new = sum(r.new for r in receipts)
    console.print(
        f"Simulated {persons:,} persons over {years} years (seed {seed}): {new:,} deliveries received, "
        f"{len(receipts) - new:,} were there already. Truth: {settings.home / 'truth'}",
        highlight=False,
    )


def _simulate(settings: Settings, asked: Asked, progress: Callable[[str], None]) -> list[Receipt]:
    """Make the country aside, put the truth in place, then receive the deliveries: a killed one can be repeated."""
    from migflow.simulation import MunicipalCounters, SimulationConfig, simulate

    truth = settings.home / "truth"
    _only_this_simulation(settings.home, asked)
    if countries.load(settings.country).code != countries.load(SIMULATED).code:
        raise MigflowError(
            f"migflow simulate makes a simulated {SIMULATED.capitalize()}, and country is {settings.country}. Set it "
            f"to {SIMULATED} in migflow.toml or MIGFLOW_COUNTRY, or hand in files of your own with migflow receive."
        )
    for litter in settings.home.glob(".simulated-*"):
        shutil.rmtree(litter, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix=".simulated-") as folder:
        made = simulate(
            Path(folder),
            persons=asked["persons"],
            years=asked["years"],
            last_year=asked["last_year"],
            seed=asked["seed"],
            config=SimulationConfig(counters=MunicipalCounters(names_in_other_script=asked.get("other_script", 0.0))),
            progress=progress,
        )
        (settings.home / NOTE).write_text(json.dumps(asked, indent=2) + "\n")
        shutil.rmtree(truth, ignore_errors=True)
        made.truth.rename(truth)
        progress("receiving the deliveries")
        return _receive_simulated(settings, made.deliveries)


def _only_this_simulation(home: Path, asked: Asked) -> None:
    """Refuse to mix a simulation with other deliveries."""
    note = home / NOTE
    if note.is_file() and json.loads(note.read_text()) == asked:
        return
    if any((home / "landing").glob("*/*/*/*")):
        raise MigflowError(
            f"{home} already holds other deliveries; name an empty folder with --home, "
            "so that simulated and received registers do not mix."
        )


def _receive_simulated(settings: Settings, deliveries: Sequence[tuple[Path, str, str, str]]) -> list[Receipt]:
    """Receive simulated files month by month, as they would have come in."""
    providers = load_providers(countries.find(settings.country))
    ordered = sorted(deliveries, key=lambda d: (d[2], d[1], d[3]))
    return [
        receipt
        for file, source, month, provider in ordered
        for receipt in receive(
            [file], source=source, month=month, provider=provider, home=settings.home, providers=providers, move=True
        )
    ]


@app.command(name="run")
def run_command(
    home: Home = None,
    wait: Annotated[float | None, typer.Option(help="Seconds to wait for another run on this home", min=0)] = None,
) -> None:
    """Run the main job on everything received, publish a vintage, and print a summary."""
    # The library does not import dagster; the job lives in pipelines, beside it.
    with told():
        settings = settings_for(home)
        if wait is not None:
            settings = settings.model_copy(update={"lock_wait_seconds": wait})
        summary = importlib.import_module("pipelines.run").run(settings)
        closing = importlib.import_module("pipelines.closing")
        console.print(closing.closing(summary, Store(settings)))
        if not summary.success:
            raise MigflowError(closing.what_stopped(summary))
        console.print(closing.where_to_look(Store(settings)), highlight=False, soft_wrap=True)


@app.command(name="evaluate")
def evaluate_command(home: Home = None) -> None:
    """Compare links and published tables with the truth of a simulated country."""
    with told():
        settings = settings_for(home)
        truth = settings.home / "truth"
        if not truth.is_dir():
            raise MigflowError(f"{truth} is missing: only a simulated country (migflow simulate) can be evaluated.")
        from migflow.evaluation import evaluate

        with only_one(settings.home, "migflow evaluate", settings.lock_wait_seconds):
            found = evaluate(Store(settings), countries.load(settings.country), truth)
        for table in found.tables():
            wide().print(table)


@app.command(name="report")
def report_command(home: Home = None) -> None:
    """Print the path of the newest vintage's report, a page for the browser."""
    with told():
        from migflow.publish import REPORT, latest

        folder = latest(settings_for(home).home)
        if folder is None or not (folder / REPORT).is_file():
            raise MigflowError(f"{settings_for(home).home} holds no report yet: migflow run publishes one.")
        console.print(str(folder / REPORT), highlight=False, markup=False, soft_wrap=True)


@app.command(name="regroup")
def regroup_command(
    date: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The date whose areas are wanted")],
    out: Annotated[Path, typer.Option(help="Folder to write the Parquet files to")],
    unions: Annotated[
        bool, typer.Option("--unions", help="In the finest areas that then and now have in common, without shares")
    ] = False,
    home: Home = None,
) -> None:
    """Put the counts of the newest vintage into the areas of another date."""
    with told():
        from migflow.publish import latest
        from migflow.publish.regrouped import regroup

        settings = settings_for(home)
        vintage = latest(settings.home)
        if vintage is None:
            raise MigflowError(f"{settings.home} holds no vintage yet: migflow run publishes one.")
        written = regroup(vintage, countries.load(settings.country), date.date(), out, unions=unions)
        for table, rows in written.items():
            console.print(f"{out / table}.parquet: {rows:,} rows", highlight=False, markup=False, soft_wrap=True)


@app.command(name="ui")
def ui_command(home: Home = None, port: Annotated[int, typer.Option(help="Port on this machine")] = 3000) -> None:
    """Open the Dagster UI on this home."""
    with told():
        importlib.import_module("pipelines.run").ui(settings_for(home), port)


if __name__ == "__main__":
    app()
