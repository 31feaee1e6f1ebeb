"""Similarities that no compiled loop computes: a function of two lists of texts, called once per distinct pair."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

from migflow.errors import MigflowError
from migflow.linkage.model import Similarity


def token_set(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Likeness of texts as sets of words, 0 to 1: their order and words of one text alone do not count."""
    scores: np.ndarray = process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float32)
    return scores / np.float32(100)


def levels(
    codes_left: np.ndarray,
    codes_right: np.ndarray,
    values: pa.Array,
    function: Similarity,
    cutoffs: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair: -1 a value missing, 0 below all cutoffs (falling), len(cutoffs) + 1 equal.

    MigflowError if the function fails or does not return one number from 0 to 1 for each pair.
    """
    a, b = codes_left[left], codes_right[right]
    out[:] = np.where(a == b, len(cutoffs) + 1, 0)
    out[(a < 0) | (b < 0)] = -1
    open_pairs = out == 0
    if not open_pairs.any():
        return
    pairs, place = np.unique(a[open_pairs].astype(np.int64) << 32 | b[open_pairs], return_inverse=True)
    firsts = values.take(pa.array(pairs >> 32)).to_pylist()
    seconds = values.take(pa.array(pairs & 0xFFFFFFFF)).to_pylist()
    name = getattr(function, "__qualname__", "the comparison function")
    try:
        scores = np.asarray(function(firsts, seconds), dtype=np.float64)
    except Exception as error:
        # Its message may quote what was compared.
        raise MigflowError(f"{name} failed on {len(pairs):,} pairs: {type(error).__name__}.") from error
    if scores.shape != (len(pairs),) or not ((scores >= 0) & (scores <= 1)).all():
        raise MigflowError(
            f"{name} must return one number from 0 to 1 for each of the {len(pairs):,} pairs it is given."
        )
    found = np.zeros(len(pairs), np.int8)
    for cutoff in cutoffs:
        found += scores >= cutoff
    out[open_pairs] = found[place]
