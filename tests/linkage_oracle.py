"""Linkage in plain Python, pair by pair: what the engine must agree with on small tables."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
import pyarrow as pa
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from migflow.linkage import Block, Comparison, LinkageModel, Parameters, weigh_pairs

Row = dict[str, Any]


def engine_levels(comparison: Comparison, left: Sequence[Any], right: Sequence[Any]) -> list[int | None]:
    """The levels that the engine gives left[k] and right[k]: 0 lowest, None where a value is missing.

    A value is a tuple where several columns are compared. Each level has a weight of its own, by which it is told.
    """
    count = len(comparison.levels) + 2
    m = tuple(2.0 ** -(count - level) for level in range(count))
    told = Comparison(
        comparison.columns, comparison.method, comparison.levels, parameters=Parameters(m, (1.0,) * count)
    )
    model = LinkageModel("record", (Block(("record",)),), (told,), prior=0.5)
    record = pa.array(range(len(left)))
    tables = [_table(comparison.columns, values).append_column("record", record) for values in (left, right)]
    found = weigh_pairs(*tables, model, pa.table({"left_id": record, "right_id": record}))
    evidence = found["evidence"].to_pylist()
    return [None if e == 0 else round(e) + count for e in evidence]


def _table(columns: Sequence[str], values: Sequence[Any]) -> pa.Table:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return pa.table({columns[0]: values})
    if len(columns) == 1:
        return pa.table({columns[0]: pa.array(values)})
    return pa.table({column: [v[k] for v in values] for k, column in enumerate(columns)})


def candidates(left: Sequence[Row], right: Sequence[Row] | None, model: LinkageModel) -> dict[tuple[int, int], str]:
    """Candidate pairs (places of the records) with the first rule that makes each; right None: a table with itself."""
    pairs = combinations(range(len(left)), 2) if right is None else product(range(len(left)), range(len(right)))
    other = left if right is None else right
    found = {}
    for i, j in pairs:
        for block in model.blocks:
            keys = [left[i][on] for on in block.on]
            if None not in keys and keys == [other[j][on] for on in block.on]:
                found[i, j] = block.name
                break
    return found


def level(comparison: Comparison, a: Any, b: Any) -> int | None:
    """Level of two values of one column; the methods that the oracle knows."""
    if a is None or b is None:
        return None
    levels = comparison.levels
    if a == b:
        return len(levels) + 1
    if comparison.method == "exact":
        return 0
    if comparison.method == "jaro_winkler":
        score = JaroWinkler.similarity(a, b)
        return sum(score >= cutoff for cutoff in levels)
    distance = {
        "levenshtein": lambda: Levenshtein.distance(a, b),
        "damerau": lambda: OSA.distance(a, b),
        "numeric": lambda: abs(a - b),
    }[comparison.method]()
    return sum(distance <= cutoff for cutoff in levels)


def weight(model: LinkageModel, left: Sequence[Row], right: Sequence[Row] | None, i: int, j: int) -> float:
    """Match weight of a pair: log2 of prior odds and of m / u of each level, u of equality by the value's frequency."""
    total = math.log2(model.prior / (1 - model.prior))
    other = left if right is None else right
    for comparison in model.compares:
        column = comparison.columns[0]
        reached = level(comparison, left[i][column], other[j][column])
        if reached is None:
            continue
        m, u = comparison.parameters.m[reached], comparison.parameters.u[reached]
        if comparison.term_frequency and reached == len(comparison.levels) + 1:
            rows = [*left, *(right or ())]
            counts = Counter(row[column] for row in rows if row[column] is not None)
            u = counts[left[i][column]] / counts.total()
        total += math.log2(m / u)
    return total


def scored(model: LinkageModel, left: Sequence[Row], right: Sequence[Row] | None) -> dict[tuple[int, int], tuple]:
    """Pairs of the rules with weight and rule, where the weight reaches the model's threshold."""
    least = math.log2(model.threshold / (1 - model.threshold))
    found = {}
    for (i, j), rule in candidates(left, right, model).items():
        w = weight(model, left, right, i, j)
        if w >= least:
            found[i, j] = (w, rule)
    return found


def partitions(records: int) -> Sequence[list[int]]:
    """All ways to part records into clusters, each named by its smallest member."""
    if records == 0:
        return [[]]
    return [[*label, name] for label in partitions(records - 1) for name in [*sorted(set(label)), records - 1]]


def inside(label: Sequence[int], weights: np.ndarray) -> float:
    """The sum of weights inside clusters."""
    return float(sum(weights[i, j] for i, j in combinations(range(len(label)), 2) if label[i] == label[j]))


def example_rows(left: bool, count: int, seed: int) -> list[Row]:
    """Persons of a small town; in both tables mostly the same ones, with errors."""
    draw = np.random.default_rng(seed + left)
    truth = np.random.default_rng(seed)
    letters = "abcdefghijklm"
    firsts = ["".join(truth.choice(list(letters), 6)) for _ in range(60)]
    rows = []
    for record in range(count):
        first, town, year = firsts[truth.integers(60)], f"town {truth.integers(12)}", int(truth.integers(1930, 2020))
        if draw.random() < 0.15:
            first = first[:2] + draw.choice(list(letters)) + first[3:]
        year += int(draw.random() < 0.1)
        rows.append(
            {
                "record": f"{'L' if left else 'R'}{(record * 37) % 1009:04}",
                "first": None if draw.random() < 0.05 else first,
                "town": None if draw.random() < 0.05 else town,
                "year": None if draw.random() < 0.05 else year,
            }
        )
    return rows
