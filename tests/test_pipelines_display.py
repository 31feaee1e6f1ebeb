"""What the terminal shows is what was said."""

import io

from rich.console import Console

from migflow.settings import Settings
from migflow.store import Store
from pipelines.closing import closing, what_stopped, where_to_look
from pipelines.display import Display
from pipelines.summary import RunSummary, Step


def test_texts_that_look_like_markup_are_shown_as_they_are(tmp_path):
    text = "identifiers.toml, [personal_number]: wrong; Data [/dd]"
    step = Step("areas", "statistics", failed=[text], warned=[text], error=text)
    summary = RunSummary("1", False, 1.0, [step], {}, error=text)
    out = io.StringIO()
    console = Console(file=out, width=300)
    console.print(closing(summary, Store(Settings(home=tmp_path))))
    console.print(where_to_look(Store(Settings(home=tmp_path / "Data [" / "dd]"))))
    with Display([step], console) as display:
        display.warn(text)
    assert out.getvalue().count(text) == 5 and "Data [/dd]/published" in out.getvalue()


def test_a_failure_beside_the_publication_does_not_deny_the_vintage():
    published, evaluation = (
        Step("published", "publication", ["published"]),
        Step("evaluation", "publication", ["evaluation"]),
    )
    summary = RunSummary("1", False, 1.0, [published, evaluation], {})
    assert what_stopped(summary).startswith("Nothing was published")
    published.state, evaluation.state = "done", "failed"
    assert "published/latest is the new vintage" in what_stopped(summary)
