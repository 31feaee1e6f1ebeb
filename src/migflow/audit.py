"""Great Expectations over a staged table: its contract as expectations, keys and rules counted in full by SQL."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from migflow.contracts import Contract
from migflow.errors import MigflowError
from migflow.settings import Settings

if TYPE_CHECKING:
    import great_expectations as gx
    import pandas as pd

SAMPLE_ROWS = 5_000_000


@dataclass(frozen=True)
class Check:
    """One thing the audit looked at: passed, and how many rows break it (no values, they may be personal)."""

    name: str
    passed: bool
    description: str
    failing_rows: int


class AuditError(MigflowError):
    """The staged table breaks its contract; nothing was put in place."""

    def __init__(self, table: str, checks: Sequence[Check]) -> None:
        self.table = table
        self.checks = tuple(checks)
        broken = "; ".join(f"{c.name}: {c.failing_rows:,} rows ({c.description})" for c in checks if not c.passed)
        super().__init__(f"{table} breaks its contract and was not put in place. {broken}")


def audit(contract: Contract, files: Sequence[Path], settings: Settings) -> tuple[Check, ...]:
    """Check staged Parquet files against their contract; raises AuditError with every check that failed.

    Rules and keys are counted in full by SQL. Great Expectations runs the same promises over at most
    SAMPLE_ROWS rows and leaves its result, without values, for the Data Docs.
    """
    con = duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads})
    try:
        listed = ", ".join(f"'{path}'" for path in files)
        con.execute(f"CREATE VIEW staged AS SELECT * FROM read_parquet([{listed}], hive_partitioning = false)")
        checks = _counted(con, contract)
        checks.append(_expectations(contract, _sample(con, contract), settings.home))
    finally:
        con.close()
    if not all(check.passed for check in checks):
        raise AuditError(contract.table, checks)
    return tuple(checks)


def check_names(contract: Contract) -> dict[str, str]:
    """Names and descriptions of the checks an audit of this contract reports."""
    rules = {rule.name: rule.description for rule in contract.row_rules}
    return {"unique_key": _key_description(contract), **rules, "great_expectations": GX_DESCRIPTION}


GX_DESCRIPTION = "All expectations of the contract hold (Great Expectations; see the Data Docs)"


def _key_description(contract: Contract) -> str:
    return f"{', '.join(contract.key)} identify a row"


def _counted(con: duckdb.DuckDBPyConnection, contract: Contract) -> list[Check]:
    """One pass over the whole table for all rules, one for the key."""
    counts = ", ".join(f"count(*) FILTER (WHERE NOT ({rule.predicate}))" for rule in contract.row_rules)
    row = con.execute(f"SELECT {counts} FROM staged").fetchone() or ()
    key = ", ".join(contract.key)
    duplicated = con.execute(
        f"SELECT count(*) - count(DISTINCT hash({key})) FROM staged"
        if len(contract.key) == 1
        else f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM staged GROUP BY {key} HAVING n > 1)"
    ).fetchone()
    repeated = int(duplicated[0]) if duplicated else 0
    return [Check("unique_key", repeated == 0, _key_description(contract), repeated)] + [
        Check(rule.name, failing == 0, rule.description, failing)
        for rule, failing in zip(contract.row_rules, row, strict=True)
    ]


def _sample(con: duckdb.DuckDBPyConnection, contract: Contract) -> "pd.DataFrame":
    """The table, or every k-th row by a hash of the key beyond SAMPLE_ROWS, with a column for each own rule."""
    found = con.execute("SELECT count(*) FROM staged").fetchone()
    every = -(-(found[0] if found else 0) // SAMPLE_ROWS) or 1
    rules = "".join(f", ({r.predicate}) IS NOT FALSE AS {_rule_column(r.name)}" for r in contract.custom_rules)
    where = f" WHERE hash({', '.join(contract.key)}) % {every} = 0" if every > 1 else ""
    return con.execute(f"SELECT *{rules} FROM staged{where}").df()


def _rule_column(rule: str) -> str:
    return f"rule_{rule}"


def _expectations(contract: Contract, sample: "pd.DataFrame", home: Path) -> Check:
    """Run the contract's suite over the sample and keep the result for the Data Docs."""
    context = _context(home)
    data = context.data_sources.add_or_update_pandas("staged")
    batch = data.add_dataframe_asset(contract.table).add_batch_definition_whole_dataframe("all")
    suite = context.suites.add_or_update(_suite(contract))
    import great_expectations as gx

    definition = context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=contract.table, data=batch, suite=suite)
    )
    shutil.rmtree(_gx_folder(home) / "gx" / "uncommitted" / "validations" / contract.table, ignore_errors=True)
    # BOOLEAN_ONLY: unexpected values would be names and numbers of persons.
    result = definition.run(batch_parameters={"dataframe": sample}, result_format="BOOLEAN_ONLY")
    failed = sum(not r.success for r in result.results)
    return Check("great_expectations", bool(result.success), GX_DESCRIPTION, failed)


def _suite(contract: Contract) -> "gx.ExpectationSuite":
    import great_expectations as gx
    from great_expectations import expectations as gxe

    expectations: list[Any] = [
        gxe.ExpectTableColumnsToMatchSet(column_set=[c.name for c in contract.columns], exact_match=False)
    ]
    for column in contract.columns:
        described: dict[str, Any] = {"column": column.name, "description": column.description}
        if column.required:
            expectations.append(gxe.ExpectColumnValuesToNotBeNull(**described))
        if column.allowed:
            expectations.append(gxe.ExpectColumnValuesToBeInSet(value_set=list(column.allowed), **described))
        if column.pattern:
            expectations.append(gxe.ExpectColumnValuesToMatchRegex(regex=column.pattern, **described))
        if column.minimum is not None or column.maximum is not None:
            expectations.append(
                gxe.ExpectColumnValuesToBeBetween(min_value=column.minimum, max_value=column.maximum, **described)
            )
    if len(contract.key) > 1:
        expectations.append(
            gxe.ExpectCompoundColumnsToBeUnique(column_list=list(contract.key), description=_key_description(contract))
        )
    else:
        expectations.append(gxe.ExpectColumnValuesToBeUnique(column=contract.key[0]))
    expectations += [
        gxe.ExpectColumnValuesToBeInSet(column=_rule_column(rule.name), value_set=[True], description=rule.description)
        for rule in contract.custom_rules
    ]
    return gx.ExpectationSuite(name=contract.table, expectations=expectations)


def _gx_folder(home: Path) -> Path:
    return home / "great_expectations"


def _context(home: Path) -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    folder = _gx_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = {"globally": False}
    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str((home / "data_docs").resolve()),
        },
    }
    if "migflow" not in context.variables.data_docs_sites:
        context.add_data_docs_site(site_name="migflow", site_config=site)
    return context


def build_data_docs(home: Path) -> Path:
    """Write the Data Docs of the latest audit of every table; returns the page to open."""
    _context(home).build_data_docs(site_names=["migflow"])
    return home / "data_docs" / "index.html"
