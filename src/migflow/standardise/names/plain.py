"""Names of persons and places in any script, folded to plain Latin letters."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from anyascii import anyascii

# Where a general transliteration departs from what the office that writes Latin puts: Serbian đ is
# written dj, and Cyrillic gets the letters that Serbian Latin has, whose marks then fall (ч, ћ, č, ć: c).
_LETTERS = str.maketrans(
    {
        "đ": "dj",
        "ђ": "dj",
        "џ": "dz",
        "ћ": "c",
        "ч": "c",
        "ш": "s",
        "ж": "z",
        "х": "h",
        "ц": "c",
        "ј": "j",
        "љ": "lj",
        "њ": "nj",
    }
)
_APOSTROPHES = re.compile(r"['`´‘’ʻʼʹ]")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """Lower-case ASCII with its punctuation: what fold does, before words are told apart."""
    lower = unicodedata.normalize("NFKC", text).lower()
    return anyascii(_APOSTROPHES.sub("", lower).translate(_LETTERS)).lower()


def words(plain_text: str) -> str:
    """The letters and digits of a plain text, words apart by one space."""
    return _NOT_LETTERS.sub(" ", plain_text).strip()


def fold_plain(texts: Iterable[str | None]) -> list[str]:
    """Lower-case ASCII letters and digits, words apart by one space; an empty text where there is none."""
    return [words(plain(text)) if text else "" for text in texts]


def sound(folded: Iterable[str], sounds: Sequence[Sequence[str]]) -> list[str]:
    """Folded names with each spelling of a sound replaced by one of them, in order (words.toml, names.sounds)."""
    pairs = [(spelling, letter) for spelling, letter in sounds]
    out = []
    for name in folded:
        for spelling, letter in pairs:
            name = name.replace(spelling, letter)
        out.append(name)
    return out
