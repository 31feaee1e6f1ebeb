"""Names in any script and spelling: equal if their plain Latin forms are, else alike by their sounds."""

import numpy as np
import pyarrow as pa

from migflow.linkage.encode import Codes
from migflow.standardise import names


def plain(codes: Codes) -> Codes:
    """The same records with names in plain Latin letters."""
    return codes.recoded(pa.array(names.fold(codes.values.to_pylist()), pa.string()))


def levels(
    plain_left: np.ndarray,
    plain_right: np.ndarray,
    codes_left: np.ndarray,
    codes_right: np.ndarray,
    written: names.Names,
    cutoffs: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    out: np.ndarray,
) -> None:
    """Level of each pair: -1 a name missing, 0 below all cutoffs (falling), len(cutoffs) + 1 equal plain forms."""
    one, other = plain_left[left], plain_right[right]
    out[:] = np.where(one == other, len(cutoffs) + 1, 0)
    out[(one < 0) | (other < 0)] = -1
    unequal = np.flatnonzero(out == 0)
    if not (len(cutoffs) and len(unequal)):
        return
    a, b = codes_left[left[unequal]].astype(np.int64), codes_right[right[unequal]]
    pairs, place = np.unique(a << 32 | b, return_inverse=True)
    scores = written.scores(pairs >> 32, pairs & 0xFFFFFFFF)
    found = np.zeros(len(pairs), out.dtype)
    for cutoff in cutoffs:
        found += scores >= cutoff
    out[unequal] = found[place]
