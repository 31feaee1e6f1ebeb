"""Candidate pairs: records with an equal blocking key, each pair under the first rule that makes it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit

from migflow.linkage.inputs import Side


@dataclass(frozen=True)
class Keys:
    """Blocking keys as dense codes (n x rules, -1 where the key has a null); one table: left is right."""

    left: np.ndarray
    right: np.ndarray

    @property
    def same_table(self) -> bool:
        """Whether left and right are one table (deduplication)."""
        return self.left is self.right


@dataclass(frozen=True)
class Rule:
    """One rule's pairs, numbered from 0 without being made: member m of the left has pairs before[m] to before[m+1].

    They are with right_members[start[m]], right_members[start[m] + 1] and so on.
    """

    number: int
    members: np.ndarray
    before: np.ndarray
    start: np.ndarray
    right_members: np.ndarray
    # Whether the left record of a pair of one table may be the later one.
    unordered: bool = False

    @property
    def pairs(self) -> int:
        """How many pairs the rule makes, earlier rules' pairs included."""
        return int(self.before[-1])


def encode_keys(left: Side, right: Side | None, threads: int = 1) -> Keys:
    """Dense codes of the hashes of blocking keys."""
    shape = len(left.keys)
    coded = np.empty((len(left), shape), np.int32)
    other = coded if right is None else np.empty((len(right), shape), np.int32)

    def encode(n: int) -> None:
        hashes = [left.keys[n], *([] if right is None else [right.keys[n]])]
        codes = pa.array(np.concatenate(hashes)).dictionary_encode().indices.to_numpy()
        coded[:, n] = np.where(left.keyed[n], codes[: len(left)], -1)
        if right is not None:
            other[:, n] = np.where(right.keyed[n], codes[len(left) :], -1)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(encode, range(shape)))
    return Keys(coded, other)


def rule_pairs(keys: Keys, number: int) -> Rule:
    """Lay out the pairs of one rule."""
    left = np.ascontiguousarray(keys.left[:, number])
    if keys.same_table:
        return _within(number, left)
    return _between(number, left, np.ascontiguousarray(keys.right[:, number]))


def rules_of_new(keys: Keys, number: int, new_left: np.ndarray, new_right: np.ndarray) -> list[Rule]:
    """Lay out those pairs of one rule that have a new record on either side."""
    left, right = keys.left[:, number], keys.right[:, number]
    if keys.same_table:
        new, old = np.where(new_left, left, -1), np.where(new_left, -1, left)
        return [_within(number, new), _between(number, new, old, unordered=True)]
    news = _between(number, np.where(new_left, left, -1), np.ascontiguousarray(right))
    return [news, _between(number, np.where(new_left, -1, left), np.where(new_right, right, -1))]


def _within(number: int, key: np.ndarray) -> Rule:
    members, first = _sorted_by_key(key, int(key.max(initial=-1)) + 1)
    before, start = _layout(key[members], first, True)
    return Rule(number, members, before, start, members)


def _between(number: int, left: np.ndarray, right: np.ndarray, unordered: bool = False) -> Rule:
    blocks = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    right_members, right_first = _sorted_by_key(right, blocks)
    members, _ = _sorted_by_key(left, blocks)
    before, start = _layout(left[members], right_first, False)
    return Rule(number, members, before, start, right_members, unordered)


def blocks_of(rule: Rule, first: int, last: int) -> tuple[Rule, np.ndarray, np.ndarray]:
    """The rule for its pairs first to last only, and the records (left, right) that its records are numbers of."""
    one = int(np.searchsorted(rule.before, first, side="right")) - 1
    end = int(np.searchsorted(rule.before, last, side="left"))
    # Members and their blocks stand in the order of keys.
    low, high = rule.start[one], rule.start[end - 1] + rule.before[end] - rule.before[end - 1]
    left, right = rule.members[one:end], rule.right_members[low:high]
    numbers = np.arange(max(len(left), len(right)), dtype=np.int32)
    before, start = rule.before[one : end + 1], rule.start[one:end] - low
    return Rule(rule.number, numbers[: len(left)], before, start, numbers[: len(right)]), left, right


@njit(cache=True, nogil=True)
def _sorted_by_key(key: np.ndarray, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Records ordered by key, then by number; the second array says where each key begins."""
    start = np.zeros(blocks + 1, np.int64)
    for i in range(len(key)):
        if key[i] >= 0:
            start[key[i] + 1] += 1
    for b in range(blocks):
        start[b + 1] += start[b]
    fill = start[:-1].copy()
    members = np.empty(start[blocks], np.int32)
    for i in range(len(key)):
        if key[i] >= 0:
            members[fill[key[i]]] = i
            fill[key[i]] += 1
    return members, start


@njit(cache=True, nogil=True)
def _layout(key: np.ndarray, right_start: np.ndarray, same_table: bool) -> tuple[np.ndarray, np.ndarray]:
    before = np.zeros(len(key) + 1, np.int64)
    start = np.empty(len(key), np.int64)
    for m in range(len(key)):
        # In one table a record pairs with those after it in its block.
        first = m + 1 if same_table else right_start[key[m]]
        start[m] = first
        before[m + 1] = before[m] + right_start[key[m] + 1] - first
    return before, start


@njit(cache=True, nogil=True)
def expand(
    members: np.ndarray,
    before: np.ndarray,
    start: np.ndarray,
    right_members: np.ndarray,
    first: int,
    last: int,
    earlier: int,
    keys_left: np.ndarray,
    keys_right: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
) -> int:
    """Write pairs first to last of a rule into left and right, without those of earlier rules; returns how many."""
    n = 0
    m = np.searchsorted(before, first, side="right") - 1
    at = first
    while at < last:
        while before[m + 1] <= at:
            m += 1
        i = members[m]
        base = start[m] - before[m]
        stop = min(before[m + 1], last)
        for k in range(at, stop):
            j = right_members[base + k]
            seen = False
            for rule in range(earlier):
                key = keys_left[i, rule]
                if key >= 0 and key == keys_right[j, rule]:
                    seen = True
                    break
            if not seen:
                left[n] = i
                right[n] = j
                n += 1
        at = stop
    return n


def pairs_at(rule: Rule, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of a rule with these numbers, as records of the left and of the right table."""
    member = np.searchsorted(rule.before, positions, side="right") - 1
    right = rule.right_members[rule.start[member] + positions - rule.before[member]]
    return rule.members[member], right


def in_earlier_rule(keys: Keys, left: np.ndarray, right: np.ndarray, rule: int) -> np.ndarray:
    """Whether a rule before this one makes the pair."""
    seen = np.zeros(len(left), bool)
    for earlier in range(rule):
        key = keys.left[left, earlier]
        seen |= (key >= 0) & (key == keys.right[right, earlier])
    return seen
