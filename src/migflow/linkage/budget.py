"""What blocking rules cost before they run: pairs each makes, and a refusal that names the worst keys."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from migflow.errors import MigflowError
from migflow.linkage.blocking import Keys
from migflow.linkage.expressions import quoted, sql_of
from migflow.linkage.model import LinkageModel

WORST = 3
# A key of fewer rows than this is not shown: it could be a person's.
SHOWN_FROM = 100


@dataclass(frozen=True)
class BlockSize:
    """One rule: pairs it makes (those of earlier rules too), keys that make any, pairs of its largest key."""

    number: int
    rule: str
    pairs: int
    keys: int
    largest: int


def sizes(keys: Keys, model: LinkageModel) -> list[BlockSize]:
    """What each rule makes, counted and not made."""
    found = []
    for number, block in enumerate(model.blocks):
        pairs = pairs_by_key(keys, number)
        found.append(BlockSize(number, block.name, int(pairs.sum()), int((pairs > 0).sum()), int(pairs.max(initial=0))))
    return found


def pairs_by_key(keys: Keys, number: int) -> np.ndarray:
    """Pairs that each key of a rule makes."""
    left, right = keys.left[:, number], keys.right[:, number]
    blocks = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    counts = np.bincount(left[left >= 0], minlength=blocks)
    if keys.same_table:
        return counts * (counts - 1) // 2
    return counts * np.bincount(right[right >= 0], minlength=blocks)


def check(
    con: duckdb.DuckDBPyConnection,
    found: Sequence[BlockSize],
    keys: Keys,
    model: LinkageModel,
    ids: pa.ChunkedArray,
    most: int,
) -> None:
    """MigflowError if the rules together make more candidate pairs than `most`; it names rule and keys."""
    total = sum(size.pairs for size in found)
    if total <= most:
        return
    worst = max(found, key=lambda size: size.pairs)
    listed = "; ".join(_worst_keys(con, keys, model, worst.number, ids))
    raise MigflowError(
        f"The blocking rules make {total:,} candidate pairs, over the budget of {most:,}. The rule on {worst.rule} "
        f"makes {worst.pairs:,}. Its largest blocks: {listed}. Add an expression to the rule, set such a value to "
        "null where it stands for a missing one, or raise the budget."
    )


def _worst_keys(
    con: duckdb.DuckDBPyConnection, keys: Keys, model: LinkageModel, number: int, ids: pa.ChunkedArray
) -> list[str]:
    pairs = pairs_by_key(keys, number)
    left, right = keys.left[:, number], keys.right[:, number]
    listed = []
    for key in np.argsort(-pairs, kind="stable")[:WORST]:
        here, there = int((left == key).sum()), int((right == key).sum())
        if here and max(here, there) >= SHOWN_FROM:
            values = ", ".join(_key_value(con, model, number, ids[int(np.argmax(left == key))].as_py()))
            listed.append(f"({values}) in " + (f"{here:,} rows" if keys.same_table else f"{here:,} x {there:,} rows"))
    return listed or [f"none of {SHOWN_FROM} rows or more"]


def _key_value(con: duckdb.DuckDBPyConnection, model: LinkageModel, number: int, record: object) -> list[str]:
    """The key of a record of the left table, by its id. Shared by many records, it names nobody."""
    columns = [row[0] for row in con.execute("DESCRIBE left_input").fetchall()]
    found = ", ".join(f"CAST({sql_of(e, columns, 'block')} AS VARCHAR)" for e in model.blocks[number].on)
    where = f"CAST({quoted(model.id)} AS VARCHAR) = CAST(? AS VARCHAR)"
    for view in ("left_input", "left_input_text", "left_input_typed"):
        try:
            rows = con.execute(f"SELECT {found} FROM {view} WHERE {where}", [record]).fetchall()
        except duckdb.Error:
            continue
        if rows:
            return [str(value) for value in rows[0]]
    return ["?"]
