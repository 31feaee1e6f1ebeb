"""Rubin's rules for counts of a whole register, where all uncertainty lies between the draws."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Pooled:
    """Of each cell the mean over the draws, and the ends of its interval."""

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def pool(value: np.ndarray, cell: np.ndarray, change: np.ndarray, draws: int, within: float = 0.0) -> Pooled:
    """Pool draws given as changes of the values; a cell without a change in a draw keeps its value there.

    value: of each cell; cell, change: one element a change, at most one for a cell and draw. within: U, 0 where each
    draw is a full count. T = U + (1 + 1/m) B with (m - 1)(1 + U / ((1 + 1/m) B))^2 degrees of freedom (Rubin 1987).
    """
    mean = np.bincount(cell, change, minlength=len(value)) / draws
    squares = np.bincount(cell, (change - mean[cell]) ** 2, minlength=len(value))
    unchanged = draws - np.bincount(cell, minlength=len(value))
    between = (1 + 1 / draws) * (squares + unchanged * mean**2) / (draws - 1)
    ratio = np.divide(within, between, out=np.full(len(value), np.inf), where=between > 0)
    half = stdtrit((draws - 1) * (1 + ratio) ** 2, (1 + CONFIDENCE) / 2) * np.sqrt(within + between)
    return Pooled(value + mean, value + mean - half, value + mean + half)
