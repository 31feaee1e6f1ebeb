"""Landing against store: the months of a source that are not built from exactly what counts now."""

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from migflow import contracts
from migflow.deliveries.build import inputs_of
from migflow.deliveries.layouts import Provider
from migflow.deliveries.manifests import Manifest, current_manifests
from migflow.provenance import recorded
from migflow.store import FILE, Store


def pending(store: Store, source: str, providers: Mapping[str, Provider]) -> list[str]:
    """Months, in order, in which store and landing differ; none if nothing is left out.

    Compares deliveries and their layouts, not the code: tables made by an earlier version hold all that was sent.
    """
    found: dict[str, list[Manifest]] = {}
    for manifest in current_manifests(store.home, source):
        found.setdefault(manifest.reference_month, []).append(manifest)
    landed = {month: inputs_of(manifests, providers) for month, manifests in found.items()}
    folder = store.folder(contracts.load(source))
    stored = {month: _made_of(folder / f"reference_month={month}" / FILE) for month in store.partitions(source)}
    return sorted(month for month in {*landed, *stored} if landed.get(month) != stored.get(month))


def _made_of(path: Path) -> dict[str, str]:
    """Name and hash of each input, as the file itself says."""
    made_of: dict[str, str] = json.loads(recorded(pq.read_metadata(path)) or "{}").get("inputs", {})
    return made_of
