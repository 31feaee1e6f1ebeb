"""Values of both tables as integers: pairs then carry integers only, and each distinct value is prepared once."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MISSING = -1


@dataclass(frozen=True)
class Codes:
    """One column of both tables: a code for each record (MISSING where null), and the values the codes stand for."""

    left: np.ndarray
    right: np.ndarray
    values: pa.Array

    @property
    def same_table(self) -> bool:
        """Whether left and right are one table (deduplication)."""
        return self.left is self.right

    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """How many records of the left and of the right table have each value."""
        size = len(self.values)
        left = np.bincount(self.left[self.left >= 0], minlength=size)
        return left, left if self.same_table else np.bincount(self.right[self.right >= 0], minlength=size)

    def recoded(self, values: pa.Array) -> "Codes":
        """The same records with each value replaced by another (same order); an empty text means no value."""
        encoded = values.dictionary_encode()
        place = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        empty = pc.equal(encoded.dictionary, "").to_numpy(zero_copy_only=False)
        place = np.where(empty[place], MISSING, place).astype(np.int32)
        place = np.append(place, np.int32(MISSING))
        left = place[self.left]
        return Codes(left, left if self.same_table else place[self.right], encoded.dictionary)


def encode(left: pa.ChunkedArray, right: pa.ChunkedArray | None) -> Codes:
    """Codes over both tables; right None means that the left table is compared with itself."""
    chunks = left.chunks if right is None else [*left.chunks, *right.cast(left.type).chunks]
    encoded = pa.chunked_array(chunks, type=left.type).dictionary_encode()
    values = encoded.chunk(0).dictionary if encoded.num_chunks else pa.array([], type=left.type)
    indices = [chunk.indices.fill_null(MISSING).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    codes = np.concatenate(indices).astype(np.int32) if indices else np.empty(0, np.int32)
    first = codes[: len(left)]
    return Codes(first, first if right is None else codes[len(left) :], values)
