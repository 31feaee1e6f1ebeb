"""Match probabilities inside each statement: it means one person of the registry, or somebody who is not in it."""

from dataclasses import dataclass

import numpy as np

# Share of statements whose person is in the registry before anything is seen, and for how many statements that counts.
REGISTERED = 0.95
BELIEF = 50
ROUNDS = 50


@dataclass(frozen=True)
class Posterior:
    """Of pairs ordered by statement: match_weight (log2 odds), and whether the pair is its statement's best."""

    match_weight: np.ndarray
    best: np.ndarray

    @property
    def probability(self) -> np.ndarray:
        """The probability that the statement means the person."""
        return 1 / (1 + np.exp2(-self.match_weight))


def posterior(
    statement: np.ndarray, weight: np.ndarray, registered: np.ndarray, nobody: np.ndarray, persons: int
) -> Posterior:
    """Odds of each pair against its statement's other persons and against nobody in the registry.

    weight: log2 likelihood ratio of the pair to two persons at random; registered: of each pair's statement the
    probability that its person is in the registry; nobody: how probable what the statement says is for somebody who is
    not, against a person at random. `statement` is sorted, a person stands once in each.
    """
    if not len(statement):
        return Posterior(np.empty(0), np.empty(0, bool))
    starts = np.flatnonzero(np.concatenate([[True], statement[1:] != statement[:-1]]))
    sizes = np.diff(np.append(starts, len(statement)))
    own = np.exp2(weight) * registered / persons
    best = np.zeros(len(statement), bool)
    highest = np.repeat(np.maximum.reduceat(own, starts), sizes)
    equals = np.flatnonzero(own == highest)
    best[equals[np.concatenate([[True], statement[equals][1:] != statement[equals][:-1]])]] = True
    # The rest of a sum dominated by one term: never that sum less the term.
    others = np.repeat(np.add.reduceat(np.where(best, 0.0, own), starts), sizes)
    rest = np.where(best, others, np.maximum(others - own, 0) + highest) + (1 - registered) * nobody
    return Posterior(np.log2(own) - np.log2(rest), best)


def registered_shares(
    statement: np.ndarray, weight: np.ndarray, nobody: np.ndarray, group: np.ndarray, persons: int
) -> np.ndarray:
    """Share of registered persons among the statements of each group (a number a statement), by maximum likelihood.

    statement: of each pair its place among the statements; nobody and group: one value a statement.
    """
    ratio = np.bincount(statement, np.exp2(weight), minlength=len(group)) / persons / nobody
    shares = np.full(int(group.max(initial=0)) + 1, REGISTERED)
    for _ in range(ROUNDS):
        share = shares[group]
        found = share * ratio / (share * ratio + 1 - share)
        totals = np.bincount(group, minlength=len(shares)) + BELIEF
        shares = (np.bincount(group, found, minlength=len(shares)) + BELIEF * REGISTERED) / totals
    return shares
