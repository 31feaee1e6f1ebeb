"""What a run made of a simulated country against what really happened there: links, moves and published tables."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rich.table import Table

from migflow.countries import Country
from migflow.evaluation import addresses, evidence, links, tables
from migflow.store import Store

SOURCES = ("civil_registry_persons", "civil_registry_events", "municipal_residence")


@dataclass(frozen=True)
class Evaluation:
    """The comparisons as tables by title, and their main figures by name."""

    frames: Mapping[str, pd.DataFrame]
    figures: Mapping[str, float]

    def tables(self) -> list[Table]:
        """The comparisons for the terminal."""
        return [_shown(title, frame) for title, frame in self.frames.items()]


def evaluate(store: Store, country: Country, truth: Path) -> Evaluation:
    """Compare links and statistics in the store with the truth tables in a folder.

    Raises MigflowError if a truth table is missing.
    """
    judged = ("persons", "person_links", "address_links", "dwellings", "moves", "usual_residence", *SOURCES)
    with store.session(*judged, *(c.table for c in tables.compared())) as con:
        tables.bind_truth(con, truth)
        links.judge(con)
        evidence.find(con, country)
        # After the evidence, which takes most of the memory there is.
        tables.make_true_tables(con, store, country)
        addresses.judge(con)
        by_group = links.groups(con)
        frames = {
            "Person links": links.persons(con),
            "Links of declarations by group": by_group,
            "Recall of declarations: best and worst groups": links.spread(by_group),
            "Address links": addresses.by_grade(con),
            "Addresses that tell the building": addresses.groups(con),
            "Moves": tables.moves(con),
            "Population": tables.coverage(con),
            "Residents person by person": tables.residents(con),
            "Published tables": tables.compare(con),
        }
    return Evaluation(frames, _figures(frames))


def _figures(frames: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Main figures by name; population.national.error is signed. What cannot be computed is left out."""
    figures: dict[str, float] = {}
    for row in frames["Person links"].to_dict("records"):
        for measure in ("precision", "recall", "evident_recall", "f1"):
            figures[f"person_links.{row['source']}.{measure}"] = row[measure]
    for row in frames["Recall of declarations: best and worst groups"].to_dict("records"):
        figures[f"person_links.recall_gap.{row['dimension']}"] = row["gap"]
    for grade, rows in frames["Address links"].groupby("grade"):
        place = {"dwelling": "right_dwelling", "building": "right_building"}.get(str(grade), "right_settlement")
        if grade not in ("municipality", "none"):
            figures[f"address_links.{grade}.right"] = rows[place].sum() / rows["addresses"].sum()
    judged = frames["Addresses that tell the building"]
    for row in judged[judged["dimension"] == "all"].to_dict("records"):
        figures["address_links.evident_recall"] = row["recall"]
        figures["address_links.wrong_building"] = row["wrong"]
    for row in frames["Population"].to_dict("records"):
        for measure in ("registered_error", "resident_error", "worst_resident"):
            figures[f"population_coverage.{row['year']}.{measure}"] = row[measure]
    for row in frames["Residents person by person"].to_dict("records"):
        for measure in ("missed_share", "not_resident_share", "elsewhere_share"):
            figures[f"residents.{row['year']}.{measure}"] = row[measure]
    compared = frames["Published tables"]
    for row in compared[compared["year"] == tables.ALL_YEARS].to_dict("records"):
        figures[f"{row['table']}.{row['indicator']}.error"] = row["error"]
        if row["table"] == "population":
            figures["population.national.error"] = row["published"] / row["true_value"] - 1
    return {name: value for name, value in figures.items() if not math.isnan(value)}


def _shown(title: str, frame: pd.DataFrame) -> Table:
    """A frame as a table: shares and errors in percent, counts with thousands separated."""
    shown = Table(title=title)
    for column in frame.columns:
        shown.add_column(column.replace("_", " "), justify="left" if frame[column].dtype == object else "right")
    for row in frame.itertuples(index=False):
        shown.add_row(*(_cell(value) for value in row))
    return shown


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.2%}"
    return str(value)
