"""Great Expectations over a staged table: its contract as expectations, keys and rules counted in full by SQL."""

import functools
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from migflow import data_docs, engine
from migflow.contracts import Column, Contract
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
    with engine.session(settings) as con:
        con.execute(f"CREATE VIEW staged AS SELECT * FROM {engine.parquet([str(path) for path in files])}")
        checks = _counted(con, contract)
        checks.append(_expectations(contract, _sample(con, contract), settings.home))
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
    (row,) = con.execute(f"SELECT {counts} FROM staged").fetchall()
    key = ", ".join(contract.key)
    ((repeated,),) = con.execute(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM staged GROUP BY {key} HAVING n > 1)"
    ).fetchall()
    return [Check("unique_key", repeated == 0, _key_description(contract), int(repeated))] + [
        Check(rule.name, failing == 0, rule.description, failing)
        for rule, failing in zip(contract.row_rules, row, strict=True)
    ]


def _sample(con: duckdb.DuckDBPyConnection, contract: Contract) -> "pd.DataFrame":
    """The columns with promises and one for each own rule; every k-th row by a hash of the key past SAMPLE_ROWS."""
    ((rows,),) = con.execute("SELECT count(*) FROM staged").fetchall()
    every = -(-rows // SAMPLE_ROWS) or 1
    columns = [c.name for c in contract.columns if c.name in contract.key or _promises(c)]
    columns += [f"({r.predicate}) IS NOT FALSE AS {_rule_column(r.name)}" for r in contract.custom_rules]
    where = f" WHERE hash({', '.join(contract.key)}) % {every} = 0" if every > 1 else ""
    # By way of Arrow: the strings stay in Arrow's memory, a tenth of what Python objects take.
    table = con.sql(f"SELECT {', '.join(columns)} FROM staged{where}").to_arrow_table()
    return table.to_pandas(date_as_object=False, self_destruct=True, split_blocks=True)


def _promises(column: Column) -> bool:
    """Whether a contract says anything of a column's values."""
    return bool(
        column.required or column.allowed or column.pattern or column.minimum is not None or column.maximum is not None
    )


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
    shutil.rmtree(_validations(home) / contract.table, ignore_errors=True)
    # BOOLEAN_ONLY: unexpected values would be names and numbers of persons.
    result = definition.run(batch_parameters={"dataframe": sample}, result_format="BOOLEAN_ONLY")
    failed = sum(not r.success for r in result.results)
    return Check("great_expectations", bool(result.success), GX_DESCRIPTION, failed)


def _suite(contract: Contract) -> "gx.ExpectationSuite":
    import great_expectations as gx
    from great_expectations import expectations as gxe

    expectations: list[Any] = []
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
    return home / "great_expectations" / "gx"


@functools.cache
def _context(home: Path) -> Any:
    """Suites and results are kept in files of the home, all else in memory: a context in files takes most of the time
    of an audit to read its own settings.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types import base

    folder = _gx_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str((home / "data_docs").resolve()),
        },
    }
    settings = base.DataContextConfig(
        store_backend_defaults=base.FilesystemStoreBackendDefaults(root_directory=str(folder.resolve())),
        data_docs_sites={"migflow": site},
        progress_bars=base.ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=settings)


def build_data_docs(home: Path) -> Path:
    """Write the Data Docs of the latest audit of every table; returns the page to open."""
    shutil.rmtree(home / "data_docs", ignore_errors=True)
    _context(home).build_data_docs(site_names=["migflow"])
    return data_docs.close(home / "data_docs", _validations(home))


def _validations(home: Path) -> Path:
    return _gx_folder(home) / "uncommitted" / "validations"
