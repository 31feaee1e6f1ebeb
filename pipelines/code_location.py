"""What `dagster dev` loads: the definitions of the home that the settings name, built at import and nowhere else."""

from pipelines.definitions import build_definitions

defs = build_definitions()
