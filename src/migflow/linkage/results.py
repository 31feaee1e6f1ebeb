"""What linking and deduplication give back."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from migflow.linkage.budget import BlockSize
from migflow.linkage.index import Index
from migflow.linkage.model import LinkageModel
from migflow.linkage.training import Training


@dataclass(frozen=True)
class LinkResult:
    """Links: pairs (left_id, right_id, match_weight in log2, match_probability, rule), ordered by the ids.

    `model` as trained, `training` how that went (None if it was trained before), `blocking` what each rule made.
    `candidates`, if Options.keep_from asks for them: the columns of pairs and `linked`, whether the pair is a link.
    `index`, if Options.keep_index asks for it, for the next run; `reused`, whether this run could use an earlier one.
    """

    pairs: pa.Table
    model: LinkageModel
    training: Training | None
    blocking: tuple[BlockSize, ...]
    candidates: pa.Table | None = None
    index: Index | None = None
    reused: bool = False


@dataclass(frozen=True)
class DedupeResult:
    """Clusters: record_id and cluster_id (the smallest record_id of the cluster), ordered by record_id.

    The rest as for links; pairs are those inside clusters that a rule made, left_id before right_id; candidates leave
    out pairs that cannot be one person.
    """

    clusters: pa.Table
    pairs: pa.Table
    model: LinkageModel
    training: Training | None
    blocking: tuple[BlockSize, ...]
    candidates: pa.Table | None = None
    index: Index | None = None
    reused: bool = False


def weight_of(probability: float) -> float:
    """log2 of the odds of a probability."""
    return float(np.log2(probability) - np.log2(1 - probability))


def probability_of(weight: np.ndarray) -> np.ndarray:
    """The probability of log2 odds."""
    return 1 / (1 + np.exp2(-weight))
