"""How a delivery enters landing: made whole in a folder aside, then renamed to the next free number."""

import contextlib
import errno
import os
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

from migflow.deliveries.manifests import MANIFEST, Manifest, landing, months, sequences
from migflow.store import sync


@contextlib.contextmanager
def staging(home: Path) -> Iterator[Path]:
    """A folder on landing's file system that is gone afterwards; those of killed receivers here go too."""
    parent = landing(home) / ".staging"
    for litter in parent.glob("*"):
        # A shared file system shows the folders of other machines, whose processes cannot be seen from here.
        made_by = re.fullmatch(r"(\d+)-(.+)-[0-9a-f]{32}", litter.name)
        if made_by and made_by[2] == socket.gethostname() and not psutil.pid_exists(int(made_by[1])):
            shutil.rmtree(litter, ignore_errors=True)
    folder = parent / f"{os.getpid()}-{socket.gethostname()}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def place(staged: Path, draft: Manifest, home: Path) -> tuple[Manifest, bool]:
    """Rename a staged folder to the next free sequence; another receiver may take it first, then the next.

    Returns the newest delivery and False where that says already what the draft says.
    """
    folder = landing(home) / draft.source / draft.reference_month / draft.provider
    while True:
        earlier = sequences(folder)
        newest = earlier[-1] if earlier else None
        if newest and _same(newest, draft):
            return newest, False
        manifest = _numbered(draft, newest, home)
        _write(manifest, staged)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            staged.rename(manifest.folder(home))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            sync(folder)
            return manifest, True


def _same(newest: Manifest, draft: Manifest) -> bool:
    """Whether the newest delivery holds the same bytes, read by the same layout, or is withdrawn like the draft."""
    return newest.sha256 == draft.sha256 and newest.layout_sha256 in ("", draft.layout_sha256)


def _numbered(draft: Manifest, newest: Manifest | None, home: Path) -> Manifest:
    newer = (m for m in months(home, draft.source) if m > draft.reference_month)
    late = any((landing(home) / draft.source / m / draft.provider / "0001").is_dir() for m in newer)
    facts = vars(draft) | {
        "sequence": newest.sequence + 1 if newest else 1,
        "supersedes": newest.delivery_id if newest else None,
        "late": late,
    }
    return Manifest(**facts)


def _write(manifest: Manifest, staged: Path) -> None:
    """Write the manifest beside what is staged, all of it read-only and on disk."""
    path = staged / MANIFEST
    path.unlink(missing_ok=True)
    path.write_text(manifest.to_json(), encoding="utf-8")
    for file in staged.iterdir():
        file.chmod(0o444)
        sync(file)
