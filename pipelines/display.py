"""The run in the terminal: a table of stages and steps that fills as the run goes on."""

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from pipelines.summary import Step

MARKS = {"done": Text("✓", style="green"), "failed": Text("✗", style="bold red"), "waiting": Text("·", style="dim")}


class Display:
    """Context manager: a live table in a terminal, one line a finished step elsewhere."""

    def __init__(self, steps: list[Step], console: Console | None = None) -> None:
        self._steps = steps
        self._console = console or Console()
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(get_renderable=self._table, console=self._console, refresh_per_second=8, transient=False)

    def __enter__(self) -> "Display":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, step: Step) -> None:
        """A step has started or ended."""
        if not self._console.is_terminal and step.state in ("done", "failed"):
            self._console.print(
                f"{step.state:6} {step.stage:12} {step.name:36} {step.rows:>12,} rows {step.seconds:7.1f} s "
                f"{step.peak_mb:>7,} MB",
                soft_wrap=True,
                highlight=False,
            )

    def warn(self, text: str) -> None:
        """Something to know while the run goes on."""
        self._console.print(Text(text, style="yellow"), soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for header, justify in [("Stage", "left"), ("", "left"), ("Step", "left")]:
            table.add_column(header, justify=justify)  # type: ignore[arg-type]
        for header in ("Rows", "Checks", "Seconds", "Peak MB"):
            table.add_column(header, justify="right")
        stage = ""
        for step in self._steps:
            table.add_row("" if step.stage == stage else step.stage, self._mark(step), step.name, *_figures(step))
            stage = step.stage
        return table

    def _mark(self, step: Step) -> Text | Spinner:
        return self._spinner if step.state == "running" else MARKS[step.state]


def _figures(step: Step) -> list[Text | str]:
    """Rows, checks, seconds and peak memory; nothing before the step has ended."""
    if step.state not in ("done", "failed"):
        return []
    checks = Text(f"{step.passed}")
    if step.warned:
        checks.append(f" +{len(step.warned)} warned", style="yellow")
    if step.failed:
        checks.append(f" +{len(step.failed)} failed", style="red")
    return [f"{step.rows:,}", checks, f"{step.seconds:.1f}", f"{step.peak_mb:,}"]
