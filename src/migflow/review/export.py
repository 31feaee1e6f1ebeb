"""The workbook that goes to the people who review: uncertain pairs, both records side by side, what speaks for it."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from migflow import contracts, countries
from migflow.errors import MigflowError
from migflow.output_files import writing
from migflow.review import decisions
from migflow.review.decisions import Pair
from migflow.review.workbook import MOST_ROWS, Row, write
from migflow.standardise import areas
from migflow.store import Store

TABLE = "review_pairs"
PERSON = "person_"


@dataclass(frozen=True)
class Exported:
    """How many pairs went out, of how many records."""

    pairs: int
    records: int


def export(
    store: Store, out: Path, *, limit: int | None = None, municipalities: Sequence[str] = (), decided: bool = False
) -> Exported:
    """Write the pairs to be reviewed as an XLSX file, unless there are none; it holds personal data.

    limit: stop at the record with which so many pairs are reached, those most in doubt first; municipalities: codes
    or names of those whose records are asked for; decided: also pairs decided before. Raises MigflowError if there is
    no table of pairs, if the file exists, or if a sheet cannot hold them.
    """
    _check(store, out)
    with store.session(TABLE) as con:
        con.execute(f"CREATE TABLE chosen_records AS {_chosen(store, con, municipalities)}")
        con.register("decisions", decisions.read(store.home))
        query = (Path(__file__).parent / "sql" / "pairs_asked.sql").read_text(encoding="utf-8")
        pairs: pa.Table = con.sql(query, params={"decided": decided, "most": limit}).to_arrow_table()
    if len(pairs) > MOST_ROWS:
        raise MigflowError(f"{len(pairs):,} pairs are more than a sheet holds: use --limit or --municipality.")
    rows = pairs.to_pylist()
    if rows:
        comparisons = _comparisons(rows)
        with writing(out) as aside:
            write(aside, _sides(), comparisons, (_row(row, comparisons) for row in rows))
    return Exported(len(rows), len({(row["source"], row["record_id"]) for row in rows}))


def _check(store: Store, out: Path) -> None:
    if not store.files(TABLE):
        raise MigflowError(f"{store.home} holds no pairs for review yet: migflow run makes them.")
    if out.suffix.lower() != ".xlsx":
        raise MigflowError(f"--out {out}: expected a name that ends in .xlsx.")
    if out.exists():
        raise MigflowError(
            f"{out} exists, and decisions filled into it would be lost. Import and remove it, or name another file."
        )
    if not out.parent.is_dir():
        raise MigflowError(f"--out {out}: there is no folder {out.parent}.")


def _chosen(store: Store, con: duckdb.DuckDBPyConnection, municipalities: Sequence[str]) -> str:
    """SELECT of (source, record_id): records of these municipalities, all if none is named."""
    if not municipalities:
        return f"SELECT DISTINCT source, record_id FROM {TABLE}"
    codes = ", ".join(f"'{code}'" for code in _codes(store, municipalities))
    sources = [source for (source,) in con.execute(f"SELECT DISTINCT source FROM {TABLE}").fetchall()]
    for source in sources:
        store.view(con, source)
    found = [f"SELECT '{s}' AS source, record_id FROM {s} WHERE municipality IN ({codes})" for s in sources]
    return " UNION ".join(found) or f"SELECT source, record_id FROM {TABLE}"


def _codes(store: Store, municipalities: Sequence[str]) -> list[str]:
    """Area codes of municipalities given by code or by any known name; MigflowError tells which are unknown."""
    country = countries.load(store.settings.country)
    codes = {area.code for area in country.municipalities}
    places = areas.resolve(municipalities, country)
    # What a name resembles is not what was asked for.
    exact = {m: place.code for m, place in zip(municipalities, places, strict=True) if place.score == 100}
    found = {m: m if m in codes else exact.get(m) for m in municipalities}
    if unknown := [m for m, code in found.items() if code not in codes]:
        known = ", ".join(f"{area.code} {area.name}" for area in country.municipalities)
        raise MigflowError(f"--municipality {', '.join(unknown)}: expected one of {known}.")
    return sorted(codes & set(found.values()))


def _sides() -> dict[str, str]:
    """Columns that stand side by side, the record's -> what the column holds, from the contract."""
    columns = {c.name: c for c in contracts.load(TABLE).columns}
    return {
        name: column.description
        for declared, known in ((n, PERSON + n) for n in columns if PERSON + n in columns)
        for name, column in ((declared, columns[declared]), (known, columns[known]))
    }


def _comparisons(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Names of all comparisons that contribute to any pair, in the order they first occur."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(_contributions(row)))
    return list(names)


def _contributions(row: dict[str, Any]) -> dict[str, float]:
    return dict(json.loads(row["contributions"])) if row["contributions"] else {}


def _row(row: dict[str, Any], comparisons: Sequence[str]) -> Row:
    contributions = _contributions(row)
    given_on: dt.date | None = row["given_on"]
    return Row(
        pair=Pair(row["source"], row["record_id"], row["person_id"]),
        values=row,
        weights=[row["match_weight"], row["match_probability"], *(contributions.get(name) for name in comparisons)],
        given=[row["given_decision"], row["given_by"], given_on, row["given_note"]],
    )
