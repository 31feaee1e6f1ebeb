"""Publication: a vintage of the statistics; and, of a simulated country, how far they are from the truth."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from migflow import audit, contracts, evaluation, publish
from pipelines import checks, metadata, steps
from pipelines.errors import understood
from pipelines.measure import Measured
from pipelines.resources import Home

GROUP = "publication"
REVISIONS = contracts.load("revisions")
TRUTH = "truth"


def build(home: Path) -> list[dg.AssetsDefinition]:
    """The vintage; and the evaluation where a truth to compare with lies in the home."""
    return [published, evaluated] if (home / TRUTH).is_dir() else [published]


def statistics() -> list[str]:
    """The tables that are published."""
    return [c.table for c in contracts.load_all().values() if c.stage == "statistics"]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            "published",
            deps=statistics(),
            group_name=GROUP,
            description="The newest vintage: every statistics table as Parquet, in one DuckDB file and in SDMX, a "
            "report, and a manifest of hashes and provenance. Readers see a whole vintage or the one before.",
            owners=["team:statisticians"],
            kinds=steps.KINDS,
        ),
        steps.spec(REVISIONS, statistics()),
    ],
    check_specs=list(checks.audit_specs(REVISIONS)),
    required_resource_keys={"home"},
)
def published(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Publish a vintage."""
    home: Home = context.resources.home
    with understood(context), Measured() as used:
        vintage = publish.publish(home.store, home.country)
        docs = audit.build_data_docs(home.store.home)
        shown = metadata.of_vintage(vintage) | metadata.plotted_vintage(home, vintage)
    shown["data docs"] = dg.MetadataValue.path(docs.resolve())
    yield dg.MaterializeResult(asset_key="published", metadata=shown | metadata.of_step(used))
    yield dg.MaterializeResult(
        asset_key=REVISIONS.table,
        metadata=metadata.of_table(home, REVISIONS) | metadata.of_step(used),
        check_results=checks.audit_results(REVISIONS, vintage.revisions.checks),
    )


@dg.multi_asset(
    name="evaluation",
    specs=[
        dg.AssetSpec(
            "evaluation",
            deps=["persons", "person_links", "address_links", *statistics()],
            group_name=GROUP,
            description="Links and published tables against the truth of the simulated country: precision, recall "
            "and F1 of the links, error of each table.",
            owners=["team:statisticians"],
            kinds={"duckdb"},
        )
    ],
    required_resource_keys={"home"},
)
def evaluated(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Compare with the truth."""
    home: Home = context.resources.home
    with understood(context), Measured() as used:
        found = evaluation.evaluate(home.store, home.country, home.store.home / TRUTH)
    yield dg.MaterializeResult(
        asset_key="evaluation",
        metadata=metadata.of_evaluation(found) | metadata.of_step(used),
    )
