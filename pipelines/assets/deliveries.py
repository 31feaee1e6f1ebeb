"""Deliveries: what each source sent, a partition a month; every run builds whatever has changed in landing."""

from collections.abc import Iterator, Sequence

import dagster as dg

from migflow import contracts
from migflow.contracts import Contract
from migflow.deliveries.build import MonthRows
from migflow.deliveries.build import build as build_months
from pipelines import checks, metadata, steps
from pipelines.errors import understood
from pipelines.measure import Measured
from pipelines.partitions import sources
from pipelines.resources import Home


def build(partitions: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """One asset a source."""
    return [_source(contracts.load(source), partitions) for source in sources()]


def _source(contract: Contract, partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=contract.table,
        specs=[steps.spec(contract, [], partitions)],
        check_specs=[*checks.audit_specs(contract), *checks.delivery_specs(contract)],
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"home"},
    )
    def source(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        home: Home = context.resources.home
        with understood(context), Measured() as used:
            # Not only the months of the run: what landed late for another month must not be left out.
            built = build_months(home.store, contract.table, home.providers)
        months = _describe_months(context, contract, built.months)
        with understood(context):
            result: dg.MaterializeResult = dg.MaterializeResult(
                asset_key=contract.table,
                metadata=metadata.counts(home, contract) | metadata.of_step(used),
                check_results=[
                    *checks.audit_results(contract, built.checks),
                    *checks.delivery_results(home, contract, months),
                ],
            )
        yield result

    return source


def _describe_months(
    context: dg.AssetExecutionContext, contract: Contract, months: Sequence[MonthRows]
) -> list[MonthRows]:
    """Record the rows of each month of the run and of each other built in it; returns those that have landed.

    A month of the run of which nothing has landed says so.
    """
    found = {month.month: month for month in months}
    for key in context.partition_keys:
        context.add_asset_metadata(metadata.of_month(found.get(key)), partition_key=key)
    others = [month for month in months if month.built and month.month not in context.partition_keys]
    for month in others:
        shown = metadata.of_month(month)
        context.log_event(dg.AssetMaterialization(contract.table, partition=month.month, metadata=shown))
    return [*(found[key] for key in context.partition_keys if key in found), *others]
