"""Names in the sounds of one language, in plain letters: for blocking and display."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numba import njit

from migflow.standardise.names import costs
from migflow.standardise.names.encoding import Encoded, encode

# Sounds that do not have their own letter in a folded name.
_LETTERS = {
    "A": "a", "@": "i", "y": "u", "O": "o", "q": "k", "G": "g", "x": "h", "H": "h", "w": "v", "T": "t", "D": "d",
    "S": "sh", "Z": "zh", "c": "ts", "C": "ch", "J": "dj", "N": "n", "E": "", "?": "", "`": "", "<": "", ">": "",
    "%": "a", "P": "ovich", "F": "ovna", "#": "k", "$": "s",
}  # fmt: skip
# Latin x is ks in some languages, a sound like kh in others.
_X = {profile: {"#": "h", "$": ""} for profile in ("uz", "ku", "tr", "tg", "kk", "ky")}
_WITHOUT_VOWELS = ("ar", "fa", "ckb")


def fold(names: Sequence[str | None], profile: str) -> list[str]:
    """Names as they sound when read as the language of a profile: lower-case letters and digits, one space apart.

    Titles and particles are left out. Under ar, fa and ckb, which leave vowels unwritten, only consonants are kept,
    whatever the script, so that all forms of a name meet. MigflowError names a profile that does not exist.
    """
    return _texts(encode(names), _letters(profile))


def consonants(names: Encoded) -> list[str]:
    """Rough consonants of each name without spaces, c as k whatever its sound: names to be looked at more closely."""
    return [text.replace(" ", "") for text in _texts(names, _letters("ar", {"c": "k", "J": "zh"}))]


def _texts(names: Encoded, written: np.ndarray) -> list[str]:
    text: bytes = _write(names.units, names.start, names.words, written).tobytes()
    return text.decode("ascii").split("\n")[:-1]


def _letters(profile: str, rough: Mapping[str, str] = MappingProxyType({})) -> np.ndarray:
    """Letters of each unit under a profile (units x 5 bytes, filled with zeros)."""
    own = {**_X.get(profile, {}), **rough}
    readings = costs.read_as(profile)
    out = np.zeros((len(readings), 5), np.uint8)
    for unit, sound in enumerate(readings):
        letters = own.get(sound, _LETTERS.get(sound, sound))
        if profile in _WITHOUT_VOWELS and sound in "aeiouyOA@%j":
            letters = ""
        out[unit, : len(letters)] = np.frombuffer(letters.encode("ascii"), np.uint8)
    return out


@njit(cache=True, nogil=True)
def _write(units: np.ndarray, start: np.ndarray, words: np.ndarray, written: np.ndarray) -> np.ndarray:
    out = np.zeros(5 * len(units) + len(start) + len(words) + 1, np.uint8)
    at = 0
    for k in range(len(words) - 1):
        begun = at
        for w in range(words[k], words[k + 1]):
            if at > begun and out[at - 1] != 32:
                out[at] = 32
                at += 1
            for p in range(start[w], start[w + 1]):
                for place in range(written.shape[1]):
                    letter = written[units[p], place]
                    if letter == 0:
                        break
                    out[at] = letter
                    at += 1
        if at > begun and out[at - 1] == 32:
            at -= 1
        out[at] = 10
        at += 1
    return out[:at]
