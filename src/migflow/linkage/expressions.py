"""Columns and SQL expressions of a model: what they read, and their SQL over one table."""

from collections.abc import Sequence

import sqlglot
from sqlglot import errors
from sqlglot import expressions as exp

from migflow.errors import MigflowError

# What is not one value of one record: other tables and statements, values that depend on other rows or on chance.
_REFUSED = (exp.Query, exp.Alias, exp.DDL, exp.DML, exp.Command, exp.Copy, exp.Set, exp.Drop, exp.Star, exp.Columns)
_OF_NO_RECORD = (exp.Window, exp.AggFunc, exp.Explode, exp.UDTF, exp.Rand, exp.Uuid, exp.Placeholder)


def columns_of(expression: str) -> set[str]:
    """Names of the columns an SQL expression reads, in lower case; what is no expression is a column's name."""
    parsed = _parsed(expression)
    if parsed is None:
        return {expression.lower()}
    return {column.name.lower() for column in parsed.find_all(exp.Column)} or {expression.lower()}


def sql_of(expression: str, columns: Sequence[str], where: str) -> str:
    """SQL of an expression over a table with these columns: a column's name (in any case, unquoted) stands for it.

    MigflowError, beginning with `where`, if a column is missing or the text is not an expression on one record.
    """
    names = {column.lower(): column for column in reversed(columns)}
    if expression.lower() in names:
        return quoted(names[expression.lower()])
    parsed = _parsed(expression)
    read = {expression} if parsed is None else {column.name.lower() for column in parsed.find_all(exp.Column)}
    for column in sorted(read):
        if column not in names and (parsed is not None or column.isidentifier()):
            raise MigflowError(f"{where}: column {column!r} is missing; the table has {', '.join(columns)}.")
    if parsed is None:
        raise MigflowError(f"{where}: {expression!r} is neither a column nor an SQL expression on one record.")
    return expression


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _parsed(expression: str) -> exp.Expr | None:
    """The expression, or None if it is not SQL or more than a value of one record; comments would hide what follows."""
    try:
        statements = sqlglot.parse(expression, read="duckdb")
    except errors.SqlglotError:
        return None
    if len(statements) != 1 or statements[0] is None:
        return None
    refused = (*_REFUSED, *_OF_NO_RECORD)
    if any(isinstance(node, refused) or node.comments for node in statements[0].walk()):
        return None
    return statements[0]
