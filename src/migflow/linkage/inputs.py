"""Tables to link: Arrow, Parquet, CSV or DuckDB, read as ids, compared columns and blocking keys, ordered by id."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migflow.errors import MigflowError
from migflow.linkage.expressions import quoted, sql_of
from migflow.linkage.model import Comparison, LinkageModel

Source = Any  # pyarrow.Table, pandas.DataFrame, duckdb.DuckDBPyRelation, or the path of a Parquet or CSV file
_LIMIT = 2**31 - 1
# Values as text, so that a number is the same whether it came as 12, 12.0 or '12', a day as date, time or text; lists
# as they are, texts as the items between ; , or |.
_MACROS = """
SET TimeZone = 'UTC';
CREATE OR REPLACE TEMP MACRO _text(x) AS nullif(trim(CASE
  WHEN typeof(x) LIKE 'TIMESTAMP%' THEN regexp_replace(CAST(x AS VARCHAR), ' 00:00:00(\\+00)?$', '')
  WHEN typeof(x) IN ('FLOAT', 'DOUBLE') OR typeof(x) LIKE 'DECIMAL%'
    THEN regexp_replace(CAST(x AS VARCHAR), '\\.0+$', '')
  ELSE CAST(x AS VARCHAR) END), '');
CREATE OR REPLACE TEMP MACRO _items(x) AS CASE WHEN typeof(x) LIKE '%[]' THEN CAST(x AS VARCHAR[])
  ELSE list_transform(string_split_regex(CAST(x AS VARCHAR), '[;,|]'), lambda t: trim(t)) END;
"""


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


def read(con: duckdb.DuckDBPyConnection, source: Source, model: LinkageModel, *, right: bool) -> Side:
    """Read one table; MigflowError names the table and the column, expression or ids that are wrong."""
    name = "the right table" if right else "the left table"
    if isinstance(source, str | Path):
        name = Path(source).name
    views = _open(con, source, name, "right_input" if right else "left_input")
    columns = [row[0] for row in con.execute(f"DESCRIBE {views[0]}").fetchall()]
    if len(columns) == 1 and any(delimiter in columns[0] for delimiter in ",;\t|"):
        raise MigflowError(f"{name}: the rows do not have the columns that the header names ({columns[0]}).")
    table = _rows(con, views, _selected(columns, model, name, right), name)
    ids = table.column("id")
    _check_ids(ids, name, model.id)
    compared = tuple(
        tuple(table.column(f"c{n}_{k}") for k in range(len(c.side(right)))) for n, c in enumerate(model.compares)
    )
    keys = tuple(table.column(f"b{n}").to_numpy() for n in range(len(model.keys)))
    keyed = tuple(table.column(f"k{n}").to_numpy() for n in range(len(model.keys)))
    unique = tuple(table.column(f"q{n}") for n in range(len(model.unique)))
    return Side(name, ids, compared, keys, keyed, unique)


def _open(con: duckdb.DuckDBPyConnection, source: Source, name: str, view: str) -> list[str]:
    """Views of a table, in the order in which expressions are tried on them: as it is, then with texts only."""
    if isinstance(source, str | Path):
        return _open_file(con, Path(source), name, view)
    try:
        con.register(view, source.to_arrow_table() if isinstance(source, duckdb.DuckDBPyRelation) else source)
    except (duckdb.Error, TypeError) as error:
        given = type(source).__name__
        raise MigflowError(f"{name} is a {given}; give a table (Arrow, pandas, DuckDB) or a path.") from error
    return [view, _as_text(con, view)]


def _open_file(con: duckdb.DuckDBPyConnection, path: Path, name: str, view: str) -> list[str]:
    if not path.is_file():
        raise MigflowError(f"{path}: there is no such file.")
    if path.stat().st_size == 0:
        raise MigflowError(f"{name} is empty; it must have at least a header.")
    file = "'" + str(path).replace("'", "''") + "'"
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            con.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS FROM read_parquet({file})")
            return [view, _as_text(con, view)]
        if path.suffix.lower() in (".csv", ".tsv", ".txt"):
            con.execute(
                f"CREATE OR REPLACE TEMP VIEW {view} AS FROM read_csv({file}, header = true, all_varchar = true)"
            )
            con.execute(f"CREATE OR REPLACE TEMP VIEW {view}_typed AS FROM read_csv({file}, header = true)")
            return [view, f"{view}_typed"]
    except duckdb.Error as error:
        raise _unreadable(name, error) from error
    raise MigflowError(f"{name}: expected a file named .parquet or .csv.")


def _as_text(con: duckdb.DuckDBPyConnection, view: str) -> str:
    con.execute(f"CREATE OR REPLACE TEMP VIEW {view}_text AS SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {view}")
    return f"{view}_text"


def _unreadable(name: str, error: duckdb.Error) -> MigflowError:
    """What is wrong with a table, without the values that DuckDB quotes."""
    lines = str(error).splitlines()
    line = re.search(r"CSV Error on Line: (\d+)", lines[0])
    if line and any("not utf-8" in text for text in lines):
        return MigflowError(f"{name}, line {line[1]}: this is not UTF-8 text; save the file as UTF-8.")
    if line:
        counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", str(error))
        problem = f"{counts[1]} columns expected, {counts[2]} found" if counts else "this is not a row of a CSV file"
        return MigflowError(f"{name}, line {line[1]}: {problem}.")
    problem = re.sub("'.*'", "a value", lines[0])
    return MigflowError(f"{name} cannot be read: {problem}")


def _text(expression: str) -> str:
    return f"_text({expression})"


def _values(comparison: Comparison, expression: str) -> str:
    """The SQL of one compared value, in the type its method reads."""
    if comparison.method in ("numeric", "distance_km"):
        return f"TRY_CAST({_text(expression)} AS DOUBLE)"
    if comparison.method in ("array_overlap", "nested_overlap"):
        return f"list_distinct(list_filter(_items({expression}), lambda x: x <> ''))"
    return _text(expression)


def _selected(columns: Sequence[str], model: LinkageModel, name: str, right: bool) -> list[str]:
    """The SQL of what is read of a table; MigflowError names a column or expression that it does not have."""
    ids = [column for column in columns if column.lower() == model.id.lower()]
    if not ids:
        raise MigflowError(f"{name}, id: column {model.id!r} is missing; the table has {', '.join(columns)}.")
    selected = [f"{quoted(ids[0])} AS id"]
    for n, comparison in enumerate(model.compares):
        found = [sql_of(e, columns, f"{name}, compare {comparison.name}") for e in comparison.side(right)]
        selected += [f"{_values(comparison, e)} AS c{n}_{k}" for k, e in enumerate(found)]
    for n, block in enumerate(model.keys):
        texts = [_text(sql_of(e, columns, f"{name}, block {block.name}")) for e in block.side(right)]
        selected.append(f"hash({', '.join(texts)}) AS b{n}")
        selected.append(" AND ".join(f"{t} IS NOT NULL" for t in texts) + f" AS k{n}")
    selected += [f"{_text(sql_of(e, columns, f'{name}, unique'))} AS q{n}" for n, e in enumerate(model.unique)]
    return selected


def _rows(con: duckdb.DuckDBPyConnection, views: Sequence[str], selected: Sequence[str], name: str) -> pa.Table:
    con.execute(_MACROS)
    reason: duckdb.Error | None = None
    for view in views:
        try:
            return con.sql(f"SELECT {', '.join(selected)} FROM {view} ORDER BY id").to_arrow_table()
        except duckdb.Error as error:
            reason = reason or error
    assert reason is not None
    raise _unreadable(name, reason) from reason


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
