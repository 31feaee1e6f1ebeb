"""Similarity of names against labelled pairs: AUC and F1 by stratum, speed, and the worst disagreements.

    python -m benchmarks.names PAIRS.csv [--threshold 0.6] [--worst 20] [--stratum NAME]

PAIRS.csv: left, right, same (0 or 1), stratum. AUC: the share of (same, different) couples of pairs in which the same
one scores higher, ties counting half. F1 at one threshold for all strata.
"""

import argparse
import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler
from scipy.stats import rankdata

from migflow.standardise import names

TIMED_PAIRS, TIMED_NAMES = 2_000_000, 1_000_000


@dataclass(frozen=True)
class Pairs:
    """Labelled pairs of names; `same` is 0 or 1."""

    left: list[str]
    right: list[str]
    same: np.ndarray
    stratum: np.ndarray


def read(path: Path) -> Pairs:
    """Pairs of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return Pairs(
        [row["left"] for row in rows],
        [row["right"] for row in rows],
        np.array([int(row["same"]) for row in rows]),
        np.array([row["stratum"] for row in rows]),
    )


def auc(same: np.ndarray, scores: np.ndarray) -> float:
    """Area under the curve of true against false positives (Mann and Whitney)."""
    positives = int(same.sum())
    ranks = float(rankdata(scores)[same == 1].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * (len(same) - positives))


def f1(same: np.ndarray, found: np.ndarray) -> float:
    """Harmonic mean of precision and recall."""
    return float(2 * (same[found] == 1).sum() / max(found.sum() + same.sum(), 1))


def anyascii_jaro_winkler(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """What is at hand without migflow: general transliteration and Jaro-Winkler."""
    one, other = ([anyascii(name).lower() for name in side] for side in (left, right))
    scores: np.ndarray = process.cpdist(one, other, scorer=JaroWinkler.similarity, dtype=np.float32)
    return scores


def speed(pairs: Pairs) -> None:
    """Time folding of a million distinct names, and comparison of random pairs of the names given."""
    distinct = sorted({*pairs.left, *pairs.right})
    many = [f"{distinct[n % len(distinct)]} {chr(97 + n // len(distinct) % 26)}{n}" for n in range(TIMED_NAMES)]
    names.fold(distinct, "sr")
    began = time.perf_counter()
    names.fold(many, "sr")
    print(f"\nfolding {len(many):,} distinct names: {time.perf_counter() - began:.1f} s")
    rng = np.random.default_rng(1)
    ready = names.Names(distinct)
    number = {name: k for k, name in enumerate(distinct)}
    labelled = np.array([[number[a], number[b]] for a, b in zip(pairs.left, pairs.right, strict=True)])
    kinds = {
        "random pairs": rng.integers(0, len(distinct), (TIMED_PAIRS, 2)),
        "labelled pairs, repeated": labelled[rng.integers(0, len(labelled), TIMED_PAIRS)],
    }
    for kind, sample in kinds.items():
        began = time.perf_counter()
        ready.similarity(sample[:, 0], sample[:, 1])
        print(f"{kind}: {TIMED_PAIRS / (time.perf_counter() - began) / 1e6:.2f} million a second")


def worst(pairs: Pairs, scores: np.ndarray, count: int) -> None:
    """Pairs of the same name that score lowest, and of different names that score highest."""
    for same, order, title in ((1, np.argsort(scores), "same, but"), (0, np.argsort(-scores), "different, but")):
        print(f"\n{title}")
        for k in [k for k in order if pairs.same[k] == same][:count]:
            print(f"  {scores[k]:.2f}  {pairs.stratum[k]:18} {pairs.left[k]} | {pairs.right[k]}")


def _report(pairs: Pairs, scores: np.ndarray, threshold: float) -> None:
    usual = anyascii_jaro_winkler(pairs.left, pairs.right)
    print(f"{'stratum':20}{'pairs':>7}{'AUC':>8}{'F1':>8}   anyascii + Jaro-Winkler AUC")
    strata = sorted(set(pairs.stratum))
    for stratum in [*strata, "all"]:
        rows = pairs.stratum == stratum if stratum != "all" else np.ones(len(scores), bool)
        same = pairs.same[rows]
        figures = f"{auc(same, scores[rows]):8.4f}{f1(same, scores[rows] >= threshold):8.3f}"
        print(f"{stratum:20}{rows.sum():7,}{figures}{auc(same, usual[rows]):11.4f}")
    print(f"F1 at similarity {threshold} or above")


def main() -> None:
    """Print the report of a file of pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--threshold", type=float, default=0.6, help="similarity from which a pair counts as the same")
    parser.add_argument("--worst", type=int, default=0, help="how many of the worst disagreements to list")
    parser.add_argument("--stratum", help="only this stratum")
    asked = parser.parse_args()
    pairs = read(asked.pairs)
    if asked.stratum:
        kept = np.flatnonzero(pairs.stratum == asked.stratum)
        left, right = ([side[k] for k in kept] for side in (pairs.left, pairs.right))
        pairs = Pairs(left, right, pairs.same[kept], pairs.stratum[kept])
    scores = names.similarity(pairs.left, pairs.right)
    _report(pairs, scores, asked.threshold)
    if asked.worst:
        worst(pairs, scores, asked.worst)
    else:
        speed(pairs)


if __name__ == "__main__":
    main()
