"""Speed and memory beside Splink, memory for very many pairs, and growth, on simulated persons."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.candidate_pairs import candidate_pairs
from benchmarks.data import persons
from benchmarks.processes import Run, apart
from benchmarks.score import Score, score
from benchmarks.sides import Setting, model_file
from benchmarks.table import Row

WARMING, FULL = 10_000, 1_000_000
FASTER, SMALLER, LIMIT, GROWTH = 10, 0.5, 6, 11
SPEED_PAIRS, MANY_PAIRS = 40_000_000, 400_000_000


@dataclass(frozen=True)
class Size:
    """Records a side, those that growth starts from, and how often each is run."""

    records: int = FULL
    growth_from: int = FULL
    runs: int = 3


def warm(setting: Setting) -> str:
    """Let migflow compile its kernels on small files; how long the first run and the next one took."""
    setting.tell(f"compiling: two runs of migflow on {WARMING:,} records a side")
    files, out = _files(persons(setting, WARMING)), setting.scratch / "warm.parquet"
    cold, again = (setting.migflow("speed", out, files).seconds for _ in range(2))
    return (
        "migflow compiles its kernels once and keeps them; they were compiled before the runs measured here. The first "
        f"run of all, on {WARMING:,} records a side, took {cold:.0f} s, the next {again:.1f} s."
    )


NOTES = (
    "Seconds are from the start of a fresh process, imports included, until its pairs are written as Parquet. Each "
    "side trains on the files it links; blocking rules, comparisons and threads (two) are the same. Runs alternate; "
    "medians, all runs in brackets. Memory is the peak resident set of the same processes, the highest of the runs.",
    "Splink runs expectation maximisation with estimate_without_term_frequencies=True, which is what migflow does too, "
    "and the faster way for Splink.",
    "Pairs are different candidate pairs, counted apart by DuckDB.",
)


def beside_splink(setting: Setting, size: Size, parts: set[str]) -> Iterator[Row]:
    """Speed, memory and F1 of the same runs."""
    folder = persons(setting, size.records)
    pairs = apart(candidate_pairs, model_file("speed"), *_files(folder))
    ours, theirs, scores = _alternate(setting, folder, size.runs)
    what = f"{size.records:,} x {size.records:,} records, {pairs / 1e6:.1f} million pairs"
    full = pairs > SPEED_PAIRS
    if "speed" in parts:
        ratio = _seconds(theirs) / _seconds(ours)
        row = Row(f"time, {what}", _times(ours), _times(theirs), f"{ratio:.1f}", f"at least {FASTER}", ratio >= FASTER)
        yield row if full else _too_small(row)
        figures = [round(found.f1, 4) for found in scores]
        yield Row("F1 of its pairs from .5", *(f"{f:.4f}" for f in figures), "", "at least", figures[0] >= figures[1])
    if "memory" in parts:
        ratio = _peak(ours) / _peak(theirs)
        peaks = (f"{_peak(side):.2f} GB" for side in (ours, theirs))
        row = Row("peak memory, same runs", *peaks, f"{ratio:.2f}", f"at most {SMALLER}", ratio <= SMALLER)
        yield row if full else _too_small(row)


def many_pairs(setting: Setting, size: Size) -> Iterator[Row]:
    """Peak memory of migflow for ten times the pairs."""
    folder = persons(setting, size.records)
    pairs = apart(candidate_pairs, model_file("memory"), *_files(folder))
    setting.tell(f"migflow, {pairs:,} pairs")
    run = setting.migflow("memory", setting.scratch / "memory.parquet", _files(folder))
    measure = f"peak memory, {size.records:,} x {size.records:,} records, {pairs / 1e6:.0f} million pairs"
    figures = f"{run.peak:.2f} GB\n({run.seconds:.0f} s)"
    row = Row(measure, figures, "", "", f"under {LIMIT} GB", run.peak < LIMIT)
    yield row if pairs >= MANY_PAIRS else _too_small(row)


def growth(setting: Setting, size: Size) -> Iterator[Row]:
    """Time of migflow for ten times the records, in blocks of the same size."""
    taken: list[list[Run]] = []
    pairs = []
    for records in (size.growth_from, 10 * size.growth_from):
        files, out = _files(persons(setting, records)), setting.scratch / "growth.parquet"
        pairs.append(apart(candidate_pairs, model_file("growth"), *files))
        setting.tell(f"migflow, {records:,} records a side, {pairs[-1]:,} pairs")
        taken.append([setting.migflow("growth", out, files) for _ in range(size.runs)])
    ratio = _seconds(taken[1]) / _seconds(taken[0])
    measure = (
        f"growth, {size.growth_from:,} to {10 * size.growth_from:,} records a side, "
        f"{pairs[0] / 1e6:.1f} to {pairs[1] / 1e6:.1f} million pairs"
    )
    figures = f"{_times(taken[0])}\n{_times(taken[1])}\n{_peak(taken[0]):.2f} to {_peak(taken[1]):.2f} GB"
    row = Row(measure, figures, "", f"{ratio:.1f}", f"at most {GROWTH}", ratio <= GROWTH)
    yield row if size.growth_from >= FULL else _too_small(row)


def _alternate(setting: Setting, folder: Path, runs: int) -> tuple[list[Run], list[Run], tuple[Score, Score]]:
    """Runs of migflow and of Splink by turns, and the scores of what they found."""
    files, truth = _files(folder), folder / "truth.parquet"
    mine, its = setting.scratch / "migflow.parquet", setting.scratch / "splink.parquet"
    ours: list[Run] = []
    theirs: list[Run] = []
    for number in range(runs):
        setting.tell(f"Splink, run {number + 1} of {runs}")
        theirs.append(setting.splink("speed", its, files))
        setting.tell(f"{theirs[-1].seconds:.1f} s, {theirs[-1].peak:.2f} GB; migflow, run {number + 1} of {runs}")
        ours.append(setting.migflow("speed", mine, files))
        setting.tell(f"{ours[-1].seconds:.1f} s, {ours[-1].peak:.2f} GB")
    return ours, theirs, (apart(score, mine, truth), apart(score, its, truth))


def _files(folder: Path) -> tuple[Path, Path]:
    return folder / "left.parquet", folder / "right.parquet"


def _seconds(runs: list[Run]) -> float:
    return median(run.seconds for run in runs)


def _peak(runs: list[Run]) -> float:
    return max(run.peak for run in runs)


def _times(runs: list[Run]) -> str:
    each = f" ({', '.join(f'{run.seconds:.1f}' for run in runs)})" if len(runs) > 1 else ""
    return f"{_seconds(runs):.1f} s{each}"


def _too_small(row: Row) -> Row:
    """The row without a verdict: the bar is for more."""
    return Row(row.measure, row.ours, row.theirs, row.ratio, row.bar, None)
