"""Links drawn from their posterior: each uncertain record to one of its candidates, to nobody or to somebody unseen."""

from dataclasses import dataclass

import numpy as np

# Twenty draws: with 19 degrees of freedom the interval is 7 % wider than with any number of them.
DRAWS = 20
ROUNDS = 5
NOBODY, UNSEEN = -1, -2


@dataclass(frozen=True)
class Uncertain:
    """Records in order, each with its candidates, the likeliest first.

    person: candidates' codes, one row a record, -1 where there are fewer; probability: theirs, adding up to 1 or less;
    unseen: of the rest, the share that is somebody registered who was never a candidate; counter: records of one code
    never mean one person, -1 for none; taken: counter and person of the certain links.
    """

    person: np.ndarray
    probability: np.ndarray
    unseen: np.ndarray
    counter: np.ndarray
    taken: np.ndarray


def draw(uncertain: Uncertain, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Person code of each record (row) in each draw (column), NOBODY or UNSEEN."""
    count, width = uncertain.person.shape
    record = np.repeat(np.arange(count), draws)
    number = np.tile(np.arange(draws), count)
    possible = np.repeat(uncertain.probability, draws, axis=0)
    rest = np.maximum(1 - possible.sum(axis=1), 0)
    chosen = _choose(possible, rest, rng)
    for _ in range(ROUNDS):
        again = _beaten(uncertain, record, number, chosen)
        if not len(again):
            break
        possible[again, chosen[again]] = 0
        chosen[again] = _choose(possible[again], rest[again], rng)
    chosen[_beaten(uncertain, record, number, chosen)] = width
    found = np.append(uncertain.person, np.full((count, 1), NOBODY), axis=1)[record, chosen]
    unseen = (chosen == width) & (rng.random(len(record)) < uncertain.unseen[record])
    return np.where(unseen, UNSEEN, found).reshape(count, draws)


def _choose(possible: np.ndarray, rest: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Of each row a column in proportion to its value, or the number of columns in proportion to the rest."""
    whole = np.cumsum(np.append(possible, rest[:, None], axis=1), axis=1)
    # Where nothing is left to choose, nobody.
    whole[:, -1] = np.where(whole[:, -1] > 0, whole[:, -1], 1)
    point = rng.random(len(rest)) * whole[:, -1]
    chosen: np.ndarray = (point[:, None] >= whole[:, :-1]).sum(axis=1)
    return chosen


def _beaten(uncertain: Uncertain, record: np.ndarray, number: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Choices of a person who is already meant by another record of the same counter, which is likelier to."""
    width = uncertain.person.shape[1]
    at = np.flatnonzero((chosen < width) & (uncertain.counter[record] >= 0))
    who = uncertain.person[record[at], chosen[at]]
    base = int(max(uncertain.person.max(initial=0), uncertain.taken[:, 1].max(initial=0))) + 1
    key = uncertain.counter[record[at]] * base + who
    taken = np.isin(key, uncertain.taken[:, 0] * base + uncertain.taken[:, 1])
    weight = uncertain.probability[record[at], chosen[at]]
    order = np.lexsort((record[at], -weight, key, number[at]))
    follows = np.zeros(len(at), bool)
    follows[order[1:]] = (key[order[1:]] == key[order[:-1]]) & (number[at][order[1:]] == number[at][order[:-1]])
    return at[taken | follows]
