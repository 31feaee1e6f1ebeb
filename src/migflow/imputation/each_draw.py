"""A query run for every draw in one statement: a lateral join, in which the database keeps the draws apart."""

from collections.abc import Mapping

import sqlglot
from sqlglot import exp


def query(text: str, of_draws: Mapping[str, str], draws: str) -> str:
    """SELECT of draw and the columns of a SELECT that is worked out anew with the tables of each draw.

    of_draws: by the name of a table, what to read instead, its columns and draw; draws: relation with a column draw.
    """
    tree = sqlglot.parse_one(text, dialect="duckdb")
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name in of_draws and table.name not in inner:
            rows = f"SELECT * EXCLUDE (draw) FROM {of_draws[table.name]} AS other WHERE other.draw = each_draw.draw"
            alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
            table.replace(exp.Subquery(this=sqlglot.parse_one(rows, dialect="duckdb"), alias=alias))
    return (
        f"SELECT each_draw.draw, found.* FROM (SELECT DISTINCT draw FROM {draws}) AS each_draw, "
        f"LATERAL ({tree.sql(dialect='duckdb')}) AS found"
    )
