"""A run with the index of an earlier one gives what a run without it gives, and weighs new records only."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from migflow.cli import app
from migflow.errors import MigflowError
from migflow.linkage import Block, Comparison, Index, LinkageModel, Options, dedupe, link
from migflow.linkage.prepared import prepare_tables

MODEL = LinkageModel(
    id="id",
    blocks=(Block(("birth",)), Block(("name",))),
    compares=(
        Comparison(("name",), "jaro_winkler", (0.9, 0.8), term_frequency=True),
        Comparison(("birth",), "date", ("swapped", "typo")),
        Comparison(("place",), "exact", term_frequency=True),
    ),
)


def people(count: int, seed: int, first: int = 0) -> pa.Table:
    """Simulated records: names of few syllables, so that some are alike."""
    rng = np.random.default_rng(seed)
    syllables = np.array(["ba", "ko", "li", "mer", "ta", "su", "n", "an"])
    names = ["".join(row) for row in syllables[rng.integers(0, 8, (count, 3))]]
    births = [f"{1950 + y}-{m:02}-{d:02}" for y, m, d in rng.integers((0, 1, 1), (40, 13, 29), (count, 3))]
    places = [f"place {p}" for p in rng.integers(0, 9, count)]
    ids = [f"r{first + n:05}" for n in range(count)]
    return pa.table({"id": ids, "name": names, "birth": births, "place": places})


def halves(table: pa.Table, share: float) -> pa.Table:
    """Another register of the same persons: every few records with another place."""
    places = table["place"].to_pylist()
    moved = [f"place {n % 9}" if n % int(1 / share) == 0 else p for n, p in enumerate(places)]
    ids = [i.replace("r", "s") for i in table["id"].to_pylist()]
    return table.set_column(3, "place", pa.array(moved)).set_column(0, "id", pa.array(ids))


LEFT = people(1500, 1)
RIGHT = halves(people(1500, 1), 0.1)


def trained() -> LinkageModel:
    return link(LEFT, RIGHT, MODEL).model


@pytest.mark.parametrize("one_to_one", [False, True])
def test_linking_a_later_delivery_with_the_index_equals_a_full_run(one_to_one: bool) -> None:
    model = trained()
    first = link(LEFT.slice(0, 1200), RIGHT.slice(0, 1300), model, options=Options(keep_index=True))
    again = link(LEFT, RIGHT, model, one_to_one=one_to_one, options=Options(index=first.index, keep_index=True))
    full = link(LEFT, RIGHT, model, one_to_one=one_to_one)
    assert again.reused and not full.reused
    assert again.pairs.equals(full.pairs)
    assert full.pairs.num_rows > 1000


def test_three_deliveries_in_turn_equal_a_full_run() -> None:
    model = trained()
    index = None
    for count in (900, 1100, 1500):
        result = link(LEFT.slice(0, count), RIGHT, model, options=Options(index=index, keep_index=True))
        index = result.index
    assert result.reused
    assert result.pairs.equals(link(LEFT, RIGHT, model).pairs)


def test_records_that_changed_or_left_are_not_taken_from_the_index() -> None:
    model = trained()
    index = link(LEFT, RIGHT, model, options=Options(keep_index=True)).index
    corrected = LEFT.set_column(1, "name", pa.array(["banko", *LEFT["name"].to_pylist()[1:]])).slice(0, 1400)
    again = link(corrected, RIGHT.slice(50), model, options=Options(index=index))
    assert again.reused
    assert again.pairs.equals(link(corrected, RIGHT.slice(50), model).pairs)


def test_deduplication_with_the_index_equals_a_full_run() -> None:
    both = pa.concat_tables([LEFT, RIGHT])
    model = dedupe(both, MODEL).model
    index = dedupe(both.slice(0, 2500), model, options=Options(keep_index=True)).index
    again = dedupe(both, model, options=Options(index=index))
    full = dedupe(both, model)
    assert again.reused
    assert again.clusters.equals(full.clusters)
    assert again.pairs.equals(full.pairs)


def test_only_pairs_with_a_new_record_are_made() -> None:
    model = trained()
    index = link(LEFT.slice(0, 1490), RIGHT, model, options=Options(keep_index=True)).index
    seen: list[int] = []
    options = Options(index=index, progress=lambda step, done, total: seen.append(total) if total else None)
    link(LEFT, RIGHT, model, options=options)
    full = prepare_tables(LEFT, RIGHT, model, Options())
    assert 0 < max(seen) < sum(block.pairs for block in full.blocking) / 50


def test_frequencies_that_shift_far_lead_to_a_full_run() -> None:
    model = trained()
    index = link(LEFT.slice(0, 40), RIGHT.slice(0, 40), model, options=Options(keep_index=True)).index
    again = link(LEFT, RIGHT, model, options=Options(index=index))
    assert not again.reused
    assert again.pairs.equals(link(LEFT, RIGHT, model).pairs)


def test_an_index_is_the_same_when_saved_and_loaded(tmp_path: Path) -> None:
    index = link(LEFT, RIGHT, trained(), options=Options(keep_index=True)).index
    assert index is not None
    index.save(tmp_path / "index")
    loaded = Index.load(tmp_path / "index")
    assert loaded.pairs.equals(index.pairs) and loaded.left.equals(index.left) and loaded.floor == index.floor
    assert link(LEFT, RIGHT, MODEL, options=Options(index=loaded)).reused


def test_an_index_cut_off_while_written_is_refused(tmp_path: Path) -> None:
    index = link(LEFT, RIGHT, trained(), options=Options(keep_index=True)).index
    assert index is not None
    index.save(tmp_path)
    (tmp_path / "index.json").unlink()
    with pytest.raises(MigflowError, match="no whole index"):
        Index.load(tmp_path)


def test_an_index_of_another_model_is_refused() -> None:
    index = link(LEFT, RIGHT, trained(), options=Options(keep_index=True)).index
    other = replace(MODEL, blocks=(Block(("name",)),))
    with pytest.raises(MigflowError, match="other blocks"):
        link(LEFT, RIGHT, other, options=Options(index=index))


def test_the_command_uses_the_index_it_left(tmp_path: Path) -> None:
    trained().to_toml(tmp_path / "model.toml")
    pq.write_table(LEFT.slice(0, 1200), tmp_path / "left.parquet")
    pq.write_table(RIGHT, tmp_path / "right.parquet")
    command = ["link", "left.parquet", "right.parquet", "--model", "model.toml", "--out", "pairs.parquet"]
    paths = [str(tmp_path / part) if "." in part else part for part in command]
    first = CliRunner().invoke(app, [*paths, "--index", str(tmp_path / "index")])
    assert first.exit_code == 0 and "everything was compared" in first.output
    pq.write_table(LEFT, tmp_path / "left.parquet")
    second = CliRunner().invoke(app, [*paths, "--index", str(tmp_path / "index")])
    assert second.exit_code == 0 and "new and changed records only" in second.output
    assert pq.read_table(tmp_path / "pairs.parquet").equals(link(LEFT, RIGHT, trained()).pairs)
