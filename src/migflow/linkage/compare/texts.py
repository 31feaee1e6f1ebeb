"""Distinct texts laid out for compiled loops: letters, where each text starts, and which letters it contains."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit, types
from numba.extending import intrinsic


@dataclass(frozen=True)
class Texts:
    """`chars`: the numbered letters of all texts; text k is chars[start[k]:start[k + 1]]; `masks`: its letters."""

    chars: np.ndarray
    start: np.ndarray
    masks: np.ndarray


def lay_out(values: pa.Array) -> Texts:
    """Lay out texts; letters are numbered in bytes, unless the column has more than 256 of them."""
    lengths = pc.utf8_length(values).to_numpy(zero_copy_only=False)
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    points = np.frombuffer("".join(values.to_pylist()).encode("utf-32-le"), np.uint32)
    present = np.zeros(int(points.max(initial=0)) + 1, bool)
    present[points] = True
    alphabet = np.cumsum(present) - 1
    chars = alphabet[points].astype(np.uint8 if present.sum() <= 256 else np.uint32)
    return Texts(chars, start, _masks(chars, start))


@njit(cache=True, nogil=True)
def _masks(chars: np.ndarray, start: np.ndarray) -> np.ndarray:
    """A bit for each letter that occurs; letters 64 apart share one, which keeps bounds valid."""
    masks = np.zeros(len(start) - 1, np.uint64)
    for k in range(len(masks)):
        mask = np.uint64(0)
        for p in range(start[k], start[k + 1]):
            mask |= np.uint64(1) << (np.uint64(chars[p]) & np.uint64(63))
        masks[k] = mask
    return masks


def _count_bits(typing_context: Any, mask: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


# How many letters a mask holds, in one instruction of the processor.
letters: Any = intrinsic(_count_bits)
