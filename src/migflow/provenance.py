"""What a table was made of: hashes of its inputs, its contract and the code, and the parameters."""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

import pyarrow.parquet as pq

import migflow


@functools.cache
def code_digest() -> str:
    """Hash of the library's sources and data files and of what it computes with: the code that made a table."""
    root = Path(migflow.__file__).parent
    digest = hashlib.sha256()
    for library in LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in CODE_SUFFIXES):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


# Another version of these may make other rows of the same input.
LIBRARIES = ("anyascii", "duckdb", "python-stdnum", "rapidfuzz")
CODE_SUFFIXES = {".py", ".sql", ".toml", ".csv", ".yaml"}


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


KEY = "migflow"


@dataclass(frozen=True)
class Provenance:
    """Kept inside the Parquet file it describes. Holds no clock: the same inputs give the same bytes."""

    table: str
    contract_sha256: str
    code_sha256: str
    inputs: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Canonical JSON text."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    def copy_options(self) -> str:
        """Options of DuckDB's COPY that write a Parquet file with this in its key-value metadata."""
        return copy_options(self.to_json())


def copy_options(provenance: str) -> str:
    """Options of DuckDB's COPY that write a Parquet file with a provenance, as JSON text, in its metadata."""
    text = provenance.replace("'", "''")
    return f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{KEY}: '{text}'}}"


def recorded(footer: pq.FileMetaData) -> str | None:
    """The provenance that a Parquet file was written with, as JSON text; None if it has none."""
    text = (footer.metadata or {}).get(KEY.encode())
    return text.decode() if text else None
