"""Withdrawing: what was received by mistake no longer counts, and stays in landing for whoever asks."""

from pathlib import Path

from migflow.deliveries.manifests import Manifest, landing, sequences
from migflow.deliveries.placing import place, staging
from migflow.errors import MigflowError


def withdraw(source: str, month: str, provider: str, home: Path) -> Manifest:
    """Supersede the delivery of a provider about a month (YYYY-MM) by nothing; returns that manifest.

    The next build stores the month without it. Raises MigflowError if there is no delivery that counts.
    """
    earlier = sequences(landing(home) / source / month / provider)
    if not earlier or earlier[-1].withdrawn:
        raise MigflowError(f"{source} {month}: there is no delivery of {provider!r} to withdraw.")
    draft = Manifest(
        source=source,
        provider=provider,
        reference_month=month,
        sequence=0,
        file="",
        rows=0,
        bytes=0,
        sha256="",
        supersedes=None,
        late=False,
        withdrawn=True,
    )
    with staging(home) as folder:
        staged = folder / "0"
        staged.mkdir()
        return place(staged, draft, home)[0]
