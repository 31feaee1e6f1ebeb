"""The layout a file was received with, kept beside it: an edited layout is for the files that come after."""

from collections.abc import Mapping
from pathlib import Path

from migflow.deliveries.layouts import Layout, Provider, layout_of
from migflow.deliveries.manifests import Manifest
from migflow.errors import MigflowError
from migflow.provenance import sha256_file

LAYOUT = "layout.json"


def keep_layout(layout: Layout, folder: Path) -> None:
    """Write a layout into the folder of a delivery."""
    (folder / LAYOUT).write_text(layout.to_json(), encoding="utf-8")


def kept_layout(manifest: Manifest, home: Path, providers: Mapping[str, Provider]) -> Layout:
    """The layout to read a delivery by; one received before layouts were kept has its provider's present one."""
    if not manifest.layout_sha256:
        return layout_of(manifest.source, manifest.provider, providers)
    path = manifest.folder(home) / LAYOUT
    if not path.is_file() or sha256_file(path) != manifest.layout_sha256:
        raise MigflowError(f"{path} is not the layout that was kept any more; receive {manifest.file} again.")
    return Layout.from_json(path.read_text(encoding="utf-8"))


def layout_digest(manifest: Manifest, providers: Mapping[str, Provider]) -> str:
    """Hash of the layout that kept_layout gives."""
    return manifest.layout_sha256 or layout_of(manifest.source, manifest.provider, providers).sha256
