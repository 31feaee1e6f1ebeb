"""Statements linked to persons: by number, by exact names and birth date, by like names inside birth dates."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from migflow.registers import steps

# Agreement of birth dates whose day and month are exchanged; equal ones have 1, others 0.
SWAPPED_DATE = 0.8
# Jaro-Winkler above which two spellings are taken for one name: one typing error in five letters stays above it.
SAME_NAME = 0.82
# With number and birth date agreeing, a first name need only not contradict: other languages' spellings stay
# above it, the names of twins mostly below.
LIKE_NAME = 0.65
# Numbers are lent inside families, whose names are alike: where birth dates differ, names must agree better.
CLOSE_NAME = 0.9
# Of the fuzzy pass: both names like each other and together nearly equal, since some fifty persons share a birth date.
FUZZY_SCORE = 90.0
# A second person this close makes a fuzzy match a guess.
FUZZY_MARGIN = 4.0
PAIRS_AT_ONCE = 1_000_000
SCORED = pa.schema({"statement": pa.int64(), "person": pa.int64(), "score": pa.float64()})


@dataclass(frozen=True)
class Agreement:
    """How far pairs agree, as arrays from 0 to 1; names in the order that agrees better; birth NaN if not written."""

    first_name: np.ndarray
    surname: np.ndarray
    birth: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Mean agreement, 0 to 100; a birth date that is not written agrees with none."""
        birth = np.nan_to_num(self.birth)
        return np.round(100 * (self.first_name + self.surname + birth).astype(np.float64) / 3, 2)


@dataclass(frozen=True)
class Pass:
    """One way to link: pairs from sql/pairs_<pairs>.sql, those it accepts, and the lead a link needs."""

    name: str
    pairs: str
    accepts: Callable[[Agreement], np.ndarray]
    margin: float
    reason: str


def _number_agrees(a: Agreement) -> np.ndarray:
    weaker = np.minimum(a.first_name, a.surname)
    names = (weaker >= CLOSE_NAME) | ((weaker >= SAME_NAME) & np.isnan(a.birth))
    return names | ((a.birth > 0) & (a.first_name >= LIKE_NAME))


def _number_and_birth_date(a: Agreement) -> np.ndarray:
    return (a.birth == 1) & (np.maximum(a.first_name, a.surname) >= SAME_NAME)


def _nearly_equal(a: Agreement) -> np.ndarray:
    return (np.minimum(a.first_name, a.surname) >= SAME_NAME) & (a.score >= FUZZY_SCORE)


PASSES = (
    Pass("number", "number", _number_agrees, 0.01, "personal number, and names or birth date"),
    Pass("exact", "exact", lambda a: a.score >= 100, 0.01, "both names and birth date equal"),
    Pass(
        "fuzzy",
        "fuzzy",
        _nearly_equal,
        FUZZY_MARGIN,
        "names nearly equal, birth date equal or day and month exchanged",
    ),
    # Last, so that a twin's number yields to the twin's own names: diminutives, surnames not yet in the registry.
    Pass("number", "number", _number_and_birth_date, 0.01, "personal number, birth date and one name"),
)


def link(con: duckdb.DuckDBPyConnection, source: str, workers: int = 1) -> None:
    """Link each row of the table statements that has this source to at most one person of identities, pass by pass.

    Reads statements (statement, source, number, first_name, surname, birth_date, sex), identities (person and the
    same) and spellings (code, spelling, initial), names being codes. Adds to links (statement, person, pass, score,
    reason) and to undecided (statement): those for which a pass found several persons alike.
    """
    con.execute(
        "CREATE TABLE IF NOT EXISTS links (statement BIGINT, person BIGINT, pass VARCHAR, score DOUBLE, reason VARCHAR)"
    )
    con.execute("CREATE TABLE IF NOT EXISTS undecided (statement BIGINT)")
    spellings = con.execute("SELECT spelling FROM spellings ORDER BY code").fetchnumpy()["spelling"]
    for step in PASSES:
        con.execute(
            "CREATE OR REPLACE TABLE open_statements AS "
            "FROM (FROM statements WHERE source = $source) ANTI JOIN links USING (statement)",
            {"source": source},
        )
        _score_pairs(con, step, np.asarray(spellings, dtype=object), workers)
        con.execute(f"CREATE OR REPLACE TABLE chosen AS {steps.query('choose')}", {"margin": step.margin})
        con.execute(
            "INSERT INTO links SELECT statement, person, $pass, score, $reason FROM chosen WHERE clear",
            {"pass": step.name, "reason": step.reason},
        )
        con.execute("INSERT INTO undecided SELECT statement FROM chosen WHERE NOT clear")
        con.unregister("scored")


def _score_pairs(con: duckdb.DuckDBPyConnection, step: Pass, spellings: np.ndarray, workers: int) -> None:
    """Register the pairs a pass accepts as scored (statement, person, score)."""
    query = steps.query(f"pairs_{step.pairs}")
    pairs = con.sql(query, params={"swapped": SWAPPED_DATE} if "$swapped" in query else {})
    kept = [SCORED.empty_table()]
    for batch in pairs.to_arrow_reader(PAIRS_AT_ONCE):
        agreement = _agreement(batch, spellings, workers)
        scored = pa.table([batch["statement"], batch["person"], agreement.score], schema=SCORED)
        kept.append(scored.filter(pa.array(step.accepts(agreement))))
    con.register("scored", pa.concat_tables(kept))


def _agreement(batch: pa.RecordBatch, spellings: np.ndarray, workers: int) -> Agreement:
    columns = ("first_name", "surname", "person_first_name", "person_surname")
    first, last, person_first, person_last = (batch[c].to_numpy(zero_copy_only=False) for c in columns)

    def like(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return similarity(spellings, left, right, workers)

    straight = like(first, person_first), like(last, person_last)
    crossed = like(first, person_last), like(last, person_first)
    # Squares, so that one equal name tells more than two half-like ones.
    swap = crossed[0] ** 2 + crossed[1] ** 2 > straight[0] ** 2 + straight[1] ** 2
    birth = batch["birth"].to_numpy(zero_copy_only=False).astype(np.float32)
    return Agreement(np.where(swap, crossed[0], straight[0]), np.where(swap, crossed[1], straight[1]), birth)


def similarity(spellings: np.ndarray, left: np.ndarray, right: np.ndarray, workers: int) -> np.ndarray:
    """Jaro-Winkler similarity of spellings given by their codes, each distinct pair compared once.

    An empty spelling is like none, not even like another empty one.
    """
    scores = (spellings[left] != "").astype(np.float32)
    differ = left != right
    low = np.minimum(left, right)[differ].astype(np.int64)
    high = np.maximum(left, right)[differ].astype(np.int64)
    pairs, place = np.unique(low << 32 | high, return_inverse=True)
    compared = process.cpdist(
        spellings[pairs >> 32],
        spellings[pairs & 0xFFFFFFFF],
        scorer=JaroWinkler.normalized_similarity,
        dtype=np.float32,
        workers=workers,
    )
    scores[differ] = compared[place]
    return scores
