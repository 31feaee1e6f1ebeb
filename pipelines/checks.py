"""Checks as the UI shows them: those of the audit that is part of every write, and the balance of rows."""

from collections.abc import Iterator, Sequence

import dagster as dg

from migflow import audit, contracts
from migflow.audit import Check
from migflow.contracts import Contract
from migflow.deliveries.build import MonthRows
from migflow.deliveries.coverage import gaps
from migflow.deliveries.pending import pending
from pipelines.resources import Home

# The rules of single columns are many, and each event of a run costs Dagster some milliseconds: shown as two checks.
GROUPED = {
    "missing_": ("required_values", "Every column that must have a value has one"),
    "invalid_": ("valid_values", "Values have the form, the range and the codes of the contract"),
}


def audit_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    """Checks for the key, required values, valid values, each further rule, and the expectations of a contract."""
    described = {_shown_as(name)[0]: _shown_as(name)[1] or text for name, text in audit.check_names(contract).items()}
    return [dg.AssetCheckSpec(name, asset=contract.table, description=text) for name, text in described.items()]


def audit_results(contract: Contract, found: Sequence[Check]) -> list[dg.AssetCheckResult]:
    """Results for audit_specs; an audit that was not run again stands as it passed when the table was written."""
    results = []
    for spec in audit_specs(contract):
        ran = [check for check in found if _shown_as(check.name)[0] == spec.name]
        results.append(result(contract.table, spec.name, ran))
    return results


def failures(error: audit.AuditError) -> Iterator[dg.AssetCheckEvaluation]:
    """The checks of a refused write, to be logged before the step fails."""
    for result in audit_results(contracts.load(error.table), error.checks):
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(error.table),
            check_name=str(result.check_name),
            passed=result.passed,
            description=result.description,
            metadata=result.metadata,
            severity=result.severity,
        )


def _shown_as(name: str) -> tuple[str, str | None]:
    """Name under which a check of the audit is shown, and its description if it stands for several."""
    return next((shown for prefix, shown in GROUPED.items() if name.startswith(prefix)), (name, None))


def result(table: str, name: str, ran: Sequence[Check]) -> dg.AssetCheckResult:
    """One check as shown, with the rules that are broken and in how many rows; no values, they may be personal."""
    broken = [f"{check.description}: broken in {check.failing_rows:,} rows" for check in ran if not check.passed]
    holds = "Holds" if ran else "Unchanged since it held when the table was written"
    return dg.AssetCheckResult(
        asset_key=table,
        check_name=name,
        passed=not broken,
        description="; ".join(broken) or holds,
        metadata={"failing rows": sum(check.failing_rows for check in ran)},
    )


QUARANTINE_SHARE = 0.01
GAPS_NAMED = 3


def delivery_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    """What must hold, or nothing is made of the deliveries, and what a person should look into."""
    return [
        dg.AssetCheckSpec(
            "nothing_left_out",
            asset=contract.table,
            description="Every month that has landed is built from exactly the deliveries that count now",
            blocking=True,
        ),
        dg.AssetCheckSpec(
            "rows_accounted_for", asset=contract.table, description="Rows in = rows accepted + rows quarantined"
        ),
        dg.AssetCheckSpec(
            "few_quarantined",
            asset=contract.table,
            description=f"At most {QUARANTINE_SHARE:.0%} of the rows sent are quarantined",
        ),
        dg.AssetCheckSpec(
            "complete",
            asset=contract.table,
            description="Every provider has delivered every month due, and snapshots have rows in every municipality",
        ),
    ]


def delivery_results(home: Home, contract: Contract, months: Sequence[MonthRows]) -> list[dg.AssetCheckResult]:
    """Results for delivery_specs: rows of the months of a run; the others are about everything delivered so far."""
    rows_in, accepted = sum(m.rows_in for m in months), sum(m.accepted for m in months)
    quarantined = sum(sum(m.quarantined.values()) for m in months)
    share = quarantined / rows_in if rows_in else 0.0
    missing = gaps(home.store, contract.table, home.country, home.providers)
    return [
        _left_out(contract.table, pending(home.store, contract.table, home.providers)),
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
        completeness(contract.table, [gap.message for gap in missing]),
    ]


def _left_out(table: str, months: Sequence[str]) -> dg.AssetCheckResult:
    """An error that names the months in which landing and store differ."""
    return dg.AssetCheckResult(
        asset_key=table,
        check_name="nothing_left_out",
        passed=not months,
        description=f"Landing has changed since this step began: {', '.join(months)}. Run again."
        if months
        else "Everything that has landed is built",
        metadata={"months left out": len(months)},
    )


def completeness(table: str, missing: Sequence[str]) -> dg.AssetCheckResult:
    """A warning that names the first few gaps."""
    more = f" ... and {len(missing) - GAPS_NAMED:,} more." if len(missing) > GAPS_NAMED else ""
    return dg.AssetCheckResult(
        asset_key=table,
        check_name="complete",
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(missing[:GAPS_NAMED]) + more or "Nothing is missing",
        metadata={"gaps": len(missing)},
    )
