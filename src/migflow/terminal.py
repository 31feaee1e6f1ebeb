"""What every command shares of the terminal: the home, where it prints, and how it tells an error."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from migflow.errors import MigflowError

Home = Annotated[Path | None, typer.Option(help="Folder of landing, store and published tables [MIGFLOW_HOME]")]

console = Console()
errors = Console(stderr=True)


@contextmanager
def told() -> Iterator[None]:
    """Show an error that a person can act on as its text, and end with exit code 1."""
    try:
        yield
    except MigflowError as error:
        errors.print(f"[bold red]Stopped.[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def wide() -> Console:
    """A console that does not cut tables off: where the output is no terminal, rich takes 80 columns."""
    return Console(width=max(console.width, 120))
