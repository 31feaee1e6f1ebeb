"""Follows the events of a run, so that a terminal can show it and a summary can be made of it."""

import logging
import re
from collections.abc import Sequence
from typing import Any

import dagster as dg

from pipelines.display import Display
from pipelines.summary import STAGES, Step


def steps_of(definitions: dg.Definitions) -> list[Step]:
    """The steps of the job that builds every asset, by stage, in an order in which they can run."""
    known = {}
    for asset in definitions.assets or ():
        if isinstance(asset, dg.AssetsDefinition):
            stage = next(iter(asset.specs)).group_name or ""
            known[asset.op.name] = Step(asset.op.name, stage, sorted(key.to_user_string() for key in asset.keys))
    return sorted(known.values(), key=lambda step: STAGES.index(step.stage))


class Follower:
    """Keeps steps and metadata up to date with a run's events, and the display with them."""

    def __init__(self, steps: Sequence[Step], display: Display) -> None:
        self.metadata: dict[str, dict[str, Any]] = {}
        self.error: str | None = None
        self._display = display
        self._steps = {step.name: step for step in steps}
        self._steps_by_table = {table: step for step in steps for table in step.tables}

    def follow(self, entry: dg.EventLogEntry) -> None:
        """Take note of one event of the run."""
        event = entry.dagster_event
        if event is None:
            # Such as another run that is waited for.
            if entry.level == logging.WARNING:
                self._display.warn(entry.user_message)
            return
        step = self._steps.get(event.step_key or "")
        if event.event_type == dg.DagsterEventType.RUN_FAILURE:
            self.error = self._run_error(event)
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self._checked(event.asset_check_evaluation_data)
        if step is None:
            return
        match event.event_type:
            case dg.DagsterEventType.STEP_START | dg.DagsterEventType.STEP_RESTARTED:
                step.state = "running"
                self._display.show(step)
            case dg.DagsterEventType.ASSET_MATERIALIZATION:
                self._materialized(step, event)
            case dg.DagsterEventType.STEP_SUCCESS:
                step.state = "done"
                self._display.show(step)
            case dg.DagsterEventType.STEP_FAILURE:
                step.state, step.error = "failed", _message(event)
                self._display.show(step)

    def _materialized(self, step: Step, event: dg.DagsterEvent) -> None:
        materialization = event.step_materialization_data.materialization
        values: dict[str, Any] = {name: value.value for name, value in materialization.metadata.items()}
        key = materialization.asset_key.to_user_string()
        step.seconds, step.peak_mb = values.get("seconds", 0.0), values.get("peak_memory_mb", 0)
        step.rows += values.get("rows", 0) or 0
        self.metadata[key] = values

    def _checked(self, check: dg.AssetCheckEvaluation) -> None:
        table = check.asset_key.to_user_string()
        step = self._steps_by_table[table]
        if check.passed:
            step.passed += 1
            return
        text = f"{table}.{check.check_name}: {check.description or 'does not hold'}"
        (step.warned if check.severity == dg.AssetCheckSeverity.WARN else step.failed).append(text)

    def _run_error(self, event: dg.DagsterEvent) -> str | None:
        """What stopped the run where no step did, such as a home in use."""
        if any(step.error for step in self._steps.values()):
            return None
        return _innermost(event.job_failure_data.error) or event.message


def _message(event: dg.DagsterEvent) -> str:
    """The message of migflow's own errors alone; of any other the class as well."""
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    return _innermost(data.error) or event.message or "failed"


def _innermost(error: Any) -> str | None:
    """Message of the error at the root of others; the class goes before it unless it is one of migflow's own."""
    while error and error.cause:
        error = error.cause
    return re.sub(r"^migflow\.[\w.]+: ", "", error.message.strip()) if error else None
