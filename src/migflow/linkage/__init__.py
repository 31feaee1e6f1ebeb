"""Record linkage after Fellegi and Sunter (1969): links between two tables, duplicates in one. Usable alone."""

from migflow.linkage.index import Index
from migflow.linkage.linking import dedupe, link, weigh_pairs
from migflow.linkage.model import Block, Comparison, Deterministic, LinkageModel, Parameters
from migflow.linkage.prepared import Options
from migflow.linkage.results import DedupeResult, LinkResult

__all__ = [
    "Block",
    "Comparison",
    "DedupeResult",
    "Deterministic",
    "Index",
    "LinkResult",
    "LinkageModel",
    "Options",
    "Parameters",
    "dedupe",
    "link",
    "weigh_pairs",
]
