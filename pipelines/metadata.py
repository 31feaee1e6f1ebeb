"""What the UI tells of a table: its contract, its size over time, a preview or counts, and plots."""

import base64
from collections.abc import Mapping
from typing import Any

import dagster as dg

from migflow import transformations
from migflow.contracts import Column, Contract
from migflow.deliveries.build import MonthRows
from migflow.evaluation import Evaluation
from migflow.publish import REPORT, Published
from pipelines.measure import Measured
from pipelines.resources import Home

# Markdown beyond this length is hidden behind a link in Dagster's UI.
INLINE_CHARACTERS = 999
PREVIEW_ROWS = 20

Metadata = dict[str, Any]


def description(contract: Contract) -> str:
    """Description of a table in Markdown: what it holds, what a row is, what to beware of."""
    parts = [contract.description, f"One row: {contract.grain}."]
    if contract.limitations:
        parts.append(f"**Beware:** {contract.limitations}")
    return "\n\n".join(parts)


def is_personal(contract: Contract) -> bool:
    """Whether any column holds personal data."""
    return any(column.personal for column in contract.columns)


def of_contract(contract: Contract) -> Metadata:
    """What is known of a table before it is built."""
    return {
        "dagster/column_schema": dg.TableSchema(columns=[_column(contract, c) for c in contract.columns]),
        "dagster/table_name": f"{contract.stage}.{contract.table}",
        "title": contract.title,
        "key": ", ".join(contract.key),
        "contract": f"data_contracts/{contract.stage}/{contract.path.name}",
    }


def of_step(used: Measured) -> Metadata:
    """What building cost: numbers, so that the UI plots them over time."""
    return {"seconds": round(used.seconds, 2), "peak_memory_mb": used.peak_mb}


def of_table(home: Home, contract: Contract) -> Metadata:
    """What is to be seen of a table in the store: rows, plots, and counts by category, or of statistics some rows."""
    rows = home.store.rows(contract.table)
    shown: Metadata = {"rows": rows, "dagster/row_count": rows}
    if contract.stage in ("registers", "statistics", "publication"):
        shown |= plotted(home, contract.table)
    if contract.stage == "statistics" and not is_personal(contract):
        shown["preview"] = dg.MetadataValue.md(_preview(home, contract))
    else:
        shown |= counts(home, contract)
    return shown


def counts(home: Home, contract: Contract) -> Metadata:
    """How many rows have each value of each coded column; personal columns are never looked at."""
    coded = [c.name for c in contract.columns if c.allowed and not c.personal]
    with home.store.session(contract.table) as con:
        found = {
            column: con.execute(
                f"SELECT coalesce({column}, '(empty)'), count(*) FROM {contract.table} GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
            for column in coded
        }
    return {f"rows by {column}": dg.MetadataValue.md(_table([column, "rows"], rows)) for column, rows in found.items()}


def plotted(home: Home, name: str) -> Metadata:
    """The charts of a table as pictures inside Markdown."""
    from migflow import engine
    from migflow.registers import plots as linkage_plots
    from migflow.statistics import plots

    charts: dict[str, plots.Drawn] = {**linkage_plots.charts_of(name, home.store)}
    tables = {table for chart in plots.of_table(name) for table in chart.reads}
    relations = {table: engine.parquet([str(file) for file in home.store.files(table)]) for table in sorted(tables)}
    with home.store.session() as con:
        transformations.bind_areas(con, home.country)
        plots.bind(con, relations)
        charts |= plots.charts_of(name, con)
    return _pictures(charts)


def plotted_vintage(home: Home, vintage: Published) -> Metadata:
    """The charts of a vintage, from what it publishes, as pictures inside Markdown."""
    from migflow.publish.report.readable import bind_vintage
    from migflow.statistics import plots

    with home.store.session() as con:
        bind_vintage(con, vintage.folder)
        return _pictures(plots.charts_of("published", con))


def _pictures(charts: Mapping[str, Any]) -> Metadata:
    from migflow.statistics import plots

    return {title: dg.MetadataValue.md(_picture(plots.png(chart))) for title, chart in charts.items()}


def _picture(png: bytes) -> str:
    return f"![plot](data:image/png;base64,{base64.b64encode(png).decode()})"


def _column(contract: Contract, column: Column) -> dg.TableColumn:
    other = [column.pattern] if column.pattern else []
    other += ["one of " + ", ".join(column.allowed)] if column.allowed else []
    return dg.TableColumn(
        column.name,
        column.type,
        column.description,
        dg.TableColumnConstraints(nullable=not column.required, unique=contract.key == (column.name,), other=other),
        {"personal": ""} if column.personal else {},
    )


def _preview(home: Home, contract: Contract) -> str:
    """The first rows, as many as the UI shows without a click."""
    with home.store.session(contract.table) as con:
        rows = con.execute(f"FROM {contract.table} ORDER BY {', '.join(contract.key)} LIMIT {PREVIEW_ROWS}").fetchall()
    return _table([c.name for c in contract.columns], rows)


def _table(header: list[str], rows: list[tuple[Any, ...]]) -> str:
    """A Markdown table, cut to what is shown inline."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    for row in rows:
        line = "| " + " | ".join(_cell(value) for value in row) + " |"
        if sum(map(len, lines)) + len(lines) + len(line) > INLINE_CHARACTERS:
            break
        lines.append(line)
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, float) else f"{value}".replace("|", "\\|")


def of_month(month: MonthRows | None) -> Metadata:
    """Rows of a delivered month: in, accepted, quarantined by rule."""
    if month is None:
        return {"rows": 0, "dagster/row_count": 0, "delivered": False}
    quarantined = sum(month.quarantined.values())
    shown: Metadata = {
        "rows": month.accepted,
        "dagster/row_count": month.accepted,
        "rows in": month.rows_in,
        "quarantined": quarantined,
        "delivered": True,
        "built": month.built,
    }
    if quarantined:
        shown["quarantined by rule"] = dg.MetadataValue.md(_table(["rule", "rows"], list(month.quarantined.items())))
    return shown


def of_vintage(vintage: Published) -> Metadata:
    """Name, place and tables of a vintage."""
    return {
        "vintage": vintage.vintage,
        "folder": dg.MetadataValue.path(vintage.folder.resolve()),
        "report": dg.MetadataValue.path(vintage.folder.resolve() / REPORT),
        "unchanged": vintage.unchanged,
        "tables": dg.MetadataValue.md(_table(["table", "rows"], list(vintage.rows.items()))),
        "rows": sum(vintage.rows.values()),
    }


def of_evaluation(found: Evaluation) -> Metadata:
    """Every figure as a number, so that the UI plots it over the runs, and the comparisons as tables."""
    shown: Metadata = {name: round(float(value), 4) for name, value in found.figures.items()}
    for title, frame in found.frames.items():
        shown[title] = dg.MetadataValue.md(_table(list(frame.columns), list(frame.itertuples(index=False, name=None))))
    return shown
