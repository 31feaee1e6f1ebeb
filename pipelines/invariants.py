"""What must hold among tables, as checks in the UI that stand in the way of publication."""

import dagster as dg

from migflow import transformations
from migflow.statistics import invariants
from migflow.statistics.invariants import Invariant
from pipelines import checks
from pipelines.errors import understood
from pipelines.resources import Home


def invariant_checks() -> list[dg.AssetChecksDefinition]:
    """What must hold among the accounts and statistics; nothing is published where one is broken."""
    return [_invariant_check(invariant) for invariant in invariants.invariants()]


def _invariant_check(invariant: Invariant) -> dg.AssetChecksDefinition:
    tables = transformations.reads(invariant.query)

    @dg.asset_check(
        name=invariant.name,
        asset=invariant.table,
        description=invariant.description,
        additional_deps=sorted({*tables} - {invariant.table}),
        required_resource_keys={"home"},
        blocking=True,
    )
    def check(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        home: Home = context.resources.home
        with understood(context), home.store.session(*tables) as con:
            counted = invariants.count(con, invariant)
        return checks.result(invariant.table, invariant.name, [counted])

    return check
