"""Everything Dagster is to know: assets, checks, the job, what starts it, and the home it works on."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from migflow.settings import Settings
from pipelines import automation, invariants, review
from pipelines.assets import accounts, deliveries, publication, registers, statistics
from pipelines.partitions import monthly
from pipelines.resources import locked_home


def build_definitions(
    settings: Settings | None = None, resource_overrides: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """Definitions for one home; resource_overrides replaces resources by name (home), for tests."""
    settings = settings or Settings()
    return dg.Definitions(
        assets=[
            *deliveries.build(monthly(settings.home)),
            *registers.build(),
            *accounts.build(),
            *statistics.build(),
            *publication.build(settings.home),
        ],
        asset_checks=[*invariants.invariant_checks(), review.decision_check()],
        jobs=[automation.job],
        schedules=[automation.monthly_schedule],
        sensors=[automation.landing_sensor(settings)],
        resources={"home": locked_home(settings), **(resource_overrides or {})},
    )
