"""Places that have had other names: names of one place meet although nothing in them is alike."""

from functools import cache

import numpy as np

from migflow.standardise.names import alignment, folding, spellings
from migflow.standardise.names import costs as costs_of
from migflow.standardise.names.encoding import Encoded, encode

# Two names of one place are as alike as spellings of one name; an alias is recognised in spellings so alike.
ALIKE, RECOGNISED = 0.95, 0.9
_FEWEST_CONSONANTS = 2


@cache
def _aliases() -> tuple[Encoded, np.ndarray, dict[str, list[int]]]:
    """Names of the table, the place of each, and the names by their consonants."""
    written = [(name.strip(), place) for place, row in enumerate(spellings.rows("former_names.csv"))
               for name in row["names"].split(";")]  # fmt: skip
    encoded = encode([name for name, _ in written])
    by_consonants: dict[str, list[int]] = {}
    for number, consonants in enumerate(folding.consonants(encoded)):
        by_consonants.setdefault(consonants, []).append(number)
    return encoded, np.array([place for _, place in written]), by_consonants


def places(names: Encoded) -> np.ndarray:
    """The place that each name is a name of, by its number in the table; -1 for others."""
    aliases, place_of, by_consonants = _aliases()
    out = np.full(len(names.words) - 1, -1, np.int32)
    found = [
        (k, alias)
        for k, consonants in enumerate(folding.consonants(names))
        if len(consonants) >= _FEWEST_CONSONANTS
        for alias in by_consonants.get(consonants, ())
    ]
    if not found:
        return out
    left, right = np.array(found).T
    costs, scores = costs_of.costs(), np.zeros(len(found), np.float32)
    both = Encoded(
        np.concatenate([names.units, aliases.units]),
        np.concatenate([names.start, aliases.start[1:] + len(names.units)]),
        np.concatenate([names.words, aliases.words[1:] + len(names.start) - 1]),
        np.concatenate([names.arabic, aliases.arabic]),
    )
    length = alignment.lengths(both.units, both.start, costs.gap)
    right = right + len(names.words) - 1
    alignment.similarities(*both, *costs, length, costs_of.fathers(), left, right, scores)
    sure = scores >= RECOGNISED
    out[left[sure]] = place_of[right[sure] - (len(names.words) - 1)]
    return out
