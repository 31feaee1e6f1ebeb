"""Learning the parameters of the evidence from pairs that agree in something else than what they teach."""

import duckdb
import numpy as np
import pyarrow as pa

from migflow.registers import comparing as c
from migflow.registers import evidence as e
from migflow.registers import steps
from migflow.registers.comparing import Pairs
from migflow.registers.evidence import Evidence, Numbers

RANDOM_PAIRS = 1_000_000
SAMPLE = 50_000
SEED = 1
NAME_EQUAL, BIRTH_EQUAL, NUMBER_EQUAL = 3, 4, 2
# Shares of equal, near, wrong, housemate's and somebody else's numbers before any are seen.
FIRST_NUMBERS = (0.97, 0.015, 0.009, 0.003, 0.003)
# How probable the finest place stated, or the family's dwelling, is among a person's places before any are seen.
FIRST_PLACE = 0.7
PLACE_BELIEF = 5


def learn(con: duckdb.DuckDBPyConnection, seeds: Pairs, workers: int) -> Evidence:
    """Parameters from seed pairs (number, or names and birth date agree) and random pairs, places not yet."""
    best = _best(seeds)
    levels = best.levels
    by_number = levels[:, c.NUMBER] == NUMBER_EQUAL
    born_alike = levels[:, c.BIRTH] == BIRTH_EQUAL
    straight = levels[:, c.FIRST].astype(int) + levels[:, c.SURNAME]
    crossed = levels[:, c.FIRST_AS_SURNAME].astype(int) + levels[:, c.SURNAME_AS_FIRST]
    same_names = np.maximum(straight, crossed) == 2 * NAME_EQUAL
    exchanged = crossed > straight
    known = by_number & born_alike
    taught = {c.FIRST: known & ~exchanged, c.SURNAME: known & ~exchanged, c.BIRTH: by_number & same_names, c.SEX: known}
    m = {k: _shares(levels[taught[k], k], e.FIRST_M[e.KINDS[k]]) for k in taught}
    drawn = _random_pairs(con, workers)
    u = {k: _shares(drawn.levels[:, k], e.FIRST_U[e.KINDS[k]]) for k in taught}
    swapped = (exchanged & known & (crossed == 2 * NAME_EQUAL)).sum() + e.BELIEF * e.SWAPPED
    persons, surname, day = _relatives(con)
    return Evidence(
        m,
        u,
        _numbers(con, best.take(same_names & born_alike)),
        float(swapped / (known.sum() + e.BELIEF)),
        learn_places(np.empty(0, int), np.empty(0, int), np.empty(0, bool)),
        persons,
        surname,
        day,
    )


def learn_places(levels: np.ndarray, grades: np.ndarray, family: np.ndarray) -> np.ndarray:
    """m of places by finest place stated x family known x level, from the places of persons already linked."""
    m = np.empty((6, 2, 6))
    for grade in range(6):
        for known in (0, 1):
            possible = [level for level in range(6) if level <= grade and level != c.FAMILY]
            possible += [c.FAMILY] if known else []
            belief = np.full(6, 1e-6)
            belief[possible] = (1 - FIRST_PLACE) / len(possible)
            belief[max(possible)] += FIRST_PLACE
            counts = e.counted(levels[(grades == grade) & (family == bool(known))], 6)
            m[grade, known] = e.smoothed(counts, belief / belief.sum(), PLACE_BELIEF)
    return m


def _best(pairs: Pairs) -> Pairs:
    """Of each statement and person the writing that agrees best."""
    agreement = np.maximum(pairs.levels, 0).sum(axis=1)
    order = np.lexsort((pairs.writing, -agreement, pairs.person, pairs.statement))
    ordered = pairs.take(order)
    first = np.ones(len(ordered), bool)
    first[1:] = (ordered.statement[1:] != ordered.statement[:-1]) | (ordered.person[1:] != ordered.person[:-1])
    return ordered.take(first)


def _shares(levels: np.ndarray, belief: tuple[float, ...]) -> np.ndarray:
    return e.smoothed(e.counted(levels, len(belief)), belief)


def _random_pairs(con: duckdb.DuckDBPyConnection, workers: int) -> Pairs:
    """Pairs drawn from the open statements and the writings."""
    drawn = np.random.default_rng(SEED)

    def sample(table: str, column: str) -> np.ndarray:
        rows = con.sql(f"SELECT {column} FROM {table} ORDER BY hash({column}), {column} LIMIT {SAMPLE}")
        values: np.ndarray = rows.to_arrow_table()[column].to_numpy()
        return values

    statements, writings = sample("open_statements", "statement"), sample("writings", "writing")
    size = RANDOM_PAIRS if len(statements) and len(writings) else 0
    size = min(size, 20 * len(statements) * len(writings))
    chosen = {
        "statement": statements[drawn.integers(0, max(len(statements), 1), size)],
        "writing": writings[drawn.integers(0, max(len(writings), 1), size)],
    }
    con.register("drawn", pa.table(chosen))
    found = "SELECT d.statement, w.person, d.writing FROM drawn AS d JOIN writings AS w USING (writing)"
    pairs = c.identities(con, found, workers)
    con.unregister("drawn")
    return pairs


def _relatives(con: duckdb.DuckDBPyConnection) -> tuple[int, float, float]:
    """Persons in the registry, and shares of those who live with somebody of the same surname, or day of birth."""
    persons = int(con.execute("SELECT count(DISTINCT person) FROM writings").fetchall()[0][0])
    asked, surname, day = con.execute(steps.query("relatives"), {"persons": persons}).fetchall()[0]
    return (
        max(persons, 1),
        (surname + 0.6 * e.BELIEF) / (asked + e.BELIEF),
        (day + 0.02 * e.BELIEF) / (asked + e.BELIEF),
    )


def _numbers(con: duckdb.DuckDBPyConnection, exact: Pairs) -> Numbers:
    """What numbers are written by those whom names and birth date show, where only one person has these."""
    _, place, count = np.unique(exact.statement, return_index=True, return_counts=True)
    one = exact.take(place[count == 1])
    con.register(
        "known", pa.table({"statement": one.statement, "person": one.person, "level": one.levels[:, c.NUMBER]})
    )
    counts = np.asarray(con.execute(steps.query("number_kinds")).fetchall()[0], float)
    con.unregister("known")
    return Numbers(*map(float, e.smoothed(counts, FIRST_NUMBERS)))
