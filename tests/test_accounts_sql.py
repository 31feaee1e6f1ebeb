"""Every SQL file of accounts and statistics can be carried to Spark SQL, and reads only tables that have a contract."""

import pytest
import sqlglot
from sqlglot import ErrorLevel

from migflow import contracts, transformations

TABLES = [
    table
    for table, contract in contracts.load_all().items()
    if contract.stage in ("accounts", "statistics") and transformations.has_sql(table)
]


@pytest.mark.parametrize("table", TABLES)
def test_sql_can_be_written_for_spark(table):
    (spark,) = sqlglot.transpile(
        transformations.sql(table), read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE
    )
    assert sqlglot.parse_one(spark, dialect="spark")


@pytest.mark.parametrize("table", TABLES)
def test_sql_reads_tables_of_earlier_or_the_same_stage(table):
    stages = contracts.STAGES
    own = stages.index(contracts.load(table).stage)
    assert all(stages.index(contracts.load(read).stage) <= own for read in transformations.inputs(table))
