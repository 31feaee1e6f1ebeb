"""Accounts: what happened to each person over time; one asset a SQL file, and the draws of the imputation."""

import dagster as dg

from migflow.imputation import tables
from pipelines.steps import build_stage, build_tables


def build() -> list[dg.AssetsDefinition]:
    """One asset a table."""
    return [*build_stage("accounts"), _draws()]


def _draws() -> dg.AssetsDefinition:
    return build_tables(
        "draws_of_links", tables.TABLES, tables.READ, lambda home: tables.build(home.store, home.country)
    )
