"""Links of the draws: each uncertain record to a candidate, to nobody, or to somebody who was never a candidate."""

import duckdb
import numpy as np
import pyarrow as pa

from migflow import transformations
from migflow.imputation import links, steps

# From this probability on a link is certain, as it is for the number pass (migflow.registers.linking.SURE).
CERTAIN = 0.999
# For how many declarations the model's own share of registered persons counts, as in migflow.registers.posterior.
BELIEF = 50
# Stand-ins are looked for among so many neighbours by age on each side, so many times.
NEIGHBOURS, ATTEMPTS = 15, 8
# How often records that asked for the same person as others ask again.
ROUNDS = 3
SEED = 1
READ = (
    "declared_residence",
    "moves",
    "municipal_residence",
    "person_links",
    "persons",
    "place_links",
    "residence_spells",
    "review_pairs",
)


def draw_links(con: duckdb.DuckDBPyConnection, country: str, seed: int = SEED) -> None:
    """Make link_draws (draw, source, record_id, person_id): the links that differ from person_links, draw by draw.

    Reads the tables of READ. country: code of the own country.
    """
    known: dict[str, object] = {"certain": CERTAIN, "country": country, "seed": seed}
    for name in ("candidates", "uncertain_records", "person_codes", "coded_candidates", "taken", "linked_ages"):
        steps.table(con, name, known)
    rng = np.random.default_rng(seed)
    found = links.draw(_uncertain(con, _unseen(con, known)), links.DRAWS, rng)
    record, draw = (index.ravel() for index in np.indices(found.shape))
    con.register("drawn", pa.table({"record": record, "draw": draw + 1, "person": found.ravel()}))
    _ask(con, found, rng)
    steps.table(con, "fitting_movers", known)
    con.execute("CREATE TABLE known_movers (draw BIGINT, record BIGINT, person_id VARCHAR)")
    for _ in range(ROUNDS):
        con.execute(f"INSERT INTO known_movers {steps.query('known_movers')}")
    for name in ("residents", "stand_ins", "link_draws"):
        steps.table(con, name, known)


def _unseen(con: duckdb.DuckDBPyConnection, known: dict[str, object]) -> np.ndarray:
    """Of each uncertain record the probability that, if none of its candidates, it means somebody registered.

    Who has a number from birth leaves it out whether registered or not: so as many of those without a number should be
    linked as of those with one, and what the candidates leave of that is spread over the rest of the probability.
    """
    query = steps.query("expected_registered")
    rows = con.execute(query, transformations.used(query, known)).fetchall()
    counts = {numbered: (records, linked) for numbered, records, linked in rows}
    records, linked = counts.get(False, (0, 0.0))
    numbered, registered = counts.get(True, (0, 0.0))
    share = (registered + BELIEF * linked / records) / (numbered + BELIEF) if records else 0.0
    found = con.sql("SELECT born_with_number AND NOT numbered AS asked, seen FROM uncertain_records ORDER BY record")
    columns = found.fetchnumpy()
    rest = float((1 - columns["seen"][columns["asked"]]).sum())
    missed = max(share * records - linked, 0.0)
    return np.where(columns["asked"], min(missed / rest, 1.0) if rest else 0.0, 0.0)


def _uncertain(con: duckdb.DuckDBPyConnection, unseen: np.ndarray) -> links.Uncertain:
    """The uncertain records with their candidates side by side."""
    pairs = con.sql("SELECT record, place, code, probability FROM coded_candidates").fetchnumpy()
    width = int(pairs["place"].max(initial=-1)) + 1
    person = np.full((len(unseen), width), links.NOBODY)
    probability = np.zeros((len(unseen), width))
    person[pairs["record"], pairs["place"]] = pairs["code"]
    probability[pairs["record"], pairs["place"]] = pairs["probability"]
    # Probabilities are rounded: several may add up to more than 1.
    probability /= np.maximum(probability.sum(axis=1, keepdims=True), 1)
    counter = con.sql("SELECT coalesce(counter_code, -1) AS code FROM uncertain_records ORDER BY record").fetchnumpy()
    taken = con.sql("SELECT counter_code, code FROM taken").fetchnumpy()
    return links.Uncertain(
        person, probability, unseen, counter["code"], np.column_stack([taken["counter_code"], taken["code"]])
    )


def _ask(con: duckdb.DuckDBPyConnection, found: np.ndarray, rng: np.random.Generator) -> None:
    """Make unknown: of each draw the records of somebody unseen, with an age to look for and places to look at."""
    record, draw = np.nonzero(found == links.UNSEEN)
    ages = con.sql("SELECT kind, sex, days FROM linked_ages ORDER BY ALL").fetchnumpy()
    asked = con.sql("SELECT kind, sex FROM uncertain_records ORDER BY record").fetchnumpy()
    days = np.full(len(record), -1)
    of_record = np.char.add(asked["kind"][record].astype(str), asked["sex"][record].astype(str))
    of_age = np.char.add(ages["kind"].astype(str), ages["sex"].astype(str))
    for group in np.unique(of_record):
        known = ages["days"][of_age == group]
        if len(known):
            days[of_record == group] = rng.choice(known, int((of_record == group).sum()))
    places = pa.FixedSizeListArray.from_arrays(
        rng.integers(-NEIGHBOURS, NEIGHBOURS + 1, len(record) * ATTEMPTS), ATTEMPTS
    )
    con.register("asked", pa.table({"record": record, "draw": draw + 1, "days": days, "steps": places}))
    steps.table(con, "unknown")
