"""Similarity of names in any scripts: distinct names encoded once, pairs compared in threads."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from migflow.standardise.names.costs import Costs

_BATCH = 20_000
# Pairs that are looked at for repeated ones, which are then compared once.
_SAMPLE = 20_000


def similarity(
    left: Sequence[str | None], right: Sequence[str | None], profiles: Sequence[str] | None = None
) -> np.ndarray:
    """How alike the names of each pair (left[k], right[k]) are: float32 from 0 to 1, 0 where one has no letter.

    profiles: the languages as which Latin letters may be read (costs.PROFILES), every one if None. MigflowError
    names a profile that does not exist; ValueError if left and right differ in length.
    """
    if len(left) != len(right):
        raise ValueError(f"There are {len(left):,} names on the left and {len(right):,} on the right.")
    codes = pa.chunked_array([_texts(left), _texts(right)]).dictionary_encode().combine_chunks()
    numbers = codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    pairs = numbers[: len(left)] << 32 | numbers[len(left) :]
    ready = Names(codes.dictionary.to_pylist(), profiles)
    sample = pairs[:: max(1, len(pairs) // _SAMPLE)]
    if len(np.unique(sample)) > len(sample) / 2:
        return ready.similarity(pairs >> 32, pairs & 0xFFFFFFFF)
    pairs, place = np.unique(pairs, return_inverse=True)
    return ready.similarity(pairs >> 32, pairs & 0xFFFFFFFF)[place]


def _texts(names: Sequence[str | None]) -> pa.Array:
    # What UTF-8 cannot hold (halves of surrogate pairs) is no letter.
    try:
        return pa.array([name or "" for name in names], pa.string())
    except UnicodeEncodeError:
        return pa.array([(name or "").encode("utf-8", "replace").decode() for name in names], pa.string())


class Names:
    """Distinct names made ready for comparison; pairs are pairs of their numbers."""

    def __init__(
        self, names: Sequence[str | None], profiles: Sequence[str] | None = None, *, costs: "Costs | None" = None
    ) -> None:
        """Encode names; costs: others than those of the profiles. MigflowError if there is no such profile."""
        # Numba is compiled or loaded when names are compared, not when migflow is imported.
        from migflow.standardise.names import alignment, encoding, former
        from migflow.standardise.names import costs as costs_of

        self._compiled = alignment.similarities
        self._costs = costs or costs_of.costs(None if profiles is None else tuple(sorted(set(profiles))))
        self._names = encoding.encode(names)
        self._lengths = alignment.lengths(self._names.units, self._names.start, self._costs.gap)
        self._father = costs_of.fathers()
        self._places, self._one_place = former.places(self._names), former.ALIKE

    def scores(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Similarity of pairs of names (float32), in the calling thread."""
        out = np.zeros(len(left), np.float32)
        self._compiled(*self._names, *self._costs, self._lengths, self._father, left, right, out)
        place = self._places[left]
        named = np.flatnonzero((place >= 0) & (place == self._places[right]))
        out[named] = np.maximum(out[named], self._one_place)
        return out

    def similarity(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Similarity of pairs of names (float32), in as many threads as there are cores to use."""
        if len(left) <= _BATCH:
            return self.scores(left, right)
        firsts = range(0, len(left), _BATCH)
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            return np.concatenate(
                list(pool.map(lambda k: self.scores(left[k : k + _BATCH], right[k : k + _BATCH]), firsts))
            )
