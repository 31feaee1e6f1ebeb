"""Statements linked to persons in passes: number with agreement, probabilistic, with the household declared."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from migflow.registers import comparing, evidence, steps, training
from migflow.registers.comparing import DWELLING, FAMILY, Pairs, Shares
from migflow.registers.evidence import Evidence
from migflow.registers.posterior import REGISTERED, Posterior, posterior, registered_shares
from migflow.registers.reasons import reasons_of

# A link is made where it is more likely right than wrong: that maximises the expected F1 of calibrated probabilities
# when nearly all statements can be linked (the best threshold is half of the F1 reached: Lipton and others, 2014).
LINK = 0.5
# The number pass has not seen the other candidates, so it takes only what they could hardly change.
SURE = 0.999
# Households are gone through again as long as links are found, since each is context for the others.
HOUSEHOLD_ROUNDS = 3
# Pairs that no place in common could make probable are not looked up.
HOPELESS = -10.0
# Pairs kept for clerical review and for the reasons of what is not linked.
REVIEW = 0.05
# Of each statement those who live with the owner of its number, and with how many.
HOUSEMATES = "SELECT statement, person, count(*) OVER (PARTITION BY statement) AS persons FROM lent"
LINKS = "statement BIGINT, person BIGINT, writing BIGINT, pass VARCHAR, match_weight DOUBLE, reason VARCHAR"
WRITINGS = (
    "writing BIGINT, person BIGINT, number VARCHAR, first_name BIGINT, surname BIGINT, birth_date DATE, sex VARCHAR, "
    "first_spelling VARCHAR, surname_spelling VARCHAR"
)
WEIGHED = (
    "statement BIGINT, person BIGINT, writing BIGINT, match_weight DOUBLE, names DOUBLE, birth_date DOUBLE, "
    "sex DOUBLE, number DOUBLE, repeated DOUBLE, place DOUBLE, prior DOUBLE"
)


@dataclass
class Weighed:
    """Pairs of statements and persons, one a person, with the weight that each comparison contributes."""

    pairs: Pairs
    parts: dict[str, np.ndarray]
    places: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """log2 likelihood ratio of each pair."""
        total: np.ndarray = np.sum(list(self.parts.values()), axis=0)
        return total

    def take(self, chosen: np.ndarray) -> "Weighed":
        """Some of the pairs."""
        parts = {name: part[chosen] for name, part in self.parts.items()}
        return Weighed(self.pairs.take(chosen), parts, self.places[chosen])


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """Make links, weighed and excluded (statement, person) from decided_pairs: what people decided comes first."""
    con.execute(f"CREATE TABLE links ({LINKS})")
    con.execute(f"CREATE TABLE weighed ({WEIGHED})")
    con.execute(f"CREATE TABLE writings ({WRITINGS})")
    con.execute(
        "INSERT INTO links SELECT statement, person, NULL, 'review', NULL, 'decided in review' FROM decided_pairs "
        "WHERE decision = 'same'"
    )
    con.execute("CREATE TABLE excluded AS SELECT statement, person FROM decided_pairs WHERE decision = 'different'")


def link(con: duckdb.DuckDBPyConnection, source: str, workers: int = 1) -> Evidence:
    """Link each row of the table statements that has this source to at most one person of identities, pass by pass.

    After begin. Reads statements, stated_places, companions, identities, homes and spellings; adds to
    links (statement, person, writing, pass, match_weight, reason) and to weighed (statement, person, writing,
    match_weight and the weight of each comparison), which has the probable pairs and the best of each statement.
    Returns what was learnt.
    """
    con.execute(f"INSERT INTO writings {steps.query('writings')}")
    con.execute("CREATE OR REPLACE VIEW stated AS FROM stated_places")
    _open(con, source, "ANTI JOIN links USING (statement)")
    seeds = comparing.identities(con, steps.query("seed_pairs"), workers)
    found = training.learn(con, seeds, workers)
    found = evidence.with_repeated(found, _by_number(con, seeds, found))
    _open(con, source, "ANTI JOIN links USING (statement)")
    found, registered = _probabilistic(con, source, found, workers)
    for _ in range(HOUSEHOLD_ROUNDS):
        if not _with_household(con, source, found, registered, workers):
            break
    return found


def _open(con: duckdb.DuckDBPyConnection, source: str, condition: str = "") -> None:
    con.execute(
        f"CREATE OR REPLACE TABLE open_statements AS FROM (FROM statements WHERE source = $source) {condition}",
        {"source": source},
    )


def _best_writings(pairs: Pairs, parts: dict[str, np.ndarray]) -> Weighed:
    """Of each statement and person the writing of the highest weight."""
    weight = np.sum(list(parts.values()), axis=0)
    change = (pairs.statement[1:] != pairs.statement[:-1]) | (pairs.person[1:] != pairs.person[:-1])
    starts = np.flatnonzero(np.concatenate([[True], change])) if len(pairs) else np.empty(0, int)
    sizes = np.diff(np.append(starts, len(pairs)))
    highest = np.maximum.reduceat(weight, starts) if len(pairs) else weight
    equal = np.flatnonzero(weight == np.repeat(highest, sizes))
    group = np.repeat(np.arange(len(starts)), sizes)[equal]
    chosen = equal[np.concatenate([[True], group[1:] != group[:-1]])] if len(pairs) else equal
    everything = Weighed(pairs, parts, np.full(len(pairs), -1, np.int8))
    return everything.take(chosen)


def _by_number(con: duckdb.DuckDBPyConnection, seeds: Pairs, found: Evidence) -> float:
    """Link where number and names or birth date leave no room for the number being lent or mistyped.

    Returns the share of one person among pairs declared together.
    """
    shares = comparing.shares(con)
    pairs = seeds.take(seeds.levels[:, comparing.NUMBER] == training.NUMBER_EQUAL)
    parts = evidence.identity(found, pairs, shares)
    parts["number"] = evidence.number(found, pairs, shares, np.zeros(len(pairs)))
    weighed = _best_writings(pairs, parts)
    at = shares.rows(weighed.pairs.statement)
    kin = evidence.kin(found, weighed.pairs.levels, at, shares)
    numbers = found.numbers
    # Against it stands that somebody else gave this number, a housemate or a stranger.
    lent = (numbers.other + numbers.housemate * kin) / numbers.lent
    nobody = 1 + REGISTERED / (1 - REGISTERED) * lent
    decided = posterior(weighed.pairs.statement, weighed.total, np.full(len(at), REGISTERED), nobody, found.persons)
    linked = _linked(weighed, decided, shares, SURE)
    # Another first name may be a diminutive, or the number a twin's: that is decided where both are compared.
    first = weighed.pairs.levels[:, [comparing.FIRST, comparing.SURNAME_AS_FIRST]].max(axis=1)
    _keep(con, "number", weighed, decided, linked & (first >= 1))
    same, pairs_together = con.execute(steps.query("repeated")).fetchall()[0]
    con.unregister("decided")
    return float((same + 0.5) / (pairs_together + evidence.BELIEF))


def _weigh(con: duckdb.DuckDBPyConnection, found: Evidence, shares: Shares, workers: int) -> Weighed:
    """The candidate pairs of the open statements, weighed; places are compared where they can still decide."""
    con.execute(f"CREATE OR REPLACE TABLE near_numbers AS {steps.query('near_numbers')}")
    con.execute(f"CREATE OR REPLACE TABLE lent AS {steps.query('lent')}")
    con.execute(f"CREATE OR REPLACE TABLE candidates AS {steps.query('candidates')}")
    pairs = comparing.identities(con, "FROM candidates JOIN writings USING (person)", workers)
    parts = evidence.identity(found, pairs, shares)
    parts["number"] = evidence.number(found, pairs, shares, _of_pairs(con, pairs, HOUSEMATES))
    weighed = _best_writings(pairs, parts)
    weighed.parts["repeated"] = _repeated(con, weighed.pairs, found)
    weighed = weighed.take(weighed.total >= HOPELESS)
    places = comparing.places(con, weighed.pairs.statement, weighed.pairs.person, workers)
    weighed.places = np.where(weighed.parts["repeated"] != 0, -1, places).astype(np.int8)
    return weighed


def _of_pairs(con: duckdb.DuckDBPyConnection, pairs: Pairs, query: str) -> np.ndarray:
    """Of each pair the value that a query (statement, person, persons) gives it; 0 if it gives none."""
    known = con.sql(f"FROM ({query}) ORDER BY statement, person").fetchnumpy()
    if not len(known["statement"]):
        return np.zeros(len(pairs))
    base = max(int(pairs.person.max(initial=0)), int(known["person"].max())) + 1
    keys, asked = known["statement"] * base + known["person"], pairs.statement * base + pairs.person
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[at] == asked, known["persons"][at], 0)


def _probabilistic(
    con: duckdb.DuckDBPyConnection, source: str, found: Evidence, workers: int
) -> tuple[Evidence, np.ndarray]:
    """Weigh all candidates of what is open; returns the evidence with places, and shares of registered persons."""
    found = _learn_places(con, source, found, workers)
    _open(con, source, "ANTI JOIN links USING (statement)")
    shares = comparing.shares(con)
    weighed = _weigh(con, found, shares, workers)
    at = shares.rows(weighed.pairs.statement)
    weighed.parts["place"] = evidence.place(found, weighed.places, at, shares)
    nobody = _nobody(found, weighed, at, shares)
    group = _groups(shares)
    registered = registered_shares(at, weighed.total, nobody, group, found.persons)
    decided = posterior(weighed.pairs.statement, weighed.total, registered[group][at], nobody[at], found.persons)
    _keep(con, "probabilistic", weighed, decided, _linked(weighed, decided, shares, LINK))
    return found, registered


def _with_household(
    con: duckdb.DuckDBPyConnection, source: str, found: Evidence, registered: np.ndarray, workers: int
) -> int:
    """Weigh open statements again with the homes of those linked who were declared with them; returns new links."""
    _with_family(con)
    _open(con, source, "ANTI JOIN links USING (statement) SEMI JOIN family_homes USING (statement)")
    shares = comparing.shares(con)
    weighed = _weigh(con, found, shares, workers)
    at = shares.rows(weighed.pairs.statement)
    weighed.parts["place"] = evidence.place(found, weighed.places, at, shares)
    nobody = _nobody(found, weighed, at, shares)
    share = registered[_groups(shares)][at]
    decided = posterior(weighed.pairs.statement, weighed.total, share, nobody[at], found.persons)
    return _keep(con, "household", weighed, decided, _linked(weighed, decided, shares, LINK))


def _with_family(con: duckdb.DuckDBPyConnection) -> None:
    """The homes of companions linked become stated places."""
    con.execute(f"CREATE OR REPLACE TABLE family_homes AS {steps.query('family_homes')}")
    con.execute("CREATE OR REPLACE VIEW stated AS FROM stated_places UNION ALL FROM family_homes")


def _repeated(con: duckdb.DuckDBPyConnection, pairs: Pairs, found: Evidence) -> np.ndarray:
    """Weights of persons linked to a companion: few are declared twice at one time, wherever the home is."""
    con.execute(f"CREATE OR REPLACE TABLE declared_already AS {steps.query('declared_already')}")
    already = _of_pairs(con, pairs, "SELECT statement, person, 1 AS persons FROM declared_already")
    return np.where(already > 0, np.log2(found.repeated * found.persons), 0.0)


def _learn_places(con: duckdb.DuckDBPyConnection, source: str, found: Evidence, workers: int) -> Evidence:
    """The evidence with m of places, from the pairs that their number linked."""
    _with_family(con)
    _open(con, source, "SEMI JOIN links USING (statement)")
    linked = con.sql("SELECT statement, person FROM links SEMI JOIN open_statements USING (statement) ORDER BY ALL")
    pairs = linked.fetchnumpy()
    shares = comparing.shares(con)
    levels = comparing.places(con, pairs["statement"], pairs["person"], workers)
    at = shares.rows(pairs["statement"])
    m = training.learn_places(levels, evidence.grades(shares)[at], shares["has_family"][at])
    con.execute("CREATE OR REPLACE VIEW stated AS FROM stated_places")
    return evidence.with_places(found, m)


def _nobody(found: Evidence, weighed: Weighed, at: np.ndarray, shares: Shares) -> np.ndarray:
    """How probable a statement is for somebody outside the registry: more so for relatives of those at the place."""
    kin = evidence.kin(found, weighed.pairs.levels, at, shares)
    nobody = np.ones(len(shares.statement))
    home = (weighed.places == DWELLING) | (weighed.places == FAMILY) | (weighed.parts["repeated"] != 0)
    np.maximum.at(nobody, at[home], kin[home])
    return nobody


def _groups(shares: Shares) -> np.ndarray:
    """Groups of statements whose persons are in the registry more or less often: foreigners, births, and numbers."""
    who = 2 * shares["is_foreign"].astype(int) + shares["is_birth"].astype(int)
    groups: np.ndarray = 3 * who + shares["has_number"].astype(int) + shares["owned_number"].astype(int)
    return groups


def _linked(weighed: Weighed, decided: Posterior, shares: Shares, least: float) -> np.ndarray:
    """Which pairs are links: the best of its statement, probable enough, alike in a name or the day of birth.

    Numbers are mistyped and lent, addresses shared. An act of birth is about somebody born on its day, or its number's.
    """
    levels = weighed.pairs.levels
    named = levels[:, comparing.FIRST : comparing.SURNAME_AS_FIRST + 1].max(axis=1) >= 1
    born = levels[:, comparing.BIRTH] >= 1
    birth = shares["is_birth"][shares.rows(weighed.pairs.statement)]
    numbered = levels[:, comparing.NUMBER] >= 1
    linked: np.ndarray = decided.best & (decided.probability >= least) & (named | born) & (born | numbered | ~birth)
    return linked


def _keep(con: duckdb.DuckDBPyConnection, name: str, weighed: Weighed, decided: Posterior, linked: np.ndarray) -> int:
    """Add the linked pairs to links, the probable ones to weighed; returns how many were linked.

    Of statements declared together that claim one person, only the likeliest is linked.
    """
    shown = linked if name == "number" else decided.best | (decided.probability >= REVIEW)
    chosen, weight = weighed.take(shown), decided.match_weight[shown]
    parts = {part.replace(" ", "_"): weights for part, weights in chosen.parts.items()}
    # What all comparisons leave to the match weight: that few persons of the registry are meant, and the rivals.
    parts["prior"] = weight - chosen.total
    columns = {"statement": chosen.pairs.statement, "person": chosen.pairs.person, "writing": chosen.pairs.writing}
    reasons = pa.array(reasons_of(chosen.pairs.levels, chosen.places), pa.string())
    rows = pa.table({**columns, "match_weight": weight, **parts, "reason": reasons, "linked": linked[shown]})
    con.register("decided", rows)
    con.execute(f"CREATE OR REPLACE TABLE decided_links AS {steps.query('decided_links')}")
    con.execute(
        "INSERT INTO links SELECT statement, person, writing, $pass, match_weight, reason FROM decided_links",
        {"pass": name},
    )
    if name != "number":
        con.execute("DELETE FROM weighed WHERE statement IN (SELECT statement FROM decided)")
        con.execute("INSERT INTO weighed BY NAME SELECT * EXCLUDE (linked, reason) FROM decided")
    return int(con.execute("SELECT count(*) FROM decided_links").fetchall()[0][0])
