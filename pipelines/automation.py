"""What starts runs: the one job, the sensor that follows landing, the monthly schedule."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg

from migflow.deliveries import manifests
from migflow.settings import Settings
from pipelines.partitions import FORMAT, sources

JOB = "migflow"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
LANDING_TAG = "migflow/landing"
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


def landing_state(found: Mapping[str, str]) -> str:
    """One hash for everything that has landed."""
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


def landing_sensor(settings: Settings) -> dg.SensorDefinition:
    """One run for all months that changed in landing since the sensor last looked.

    The cursor holds each month's fingerprint; a run that migflow run has already made for the same landing is
    not repeated.
    """

    @dg.sensor(name="landing", job_name=JOB, minimum_interval_seconds=60, description=landing_sensor.__doc__)
    def landing(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        seen: dict[str, str] = json.loads(context.cursor or "{}")
        found = fingerprints(settings.home)
        changed = [month for month in found if seen.get(month) != found[month]]
        context.update_cursor(json.dumps(found))
        state = landing_state(found)
        if not changed:
            yield dg.SkipReason("Nothing new has landed.")
        elif built := _built(context.instance, state):
            yield dg.SkipReason(f"Run {built[:8]} has built everything that has landed.")
        else:
            yield dg.RunRequest(run_key=state, tags=month_range(changed) | {LANDING_TAG: state})

    return landing


def _built(instance: dg.DagsterInstance, state: str) -> str | None:
    """Run that ended well and built exactly this landing."""
    wanted = dg.RunsFilter(job_name=JOB, statuses=[dg.DagsterRunStatus.SUCCESS], tags={LANDING_TAG: state})
    runs = instance.get_runs(wanted, limit=1)
    return runs[0].run_id if runs else None
