"""Areas as they were on a date: territorial changes, and statistics carried from one date's areas to another's."""

import datetime as dt
import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from migflow.countries import Country
from migflow.errors import MigflowError
from migflow.standardise import place_names

FILE = "area_changes.csv"
COLUMNS = ("date", "old", "new", "kind", "population")
# remainder: what stays of an area that gives part away; created and transferred: what goes to a new or another one.
KINDS = ("created", "transferred", "merged", "recoded", "renamed", "remainder")

Weights = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Change:
    """People (population, None if not known) of the area old belong to the area new from a date on."""

    date: dt.date
    old: str
    new: str
    kind: str
    population: int | None


@dataclass(frozen=True)
class History:
    """current: area codes of today; changes: by date; source: the file to name in errors."""

    current: frozenset[str]
    changes: tuple[Change, ...]
    source: str = FILE

    @property
    def ever(self) -> frozenset[str]:
        """Every code there has been."""
        return self.current | {code for c in self.changes for code in (c.old, c.new)}

    @functools.cached_property
    def dates(self) -> tuple[dt.date, ...]:
        """Days on which areas changed."""
        return tuple(sorted({change.date for change in self.changes}))

    def on(self, date: dt.date) -> tuple[Change, ...]:
        """The changes of one day."""
        return tuple(change for change in self.changes if change.date == date)

    def codes(self, date: dt.date) -> frozenset[str]:
        """Codes of the areas that there were on a date."""
        codes = set(self.current)
        for day in reversed(self.dates):
            if day > date:
                changes = self.on(day)
                codes = codes - {c.new for c in changes} | {c.old for c in changes}
        return frozenset(codes)

    def weights(self, since: dt.date, to: dt.date, codes: Collection[str] | None = None) -> Weights:
        """For each area there was on `since`, or each given one, the areas of the date `to` that share its people.

        Shares add up to 1: several areas share in proportion to the population that changed hands, forwards and
        backwards in time. MigflowError if that has to be known and is not.
        """
        there = self.codes(since)
        found: Weights = {code: {code: 1.0} for code in sorted(there if codes is None else there & set(codes))}
        forward = since <= to
        for day in self.dates if forward else reversed(self.dates):
            if min(since, to) < day <= max(since, to):
                found = {code: self._across(shares, day, forward) for code, shares in found.items()}
        return found

    def _across(self, shares: Mapping[str, float], day: dt.date, forward: bool) -> dict[str, float]:
        """Shares of areas on one side of a day's changes -> shares of those on the other side."""
        pairs: dict[str, dict[str, int | None]] = {}
        for c in self.on(day):
            start, end = (c.old, c.new) if forward else (c.new, c.old)
            pairs.setdefault(start, {})[end] = c.population
        out: dict[str, float] = {}
        for code, share in shares.items():
            for end, weight in self._shares(code, pairs.get(code, {code: None}), day).items():
                out[end] = out.get(end, 0.0) + share * weight
        return dict(sorted(out.items()))

    def _shares(self, start: str, ends: Mapping[str, int | None], day: dt.date) -> dict[str, float]:
        if len(ends) == 1:
            return dict.fromkeys(ends, 1.0)
        known = {end: population for end, population in sorted(ends.items()) if population is not None}
        if len(known) < len(ends) or not sum(known.values()):
            raise MigflowError(
                f"{self.source}: {start} has people of {', '.join(sorted(ends))} on {day}, and how many is not known. "
                f"Fill in population in those rows, choose a date on the same side of {day}, or take the areas "
                "that both dates have in common (migflow regroup --unions, comparable())."
            )
        return {end: population / sum(known.values()) for end, population in known.items()}

    def comparable(self, dates: Collection[dt.date]) -> dict[str, str]:
        """Each code there was on any of the dates -> the first code of its group; groups have kept their borders.

        The finest areas over which figures of all the dates compare without any weight.
        """
        groups: dict[str, str] = {code: code for date in dates for code in self.codes(date)}
        for change in self.changes:
            if min(dates) < change.date <= max(dates):
                for code in (change.old, change.new):
                    groups.setdefault(code, code)
                joined = {groups[change.old], groups[change.new]}
                groups = {code: min(joined) if first in joined else first for code, first in groups.items()}
        return dict(sorted(groups.items()))


@functools.lru_cache(maxsize=8)
def history(country: Country) -> History:
    """Territorial changes of a profile's municipalities; MigflowError names the line of area_changes.csv."""
    path = country.folder / FILE
    changes = [_change(path, line, row) for line, row in enumerate(place_names.rows(path, COLUMNS), start=2)]
    found = History(frozenset(area.code for area in country.municipalities), tuple(changes), str(path))
    _check(found)
    return found


def _change(path: Path, line: int, row: Mapping[str, str]) -> Change:
    try:
        date = dt.date.fromisoformat(row["date"])
        population = int(row["population"]) if row["population"] else None
    except ValueError as error:
        raise MigflowError(f"{path}, line {line}: {error}.") from error
    if row["kind"] not in KINDS:
        raise MigflowError(f"{path}, line {line}: the kind {row['kind']!r} is none of {', '.join(KINDS)}.")
    if population is not None and population < 0:
        raise MigflowError(f"{path}, line {line}: population {population} is negative.")
    return Change(date, row["old"], row["new"], row["kind"], population)


def _check(found: History) -> None:
    """What cannot be: an area that changed and is not there, or one that appears where it already was."""
    after = set(found.current)
    for day in reversed(found.dates):
        changes = found.on(day)
        olds, news = {c.old for c in changes}, {c.new for c in changes}
        if missing := sorted(news - after):
            raise MigflowError(
                f"{found.source}: {missing[0]} comes about on {day}, but neither areas.csv nor a later row has it."
            )
        if hidden := sorted((after - news) & olds):
            raise MigflowError(
                f"{found.source}: {hidden[0]} ends on {day} and is there afterwards. If it goes on, add the row "
                f"{day},{hidden[0]},{hidden[0]},remainder with the population that stays."
            )
        if len({(c.old, c.new) for c in changes}) < len(changes):
            raise MigflowError(f"{found.source}: on {day} the same old and new code stand in two rows.")
        after = after - news | olds


def geography(country: Country, date: dt.date) -> frozenset[str]:
    """Codes of the municipalities that there were on a date."""
    return history(country).codes(date)


def mapping(country: Country, dates: Iterable[dt.date], to: dt.date, codes: Collection[str] | None = None) -> pa.Table:
    """Columns date, code, area, weight: what municipalities (all or the given) of each date are on the date `to`."""
    rows = [
        {"date": date, "code": code, "area": area, "weight": weight}
        for date in sorted(set(dates))
        for code, shares in history(country).weights(date, to, codes).items()
        for area, weight in shares.items()
    ]
    types = (("date", pa.date32()), ("code", pa.string()), ("area", pa.string()), ("weight", pa.float64()))
    return pa.Table.from_pylist(rows, schema=pa.schema(types))


def regroup(
    con: duckdb.DuckDBPyConnection,
    query: str,
    country: Country,
    to: dt.date,
    columns: Sequence[str] = ("area",),
    observed_on: str = "make_date(CAST(time_period AS INTEGER), 1, 1)",
) -> pa.Table:
    """The rows of a statistic with its area columns in the geography of the date `to`, and obs_value summed anew.

    observed_on: SQL expression for the date whose geography a row's areas are of. Codes that never were an area of the
    profile (totals, countries) stay. Only for counts: rates and shares have to be worked out again from them.
    MigflowError if a code was no area on the date of its row.
    """
    observed = f"SELECT *, {observed_on} AS observed_on FROM ({query})"
    seen = " UNION ".join(f"SELECT {column} AS code, observed_on FROM ({observed})" for column in columns)
    cells = con.sql(f"{seen} ORDER BY ALL").fetchall()
    _refuse_anachronisms(history(country), cells)
    dates, codes = {day for _, day in cells}, {code for code, _ in cells}
    con.register("area_mapping", mapping(country, dates, to, codes))
    joins = " ".join(
        f"LEFT JOIN area_mapping AS m{i} ON m{i}.code = o.{column} AND m{i}.date = o.observed_on"
        for i, column in enumerate(columns)
    )
    regrouped = ", ".join(f"coalesce(m{i}.area, o.{column}) AS {column}" for i, column in enumerate(columns))
    weight = " * ".join(f"coalesce(m{i}.weight, 1)" for i in range(len(columns)))
    # Sums of decimals do not depend on the order of rows.
    value = f"CAST(sum(CAST(o.obs_value * {weight} AS DECIMAL(28, 9))) AS DOUBLE) AS obs_value"
    regrouped_rows = con.sql(
        f"SELECT o.* EXCLUDE (observed_on) REPLACE ({regrouped}, {value}) FROM ({observed}) AS o {joins} "
        "GROUP BY ALL ORDER BY ALL"
    ).to_arrow_table()
    con.unregister("area_mapping")
    return regrouped_rows


def _refuse_anachronisms(known: History, cells: Iterable[tuple[str, dt.date]]) -> None:
    for code, day in cells:
        if code in known.ever and code not in known.codes(day):
            raise MigflowError(
                f"Area {code} stands in figures of {day}, when there was no such area by {known.source}. Give the date "
                "whose areas the figures are of (observed_on), or correct the date of the change."
            )
