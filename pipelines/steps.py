"""A step builds one or more tables: its assets follow from their contracts, its errors from migflow's."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import dagster as dg
import duckdb

from migflow import contracts, transformations
from migflow.audit import AuditError
from migflow.contracts import Contract
from migflow.errors import MigflowError
from migflow.store import Written
from pipelines import checks, metadata
from pipelines.measure import Measured
from pipelines.partitions import sources
from pipelines.resources import Home

KINDS = {"duckdb", "parquet"}
RETRIES = 2
RETRY_AFTER_SECONDS = 30

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
        for contract in found:
            yield dg.MaterializeResult(
                asset_key=contract.table,
                metadata=metadata.of_table(home, contract) | metadata.of_step(used),
                check_results=checks.audit_results(contract, written[contract.table].checks),
            )

    return step


def build_stage(stage: str) -> list[dg.AssetsDefinition]:
    """One step for each table of a stage that SQL files make: a contract and a SQL file are all it takes."""
    return [_sql_table(contract.table) for contract in contracts.load_all().values() if contract.stage == stage]


def _sql_table(table: str) -> dg.AssetsDefinition:
    inputs = [contracts.load(name).table for name in transformations.inputs(table)]
    if not inputs and transformations.parameters(transformations.sql(table)):
        # Nothing but the period: the deliveries decide that.
        inputs = sources()
    return build_tables(table, [table], inputs, lambda home: [transformations.build(home.store, home.country, table)])


@contextlib.contextmanager
def understood(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Turn the library's errors into Dagster's: a message and no retry for what a person must mend.

    A disk or a file in use may be free again in a moment, so those are tried again.
    """
    try:
        yield
    except AuditError as error:
        for evaluation in checks.failures(error):
            context.log_event(evaluation)
        raise dg.Failure(str(error), allow_retries=False) from None
    except MigflowError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    except (OSError, duckdb.IOException) as error:
        raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_AFTER_SECONDS) from error
