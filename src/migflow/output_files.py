"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migflow.errors import MigflowError


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A temporary name beside a path: renamed to it when the block ends, removed if it fails.

    MigflowError if the file cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield aside
        aside.replace(path)
    except OSError as error:
        raise MigflowError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)
