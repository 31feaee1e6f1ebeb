"""The job in this process, and the UI: what `migflow run` and `migflow ui` call."""

import os
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from migflow.errors import MigflowError
from migflow.settings import Settings
from pipelines.automation import JOB, LANDING_TAG, QUIET, landing_state, month_range
from pipelines.definitions import build_definitions
from pipelines.display import Display
from pipelines.follow import Follower, steps_of
from pipelines.instance import close_dead_runs, dagster_home, open_instance
from pipelines.partitions import landed_months
from pipelines.summary import RunSummary


def run(settings: Settings, months: Sequence[str] | None = None, console: Console | None = None) -> RunSummary:
    """Build everything from the deliveries of these months (all that have landed by default) to a new vintage.

    Months run from the first to the last named; those that have not changed are not built again. The console
    (the terminal by default) shows each step as it goes. Whatever stops the run is in the summary. Raises
    MigflowError if nothing has landed.
    """
    chosen = _months(settings.home, months)
    definitions = build_definitions(settings)
    steps = steps_of(definitions)
    tags = month_range(chosen)
    if months is None:
        tags[LANDING_TAG] = landing_state(settings.home)
    start, run_id = time.perf_counter(), str(uuid.uuid4())
    with open_instance(settings.home) as instance, Display(steps, console) as display:
        close_dead_runs(instance, settings.home)
        follower = Follower(steps, display)
        instance.add_event_listener(run_id, follower.follow)
        result = definitions.resolve_job_def(JOB).execute_in_process(
            run_config=QUIET, instance=instance, run_id=run_id, tags=tags, raise_on_error=False
        )
    return RunSummary(
        run_id=run_id,
        success=result.success,
        seconds=time.perf_counter() - start,
        steps=steps,
        metadata=follower.metadata,
        error=follower.error,
    )


def ui(settings: Settings, port: int = 3000) -> None:
    """Become `dagster dev` on this home: the UI, the sensor and the schedule. Does not return."""
    with open_instance(settings.home) as instance:
        close_dead_runs(instance, settings.home)
    os.environ["DAGSTER_HOME"] = str(dagster_home(settings.home))
    os.environ["MIGFLOW_HOME"] = str(settings.home.resolve())
    workspace = Path(__file__).parent.parent / "workspace.yaml"
    code = ["-w", str(workspace)] if workspace.is_file() else ["-m", "pipelines.code_location"]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "dev", *code, "--port", str(port)])


def _months(home: Path, wanted: Sequence[str] | None) -> list[str]:
    """The months to build, in order; only what has landed can be built."""
    landed = landed_months(home)
    if not landed:
        raise MigflowError(
            f"Nothing has landed in {home}: hand files in with migflow receive, or try migflow simulate."
        )
    missing = sorted(set(wanted or ()) - set(landed))
    if missing:
        raise MigflowError(
            f"Nothing has landed for {', '.join(missing)}: {home} holds {landed[0]} to {landed[-1]}. "
            "Hand the files in with migflow receive first."
        )
    return sorted(wanted or landed)
