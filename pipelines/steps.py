"""A step builds one or more tables: its assets follow from their contracts, its checks too."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import dagster as dg

from migflow import contracts, transformations
from migflow.contracts import Contract
from migflow.store import Written
from pipelines import checks, metadata
from pipelines.errors import understood
from pipelines.measure import Measured
from pipelines.partitions import sources
from pipelines.resources import Home

KINDS = {"duckdb", "parquet"}

Build = Callable[[Home], Sequence[Written]]


def spec(contract: Contract, deps: Iterable[str], partitions: dg.PartitionsDefinition | None = None) -> dg.AssetSpec:
    """The asset of a table, all of it from the contract."""
    return dg.AssetSpec(
        contract.table,
        deps=sorted(deps),
        group_name=contract.stage,
        description=metadata.description(contract),
        metadata=metadata.of_contract(contract),
        owners=[team(contract.owner)],
        kinds=KINDS,
        tags={"personal-data": "yes"} if metadata.is_personal(contract) else {},
        partitions_def=partitions,
    )


def team(owner: str) -> str:
    """An owner as Dagster writes teams."""
    return "team:" + re.sub(r"[^a-z0-9]+", "-", owner.lower()).strip("-")


def build_tables(name: str, tables: Sequence[str], deps: Iterable[str], build: Build) -> dg.AssetsDefinition:
    """A step that writes unpartitioned tables in one call of the library."""
    found = [contracts.load(table) for table in tables]

    @dg.multi_asset(
        name=name,
        specs=[spec(contract, deps) for contract in found],
        check_specs=[check for contract in found for check in checks.audit_specs(contract)],
        required_resource_keys={"home"},
    )
    def step(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        home: Home = context.resources.home
        with understood(context), Measured() as used:
            written = {w.table: w for w in build(home)}
        with understood(context):
            results: list[dg.MaterializeResult] = [
                dg.MaterializeResult(
                    asset_key=contract.table,
                    metadata=metadata.of_table(home, contract) | metadata.of_step(used),
                    check_results=checks.audit_results(contract, written[contract.table].checks),
                )
                for contract in found
            ]
        yield from results

    return step


def build_stage(stage: str) -> list[dg.AssetsDefinition]:
    """One step for each table of a stage that SQL files make: a contract and a SQL file are all it takes."""
    tables = [contract.table for contract in contracts.load_all().values() if contract.stage == stage]
    return [_sql_table(table) for table in tables if transformations.has_sql(table)]


def _sql_table(table: str) -> dg.AssetsDefinition:
    inputs = [contracts.load(name).table for name in transformations.stored_inputs(table)]
    if not inputs and transformations.parameters(transformations.sql(table)):
        # Nothing but the period: the deliveries decide that.
        inputs = sources()
    return build_tables(table, [table], inputs, lambda home: [transformations.build(home.store, home.country, table)])
