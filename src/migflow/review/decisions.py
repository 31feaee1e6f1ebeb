"""Decisions of clerical review: kept in one file of the home, by pair, whatever the model makes of the pair later."""

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from migflow import provenance
from migflow.errors import MigflowError
from migflow.store import Store, put_in_place

SAME, DIFFERENT = "same", "different"
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("record_id", pa.string()),
        ("person_id", pa.string()),
        ("decision", pa.string()),
        ("decided_by", pa.string()),
        ("decided_on", pa.date32()),
        ("note", pa.string()),
    ]
)


@dataclass(frozen=True, order=True)
class Pair:
    """A record of a source and a person."""

    source: str
    record_id: str
    person_id: str

    @property
    def pair_id(self) -> str:
        """A short name that tells nothing of either, and tells when parts of two pairs were mixed up."""
        return "R" + hashlib.sha256("\n".join((self.source, self.record_id, self.person_id)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Decision:
    """What somebody decided of a pair: same or different, who, on which day."""

    pair: Pair
    decision: str
    decided_by: str
    decided_on: dt.date
    note: str | None = None


def file(home: Path) -> Path:
    """Where the decisions of a home lie."""
    return home / "review" / "decisions.parquet"


def read(home: Path) -> pa.Table:
    """The decisions in force, one row a pair, sorted: columns of SCHEMA; MigflowError if the file is damaged."""
    path = file(home)
    if not path.is_file():
        return SCHEMA.empty_table()
    try:
        return pq.read_table(path, schema=SCHEMA)
    except (pa.ArrowException, OSError) as error:
        raise MigflowError(f"{path} is not a file of decisions ({error}). Put its last backup in its place.") from None


def load(home: Path) -> dict[Pair, Decision]:
    """The decisions in force by pair."""
    rows = ((Pair(r["source"], r["record_id"], r["person_id"]), r) for r in read(home).to_pylist())
    return {pair: Decision(pair, r["decision"], r["decided_by"], r["decided_on"], r["note"]) for pair, r in rows}


def save(home: Path, decisions: Iterable[Decision]) -> None:
    """Put these decisions in the place of all earlier ones; whole or not at all. Same decisions, same bytes."""
    rows = [
        {**vars(d.pair), "decision": d.decision, "decided_by": d.decided_by, "decided_on": d.decided_on, "note": d.note}
        for d in sorted(decisions, key=lambda d: d.pair)
    ]
    # Where the next run sweeps away what a killed process leaves.
    staging = home / "store" / ".staging"
    staging.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=staging, prefix="decisions-") as folder:
        staged = Path(folder) / file(home).name
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), staged)
        put_in_place(staged, file(home))


def digest(home: Path) -> str:
    """Hash of the decisions, for the provenance of what is made with them."""
    return provenance.sha256_file(file(home)) if file(home).is_file() else "empty"


def waiting(store: Store) -> bool:
    """Whether decisions changed since the stored links were made; without links nothing waits for them."""
    followed = [
        json.loads(text)["inputs"].get("decisions")
        for path in store.files("person_links")
        if (text := provenance.recorded(pq.read_metadata(path)))
    ]
    return bool(followed) and followed != [digest(store.home)]


def without_effect(store: Store) -> list[str]:
    """Ids of decided pairs that the stored links do not follow: the record or the person is there no more."""
    query = (Path(__file__).parent / "sql" / "without_effect.sql").read_text(encoding="utf-8")
    with store.session("persons", "person_links") as con:
        con.register("decisions", read(store.home))
        found = con.execute(query).fetchall()
    return [Pair(*row).pair_id for row in found]
