"""A compiled comparison with what it reads of each record: of all records, or of those of a few blocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Kernel:
    """Writes the levels of pairs: -1 a value missing, 0 lowest, ... equal highest.

    `left` and `right`: arrays by record of each table, which `function` takes in turn (left, right, left, right), then
    `rest`, the record numbers of the pairs and the int8 array to write.
    """

    function: Callable[..., None]
    left: Arrays
    right: Arrays
    rest: tuple[Any, ...]

    def __call__(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Write the level of each pair (left, right) into out."""
        by_record = [array for pair in zip(self.left, self.right, strict=True) for array in pair]
        self.function(*by_record, *self.rest, left, right, out)

    def of(self, left: np.ndarray, right: np.ndarray) -> "Kernel":
        """The same for some records, numbered anew: their values stand side by side in memory."""
        return replace(
            self, left=tuple(array[left] for array in self.left), right=tuple(array[right] for array in self.right)
        )


@dataclass(frozen=True)
class Steps:
    """Kernels that each raise what those before them have written, which begins as missing."""

    kernels: tuple[Kernel, ...]

    def __call__(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Write the level of each pair (left, right) into out."""
        out[:] = -1
        for kernel in self.kernels:
            kernel(left, right, out)

    def of(self, left: np.ndarray, right: np.ndarray) -> "Steps":
        """The same for some records, numbered anew."""
        return Steps(tuple(kernel.of(left, right) for kernel in self.kernels))
