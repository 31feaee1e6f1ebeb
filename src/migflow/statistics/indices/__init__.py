"""Indices of internal migration: of a matrix, its zones, an age profile, several zonings. See docs/indices.md."""

from migflow.statistics.indices.ages import age_indices
from migflow.statistics.indices.matrix import migration_indices
from migflow.statistics.indices.rogers_castro import RogersCastroFit, fit_rogers_castro, rogers_castro
from migflow.statistics.indices.zones import zone_indices
from migflow.statistics.indices.zonings import aggregate_cmi

__all__ = [
    "RogersCastroFit",
    "age_indices",
    "aggregate_cmi",
    "fit_rogers_castro",
    "migration_indices",
    "rogers_castro",
    "zone_indices",
]
