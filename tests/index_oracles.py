"""Indices as their formulas are printed, cell by cell; slow and plain, to check the quick ones against."""

import math


def ginis(m: list[list[float]]) -> dict[str, float]:
    n, cells = len(m), range(len(m))
    pairs = [(i, j) for i in cells for j in cells if i != j]
    total = sum(m[i][j] for i, j in pairs)
    every = sum(abs(m[i][j] - m[k][h]) for i, j in pairs for k, h in pairs)
    rows = sum(abs(m[i][j] - m[i][h]) for i, j in pairs for h in cells if h not in (i, j))
    columns = sum(abs(m[i][j] - m[g][j]) for i, j in pairs for g in cells if g not in (i, j))
    exchange = sum(abs(m[i][j] - m[j][i]) for i, j in pairs)
    return {
        "gini_total": every / (2 * (n * (n - 1) - 1) * total),
        "gini_total_uncorrected": every / (2 * n * (n - 1) * total),
        "gini_row_std": 100 * rows / every if every else math.nan,
        "gini_column_std": 100 * columns / every if every else math.nan,
        "gini_exchange_std": 100 * exchange / every if every else math.nan,
        "inequality": sum(abs(m[i][j] / total - 1 / (n * (n - 1))) for i, j in pairs) / 2,
        "weighted_gini_out": sum(field_gini(m, i) * sum_out(m, i) / total for i in cells) / n,
        "weighted_gini_in": sum(field_gini(turned(m), j) * sum_out(turned(m), j) / total for j in cells) / n,
        "acv_out": sum(variation(m, i) * sum_out(m, i) / total for i in cells),
        "acv_in": sum(variation(turned(m), j) * sum_out(turned(m), j) / total for j in cells),
    }


def field(m: list[list[float]], i: int) -> list[float]:
    return [flow for j, flow in enumerate(m[i]) if j != i]


def sum_out(m: list[list[float]], i: int) -> float:
    return sum(field(m, i))


def field_gini(m: list[list[float]], i: int) -> float:
    flows = field(m, i)
    if not sum(flows):
        return 0.0
    return sum(abs(a - b) for a in flows for b in flows) / (2 * (len(m) - 2) * sum(flows))


def variation(m: list[list[float]], i: int) -> float:
    flows = field(m, i)
    if not sum(flows):
        return 0.0
    mean = sum(flows) / len(flows)
    return math.sqrt(sum((flow - mean) ** 2 for flow in flows) / len(flows)) / mean


def turned(m: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*m, strict=True)]
