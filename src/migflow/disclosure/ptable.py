"""The perturbation table of the cell-key method: which noise a count gets for which cell key.

Noise has the mean zero and is never larger than the minimum; no figure from 1 to minimum - 1 is ever shown. Counts
below the minimum become zero or the minimum. The noise of others has the variance minimum - 1, that of a count of one,
and the greatest entropy that these conditions leave (Giessing 2016, doi:10.1007/978-3-319-45381-1_18).
"""

import functools

import numpy as np
import pandas as pd
from scipy import optimize

from migflow.disclosure.cells import Floats, Ints
from migflow.errors import MigflowError

# The ONS's package looks up counts to 750, and those beyond like 501 to 750.
_COUNTS = 750
_KEYS_OF_ONE = 256


def keys(minimum: int) -> int:
    """How many record keys, and so cell keys, there are: a multiple of minimum, so that its fractions are exact."""
    return _KEYS_OF_ONE * minimum


@functools.cache
def ptable(minimum: int) -> pd.DataFrame:
    """One row a count (pcv, 1 to 750) and cell key (ckey): the noise that it gets (pvalue)."""
    drawn = np.stack([np.repeat(*distribution(count, minimum)) for count in range(1, 2 * minimum + 1)])
    alike = np.minimum(np.arange(_COUNTS), len(drawn) - 1)
    return pd.DataFrame(
        {
            "pcv": np.repeat(np.arange(1, _COUNTS + 1), keys(minimum)),
            "ckey": np.tile(np.arange(keys(minimum)), _COUNTS),
            "pvalue": drawn[alike].ravel(),
        }
    )


@functools.cache
def distribution(count: int, minimum: int) -> tuple[Ints, Ints]:
    """The noise that a count may get, and how many cell keys give each; their mean is exactly zero."""
    if count < minimum:
        often = np.array([minimum - count, count])
        return np.array([-count, minimum - count]), often * _KEYS_OF_ONE
    noise = np.arange(-minimum, minimum + 1)
    noise = noise[(count + noise == 0) | (count + noise >= minimum)]
    often = np.rint(_greatest_entropy(noise, minimum - 1) * keys(minimum)).astype(np.int64)
    none, one = np.flatnonzero(noise == 0)[0], np.flatnonzero(noise == 1)[0]
    often[one] -= noise @ often
    often[none] += keys(minimum) - often.sum()
    return noise[often > 0], often[often > 0]


def _greatest_entropy(noise: Ints, variance: float) -> Floats:
    """Probabilities with mean zero and the variance: exponential in the noise and its square."""

    def unnormalised(parameters: Floats) -> Floats:
        return np.exp(parameters[0] * noise + parameters[1] * noise**2)

    def gap(parameters: Floats) -> Floats:
        weights = unnormalised(parameters)
        return np.array([weights @ noise, weights @ noise**2]) / weights.sum() - [0, variance]

    found = optimize.root(gap, [0.0, -0.1])
    if not found.success:
        raise MigflowError(f"No noise of variance {variance} was found for the cell-key method: {found.message}")
    weights = unnormalised(found.x)
    return np.asarray(weights / weights.sum())


@functools.cache
def _reach(minimum: int) -> tuple[Ints, Ints]:
    """Least and greatest count that may be shown as 0, 1, 2 ... to 3 * minimum."""
    pairs = [(count + noise, count) for count in range(1, 4 * minimum + 1) for noise in distribution(count, minimum)[0]]
    shown, count = np.array(pairs).T
    least, greatest = np.full(3 * minimum + 1, 4 * minimum), np.zeros(3 * minimum + 1, dtype=np.int64)
    inside = shown <= 3 * minimum
    np.minimum.at(least, shown[inside], count[inside])
    np.maximum.at(greatest, shown[inside], count[inside])
    least[0] = 0
    return least, greatest


def known(shown: Floats, minimum: int) -> tuple[Floats, Floats]:
    """What readers know of the counts behind figures shown: least and greatest. Zero may be none at all."""
    least, greatest = _reach(minimum)
    at = np.minimum(shown, 3 * minimum).astype(np.int64)
    return shown - at + least[at], shown - at + greatest[at]
