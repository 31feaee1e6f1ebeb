"""One-to-one linking: the pairs of largest total match weight that use no record twice."""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numba import njit

_LARGEST = 1e6
"""Bits above the floor that any pair counts at most: keeps a certain pair (infinite weight) in the arithmetic."""


def one_to_one(left: np.ndarray, right: np.ndarray, weight: np.ndarray, *, floor: float = 0.0) -> np.ndarray:
    """Mask of the pairs that together maximise the sum of ``weight - floor``, each record in at most one of them.

    ``left`` and ``right`` are record indices of the two tables, one distinct candidate pair a row, ``weight`` their
    match weights (log2). Pairs at or below ``floor`` are never chosen. The maximum is exact, not greedy. Among equal
    maxima the choice follows the record indices, so it does not depend on the order of the pairs.

    Successive shortest augmenting paths with dual prices, as in Jonker and Volgenant (1987), on the sparse graph: each
    search stays near its record, so that neither components nor a dense matrix are needed.
    """
    chosen = np.zeros(len(weight), dtype=np.bool_)
    useful = np.flatnonzero(weight > floor)
    if not len(useful):
        return chosen
    rows, columns = left[useful].astype(np.int64), right[useful].astype(np.int64)
    key = rows * (columns.max() + 1) + columns
    if np.any(key[1:] < key[:-1]):
        order = np.argsort(key, kind="stable")
        useful, rows, columns = useful[order], rows[order], columns[order]
    starts = np.append(np.flatnonzero(np.append(True, rows[1:] != rows[:-1])), len(rows))
    gain = np.minimum(weight[useful].astype(np.float64) - floor, _LARGEST)
    chosen[useful[_assign(starts, columns, gain)]] = True
    return chosen


class _Matching(NamedTuple):
    """A partial matching of a sparse graph, its prices, and the scratch space of one search.

    Row r has the edges ``starts[r]:starts[r + 1]``. Prices satisfy row_price + column_price >= gain on every edge,
    with equality on chosen edges and a price of zero on what is left single: then the weight is maximal.
    """

    starts: np.ndarray
    columns: np.ndarray
    gain: np.ndarray
    row_price: np.ndarray
    column_price: np.ndarray
    edge_of_row: np.ndarray
    row_of_column: np.ndarray
    distance: np.ndarray
    parent_row: np.ndarray
    parent_edge: np.ndarray


@njit(cache=True, nogil=True)
def _assign(starts: np.ndarray, columns: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Edges of the matching of maximum weight."""
    rows, width = len(starts) - 1, columns.max() + 1
    matching = _Matching(
        starts,
        columns,
        gain,
        row_price=np.empty(rows),
        column_price=np.zeros(width),
        edge_of_row=np.full(rows, -1),
        row_of_column=np.full(width, -1),
        distance=np.full(width, np.inf),
        parent_row=np.full(width, -1),
        parent_edge=np.full(width, -1),
    )
    for row in range(rows):
        matching.row_price[row] = gain[starts[row] : starts[row + 1]].max()
    for row in range(rows):
        _augment(matching, row)
    return matching.edge_of_row[matching.edge_of_row >= 0]


@njit(cache=True, nogil=True)
def _augment(m: _Matching, source: int) -> None:
    """Give ``source`` a column along the cheapest path, which ends at a free column or leaves one row single."""
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    touched = [np.int64(0) for _ in range(0)]
    best, end_column, end_row = m.row_price[source], -1, source
    row, base = source, 0.0
    while row >= 0:
        for edge in range(m.starts[row], m.starts[row + 1]):
            column = m.columns[edge]
            reach = base + max(0.0, m.row_price[row] + m.column_price[column] - m.gain[edge])
            if reach >= best or reach >= m.distance[column]:
                continue
            if m.distance[column] == np.inf:
                touched.append(column)
            m.distance[column], m.parent_row[column], m.parent_edge[column] = reach, row, edge
            if m.row_of_column[column] < 0:
                best, end_column, end_row = reach, column, -1
            else:
                heappush(heap, (reach, column))
        row = -1
        while row < 0 and heap and heap[0][0] < best:
            base, column = heappop(heap)
            if base == m.distance[column]:
                row = m.row_of_column[column]
        if row >= 0 and base + m.row_price[row] < best:
            best, end_column, end_row = base + m.row_price[row], -1, row
    m.row_price[source] -= best
    for column in touched:
        if m.distance[column] < best:
            m.column_price[column] += best - m.distance[column]
            m.row_price[m.row_of_column[column]] -= best - m.distance[column]
        m.distance[column] = np.inf
    _exchange(m, source, end_column, end_row)


@njit(cache=True, nogil=True)
def _exchange(m: _Matching, source: int, end_column: int, end_row: int) -> None:
    """Exchange chosen and other edges along the path from its end back to ``source``."""
    if end_row == source:
        return
    column = end_column
    if end_row >= 0:
        column = m.columns[m.edge_of_row[end_row]]
        m.edge_of_row[end_row] = -1
    row = -1
    while row != source:
        row = m.parent_row[column]
        previous = m.columns[m.edge_of_row[row]] if row != source else -1
        m.edge_of_row[row] = m.parent_edge[column]
        m.row_of_column[column] = row
        column = previous
