"""How values are compared: each method turns candidate pairs into comparison levels, from codes, in batches."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from migflow.linkage import encode
from migflow.linkage.compare import dates, distinct_pairs, edit_distance, jaro_winkler, numbers, script_aware, two_names
from migflow.linkage.compare.kernels import Kernel, Steps
from migflow.linkage.compare.texts import lay_out
from migflow.linkage.encode import Codes
from migflow.linkage.inputs import Side
from migflow.linkage.model import Comparison
from migflow.standardise.names import Names

# Writes the level of pairs (left, right) into an int8 array: -1 missing, 0 lowest, ... equal highest.
Levels = Kernel | Steps


@dataclass(frozen=True)
class Compared:
    """One comparison, ready for pairs; `codes` where equality of codes is the highest level (for frequencies)."""

    comparison: Comparison
    levels: Levels
    codes: Codes | None

    @property
    def level_count(self) -> int:
        """Levels from the lowest to equality; missing is none of them."""
        return len(self.comparison.levels) + 2

    def of(self, left: np.ndarray, right: np.ndarray) -> "Compared":
        """The same for some records of each table, numbered anew."""
        return replace(self, levels=self.levels.of(left, right))


def prepare(comparison: Comparison, number: int, left: Side, right: Side | None) -> Compared:
    """Prepare the values of one comparison (its number in the model) of both tables, or of one with itself."""
    columns = left.compared[number]
    others = right.compared[number] if right is not None else None
    method = comparison.method
    if method == "numeric":
        return Compared(comparison, _numeric(comparison, columns[0], others and others[0]), None)
    if method == "distance_km":
        return Compared(comparison, _distance(comparison, columns, others), None)
    if method == "array_overlap":
        return Compared(comparison, _overlap(comparison, columns[0], others and others[0]), None)
    if method == "nested_overlap":
        return Compared(comparison, _nested(columns, others), None)
    if method == "names":
        return _two_names(comparison, columns, others)
    codes = encode.encode(columns[0], others and others[0])
    if method == "name":
        return _name(comparison, codes)
    if method == "date":
        codes = dates.written_alike(codes)
    return Compared(comparison, _coded(comparison, codes), codes)


def _name(comparison: Comparison, codes: Codes) -> Compared:
    plain, cutoffs = script_aware.plain(codes), np.asarray(comparison.levels, np.float32)
    rest = Names(codes.values.to_pylist()), cutoffs
    kernel = Kernel(script_aware.levels, (plain.left, codes.left), (plain.right, codes.right), rest)
    return Compared(comparison, kernel, plain)


def _coded(comparison: Comparison, codes: Codes) -> Levels:
    """Methods on one column of texts."""
    method = comparison.method
    if callable(method) or method == "token_set":
        function = method if callable(method) else distinct_pairs.token_set
        cutoffs = np.asarray(comparison.levels, float)
        return _by_code(distinct_pairs.levels, codes, codes.values, function, cutoffs)
    texts = lay_out(codes.values)
    if method == "date":
        ymd, number = dates.parts(codes.values)
        kind, days = dates.kinds(comparison.levels)
        packed = dates.digits(ymd)
        return _by_code(dates.levels, codes, packed, number, texts.chars, texts.start, kind, days)
    cutoffs = np.asarray(comparison.levels, float)
    if method in ("levenshtein", "damerau"):
        relative = bool(len(cutoffs)) and cutoffs[0] < 1
        swaps = method == "damerau"
        letters = texts.chars, texts.start, texts.masks
        return _by_code(edit_distance.levels, codes, *letters, cutoffs, relative, swaps)
    # Equality is Jaro-Winkler without a cutoff.
    in_bytes = texts.chars.dtype == np.uint8
    least = jaro_winkler.least_matches(cutoffs[-1] if len(cutoffs) else 1.0)
    return _by_code(jaro_winkler.levels, codes, texts.chars, texts.start, texts.masks, in_bytes, cutoffs, least)


def _by_code(function: Callable[..., None], codes: Codes, *rest: object) -> Kernel:
    return Kernel(function, (codes.left,), (codes.right,), rest)


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    floats: np.ndarray = column.cast(pa.float64()).to_numpy().astype(np.float64)
    return floats


def _numeric(comparison: Comparison, left: pa.ChunkedArray, right: pa.ChunkedArray | None) -> Levels:
    values, cutoffs = _floats(left), np.asarray(comparison.levels, float)
    others = values if right is None else _floats(right)
    return Kernel(numbers.difference_levels, (values,), (others,), (cutoffs,))


def _distance(
    comparison: Comparison, left: tuple[pa.ChunkedArray, ...], right: tuple[pa.ChunkedArray, ...] | None
) -> Levels:
    place = _floats(left[0]), _floats(left[1])
    other = place if right is None else (_floats(right[0]), _floats(right[1]))
    return Kernel(numbers.distance_levels, place, other, (np.asarray(comparison.levels, float),))


# The lists of a table: where each record's begins and ends, among the sorted codes of all items.
Items = tuple[np.ndarray, np.ndarray, np.ndarray]


def _items(left: pa.ChunkedArray, right: pa.ChunkedArray | None) -> tuple[Items, Items]:
    """Lists of the left table and of the right one, or the left one again."""
    lists = [left.combine_chunks()] + ([] if right is None else [right.combine_chunks()])
    items = encode.encode(pa.chunked_array([pc.list_flatten(column) for column in lists], pa.string()), None).left
    sides, at = [], 0
    for column in lists:
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        end = np.cumsum(lengths).astype(np.int64)
        part = items[at : at + int(lengths.sum())]
        at += len(part)
        record = np.repeat(np.arange(len(lengths)), lengths)
        sides.append((end - lengths, end, part[np.lexsort((part, record))]))
    return sides[0], sides[-1]


def _of_lists(function: Callable[..., None], lists: tuple[Items, Items], *rest: object) -> Kernel:
    (begin, end, items), (other_begin, other_end, others) = lists
    return Kernel(function, (begin, end), (other_begin, other_end), (items, others, *rest))


def _overlap(comparison: Comparison, left: pa.ChunkedArray, right: pa.ChunkedArray | None) -> Levels:
    return _of_lists(numbers.overlap_levels, _items(left, right), np.asarray(comparison.levels, float))


def _nested(left: tuple[pa.ChunkedArray, ...], right: tuple[pa.ChunkedArray, ...] | None) -> Levels:
    """Lists from the finest to the coarsest place: the finest with an item in common is the level."""
    columns = [_items(column, right and right[n]) for n, column in enumerate(left)]
    finest = len(columns)
    return Steps(tuple(_of_lists(numbers.nested_levels, lists, finest - n) for n, lists in enumerate(columns)))


def _two_names(
    comparison: Comparison, left: tuple[pa.ChunkedArray, ...], right: tuple[pa.ChunkedArray, ...] | None
) -> Compared:
    # One dictionary over first names and surnames of both tables, so that they can be compared crosswise.
    columns = [*left, *(right or ())]
    every = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    codes = encode.encode(every, None)
    texts = lay_out(codes.values)
    parts = np.split(codes.left, np.cumsum([len(column) for column in columns])[:-1])
    kind, least = two_names.kinds(comparison.levels), jaro_winkler.least_matches(two_names.ALIKE)
    rest = texts.chars, texts.start, texts.masks, least, kind
    levels = Kernel(two_names.levels, tuple(parts[:2]), tuple(parts[-2:]), rest)
    return Compared(comparison, levels, _full_names(left, right))


def _full_names(left: tuple[pa.ChunkedArray, ...], right: tuple[pa.ChunkedArray, ...] | None) -> Codes:
    """First name and surname as one value, whose frequency is that of equality in both."""
    sides = (left,) if right is None else (left, right)
    joined = [pc.binary_join_element_wise(first, last, "\n") for first, last in sides]
    return encode.encode(joined[0], None if right is None else joined[1])
