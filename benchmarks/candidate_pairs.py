"""How many different candidate pairs the rules of a model make, counted by DuckDB: by neither of those compared."""

import tomllib
from pathlib import Path

import duckdb


def candidate_pairs(model: Path, left: Path, right: Path) -> int:
    """Pairs of two Parquet files, each counted under the first rule that makes it."""
    rules = [_equal(block["on"]) for block in tomllib.loads(model.read_text(encoding="utf-8"))["block"]]
    total = 0
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute(f"CREATE TABLE l AS FROM '{left}'")
        con.execute(f"CREATE TABLE r AS FROM '{right}'")
        for number, rule in enumerate(rules):
            new = " AND ".join(f"({earlier}) IS NOT TRUE" for earlier in rules[:number]) or "true"
            total += con.sql(f"SELECT count(*) FROM l JOIN r ON {rule} WHERE {new}").fetchall()[0][0]
    return total


def _equal(expressions: list[str]) -> str:
    """The expressions equal on both sides; the column of each is what stands before a comma, inside any function."""
    sides = [[_of(side, expression) for expression in expressions] for side in "lr"]
    return " AND ".join(f"{left} = {right}" for left, right in zip(*sides, strict=True))


def _of(table: str, expression: str) -> str:
    function, bracket, rest = expression.rpartition("(")
    return f"{function}{bracket}{table}.{rest}"
