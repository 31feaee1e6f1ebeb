"""Landing: the deliveries received so far, each a folder with the file as sent and its manifest."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What was received: whose, about which month, the file and its content, and what it replaces.

    layout_sha256: of the layout kept beside the file; empty for a delivery from before layouts were kept.
    withdrawn: no file (its name, hash and rows are empty or 0), the provider has delivered nothing that counts.
    """

    source: str
    provider: str
    reference_month: str
    sequence: int
    file: str
    rows: int
    bytes: int
    sha256: str
    supersedes: str | None
    late: bool
    layout_sha256: str = ""
    withdrawn: bool = False

    @property
    def delivery_id(self) -> str:
        """source/month/provider/sequence, also the delivery's folder below landing."""
        return f"{self.source}/{self.reference_month}/{self.provider}/{self.sequence:04d}"

    def folder(self, home: Path) -> Path:
        """Folder of the delivery."""
        return landing(home) / self.delivery_id

    def path(self, home: Path) -> Path:
        """The file as sent."""
        return self.folder(home) / self.file

    def to_json(self) -> str:
        """Text of manifest.json. Holds no clock: the same deliveries give the same bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def landing(home: Path) -> Path:
    """Folder of all deliveries of a home."""
    return home / "landing"


def landed(home: Path, source: str | None = None, month: str | None = None) -> list[Manifest]:
    """Every delivery, superseded ones too, by source, month, provider and sequence."""
    pattern = f"{source or '*'}/{month or '*'}/*/*/{MANIFEST}"
    return [_read(path) for path in sorted(landing(home).glob(pattern)) if _is_month(path.parents[2].name)]


def current_manifests(home: Path, source: str, month: str | None = None) -> list[Manifest]:
    """The deliveries that count: of each provider and month the newest sequence, unless it is a withdrawal."""
    newest = {(m.reference_month, m.provider): m for m in landed(home, source, month)}
    return [manifest for manifest in newest.values() if not manifest.withdrawn]


def months(home: Path, source: str) -> list[str]:
    """Months about which a source has delivered, in order."""
    return sorted(path.name for path in (landing(home) / source).glob("*-*") if _is_month(path.name))


def sequences(folder: Path) -> list[Manifest]:
    """Deliveries of one source, month and provider, oldest first."""
    return [_read(path / MANIFEST) for path in sorted(_numbered(folder))]


def _numbered(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*") if re.fullmatch(r"\d{4,}", path.name))


def _is_month(name: str) -> bool:
    """Whether a folder is one of landing, and not one that somebody put there, such as 2024-03-backup."""
    return re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", name) is not None


def _read(path: Path) -> Manifest:
    return Manifest(**json.loads(path.read_bytes()))
