"""Whether the links follow what people decided in clerical review, as a check in the UI."""

import dagster as dg

from migflow.review import decisions
from pipelines.errors import understood
from pipelines.resources import Home

PAIRS_NAMED = 3


def decision_check() -> dg.AssetChecksDefinition:
    """A warning where decisions have no effect, such as on a person whose registry record is gone."""

    @dg.asset_check(
        name="decisions_have_effect",
        asset="person_links",
        description="Every decision of clerical review is about a record and a person that are there, and is followed",
        additional_deps=["persons"],
        required_resource_keys={"home"},
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        home: Home = context.resources.home
        with understood(context):
            decided = decisions.read(home.store.home).num_rows
            idle = decisions.without_effect(home.store)
        more = f" and {len(idle) - PAIRS_NAMED:,} more" if len(idle) > PAIRS_NAMED else ""
        return dg.AssetCheckResult(
            passed=not idle,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{len(idle):,} of {decided:,} decisions without effect: {', '.join(idle[:PAIRS_NAMED])}{more}"
            if idle
            else f"{decided:,} decisions, all followed",
            metadata={"decisions": decided, "without effect": len(idle)},
        )

    return check
