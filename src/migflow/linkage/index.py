"""What a run leaves for the next: which records it knew, as they were, and the pairs that could still become links.

A later run with the same model weighs only pairs with a record that is new or has changed, and the pairs kept. The
result is that of a full run: frequencies of values shift when records come, by how much at most is worked out, and
where that could lift a pair that was not kept over the threshold, everything is done again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from migflow.errors import MigflowError
from migflow.linkage.inputs import Side
from migflow.linkage.model import LinkageModel
from migflow.linkage.weighing import Scored, Weigher

# Match weight below the threshold from which pairs are kept: frequencies must fall to an eighth to use it up.
SLACK = 3.0
_SHARES = pa.schema({"comparison": pa.int16(), "value": pa.string(), "weight": pa.float64()})
_TABLES = ("left", "right", "pairs", "shares")


@dataclass(frozen=True)
class Index:
    """`left`, `right`: id and content (a hash) of each record; `pairs`: left_id, right_id, rule (its number).

    `shares`: comparison (its number), value, weight of equality where frequency counts; `floor`: match weight from
    which `pairs` has all pairs. In deduplication right is left.
    """

    model: LinkageModel
    left: pa.Table
    right: pa.Table
    pairs: pa.Table
    shares: pa.Table
    floor: float

    def save(self, folder: str | Path) -> None:
        """Write the index into a folder; the note, without which it is not read, is written last."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        (place / "index.json").unlink(missing_ok=True)
        for name in _TABLES:
            pq.write_table(getattr(self, name), place / f"{name}.parquet")
        self.model.to_toml(place / "model.toml")
        (place / "index.json").write_text(json.dumps({"floor": self.floor}), encoding="utf-8")

    def model_of(self, asked: LinkageModel) -> LinkageModel:
        """The trained model, with the threshold asked for; MigflowError if rules or comparisons are others."""
        bare = [tuple(replace(c, parameters=None) for c in m.compares) for m in (asked, self.model)]
        if asked.blocks != self.model.blocks or bare[0] != bare[1] or asked.id != self.model.id:
            raise MigflowError(
                f"{asked.source}: the index was made with other blocks, comparisons or id; remove it to start anew."
            )
        return replace(self.model, threshold=asked.threshold, unique=asked.unique)

    @classmethod
    def load(cls, folder: str | Path) -> "Index":
        """Read an index; MigflowError if the folder holds none that is whole."""
        place = Path(folder)
        try:
            floor = float(json.loads((place / "index.json").read_text(encoding="utf-8"))["floor"])
            left, right, pairs, shares = (pq.read_table(place / f"{name}.parquet") for name in _TABLES)
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            raise MigflowError(f"{place} holds no whole index; remove the folder and run without it.") from error
        return cls(LinkageModel.from_toml(place / "model.toml"), left, right, pairs, shares, floor)


@dataclass(frozen=True)
class Known:
    """What an index knows of two tables: which records it does not, pairs of those it does, and its floor now."""

    new_left: np.ndarray
    new_right: np.ndarray
    pairs: Scored
    floor: float


def contents(side: Side) -> pa.Table:
    """id and content of each record: a hash of all that is compared, blocked on or unique."""
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"id": side.ids}
    columns |= {f"c{n}_{k}": column for n, many in enumerate(side.compared) for k, column in enumerate(many)}
    columns |= {f"b{n}": pa.array(side.keys[n]) for n in range(len(side.keys))}
    columns |= {f"q{n}": column for n, column in enumerate(side.unique)}
    hashed = ", ".join(name for name in columns if name != "id")
    with duckdb.connect() as con:
        con.register("records", pa.table(columns))
        return con.sql(f"SELECT id, hash({hashed}) AS content FROM records").to_arrow_table()


def known(table: pa.Table, records: pa.Table) -> np.ndarray:
    """Whether each record (of contents) is in an index's table, unchanged."""
    place = pc.index_in(records["id"], value_set=table["id"])
    content = table["content"].combine_chunks().take(pc.fill_null(place, 0)) if len(table) else None
    if content is None:
        return np.zeros(len(records), bool)
    same = pc.equal(content, records["content"].combine_chunks())
    unchanged: np.ndarray = pc.and_(pc.is_valid(place), same).to_numpy(zero_copy_only=False)
    return unchanged


def shares_of(weighers: Sequence[tuple[int, Weigher]]) -> pa.Table:
    """comparison (its number in the model), value and weight of equality, where frequency counts."""
    parts = []
    for number, weigher in sorted(weighers, key=lambda w: w[0]):
        codes = weigher.compared.codes
        if codes is not None and len(weigher.by_code):
            column = pa.array(np.full(len(codes.values), number, np.int16))
            columns = [column, codes.values.cast(pa.string()), pa.array(weigher.by_code)]
            parts.append(pa.table(columns, schema=_SHARES))
    return pa.concat_tables(parts) if parts else _SHARES.empty_table()


def largest_rise(before: pa.Table, now: pa.Table) -> float:
    """By how much the weight of a known pair can have risen at most, over all comparisons."""
    rise = 0.0
    for number in pc.unique(now["comparison"]).to_pylist():
        old, new = (t.filter(pc.equal(t["comparison"], number)) for t in (before, now))
        place = pc.index_in(new["value"], value_set=old["value"])
        found = pc.is_valid(place).to_numpy()
        if found.any():
            weight = old["weight"].to_numpy()[place.drop_null().to_numpy()]
            rise += max(0.0, float((new["weight"].to_numpy()[found] - weight).max()))
    return rise


def pairs_of(scored: Scored, left: Side, right: Side) -> pa.Table:
    """Pairs as an index keeps them."""
    return pa.table(
        {
            "left_id": left.ids.take(pa.array(scored.left)),
            "right_id": right.ids.take(pa.array(scored.right)),
            "rule": pa.array(scored.rule),
        }
    )


def still_known(
    pairs: pa.Table, left: pa.ChunkedArray, right: pa.ChunkedArray, new_left: np.ndarray, new_right: np.ndarray
) -> Scored:
    """An index's pairs whose records are both there and unchanged, as record numbers; not weighed."""
    one = pc.index_in(pairs["left_id"], value_set=left.combine_chunks())
    two = pc.index_in(pairs["right_id"], value_set=right.combine_chunks())
    there = pc.and_(pc.is_valid(one), pc.is_valid(two)).to_numpy()
    place, other = (n.filter(pa.array(there)).to_numpy().astype(np.int32) for n in (one, two))
    rule = pairs["rule"].to_numpy()[there]
    both = ~(new_left[place] | new_right[other])
    return Scored(place[both], other[both], np.zeros(int(both.sum())), rule[both])
