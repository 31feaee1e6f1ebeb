"""A trained model as the settings of Splink 5 on DuckDB, where Splink can express it.

Splink compares columns as they are: texts trimmed, missing values null, dates written YYYY-MM-DD, and lists of distinct
items where the model compares lists. `threshold`, `unique`, `conflict` and one-to-one linking are not part of settings;
lookalikes and kinds of matches, which training may find, have no counterpart: `left_out` names them.
DuckDB's functions count bytes where ours count letters, and its Damerau-Levenshtein lets letters between two exchanged
ones change, so single levels can differ on texts outside ASCII and at two and more edits.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

import sqlglot
from sqlglot import expressions as exp

from migflow.errors import MigflowError
from migflow.linkage.compare.numbers import EARTH_RADIUS
from migflow.linkage.compare.two_names import ALIKE
from migflow.linkage.expressions import columns_of
from migflow.linkage.model import Comparison, Level, LinkageModel

LinkType = Literal["link_only", "dedupe_only"]
# Conditions of one comparison: for a missing value, for each level best first (equality is the first).
Conditions = tuple[str, list[str]]


def to_splink(model: LinkageModel, link_type: LinkType = "link_only") -> dict[str, Any]:
    """The settings, as `Linker` of Splink 5 takes them.

    MigflowError if the model is not trained, or names each part that Splink cannot express: leaving one out would give
    every pair another weight.
    """
    check_expressible(model)
    if not model.trained:
        raise MigflowError(f"{model.source} has no parameters; link or deduplicate first, then export.")
    return {
        "link_type": link_type,
        "unique_id_column_name": model.id,
        "probability_two_random_records_match": model.prior,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": _blocking_rule(block.on), "sql_dialect": "duckdb"} for block in model.blocks
        ],
        "comparisons": [_comparison(c, name) for c, name in zip(model.compares, _names(model.compares), strict=True)],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def to_splink_json(model: LinkageModel, link_type: LinkType = "link_only") -> str:
    """The settings as JSON text; as to_splink."""
    return json.dumps(to_splink(model, link_type), indent=2, ensure_ascii=False) + "\n"


def check_expressible(model: LinkageModel) -> None:
    """MigflowError that names every comparison and blocking rule that Splink has no counterpart for."""
    wrong = [f"block {b.name} (other columns on the right)" for b in model.blocks if b.side(True) != b.on]
    for comparison in model.compares:
        if comparison.side(True) != comparison.columns:
            wrong.append(f"compare {comparison.name} (other columns on the right)")
        elif comparison.with_name not in _METHODS:
            wrong.append(f"compare {comparison.name} (with = {comparison.with_name})")
        elif comparison.term_frequency and not _is_column(comparison.columns[0]):
            wrong.append(f"compare {comparison.name} (term frequency of an expression)")
    if wrong:
        raise MigflowError(f"{model.source}: Splink cannot express {'; '.join(wrong)}.")


def left_out(model: LinkageModel) -> list[str]:
    """What a trained model weighs that the settings do not: pairs of which it speaks weigh otherwise in Splink."""
    found = [f"lookalikes of the rule on {alike.of}" for alike in model.lookalikes]
    return found + (["comparisons that agree or differ together (kinds of matches)"] if model.kinds else [])


def _blocking_rule(on: Sequence[str]) -> str:
    return " AND ".join(f"{_of_table(e, 'l')} = {_of_table(e, 'r')}" for e in on)


def _comparison(comparison: Comparison, name: str) -> dict[str, Any]:
    """A comparison with its levels best first, the missing one before them."""
    parameters = comparison.parameters
    assert parameters is not None
    missing, conditions = _METHODS[comparison.with_name](comparison)
    null = {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
    levels: list[dict[str, Any]] = [
        {"sql_condition": condition, "label_for_charts": label, "m_probability": m, "u_probability": u}
        for condition, label, m, u in zip(
            [*conditions, "ELSE"],
            reversed(comparison.level_names),
            reversed(parameters.m),
            reversed(parameters.u),
            strict=True,
        )
    ]
    if comparison.term_frequency and comparison.method not in ("numeric", "names", "distance_km", *_LISTS):
        levels[0] |= {"tf_adjustment_column": comparison.columns[0], "tf_adjustment_weight": 1.0}
    return {
        "output_column_name": name,
        "comparison_description": f"{comparison.name}: {comparison.with_name}",
        "comparison_levels": [null, *levels],
    }


def _names(compares: Sequence[Comparison]) -> list[str]:
    """A name of its own for each comparison, fit for a column."""
    names: list[str] = []
    for comparison in compares:
        name = base = re.sub(r"\W+", "_", "_".join(comparison.columns)).strip("_")
        while name in names:
            name = f"{base}_{names.count(name) + sum(n.startswith(base) for n in names) + 1}"
        names.append(name)
    return names


def _is_column(expression: str) -> bool:
    return columns_of(expression) == {expression.lower()}


def _rewritten(expression: str, column: Callable[[str], exp.Column]) -> str:
    parsed = exp.column(expression) if _is_column(expression) else sqlglot.parse_one(expression, read="duckdb")
    changed = parsed.transform(lambda node: column(node.name) if isinstance(node, exp.Column) else node)
    return changed.sql(dialect="duckdb")


def _of_table(expression: str, table: str) -> str:
    return _rewritten(expression, lambda name: exp.column(exp.to_identifier(name, quoted=True), table=table))


def _sides(expression: str) -> tuple[str, str]:
    """The expression of the left and of the right record of a pair."""
    return _of_side(expression, "l"), _of_side(expression, "r")


def _of_side(expression: str, side: str) -> str:
    return _rewritten(expression, lambda name: exp.column(exp.to_identifier(f"{name}_{side}", quoted=True)))


def _missing(*values: str) -> str:
    return " OR ".join(f"{value} IS NULL" for value in values)


def _exact(comparison: Comparison) -> Conditions:
    left, right = _sides(comparison.columns[0])
    return _missing(left, right), [f"{left} = {right}"]


def _jaro_winkler(comparison: Comparison) -> Conditions:
    missing, equal = _exact(comparison)
    alike = f"jaro_winkler_similarity({', '.join(_sides(comparison.columns[0]))})"
    return missing, equal + [f"{alike} >= {level}" for level in comparison.levels]


def _edits(comparison: Comparison) -> Conditions:
    missing, equal = _exact(comparison)
    left, right = _sides(comparison.columns[0])
    function = "levenshtein" if comparison.method == "levenshtein" else "damerau_levenshtein"
    edits, longer = f"{function}({left}, {right})", f"greatest(length({left}), length({right}))"
    return missing, equal + [
        f"{edits} <= {level}" if float(level) >= 1 else f"1.0 - {edits} / {longer} >= {level}"
        for level in comparison.levels
    ]


def _date(comparison: Comparison) -> Conditions:
    missing, equal = _exact(comparison)
    sides = _sides(comparison.columns[0])
    return missing, equal + [_date_level(level, *sides) for level in comparison.levels]


def _date_level(level: Level, left: str, right: str) -> str:
    digits = [f"replace(substr(CAST({side} AS VARCHAR), 1, 10), '-', '')" for side in (left, right)]
    (year, month, day), (year_r, month_r, day_r) = (
        [f"substr({d}, {first}, {length})" for first, length in ((1, 4), (5, 2), (7, 2))] for d in digits
    )
    if level == "swapped":
        return f"{year} = {year_r} AND {month} = {day_r} AND {day} = {month_r}"
    if level == "typo":
        return f"damerau_levenshtein({digits[0]}, {digits[1]}) <= 1"
    if level == "two_parts":
        equal = (f"CAST({a} = {b} AS INT)" for a, b in ((year, year_r), (month, month_r), (day, day_r)))
        return f"{' + '.join(equal)} >= 2"
    days = (f"TRY_CAST({side} AS DATE)" for side in (left, right))
    return f"abs(date_diff('day', {', '.join(days)})) <= {level}"


def _numeric(comparison: Comparison) -> Conditions:
    left, right = (f"TRY_CAST({side} AS DOUBLE)" for side in _sides(comparison.columns[0]))
    return _missing(left, right), [
        f"{left} = {right}",
        *(f"abs({left} - {right}) <= {level}" for level in comparison.levels),
    ]


def _two_names(comparison: Comparison) -> Conditions:
    (first, first_r), (last, last_r) = (_sides(column) for column in comparison.columns)

    def alike(a: str, b: str) -> str:
        return f"jaro_winkler_similarity({a}, {b}) >= {ALIKE}"

    both = f"{alike(first, first_r)} AND {alike(last, last_r)}"
    one_equal = f"({first} = {first_r} OR {last} = {last_r})"
    conditions = {
        "one_alike": f"{one_equal} AND {both}",
        "both_alike": both,
        "swapped": f"{alike(first, last_r)} AND {alike(last, first_r)}",
        "one_equal": one_equal,
    }
    equal = f"{first} = {first_r} AND {last} = {last_r}"
    return _missing(first, first_r, last, last_r), [equal, *(conditions[str(level)] for level in comparison.levels)]


def _distance(comparison: Comparison) -> Conditions:
    (lat, lat_r), (lon, lon_r) = (_sides(column) for column in comparison.columns)
    half = (
        f"pow(sin(radians({lat_r} - {lat}) / 2), 2) + cos(radians({lat})) * cos(radians({lat_r})) "
        f"* pow(sin(radians({lon_r} - {lon}) / 2), 2)"
    )
    km = f"{2 * EARTH_RADIUS} * asin(sqrt(least(1.0, {half})))"
    equal = f"{lat} = {lat_r} AND {lon} = {lon_r}"
    return _missing(lat, lat_r, lon, lon_r), [equal, *(f"{km} <= {level}" for level in comparison.levels)]


def _array_overlap(comparison: Comparison) -> Conditions:
    left, right = _sides(comparison.columns[0])
    common = f"len(list_intersect({left}, {right}))"
    lengths = f"len({left}) + len({right})"
    missing = f"{_missing(left, right)} OR len({left}) = 0 OR len({right}) = 0"
    return missing, [
        f"2 * {common} = {lengths}",
        *(
            f"{common} >= {level}" if float(level) >= 1 else f"{common} / ({lengths} - {common}) >= {level}"
            for level in comparison.levels
        ),
    ]


def _nested_overlap(comparison: Comparison) -> Conditions:
    sides = [_sides(column) for column in comparison.columns]
    comparable = (f"coalesce(len({left}) > 0 AND len({right}) > 0, false)" for left, right in sides)
    return f"NOT ({' OR '.join(comparable)})", [
        f"coalesce(list_has_any({left}, {right}), false)" for left, right in sides
    ]


_LISTS = ("array_overlap", "nested_overlap")
_METHODS: dict[str, Callable[[Comparison], Conditions]] = {
    "exact": _exact,
    "jaro_winkler": _jaro_winkler,
    "levenshtein": _edits,
    "damerau": _edits,
    "date": _date,
    "numeric": _numeric,
    "names": _two_names,
    "distance_km": _distance,
    "array_overlap": _array_overlap,
    "nested_overlap": _nested_overlap,
}
