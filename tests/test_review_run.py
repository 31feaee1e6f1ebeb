"""A whole run on a home with decisions: they outrank the model, and those without effect are told."""

import datetime as dt
import hashlib
import io
import json

import pyarrow.parquet as pq
import pytest
from example_home import received
from registers_tables import read
from rich.console import Console

from migflow.provenance import recorded
from migflow.review import decisions
from migflow.review.decisions import Decision, Pair
from migflow.settings import Settings
from migflow.store import Store
from pipelines.run import run

pytestmark = pytest.mark.usefixtures("without_great_expectations", "without_pictures")

DECLARED = "municipal_residence"
# Bo declares a move with his number; Finn, without a number, a departure.
BO, FINN = "counters:2024-12:S-1", "counters:2024-12:E-1"


def person(record_id: str) -> str:
    return "P" + hashlib.sha256(record_id.encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return received(tmp_path_factory.mktemp("home"))


def test_run_follows_decisions_and_warns_of_those_without_effect(settings: Settings) -> None:
    gone = Pair(DECLARED, FINN, person("registry:99"))
    decided = {
        Pair(DECLARED, BO, person("registry:2")): "different",
        Pair(DECLARED, FINN, person("registry:4")): "same",
        gone: "different",
    }
    decisions.save(
        settings.home, [Decision(pair, said, "clerk 7", dt.date(2025, 5, 6)) for pair, said in decided.items()]
    )
    summary = run(settings, console=Console(file=io.StringIO()))
    assert summary.success, summary.errors
    store = Store(settings)
    links = {str(row["record_id"]): row for row in read(store, "person_links") if row["source"] == DECLARED}
    assert links[BO]["person_id"] != person("registry:2")
    assert (links[FINN]["person_id"], links[FINN]["pass"]) == (person("registry:4"), "review")
    assert decisions.without_effect(store) == [gone.pair_id]
    assert [w for w in summary.warnings if "decisions" in w] == [
        f"person_links.decisions_have_effect: 1 of 3 decisions without effect: {gone.pair_id}"
    ]
    asked = {(row["record_id"], row["person_id"]): row["decision"] for row in read(store, "review_pairs")}
    assert asked[BO, person("registry:2")] == "different" and asked[FINN, person("registry:4")] == "same"
    for table in ("persons", "person_links", "review_pairs"):
        (path,) = store.files(table)
        made_of = json.loads(str(recorded(pq.read_metadata(path))))
        assert made_of["inputs"]["decisions"] == decisions.digest(store.home)
