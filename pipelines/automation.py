"""What starts runs: the one job, the sensor that follows landing, the monthly schedule."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from migflow import countries, publish
from migflow.deliveries import manifests
from migflow.deliveries.layouts import load_providers
from migflow.deliveries.pending import pending
from migflow.review import decisions
from migflow.settings import Settings
from migflow.store import Store
from pipelines.instance import close_dead_runs
from pipelines.partitions import FORMAT, landed_months, sources

JOB = "migflow"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
LANDING_TAG = "migflow/landing"
ATTEMPTS = 5
# The terminal shows what the display and the summary say; the whole log is in the UI.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

job = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="From the deliveries of the months chosen to a published vintage. Months that have not changed are "
    "not built again.",
    executor_def=dg.in_process_executor,
)


def month_range(months: Sequence[str]) -> dict[str, str]:
    """Run tags that make one run build every month from the first to the last."""
    return {RANGE_START: months[0], RANGE_END: months[-1]}


def fingerprints(home: Path) -> dict[str, str]:
    """For each month about which anything has landed, the hash of its manifests."""
    hashes: dict[str, str] = {}
    for source in sources():
        for manifest in manifests.current_manifests(home, source):
            month = manifest.reference_month
            text = hashes.get(month, "") + manifest.delivery_id + manifest.sha256
            hashes[month] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return dict(sorted(hashes.items()))


def landing_state(home: Path) -> str:
    """One hash for everything that has landed, decisions of clerical review included."""
    found = {**fingerprints(home), "decisions": decisions.digest(home)}
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


@dg.schedule(
    name="monthly",
    job=job,
    cron_schedule="0 6 10 * *",
    description="On the tenth at six: build the month before, for offices that prefer a date to the sensor.",
)
def monthly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """A run for the month before the day of the tick."""
    month = (context.scheduled_execution_time.replace(day=1) - dt.timedelta(days=1)).strftime(FORMAT)
    return dg.RunRequest(run_key=month, partition_key=month)


def unpublished(settings: Settings) -> list[str]:
    """Months, in order, whose current deliveries are not what the newest vintage is made of.

    The newest month too if the links do not follow the decisions of clerical review yet.
    """
    store, providers = Store(settings), load_providers(countries.find(settings.country))
    vintage = publish.latest(settings.home)
    published = json.loads((vintage / publish.MANIFEST).read_text(encoding="utf-8"))["inputs"] if vintage else {}
    months: set[str] = set()
    for source in sources():
        months.update(pending(store, source, providers))
        stored = {month: store.provenance_digest(source, month) for month in store.partitions(source)}
        months.update(month for month, digest in stored.items() if published.get(source, {}).get(month) != digest)
    if decisions.waiting(store):
        months.update(landed_months(settings.home)[-1:])
    return sorted(months)


def landing_sensor(settings: Settings) -> dg.SensorDefinition:
    """One run for all that has landed, or was decided in clerical review, and is not published yet.

    It remembers nothing: a run that was refused or killed has published nothing, so it is asked for again.
    One that failed at a step would fail again, and waits for a person, or for new deliveries.
    """

    @dg.sensor(name="landing", job_name=JOB, minimum_interval_seconds=60, description=landing_sensor.__doc__)
    def landing(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        months = unpublished(settings)
        if not months:
            return dg.SkipReason("Everything that has landed is published.")
        close_dead_runs(context.instance, settings.home)
        state = landing_state(settings.home)
        tried = context.instance.get_runs(dg.RunsFilter(job_name=JOB, tags={LANDING_TAG: state}))
        if tried and (reason := _reason_to_wait(context.instance, tried)):
            return dg.SkipReason(reason)
        return dg.RunRequest(run_key=f"{state}-{len(tried)}", tags=month_range(months) | {LANDING_TAG: state})

    return landing


def _reason_to_wait(instance: dg.DagsterInstance, tried: Sequence[dg.DagsterRun]) -> str | None:
    """Why not to ask again for a run on the same landing, given the runs so far, newest first."""
    last = tried[0]
    name = f"Run {last.run_id[:8]} on what has landed"
    if not last.is_finished:
        return f"{name} is on its way."
    if last.status == dg.DagsterRunStatus.CANCELED:
        return f"{name} was cancelled: start it in the UI or with migflow run."
    if instance.get_run_stats(last.run_id).steps_failed:
        return f"{name} failed at a step: see there what to mend, then start it in the UI or with migflow run."
    if len(tried) >= ATTEMPTS:
        return f"{name} was the last of {len(tried)} that were lost: see why, then start it with migflow run."
    return None
