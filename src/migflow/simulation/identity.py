"""Personal numbers: ten digits, the last a check digit, unrelated to birth date or sex."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

# The rule of countries/kosovo/identifiers.toml: 11 - (weighted sum mod 11), 10 and 11 written 0.
_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2)
_STEP = 387_420_489  # has no factor in common with the range, so that numbers do not repeat
_FIRST, _RANGE = 100_000_000, 800_000_000  # numbers that begin with 9 carry no check digit


def personal_numbers(offset: int, count: int) -> npt.NDArray[np.int64]:
    """Distinct personal numbers in a scattered order."""
    stem = _FIRST + (np.arange(count, dtype=np.int64) * _STEP + offset) % _RANGE
    return stem * 10 + check_digit(stem)


def check_digit(stem: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Check digit of nine digits."""
    total = np.zeros(len(stem), np.int64)
    for place, weight in enumerate(reversed(_WEIGHTS)):
        total += weight * (stem // 10**place % 10)
    return (11 - total % 11) % 11 % 10


def mistyped(rng: np.random.Generator, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Each number with one digit replaced by another (never the first by 0)."""
    place = np.array([10**i for i in range(9)], np.int64)[rng.integers(0, 9, len(numbers))]
    digit = numbers // place % 10
    out = numbers.copy()
    out += ((digit + rng.integers(1, 10, len(numbers))) % 10 - digit) * place
    return out


def as_text(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Personal numbers as written; null below 0."""
    return pa.array(numbers, mask=numbers < 0).cast(pa.string())
