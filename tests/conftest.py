"""What several test files share: examples of hypothesis are not timed; tables may be audited by SQL alone, undrawn."""

from collections.abc import Iterator

import brief_report
import pytest
from hypothesis import settings

from migflow import audit

# The first example compiles what it calls.
settings.register_profile("migflow", deadline=None)
settings.load_profile("migflow")


@pytest.fixture(scope="module")
def without_great_expectations() -> Iterator[None]:
    """Leave out the audit's second look, which takes most of the time that a table of a few rows takes to write.

    SQL counts every promise of a contract in full before it.
    """
    held = audit.Check("great_expectations", True, audit.GX_DESCRIPTION, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "_expectations", lambda contract, sample, home: held)
        yield


@pytest.fixture(scope="module")
def without_pictures() -> Iterator[None]:
    """Leave the charts out of a run whose pictures and pages nobody looks at: they take half of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.metadata.plotted", lambda home, name: {})
        patch.setattr("pipelines.metadata.plotted_vintage", lambda home, vintage: {})
        patch.setattr("migflow.publish.report.build_report", brief_report.build_report)
        yield
