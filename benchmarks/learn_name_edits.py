"""Learn what the sounds of names cost to swap or leave out, from names that one thing has in many languages.

    pip install babel
    python -m benchmarks.learn_name_edits [--write PATH] [--judge PAIRS.csv]

Babel carries the Unicode Common Locale Data Repository: names of countries and cities in each language (names of
languages are left out: their endings are grammar, not sounds). Words of one thing in two languages are pairs of the
same name; for each, the most similar of a hundred words of other things in the second language makes a pair of
different ones. Each pair is aligned at the present costs; a logistic regression of same against different on the
counts of each swap and each omission, relative to the length of the words, then gives new costs, held near those
written by hand (written_sounds.csv) as far as there is little evidence; and so on. A fifth of the things is left out
of learning and judges the result. --judge also reports on labelled pairs of benchmarks.names.

Ristad and Yianilos (1998) is what this was measured against: expectation-maximisation over pairs of the same name
alone, without any of different ones, and it was worse than costs written by hand (docs/names.md).
"""

import argparse
import csv
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from babel import Locale
from numba import njit
from scipy.optimize import minimize
from scipy.sparse import coo_array, csr_array

from benchmarks import names as judged
from migflow.standardise import names
from migflow.standardise.names import costs as costs_of
from migflow.standardise.names import encoding, spellings

# Languages of the countries, and those whose spelling their names take abroad, which are not paired with each other.
LANGUAGES = [
    *("sq", "sr", "sr_Latn", "ru", "ky", "kk", "tg", "uz", "uz_Cyrl", "ar", "fa", "ckb", "ps", "ku", "tr", "az"),
    *("az_Cyrl", "bg", "mk", "bs", "uk", "be"),
]
ABROAD = ["en", "de", "fr", "pl", "cs", "hu", "lv", "es"]
WRITTEN = Path(__file__).with_name("written_sounds.csv")
RIVALS, ROUNDS = 100, 3
# A written cost weighs as much as this share of all pairs would against a learned one.
HELD = 2e-4
# A swap that no table names is learnt if it occurs so often.
SEEN = 200
LEAST_COST, MOST_COST, UNUSUAL = 0.0, 1.5, 0.9


@dataclass(frozen=True)
class Examples:
    """Word pairs, whether they name one thing, and which are kept for judging."""

    left: list[str]
    right: list[str]
    same: np.ndarray
    kept: np.ndarray


def _words(language: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Things and their one-word names in a language."""
    locale = Locale.parse(language)
    kinds = (
        ("territory", dict(locale.territories)),
        ("city", {zone: about.get("city", "") for zone, about in locale.time_zones.items()}),
    )
    for kind, named in kinds:
        for code, name in named.items():
            if 3 < len(name) < 20 and " " not in name and not code.isdigit():
                yield (kind, code), name


def examples() -> Examples:
    """Words of one thing in two languages that are forms of one name, and as many of two things."""
    words = {language: dict(_words(language)) for language in LANGUAGES + ABROAD}
    rng, costs = np.random.default_rng(1), Sounds().costs()
    left, right, same, kept = [], [], [], []
    for one, other in [*itertools.combinations(LANGUAGES, 2), *itertools.product(LANGUAGES, ABROAD)]:
        things = sorted(words[one].keys() & words[other].keys())
        first, second = [words[one][thing] for thing in things], [words[other][thing] for thing in things]
        ready, n = names.Names(first + second, costs=costs), len(things)
        itself = ready.similarity(np.arange(n), np.arange(n) + n)
        rivals = rng.integers(0, n, (n, min(RIVALS, n)))
        scores = ready.similarity(np.repeat(np.arange(n), rivals.shape[1]), rivals.ravel() + n).reshape(rivals.shape)
        unlike = np.array([[second[r] == second[k] for r in row] for k, row in enumerate(rivals)])
        scores[unlike | (rivals == np.arange(n)[:, None])] = -1
        nearest = rivals[np.arange(n), scores.argmax(1)]
        # Translations, such as Deutschland and Germany, are not forms of one name.
        for k in np.flatnonzero(itself > 0.5):
            left += [first[k]] * 2
            right += [second[k], second[nearest[k]]]
            same += [1, 0]
            kept += [zlib.crc32(things[k][1].encode()) % 5 == 0] * 2
    return Examples(left, right, np.array(same), np.array(kept))


@njit
def _edits(names: encoding.Encoded, costs: costs_of.Costs, pairs: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (pair, unit or -1, unit or -1, 1 if an Arabic text stands against what is left out); lengths."""
    rows = np.zeros((40 * pairs, 4), np.int64)
    lengths = np.zeros(pairs)
    table, count = np.zeros((64, 64), np.int64), 0
    for k in range(pairs):
        a, b = names.words[k], names.words[pairs + k]
        if names.words[k + 1] - a != 1 or names.words[pairs + k + 1] - b != 1:
            continue
        one, other = (
            names.units[names.start[a] : names.start[a + 1]].astype(np.int64),
            names.units[names.start[b] : names.start[b + 1]].astype(np.int64),
        )
        n, m = len(one), len(other)
        kind_a = 1 if names.arabic[pairs + k] and not names.arabic[k] else 0
        kind_b = 1 if names.arabic[k] and not names.arabic[pairs + k] else 0
        for i in range(n + 1):
            for j in range(m + 1):
                best = 0 if i == 0 and j == 0 else 1 << 30
                if i:
                    best = min(best, table[i - 1, j] + costs.gap[kind_a, one[i - 1]])
                if j:
                    best = min(best, table[i, j - 1] + costs.gap[kind_b, other[j - 1]])
                if i and j:
                    best = min(best, table[i - 1, j - 1] + costs.swap[one[i - 1], other[j - 1]])
                table[i, j] = best
        lengths[k] = table[n, 0] + table[0, m]
        i, j = n, m
        while i or j:
            if i and j and table[i, j] == table[i - 1, j - 1] + costs.swap[one[i - 1], other[j - 1]]:
                i, j = i - 1, j - 1
                rows[count] = (k, one[i], other[j], 0)
            elif i and table[i, j] == table[i - 1, j] + costs.gap[kind_a, one[i - 1]]:
                i -= 1
                rows[count] = (k, one[i], -1, kind_a)
            else:
                j -= 1
                rows[count] = (k, -1, other[j], kind_b)
            count += 1
    return rows[:count], lengths / 2000


class Sounds:
    """Costs of sounds: `gaps` by sound, `swaps` by pair of sounds in order."""

    def __init__(self) -> None:
        """The costs written by hand."""
        with WRITTEN.open(encoding="utf-8", newline="") as lines:
            self.gaps, both = costs_of.sound_costs(csv.DictReader(lines))
        self.swaps = {pair: cost for pair, cost in both.items() if pair[0] < pair[1]}

    def costs(self) -> costs_of.Costs:
        """Costs of units."""
        both = self.swaps | {(b, a): cost for (a, b), cost in self.swaps.items()}
        return costs_of.unit_costs(self.gaps, both, None)


def _closest(sounds: Sounds) -> dict[tuple[int, int], tuple[tuple[str, str], float]]:
    """For each two units, the sounds that swap cheapest and what reading them so costs."""
    readings = spellings.units().readings
    found = {}
    for a, one in enumerate(readings):
        for b, other in enumerate(readings):
            options = [
                (0.0 if s == t else sounds.swaps.get((min(s, t), max(s, t)), 1.0), p + q, min(s, t), max(s, t))
                for s, p, _ in one
                for t, q, _ in other
            ]
            if options and a != b:
                _, reading, s, t = min(options, key=lambda option: option[0] + option[1])
                found[a, b] = (s, t), reading
    return found


def _counts(
    rows: np.ndarray, lengths: np.ndarray, sounds: Sounds
) -> tuple[csr_array, np.ndarray, list[tuple[str, str]], np.ndarray]:
    """Edits of each pair (pairs x edits) over its length, what it costs besides, the edits, and their costs so far."""
    readings, closest = spellings.units().readings, _closest(sounds)
    number: dict[tuple[str, str], int] = {}
    value: list[float] = []
    made: dict[tuple[int, int, int], tuple[int, float, float]] = {}
    kinds, place, times = np.unique(rows[:, 1:], axis=0, return_inverse=True, return_counts=True)
    for (a, b, beside_arabic), seen in zip(kinds.tolist(), times, strict=True):
        edit, besides, share = ("", ""), 0.0, 1.0
        if a == b:
            pass
        elif a < 0 or b < 0:
            unit = readings[max(a, b)]
            edit = (unit[0][0], "")
            share = costs_of.UNWRITTEN if beside_arabic and all(s in costs_of.VOWELS for s, _, _ in unit) else 1.0
        else:
            edit, besides = closest[a, b]
        if edit[0] != edit[1] and edit[1] and edit not in sounds.swaps and seen < SEEN:
            besides, edit = besides + 1.0, ("", "")
        if edit[0] == edit[1]:
            made[a, b, beside_arabic] = -1, besides, share
            continue
        if edit not in number:
            number[edit] = len(value)
            value.append(sounds.swaps.get(edit, 1.0) if edit[1] else sounds.gaps[edit[0]])
        made[a, b, beside_arabic] = number[edit], besides, share
    columns = np.array([made[a, b, c] for a, b, c in kinds.tolist()])[place.ravel()]
    over = 1 / np.maximum(lengths[rows[:, 0]], 0.2)
    besides = np.bincount(rows[:, 0], columns[:, 1] * over, len(lengths))
    of_edit = columns[:, 0] >= 0
    where = rows[of_edit, 0], columns[of_edit, 0].astype(int)
    counts = coo_array(((columns[:, 2] * over)[of_edit], where), (len(lengths), len(value)))
    return counts.tocsr(), besides, sorted(number, key=lambda edit: number[edit]), np.array(value)


def _fit(
    counts: csr_array, besides: np.ndarray, same: np.ndarray, start: np.ndarray, written: np.ndarray
) -> np.ndarray:
    """Costs of edits that tell same from different best, near the written ones."""

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        middle, slope, costs = parameters[0], parameters[1], parameters[2:]
        apart = counts @ costs + besides
        sign = 2 * same - 1
        margin = sign * slope * (middle - apart)
        off = -sign / (1 + np.exp(margin)) / len(same)
        moved = costs - written
        gradient = np.concatenate(
            [
                [np.sum(off * slope), np.sum(off * (middle - apart))],
                counts.T @ (-off * slope) + 2 * HELD * slope * moved,
            ]
        )
        gradient[1] += HELD * moved @ moved
        return float(np.logaddexp(0, -margin).mean() + HELD * slope * moved @ moved), gradient

    bounds = [(0.05, 1.0), (2.0, 30.0)] + [(LEAST_COST, MOST_COST)] * len(start)
    found = minimize(loss, np.concatenate([[0.25, 10.0], start]), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x[2:])


def learn(pairs: Examples, sounds: Sounds) -> None:
    """Replace the costs by learned ones."""
    first_gaps, first_swaps = dict(sounds.gaps), dict(sounds.swaps)
    encoded = encoding.encode(pairs.left + pairs.right)
    used = ~pairs.kept
    for turn in range(ROUNDS):
        rows, lengths = _edits(encoded, sounds.costs(), len(pairs.left))
        counts, besides, edits, start = _counts(rows, lengths, sounds)
        written = np.array([first_swaps.get(e, 1.0) if e[1] else first_gaps[e[0]] for e in edits])
        chosen = used & (lengths > 0)
        costs = _fit(counts[chosen], besides[chosen], pairs.same[chosen], start, written)
        for edit, cost in zip(edits, costs.round(2).tolist(), strict=True):
            if edit[1]:
                sounds.swaps[edit] = cost
            else:
                sounds.gaps[edit[0]] = max(cost, 0.02)
        print(f"round {turn + 1}: {len(edits)} costs; moved by {np.abs(costs - start).mean():.3f} on average")


def _scores(left: list[str], right: list[str], costs: costs_of.Costs) -> np.ndarray:
    ready = names.Names(left + right, costs=costs)
    return ready.similarity(np.arange(len(left)), np.arange(len(left)) + len(left))


def _write(sounds: Sounds, path: Path) -> None:
    lines = [f"{sound},,{cost:g}" for sound, cost in sounds.gaps.items()]
    # A swap that is in no table costs 1.
    lines += [f"{one},{other},{cost:g}" for (one, other), cost in sorted(sounds.swaps.items()) if cost < UNUSUAL]
    path.write_text("one,other,cost\n" + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Learn, judge what was learnt beside what is in the package, and write it if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, help="where to write the learned costs")
    parser.add_argument("--judge", type=Path, help="labelled pairs to judge by, besides those left out")
    asked = parser.parse_args()
    pairs, sounds = examples(), Sounds()
    print(f"{len(pairs.left):,} pairs, {pairs.kept.sum():,} of them left out to judge")
    written = sounds.costs()
    learn(pairs, sounds)
    kept = np.flatnonzero(pairs.kept)
    sets = [("left out", [pairs.left[k] for k in kept], [pairs.right[k] for k in kept], pairs.same[kept])]
    if asked.judge:
        others = judged.read(asked.judge)
        sets.append((asked.judge.name, others.left, others.right, others.same))
    for title, left, right, same in sets:
        for kind, costs in (("written", written), ("learned", sounds.costs())):
            print(f"{title}: AUC {judged.auc(same, _scores(left, right, costs)):.4f} {kind}")
    if asked.write:
        _write(sounds, asked.write)


if __name__ == "__main__":
    main()
