"""Checks as the UI shows them: those of the audit that is part of every write, and the balance of rows."""

from collections.abc import Iterable, Iterator, Sequence

import dagster as dg

from migflow import audit, transformations
from migflow.audit import Check
from migflow.contracts import Contract
from migflow.deliveries.build import MonthRows
from migflow.statistics import invariants
from migflow.statistics.invariants import Invariant
from pipelines.resources import Home


def audit_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    """One check for the key, each row rule and the expectations of a contract."""
    return [
        dg.AssetCheckSpec(name, asset=contract.table, description=description)
        for name, description in audit.check_names(contract).items()
    ]


def audit_results(contract: Contract, found: Sequence[Check]) -> list[dg.AssetCheckResult]:
    """Results for audit_specs; an audit that was not run again stands as it passed when the table was written."""
    ran = {check.name: check for check in found}
    return [
        result(contract.table, ran[name]) if name in ran else kept(contract.table, name)
        for name in audit.check_names(contract)
    ]


def result(table: str, check: Check) -> dg.AssetCheckResult:
    """One check with the number of rows that break it; no values, they may be personal."""
    said = "holds" if check.passed else f"broken in {check.failing_rows:,} rows"
    return dg.AssetCheckResult(
        asset_key=table,
        check_name=check.name,
        passed=check.passed,
        description=f"{check.description}: {said}",
        metadata={"failing_rows": check.failing_rows},
    )


def kept(table: str, name: str) -> dg.AssetCheckResult:
    """A check of a table that did not have to be written again."""
    return dg.AssetCheckResult(
        asset_key=table, check_name=name, passed=True, description="Unchanged since it passed when it was written"
    )


def failures(table: str, found: Iterable[Check]) -> Iterator[dg.AssetCheckEvaluation]:
    """The checks of a refused write, to be logged before the step fails."""
    for check in found:
        shown = result(table, check)
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(table),
            check_name=check.name,
            passed=check.passed,
            description=shown.description,
            metadata={"failing_rows": dg.MetadataValue.int(check.failing_rows)},
            severity=dg.AssetCheckSeverity.ERROR,
        )


QUARANTINE_SHARE = 0.01


def delivery_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    """The balance of rows, which must hold, and what a person should look into."""
    return [
        dg.AssetCheckSpec(
            "rows_accounted_for", asset=contract.table, description="Rows in = rows accepted + rows quarantined"
        ),
        dg.AssetCheckSpec(
            "few_quarantined",
            asset=contract.table,
            description=f"At most {QUARANTINE_SHARE:.0%} of the rows sent are quarantined",
        ),
    ]


def delivery_results(contract: Contract, months: Sequence[MonthRows]) -> list[dg.AssetCheckResult]:
    """Results for delivery_specs over the months of a run."""
    rows_in, accepted = sum(m.rows_in for m in months), sum(m.accepted for m in months)
    quarantined = sum(sum(m.quarantined.values()) for m in months)
    share = quarantined / rows_in if rows_in else 0.0
    return [
        dg.AssetCheckResult(
            asset_key=contract.table,
            check_name="rows_accounted_for",
            passed=rows_in == accepted + quarantined,
            description=f"{rows_in:,} rows in = {accepted:,} accepted + {quarantined:,} quarantined",
            metadata={"rows in": rows_in, "accepted": accepted, "quarantined": quarantined},
        ),
        dg.AssetCheckResult(
            asset_key=contract.table,
            check_name="few_quarantined",
            passed=share <= QUARANTINE_SHARE,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{quarantined:,} of {rows_in:,} rows quarantined ({share:.2%})",
            metadata={"share": share},
        ),
    ]


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
        with home.store.session(*tables) as con:
            return result(invariant.table, invariants.count(con, invariant))

    return check
