"""Accounts: what happened to each person over time; one asset a SQL file."""

import dagster as dg

from pipelines.steps import build_stage


def build() -> list[dg.AssetsDefinition]:
    """One asset a table."""
    return build_stage("accounts")
