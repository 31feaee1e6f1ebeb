"""Why two records are, or are not, taken for one person: what each comparison adds to the match weight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from migflow.errors import MigflowError
from migflow.linkage.inputs import Side, Source
from migflow.linkage.model import LinkageModel
from migflow.linkage.prepared import Options, Prepared, prepare_tables
from migflow.linkage.results import probability_of
from migflow.linkage.weighing import Weigher

if TYPE_CHECKING:
    import altair as alt

MISSING = "missing"
ROUNDING = 1e-9
# Explaining reads blocks but makes no pairs of them.
_ANY_NUMBER = 2**62


@dataclass(frozen=True)
class Contribution:
    """One comparison of a pair: both values, the level they reach, its m and u (None where a value is missing).

    `weight` is log2(m / u) of the level; `frequency_weight` what the frequency of an equal value adds to it.
    """

    comparison: str
    left_value: str | None
    right_value: str | None
    level: str
    m: float | None
    u: float | None
    weight: float
    frequency_weight: float


@dataclass(frozen=True)
class Explanation:
    """The match weight of a pair (log2 odds) as the prior weight and the contributions of the comparisons."""

    prior_weight: float
    contributions: tuple[Contribution, ...]
    # What lookalikes and comparisons that go together change in the sum.
    together_weight: float = 0.0

    @property
    def match_weight(self) -> float:
        """The sum of all parts."""
        parts = sum(c.weight + c.frequency_weight for c in self.contributions)
        return self.prior_weight + parts + self.together_weight

    @property
    def match_probability(self) -> float:
        """The probability that the records are one person."""
        return float(probability_of(np.asarray(self.match_weight)))

    def table(self) -> pd.DataFrame:
        """The parts in the model's order: comparison, left_value, right_value, level, m, u, weight.

        The prior is the first row; the frequency of an equal value, where it counts, has a row after its comparison;
        the last row, `together`, is what lookalikes and comparisons that are not independent change.
        The weights add up to the match weight.
        """
        rows: list[tuple[Any, ...]] = [("prior", None, None, None, None, None, self.prior_weight)]
        for c in self.contributions:
            rows.append((c.comparison, c.left_value, c.right_value, c.level, c.m, c.u, c.weight))
            if c.frequency_weight:
                level = "frequency of the value"
                rows.append((c.comparison, c.left_value, c.right_value, level, None, None, c.frequency_weight))
        if abs(self.together_weight) > ROUNDING:
            rows.append(("together", None, None, "not independent", None, None, self.together_weight))
        columns = ["comparison", "left_value", "right_value", "level", "m", "u", "weight"]
        return pd.DataFrame(rows, columns=columns).astype({"m": float, "u": float})

    def chart(self) -> "alt.LayerChart":
        """The waterfall from the prior weight to the match weight; it shows the values of both records."""
        from migflow.linkage.charts import waterfall

        return waterfall(self.table())


def explain(
    left: Source,
    right: Source | None,
    model: LinkageModel,
    left_id: Any,
    right_id: Any,
    *,
    options: Options | None = None,
) -> Explanation:
    """Explain a pair of records of two tables, or of one if right is None, under a trained model.

    The whole tables are needed: how frequent a value is, and how a column writes its dates, is seen in all of its rows.
    MigflowError if the model is not trained or an id is in no row.
    """
    if not model.trained:
        raise MigflowError(f"{model.source} has no parameters; explain with the model that --save-model wrote.")
    # One table is read as two, so that each record has its own number even where it is a copy of another.
    asked = replace(options or Options(), pair_budget=_ANY_NUMBER)
    prepared = prepare_tables(left, left if right is None else right, model, asked)
    one = _record(prepared.left, left_id, "left")
    other = _record(prepared.other, right_id, "right")
    if right is None and one == other:
        raise MigflowError("Both ids are of one record; name two.")
    return explain_pairs(prepared, np.array([one], np.int32), np.array([other], np.int32))[0]


def explain_pairs(prepared: Prepared, left: np.ndarray, right: np.ndarray) -> list[Explanation]:
    """Explanations of pairs given as record numbers of prepared tables, in their order."""
    levels = np.empty((len(prepared.compared), len(left)), np.int8)
    for compared, out in zip(prepared.compared, levels, strict=True):
        compared.levels(left, right, out)
    weighers = [next(w for w in prepared.weights.weighers if w.compared is c) for c in prepared.compared]
    values = [
        (_texts(columns, left), _texts(others, right))
        for columns, others in zip(prepared.left.compared, prepared.other.compared, strict=True)
    ]
    parts = [
        Explanation(
            prepared.model.prior_weight,
            tuple(
                _contribution(weigher, int(levels[c, p]), int(left[p]), values[c][0][p], values[c][1][p])
                for c, weigher in enumerate(weighers)
            ),
        )
        for p in range(len(left))
    ]
    weights = prepared.weigh(left, right)
    return [
        replace(part, together_weight=float(weight) - part.match_weight)
        for part, weight in zip(parts, weights, strict=True)
    ]


def _contribution(
    weigher: Weigher, level: int, record: int, left_value: str | None, right_value: str | None
) -> Contribution:
    comparison = weigher.compared.comparison
    if level < 0:
        return Contribution(comparison.name, left_value, right_value, MISSING, None, None, 0.0, 0.0)
    parameters = comparison.parameters
    assert parameters is not None
    weight = float(weigher.by_level[level + 1])
    by_frequency = level == weigher.compared.level_count - 1 and len(weigher.by_code) > 0
    frequency_weight = float(weigher.by_code[weigher.codes[record]]) - weight if by_frequency else 0.0
    label, m, u = comparison.level_names[level], parameters.m[level], parameters.u[level]
    return Contribution(comparison.name, left_value, right_value, label, m, u, weight, frequency_weight)


def _texts(columns: Sequence[pa.ChunkedArray], records: np.ndarray) -> list[str | None]:
    """Compared values of records as people read them; several columns together, None where all are missing."""
    parts = [column.take(pa.array(records)).to_pylist() for column in columns]
    return [_text(values) for values in zip(*parts, strict=True)]


def _text(values: Sequence[Any]) -> str | None:
    if all(value is None for value in values):
        return None
    return " | ".join(_one_text(value) for value in values)


def _one_text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _record(side: Side, record_id: Any, which: str) -> int:
    """The number of the record with an id, given in the ids' type or as text."""
    try:
        wanted = pa.scalar(record_id).cast(side.ids.type)
        found = pc.index(side.ids, wanted).as_py()
    except pa.ArrowException:
        found = -1
    if found < 0:
        raise MigflowError(f"{side.name} has no record with the {which} id given.")
    return int(found)
