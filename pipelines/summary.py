"""What came of a run: each step's time, memory and rows, checks passed and failed, and what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STAGES = ("deliveries", "registers", "accounts", "statistics", "publication")


@dataclass
class Step:
    """One step of the job; table names are those of its assets, rows their sum."""

    name: str
    stage: str
    tables: list[str] = field(default_factory=list)
    state: str = "waiting"
    seconds: float = 0.0
    peak_mb: int = 0
    rows: int = 0
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    error: str | None = None


@dataclass
class RunSummary:
    """A whole run; metadata holds the last materialization's metadata of each asset."""

    run_id: str
    success: bool
    seconds: float
    steps: list[Step]
    metadata: Mapping[str, Mapping[str, Any]]
    error: str | None = None

    @property
    def seconds_by_stage(self) -> dict[str, float]:
        """Seconds of the steps of each stage, in the order of the stages."""
        return {s: sum(step.seconds for step in self.steps if step.stage == s) for s in STAGES}

    @property
    def peak_mb(self) -> int:
        """Highest memory of any step, in MB."""
        return max((step.peak_mb for step in self.steps), default=0)

    @property
    def has_published(self) -> bool:
        """Whether a vintage came of it; what is only looked at, such as the evaluation, may have failed beside it."""
        return any("published" in step.tables and step.state == "done" for step in self.steps)

    @property
    def checks_passed(self) -> int:
        """Checks that hold."""
        return sum(step.passed for step in self.steps)

    @property
    def checks_failed(self) -> list[str]:
        """Checks that do not hold, as table.check: reason."""
        return [text for step in self.steps for text in step.failed]

    @property
    def warnings(self) -> list[str]:
        """Checks of which only a warning came, as table.check: reason."""
        return [text for step in self.steps for text in step.warned]

    @property
    def errors(self) -> list[str]:
        """What stopped the run, in words for the person who must act."""
        return [e for e in [self.error, *(step.error for step in self.steps)] if e]
