"""Decisions as they come back: all of a file are taken, or none and every reason why."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migflow.errors import MigflowError
from migflow.review import decisions, filled
from migflow.review.decisions import DIFFERENT, SAME, Decision, Pair
from migflow.review.export import TABLE
from migflow.review.filled import FilledRow
from migflow.review.workbook import UNSURE
from migflow.store import Store

MOST_SHOWN = 100
Decided = dict[Pair, Decision]


@dataclass(frozen=True)
class Imported:
    """What became of a file: decisions that are new, replace or withdraw earlier ones, or were known; other rows."""

    new: int
    replaced: int
    withdrawn: int
    known: int
    unsure: int
    open: int


class RefusedError(MigflowError):
    """A file of decisions with something wrong in it; nothing of it was taken."""

    def __init__(self, path: Path, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        lines = [f"{path}: nothing was taken; {len(reasons):,} to put right.", *reasons[:MOST_SHOWN]]
        if len(reasons) > MOST_SHOWN:
            lines.append(f"... and {len(reasons) - MOST_SHOWN:,} more.")
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class _Statement:
    """What a row says of its pair; decision is None where it says unsure."""

    row: int
    pair: Pair
    decision: Decision | None

    @property
    def says(self) -> str:
        return self.decision.decision if self.decision else UNSURE

    @property
    def name(self) -> str:
        return f"row {self.row}, pair {self.pair.pair_id}"


def import_decisions(store: Store, path: Path, *, on: dt.date | None = None, replace: bool = False) -> Imported:
    """Add the decisions of a filled-in XLSX or CSV file to those of the home.

    on: day of the decisions whose row has none; replace: the file outranks what was decided before. A decision that
    is known already stays as it is, with who took it first. Raises RefusedError with all reasons, by row and pair.
    """
    rows = filled.read(path)
    earlier = decisions.load(store.home)
    said, reasons = _statements(rows, on)
    reasons += _unknown(said, _pairs(store) | earlier.keys())
    reasons += _contradictions(said)
    if not replace:
        reasons += _against_earlier(said, earlier)
    if reasons:
        raise RefusedError(path, reasons)
    later = _applied(said, earlier)
    if later != earlier:
        decisions.save(store.home, later.values())
    return _counted(said, earlier, later, len(rows))


def _statements(rows: Iterable[FilledRow], on: dt.date | None) -> tuple[list[_Statement], list[str]]:
    """What the rows with a decision say, and what is wrong with those that cannot be understood."""
    said, reasons = [], []
    for row in rows:
        if not row["decision"]:
            continue
        pair = Pair(row["source"], row["record_id"], row["person_id"])
        if row["pair_id"] != pair.pair_id:
            reasons.append(
                f"row {row.number}: pair_id does not belong to this source, record_id and person_id. "
                "Cells were changed, or columns sorted apart: put them back, or fill in a new export."
            )
            continue
        wrong = _wrong(row, on)
        reasons += [f"row {row.number}, pair {pair.pair_id}, {reason}" for reason in wrong]
        if not wrong:
            said.append(_Statement(row.number, pair, _decision(row, pair, on)))
    return said, reasons


def _wrong(row: FilledRow, on: dt.date | None) -> list[str]:
    """What is missing or misspelt in the decision of a row; its texts are not repeated, they may be personal."""
    decision = row["decision"].casefold()
    if decision == UNSURE:
        return []
    wrong = []
    if decision not in (SAME, DIFFERENT):
        wrong.append(f"column decision: expected {SAME}, {DIFFERENT}, {UNSURE} or nothing.")
    if not row["decided_by"]:
        wrong.append("column decided_by: empty; it must say who decided.")
    if row["decided_on"] and _day(row["decided_on"]) is None:
        wrong.append("column decided_on: expected a day as YYYY-MM-DD.")
    if not row["decided_on"] and on is None:
        wrong.append("column decided_on: empty; fill it in, or give one day for all with --on YYYY-MM-DD.")
    return wrong


def _decision(row: FilledRow, pair: Pair, on: dt.date | None) -> Decision | None:
    day = _day(row["decided_on"]) or on
    if row["decision"].casefold() == UNSURE or day is None:
        return None
    return Decision(pair, row["decision"].casefold(), row["decided_by"], day, row["note"] or None)


def _day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None


def _pairs(store: Store) -> set[Pair]:
    with store.session(TABLE) as con:
        return {Pair(*row) for row in con.execute(f"SELECT source, record_id, person_id FROM {TABLE}").fetchall()}


def _unknown(said: Iterable[_Statement], known: set[Pair]) -> list[str]:
    return [
        f"{s.name}: no pair for review any more, since a later run decides it otherwise or lacks it. "
        "Empty its decision, or fill in a new export."
        for s in said
        if s.pair not in known
    ]


def _contradictions(said: Sequence[_Statement]) -> list[str]:
    """Pairs of which the file says two things, and records that it declares the same as two persons."""
    reasons = []
    by_pair: dict[Pair, list[_Statement]] = defaultdict(list)
    by_record: dict[tuple[str, str], dict[str, _Statement]] = defaultdict(dict)
    for s in said:
        by_pair[s.pair].append(s)
        if s.says == SAME:
            by_record[s.pair.source, s.pair.record_id].setdefault(s.pair.person_id, s)
    for pair, all_said in by_pair.items():
        if len({s.says for s in all_said}) > 1:
            told = ", ".join(f"{s.says} in row {s.row}" for s in all_said)
            reasons.append(f"pair {pair.pair_id}: the file contradicts itself, {told}. Leave one.")
    for persons in by_record.values():
        if len(persons) > 1:
            named = " and ".join(s.name for s in persons.values())
            reasons.append(f"{named}: one record declared the {SAME} as {len(persons)} persons. Leave one.")
    return reasons


def _against_earlier(said: Iterable[_Statement], earlier: Decided) -> list[str]:
    reasons = []
    links = _links(earlier)
    for s in said:
        before = earlier.get(s.pair)
        if before and before.decision != s.says:
            reasons.append(f"{s.name}: {s.says}, but {_known(before)}. --replace takes the new one.")
        other = links.get((s.pair.source, s.pair.record_id))
        if s.says == SAME and other and other.pair != s.pair:
            reasons.append(
                f"{s.name}: {SAME}, but of the pair {other.pair.pair_id}, the same record with another person, "
                f"{_known(other)}. --replace takes the new one."
            )
    return reasons


def _links(known: Decided) -> dict[tuple[str, str], Decision]:
    """The decision of each record that is decided to be the same as a person."""
    return {(d.pair.source, d.pair.record_id): d for d in known.values() if d.decision == SAME}


def _known(decision: Decision) -> str:
    return f"{decision.decision} was decided on {decision.decided_on.isoformat()}"


def _applied(said: Sequence[_Statement], earlier: Decided) -> Decided:
    """The decisions in force once the file is taken; a record now the same as one person is so with no other."""
    later = dict(earlier)
    links = _links(earlier)
    for s in said:
        other = links.get((s.pair.source, s.pair.record_id))
        if s.says == SAME and other and other.pair != s.pair and later.get(other.pair) == other:
            del later[other.pair]
        if s.decision is None:
            later.pop(s.pair, None)
        elif s.pair not in later or later[s.pair].decision != s.says:
            later[s.pair] = s.decision
    return later


def _counted(said: Sequence[_Statement], earlier: Decided, later: Decided, rows: int) -> Imported:
    changed = {pair for pair in earlier.keys() & later.keys() if earlier[pair] != later[pair]}
    decided: Mapping[Pair, Decision] = {s.pair: s.decision for s in said if s.decision}
    return Imported(
        new=len(later.keys() - earlier.keys()),
        replaced=len(changed),
        withdrawn=len(earlier.keys() - later.keys()),
        known=len(decided.keys() & earlier.keys() - changed),
        unsure=sum(s.decision is None for s in said),
        open=rows - len(said),
    )
