"""Record linkage after Fellegi and Sunter (1969): links between two tables, duplicates in one. Usable alone."""

from migflow.linkage.linking import DedupeResult, LinkResult, Options, dedupe, link, weigh_pairs
from migflow.linkage.model import Block, Comparison, Deterministic, LinkageModel, Parameters

__all__ = [
    "Block",
    "Comparison",
    "DedupeResult",
    "Deterministic",
    "LinkResult",
    "LinkageModel",
    "Options",
    "Parameters",
    "dedupe",
    "link",
    "weigh_pairs",
]
