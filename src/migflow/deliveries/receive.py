"""Receiving: a file that fits its layout enters landing whole and for good; any other does not enter."""

import contextlib
import datetime as dt
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migflow.deliveries import readers
from migflow.deliveries.kept_layouts import LAYOUT, keep_layout
from migflow.deliveries.layouts import Provider, layout_of
from migflow.deliveries.manifests import MANIFEST, Manifest
from migflow.deliveries.placing import place, staging
from migflow.errors import MigflowError
from migflow.provenance import sha256_file


@dataclass(frozen=True)
class Receipt:
    """What became of a file; new is False if the newest delivery already holds the same bytes and layout."""

    file: Path
    manifest: Manifest
    new: bool

    @property
    def message(self) -> str:
        """One line for the person who sent the file in."""
        m = self.manifest
        rows = f"{m.rows:,} row{'' if m.rows == 1 else 's'}"
        if not self.new:
            return f"{self.file.name}: already received as {m.delivery_id} ({rows}); nothing changed."
        notes = [f"supersedes {m.supersedes}"] if m.supersedes else []
        notes += ["late: newer months of this provider are already here"] if m.late else []
        return f"{self.file.name}: received as {m.delivery_id} ({', '.join([rows, *notes])})."


def receive(
    files: Sequence[Path],
    *,
    source: str,
    month: str,
    provider: str | None = None,
    home: Path,
    providers: Mapping[str, Provider],
    move: bool = False,
    today: dt.date | None = None,
) -> list[Receipt]:
    """Check files against their layouts and put them into landing; if one does not fit, none enters.

    month: YYYY-MM the files are about; provider: may be left out where one only delivers the source, or
    where the files' names begin with the provider's id. move: take the files away from where they are.
    today: the day that no month may lie after; by default that of the machine's clock.
    Raises MigflowError that names file, row and column.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise MigflowError(f"Reference month {month!r}: expected YYYY-MM, such as 2024-03.")
    if month > (now := f"{today or dt.date.today():%Y-%m}"):
        raise MigflowError(f"Reference month {month} lies in the future (it is {now}); name the month of the files.")
    owners = [_owner(file, source, provider, providers) for file in files]
    for file, owner in zip(files, owners, strict=True):
        if owners.count(owner) > 1:
            raise MigflowError(f"{file.name}: {owner.id} has more than one file for {month}; send one a month.")
    with staging(home) as folder:
        staged = [_stage(file, folder / str(n), move) for n, file in enumerate(files)]
        for path, owner in zip(staged, owners, strict=True):
            keep_layout(owner.layouts[source], path.parent)
        rows = [readers.count_rows(path, o.layouts[source]) for path, o in zip(staged, owners, strict=True)]
        receipts = []
        for file, path, owner, count in zip(files, staged, owners, rows, strict=True):
            landed, new = place(path.parent, _draft(path, source, month, owner, count), home)
            receipts.append(Receipt(file, landed, new))
    for receipt in receipts:
        if move and receipt.new:
            receipt.file.unlink()
    return receipts


def _owner(file: Path, source: str, provider: str | None, providers: Mapping[str, Provider]) -> Provider:
    if not file.is_file():
        raise MigflowError(f"{file}: there is no such file.")
    sources = sorted({s for p in providers.values() for s in p.layouts})
    if source not in sources:
        raise MigflowError(f"No provider delivers a source {source!r}; expected one of {', '.join(sources)}.")
    if file.name.lower() in (MANIFEST, LAYOUT):
        raise MigflowError(f"{file.name}: this name is kept for what is written beside a delivery; rename the file.")
    candidates = [p for p in providers.values() if source in p.layouts]
    if provider is None and len(candidates) > 1:
        named = [p for p in candidates if re.match(rf"{re.escape(p.id)}(?![a-z0-9])", file.name.lower())]
        candidates = sorted(named, key=lambda p: len(p.id))[-1:]
        if not candidates:
            raise MigflowError(f"{file.name}: several providers deliver {source!r}; name one with --provider.")
    found = provider or (candidates[0].id if candidates else "")
    layout_of(source, found, providers)
    return providers[found]


def _stage(file: Path, folder: Path, move: bool) -> Path:
    """The file under its own name in a folder: a copy, or, to be moved, a second name for the same content."""
    folder.mkdir()
    staged = folder / file.name
    if move:
        with contextlib.suppress(OSError):
            os.link(file, staged)
            return staged
    shutil.copyfile(file, staged)
    return staged


def _draft(path: Path, source: str, month: str, owner: Provider, rows: int) -> Manifest:
    return Manifest(
        source=source,
        provider=owner.id,
        reference_month=month,
        sequence=0,
        file=path.name,
        rows=rows,
        bytes=path.stat().st_size,
        sha256=sha256_file(path),
        supersedes=None,
        late=False,
        layout_sha256=owner.layouts[source].sha256,
    )
