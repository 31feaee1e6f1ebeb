"""Who may read what: a home is for its owner alone, except for what is published."""

import os
from pathlib import Path


def keep_private() -> None:
    """Let every file and folder this process makes from here on be readable by its owner only."""
    os.umask(0o077)


def open_to_readers(published: Path, vintage: Path) -> None:
    """Let everyone read a vintage and nobody write it, and pass through the home to it without listing the home."""
    for path in vintage.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o444)
    for folder in (vintage, published):
        folder.chmod(0o755)
    published.parent.chmod(published.parent.stat().st_mode | 0o111)
