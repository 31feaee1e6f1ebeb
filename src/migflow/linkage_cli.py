"""The commands of the linkage engine, usable without a home: migflow link, dedupe, explain."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migflow import linkage_tables as tables
from migflow.errors import MigflowError
from migflow.output_files import writing
from migflow.terminal import console, told, wide

# The engine compiles its loops when first used: commands that do not link shall not wait for it.
if TYPE_CHECKING:
    import pyarrow as pa

    from migflow.linkage import DedupeResult, LinkageModel, LinkResult, Options
    from migflow.linkage.prepared import Prepared
    from migflow.linkage.splink_settings import LinkType

app = typer.Typer()

Model = Annotated[Path, typer.Option(help="Model file (docs/linkage.md)")]
Threads = Annotated[int | None, typer.Option(help="Threads; all cores if left out", min=1)]
PairBudget = Annotated[int | None, typer.Option(help="Refuse to make more candidate pairs than this", min=1)]
Threshold = Annotated[float | None, typer.Option(help="Match probability from which a pair is a link")]
SaveModel = Annotated[Path | None, typer.Option(help="Write the model with its trained parameters, as TOML")]
SaveSplink = Annotated[Path | None, typer.Option(help="Write the trained model as settings of Splink 5, as JSON")]
Report = Annotated[Path | None, typer.Option(help="Write an HTML page of weights, parameters and expected quality")]
Known = Annotated[Path | None, typer.Option("--index", help="Folder of what earlier runs knew: only new records cost")]
By = Annotated[list[str] | None, typer.Option(help="Expected quality by a column of the (left) file; repeatable")]


@dataclass(frozen=True)
class _Wanted:
    """What a command was asked to leave behind."""

    out: Path
    save_model: Path | None
    save_splink: Path | None
    report: Path | None
    by: "Mapping[str, tuple[pa.ChunkedArray, pa.ChunkedArray]]"
    link_type: "LinkType"


@app.command(name="link")
def link_command(
    left: Annotated[Path, typer.Argument(help="CSV or Parquet")],
    right: Annotated[Path, typer.Argument(help="CSV or Parquet")],
    model: Model,
    out: Annotated[Path, typer.Option(help="Links: .parquet or .csv")],
    one_to_one: Annotated[bool, typer.Option("--one-to-one", help="Each record in one link at most")] = False,
    threads: Threads = None,
    pair_budget: PairBudget = None,
    threshold: Threshold = None,
    save_model: SaveModel = None,
    save_splink: SaveSplink = None,
    report: Report = None,
    by: By = None,
    known: Known = None,
) -> None:
    """Link the records of two files; a model without parameters is trained on them first."""
    with told():
        from migflow.linkage.linking import link_prepared
        from migflow.linkage.prepared import prepare_tables

        read = _model(model, threshold)
        wanted = _Wanted(out, save_model, save_splink, report, _columns(left, read.id, by or ()), "link_only")
        _check(wanted, read, (left, right, model))
        with _progress(threads, pair_budget, known) as options:
            prepared = prepare_tables(left, right, read, options)
            _show_prepared(prepared)
            result = link_prepared(prepared, one_to_one=one_to_one)
        _finish(wanted, result, result.pairs, one_to_one)
        _leave(result, known)


@app.command(name="dedupe")
def dedupe_command(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet")],
    model: Model,
    out: Annotated[Path, typer.Option(help="Clusters: .parquet or .csv")],
    threads: Threads = None,
    pair_budget: PairBudget = None,
    threshold: Threshold = None,
    save_model: SaveModel = None,
    save_splink: SaveSplink = None,
    report: Report = None,
    by: By = None,
    known: Known = None,
) -> None:
    """Find the records of one file that are one person; a model without parameters is trained on it first."""
    with told():
        from migflow.linkage.linking import dedupe_prepared
        from migflow.linkage.prepared import prepare_tables

        read = _model(model, threshold)
        wanted = _Wanted(out, save_model, save_splink, report, _columns(file, read.id, by or ()), "dedupe_only")
        _check(wanted, read, (file, model))
        with _progress(threads, pair_budget, known) as options:
            prepared = prepare_tables(file, None, read, options)
            _show_prepared(prepared)
            result = dedupe_prepared(prepared)
        _finish(wanted, result, result.clusters, False)
        _leave(result, known)


@app.command(name="explain")
def explain_command(
    left_id: Annotated[str, typer.Argument(help="Id of a record of the left file")],
    right_id: Annotated[str, typer.Argument(help="Id of a record of the right file, or of the left if there is none")],
    left: Annotated[Path, typer.Option(help="CSV or Parquet")],
    model: Annotated[Path, typer.Option(help="Trained model, as --save-model of link and dedupe writes it")],
    right: Annotated[Path | None, typer.Option(help="CSV or Parquet; left out for records of one file")] = None,
    threads: Threads = None,
) -> None:
    """Show both records and what each comparison adds to their match weight. Prints personal data."""
    with told():
        from migflow.linkage import LinkageModel, Options
        from migflow.linkage.explain import explain

        read = LinkageModel.from_toml(model)
        with console.status("Reading"):
            found = explain(left, right, read, left_id, right_id, options=Options(threads=threads))
        wide().print(tables.explanation(found))


def _model(path: Path, threshold: float | None) -> "LinkageModel":
    from migflow.linkage import LinkageModel

    model = LinkageModel.from_toml(path)
    return model if threshold is None else replace(model, threshold=threshold)


def _check(wanted: _Wanted, model: "LinkageModel", inputs: Sequence[Path]) -> None:
    """Refuse before the work what would fail after it."""
    if wanted.out.suffix.lower() not in (".parquet", ".csv"):
        raise MigflowError(f"--out {wanted.out}: expected a name that ends in .parquet or .csv.")
    outputs = [p for p in (wanted.out, wanted.save_model, wanted.save_splink, wanted.report) if p is not None]
    taken = [p.resolve() for p in inputs]
    for path in outputs:
        if not path.parent.is_dir():
            raise MigflowError(f"{path}: there is no folder {path.parent}.")
        if path.is_dir():
            raise MigflowError(f"{path} is a folder; name a file.")
        if path.resolve() in taken:
            raise MigflowError(f"{path} is named twice, to read and to write or to write twice; name another file.")
        taken.append(path.resolve())
    if wanted.save_splink is not None:
        from migflow.linkage.splink_settings import check_expressible

        check_expressible(model)


@contextmanager
def _progress(threads: int | None, pair_budget: int | None, known: Path | None) -> "Iterator[Options]":
    """A progress bar on the terminal, and the options that move it."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from migflow.linkage import Index, Options
    from migflow.linkage.expected import KEEP_FROM
    from migflow.linkage.prepared import PAIR_BUDGET

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("starting", total=None)

        def progress(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        index = Index.load(known) if known is not None and known.exists() else None
        budget = pair_budget or PAIR_BUDGET
        yield Options(
            threads, budget, progress=progress, keep_from=KEEP_FROM, index=index, keep_index=known is not None
        )


def _show_prepared(prepared: "Prepared") -> None:
    """What is known before pairs are compared: records, pairs of each rule, how training went."""
    shown = wide()
    right = None if prepared.right is None else (prepared.right.name, len(prepared.right))
    shown.print(tables.blocking(prepared.blocking, (prepared.left.name, len(prepared.left)), right))
    for line in tables.training(prepared.training):
        shown.print(line, highlight=False, markup=False)


def _finish(wanted: _Wanted, result: "LinkResult | DedupeResult", found: "pa.Table", one_to_one: bool) -> None:
    """Write everything asked for, and print the summary."""
    from migflow.linkage.expected import expected, expected_by_group, judge

    judged = judge(result, one_to_one=one_to_one)
    groups = {column: expected_by_group(judged, *values) for column, values in wanted.by.items()}
    with writing(wanted.out) as aside:
        _write_table(found, aside, wanted.out.suffix.lower())
    if wanted.save_model is not None:
        with writing(wanted.save_model) as aside:
            result.model.to_toml(aside)
    if wanted.save_splink is not None:
        from migflow.linkage.splink_settings import left_out, to_splink_json

        for part in left_out(result.model):
            console.print(f"Warning: Splink's settings leave out {part}.", highlight=False, markup=False)
        with writing(wanted.save_splink) as aside:
            aside.write_text(to_splink_json(result.model, wanted.link_type), encoding="utf-8")
    if wanted.report is not None:
        from migflow.linkage.charts import report

        with writing(wanted.report) as aside:
            report(result, aside, judged=judged, groups=groups)
    shown = wide()
    shown.print(tables.summary(result, expected(judged), wanted.out))
    for column, table in groups.items():
        shown.print(tables.by_group(column, table))


def _leave(result: "LinkResult | DedupeResult", known: Path | None) -> None:
    """Write the index for the next run, and say whether this one could use it."""
    if known is None:
        return
    if result.index is None:
        console.print("No index was left: records equal in all that is compared were taken for one.", markup=False)
        return
    result.index.save(known)
    said = "new and changed records only were compared" if result.reused else "everything was compared"
    console.print(f"Index: {said}; {known} knows all records now.", highlight=False, markup=False)


def _write_table(table: "pa.Table", path: Path, suffix: str) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    write: Callable[..., None] = pyarrow.parquet.write_table if suffix == ".parquet" else pyarrow.csv.write_csv
    write(table, path)


def _columns(
    path: Path, record_id: str, columns: Sequence[str]
) -> "Mapping[str, tuple[pa.ChunkedArray, pa.ChunkedArray]]":
    """Ids and values of columns of a file, by column."""
    return {column: _column(path, record_id, column) for column in columns}


def _column(path: Path, record_id: str, column: str) -> "tuple[pa.ChunkedArray, pa.ChunkedArray]":
    """Ids and one column of a file, as text; MigflowError if it has no such column or one of very many values."""
    import duckdb

    if not path.is_file():
        raise MigflowError(f"{path}: there is no such file.")
    read = (
        "read_parquet($path)" if path.suffix.lower() in (".parquet", ".pq") else "read_csv($path, all_varchar = true)"
    )
    query = f'SELECT "{record_id}"::VARCHAR AS id, ({column})::VARCHAR AS value FROM {read}'
    try:
        with duckdb.connect() as con:
            table: pa.Table = con.sql(query, params={"path": str(path)}).to_arrow_table()
    except duckdb.Error as error:
        raise MigflowError(f"--by {column}: {path.name} has no such column.") from error
    if len(table["value"].unique()) > tables.MOST_GROUPS:
        raise MigflowError(f"--by {column}: more than {tables.MOST_GROUPS} values; name a column of groups.")
    return table["id"], table["value"]
