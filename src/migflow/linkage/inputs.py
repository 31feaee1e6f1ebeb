"""Tables to link: Arrow, Parquet, CSV or DuckDB, read as ids, compared columns and blocking keys, ordered by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlglot
from sqlglot import expressions as exp

from migflow.errors import MigflowError
from migflow.linkage.model import Comparison, LinkageModel

Source = Any  # pyarrow.Table, pandas.DataFrame, duckdb.DuckDBPyRelation, or the path of a Parquet or CSV file
_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Side:
    """One table, its records ordered by id.

    `ids`: n ids; `compared`: for each comparison its columns, n values each; `keys`: n x rules hashes of blocking
    keys; `keyed`: whether the key has no null; `unique`: the columns of model.unique as text.
    """

    name: str
    ids: pa.ChunkedArray
    compared: tuple[tuple[pa.ChunkedArray, ...], ...]
    keys: tuple[np.ndarray, ...]
    keyed: tuple[np.ndarray, ...]
    unique: tuple[pa.ChunkedArray, ...]

    def __len__(self) -> int:
        return len(self.ids)


def columns_of(expression: str) -> set[str]:
    """Names of the columns an SQL expression reads, in lower case; MigflowError if it is not SQL."""
    try:
        parsed = sqlglot.parse_one(expression, read="duckdb")
    except sqlglot.ParseError as error:
        raise MigflowError(f"{expression!r} is not an SQL expression.") from error
    return {column.name.lower() for column in parsed.find_all(exp.Column)}


def read(con: duckdb.DuckDBPyConnection, source: Source, model: LinkageModel, *, right: bool) -> Side:
    """Read one table; MigflowError names the table and the column, expression or ids that are wrong."""
    name = "the right table" if right else "the left table"
    if isinstance(source, str | Path):
        name = Path(source).name
    views = _open(con, source, name, "right_input" if right else "left_input")
    present = [row[0] for row in con.execute(f"DESCRIBE {views[0]}").fetchall()]
    _check_columns(present, model, name, right)
    table = _select(con, views, model, name, right)
    ids = table.column("id")
    _check_ids(ids, name, model.id)
    compared = tuple(
        tuple(table.column(f"c{n}_{k}") for k in range(len(c.side(right)))) for n, c in enumerate(model.compares)
    )
    keys = tuple(table.column(f"b{n}").to_numpy() for n in range(len(model.blocks)))
    keyed = tuple(table.column(f"k{n}").to_numpy() for n in range(len(model.blocks)))
    unique = tuple(table.column(f"q{n}") for n in range(len(model.unique)))
    return Side(name, ids, compared, keys, keyed, unique)


def _open(con: duckdb.DuckDBPyConnection, source: Source, name: str, view: str) -> list[str]:
    """Views of a table, in the order in which expressions are tried on them: as it is, then with texts only."""
    if isinstance(source, str | Path):
        return _open_file(con, Path(source), name, view)
    if isinstance(source, duckdb.DuckDBPyRelation):
        source = source.to_arrow_table()
    con.register(view, source)
    return [view, _as_text(con, view)]


def _open_file(con: duckdb.DuckDBPyConnection, path: Path, name: str, view: str) -> list[str]:
    if not path.is_file():
        raise MigflowError(f"{path}: there is no such file.")
    quoted = "'" + str(path).replace("'", "''") + "'"
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            con.execute(f"CREATE OR REPLACE VIEW {view} AS FROM read_parquet({quoted})")
            return [view, _as_text(con, view)]
        if path.suffix.lower() in (".csv", ".tsv", ".txt"):
            con.execute(f"CREATE OR REPLACE VIEW {view} AS FROM read_csv({quoted}, header = true, all_varchar = true)")
            con.execute(f"CREATE OR REPLACE VIEW {view}_typed AS FROM read_csv({quoted}, header = true)")
            return [view, f"{view}_typed"]
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise MigflowError(f"{name} cannot be read as {path.suffix.lstrip('.')}: {first}") from error
    raise MigflowError(f"{name}: expected a file named .parquet or .csv.")


def _as_text(con: duckdb.DuckDBPyConnection, view: str) -> str:
    con.execute(f"CREATE OR REPLACE TEMP VIEW {view}_text AS SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {view}")
    return f"{view}_text"


def _check_columns(present: Sequence[str], model: LinkageModel, name: str, right: bool) -> None:
    have = {column.lower() for column in present}
    used = [(model.id, "id")]
    used += [(e, f"block {b.name}") for b in model.blocks for e in b.side(right)]
    used += [(e, f"compare {c.name}") for c in model.compares for e in c.side(right)]
    used += [(e, "unique") for e in model.unique]
    for expression, where in used:
        for column in sorted({model.id.lower()} if where == "id" else columns_of(expression)):
            if column not in have:
                listed = ", ".join(present)
                raise MigflowError(f"{name}: column {column!r} ({where}) is missing; it has {listed}.")


def _text(expression: str) -> str:
    return f"nullif(trim(CAST({expression} AS VARCHAR)), '')"


def _values(comparison: Comparison, expression: str) -> str:
    """The SQL of one compared value, in the type its method reads."""
    if comparison.method in ("numeric", "distance_km"):
        return f"TRY_CAST({_text(expression)} AS DOUBLE)"
    if comparison.method in ("array_overlap", "nested_overlap"):
        return f"list_distinct(list_filter(_items({expression}), lambda x: x <> ''))"
    return _text(expression)


def _select(
    con: duckdb.DuckDBPyConnection, views: Sequence[str], model: LinkageModel, name: str, right: bool
) -> pa.Table:
    selected = [f'"{model.id}" AS id']
    for n, comparison in enumerate(model.compares):
        selected += [f"{_values(comparison, e)} AS c{n}_{k}" for k, e in enumerate(comparison.side(right))]
    for n, block in enumerate(model.blocks):
        texts = [_text(e) for e in block.side(right)]
        selected.append(f"hash({', '.join(texts)}) AS b{n}")
        selected.append(" AND ".join(f"{t} IS NOT NULL" for t in texts) + f" AS k{n}")
    selected += [f"{_text(e)} AS q{n}" for n, e in enumerate(model.unique)]
    # A list as it is, a text as the items between ; , or |.
    con.execute(
        "CREATE OR REPLACE TEMP MACRO _items(x) AS CASE WHEN typeof(x) LIKE '%[]' THEN CAST(x AS VARCHAR[]) "
        "ELSE list_transform(string_split_regex(CAST(x AS VARCHAR), '[;,|]'), lambda t: trim(t)) END"
    )
    reason: duckdb.Error | None = None
    for view in views:
        try:
            return con.sql(f"SELECT {', '.join(selected)} FROM {view} ORDER BY id").to_arrow_table()
        except (duckdb.BinderException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
            reason = reason or error
    first = str(reason).splitlines()[0]
    raise MigflowError(f"{name}: an expression of the model does not fit the table: {first}") from reason


def _check_ids(ids: pa.ChunkedArray, name: str, column: str) -> None:
    if ids.null_count:
        raise MigflowError(f"{name}: {ids.null_count:,} rows have no {column}; every record needs an id of its own.")
    if len(ids) > _LIMIT:
        raise MigflowError(f"{name}: {len(ids):,} records; at most {_LIMIT:,} can be linked in one run.")
    twice = int(pc.sum(pc.equal(ids[1:], ids[:-1])).as_py() or 0) if len(ids) > 1 else 0
    if twice:
        raise MigflowError(
            f"{name}: {twice:,} rows repeat a {column} that another row has; make the ids unique "
            f"(to find them: SELECT {column} FROM ... GROUP BY 1 HAVING count(*) > 1)."
        )
