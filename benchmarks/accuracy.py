"""How right the links and clusters are, on published files and on simulated ones that nothing was tuned to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import held_out, published
from benchmarks.score import Score, score
from benchmarks.sides import Setting
from benchmarks.table import Row

THRESHOLDS = (0.5, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Task:
    """Files of one folder and the F1, of four digits, to reach or (above) to exceed; no figure: Splink's best."""

    name: str
    bar: float | None = None
    above: bool = True
    one_file: bool = False
    binary: bool = False  # whether recordlinkage can run it: all comparisons are of one column

    @property
    def files(self) -> tuple[str, ...]:
        """The files to link or deduplicate."""
        return ("records.csv",) if self.one_file else ("left.csv", "right.csv")

    @property
    def title(self) -> str:
        """What is decided on which file."""
        return f"{self.name.replace('_', ' ')}, {'clusters' if self.one_file else 'one to one'}, F1"


PUBLISHED = (
    Task("febrl4", 0.9996, above=False, binary=True),
    Task("febrl4_no_ssid", 0.9930, binary=True),
    Task("febrl3", 0.996, one_file=True, binary=True),
    Task("pseudopeople", 0.991, binary=True),
)
HELD_OUT = (Task("many_errors", one_file=True), Task("clinic"), Task("households"))
NOTES = (
    "F1 of pairs of records. migflow decides at the match probability of its model (one half), set without the truth; "
    "Splink is shown at one half and at the best of its pairs, and of its links or clusters, at "
    f"{', '.join(map(str, THRESHOLDS))}, picked with the truth, which favours it. recordlinkage: pairs of its "
    "classifier (ECM). The ratio is of errors: their best's 1 - F1 to migflow's.",
    "The bar of the held-out files is Splink's best in this run, to four digits.",
)


def accuracy(setting: Setting, seed: int) -> Iterator[Row]:
    """One row for each task."""
    for task in PUBLISHED:
        yield _row(setting, task, published(setting) / task.name)
    folder = held_out(setting, seed)
    for task in HELD_OUT:
        yield _row(setting, task, folder / task.name)


def _row(setting: Setting, task: Task, folder: Path) -> Row:
    setting.tell(task.title)
    files, truth = [folder / file for file in task.files], folder / "truth.parquet"
    ours, theirs = setting.scratch / "migflow.parquet", setting.scratch / "theirs.parquet"
    setting.migflow(task.name, ours, files, one_to_one=not task.one_file)
    mine = score(ours, truth, task.one_file)
    setting.splink(task.name, theirs, files, decide=True)
    splinks = _splink_scores(task, theirs, truth)
    best = max(splinks, key=lambda label: splinks[label].f1)
    shown = {f"Splink, {label}": splinks[label] for label in dict.fromkeys((next(iter(splinks)), best))}
    if task.binary:
        setting.recordlinkage(task.name, theirs, files)
        shown["recordlinkage"] = score(theirs, truth, task.one_file)
    bar = round(splinks[best].f1, 4) if task.bar is None else task.bar
    reached = _figure(mine) > bar if task.above and task.bar is not None else _figure(mine) >= bar
    return Row(
        task.title,
        f"{_figure(mine):.4f}\nP {mine.precision:.4f}\nR {mine.recall:.4f}",
        "\n".join(f"{label}: {_figure(found):.4f}" for label, found in shown.items()),
        _ratio(mine, max(shown.values(), key=lambda found: found.f1)),
        f"{'above' if task.above and task.bar is not None else 'at least'} {bar:.4f}",
        reached,
    )


def _splink_scores(task: Task, out: Path, truth: Path) -> dict[str, Score]:
    """What Splink decides at each threshold, the lowest first, and its pairs at each."""
    decided = {t: out.with_name(f"{out.stem}-decided-{t}.parquet") for t in THRESHOLDS}
    scores = {f"decided at {t}": score(file, truth, task.one_file) for t, file in decided.items()}
    return scores | {f"pairs at {t}": score(out, truth, task.one_file, t) for t in THRESHOLDS}


def _figure(found: Score) -> float:
    return round(found.f1, 4)


def _ratio(mine: Score, their: Score) -> str:
    """Their errors to ours."""
    if mine.f1 == 1:
        return "-"
    return f"{(1 - their.f1) / (1 - mine.f1):.2f}"
