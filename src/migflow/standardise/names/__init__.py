"""Names of persons and places in any script: how alike they are, and their folded forms."""

from collections.abc import Iterable

from migflow.standardise.names.comparing import Names, similarity
from migflow.standardise.names.plain import fold_plain, plain, sound, words

__all__ = ["Names", "fold", "plain", "similarity", "sound", "words"]


def fold(names: Iterable[str | None], profile: str | None = None) -> list[str]:
    """Canonical forms of names, for blocking and display; an empty text where there is no letter or digit.

    Without a profile, lower-case ASCII letters and digits; with one, the sounds of its language (folding.fold).
    """
    if profile is None:
        return fold_plain(names)
    from migflow.standardise.names import folding

    return folding.fold(list(names), profile)
