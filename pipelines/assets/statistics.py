"""Statistics: the published tables; one asset a SQL file."""

import dagster as dg

from pipelines.steps import build_stage


def build() -> list[dg.AssetsDefinition]:
    """One asset a table."""
    return build_stage("statistics")
