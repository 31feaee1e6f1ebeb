"""What each token of a written address is, told from the kinds of the tokens alone (address_patterns).

Addresses are countless, shapes are few: each is read once.
"""

import functools
import re

from migflow.standardise.address_patterns import (
    ANNOUNCED,
    BARE_NUMBER,
    DIGITS_LETTER,
    NAME,
    NUMBER_READ,
    NUMBER_SIGN,
    POSTCODE_READ,
    READ,
    RUN,
    SEPARATORS,
    TYPE,
)

Parts = tuple[tuple[str, tuple[int, ...]], ...]
_Span = tuple[int, int]


@functools.lru_cache(maxsize=200_000)
def read(shape: str) -> Parts:
    """Each part and its tokens; number and number_suffix share a token of digits and letter."""
    return _Reading(shape).parts_read()


@functools.lru_cache(maxsize=20_000)
def street_name(shape: str) -> tuple[int, ...]:
    """The tokens of a street's name without its type, which stands before or after it."""
    found = re.match(r"[TQ]+S?", shape) or re.search(r"[TQt]$", shape)
    typed = range(*found.span()) if found else range(0)
    tokens = [i for i, kind in enumerate(shape) if kind not in SEPARATORS]
    return tuple([i for i in tokens if i not in typed] or tokens)


class _Reading:
    """A shape of which parts are masked as they are read."""

    def __init__(self, shape: str) -> None:
        self.kinds = shape
        self.shape = shape
        self.parts: dict[str, list[int]] = {}
        self.announcing: set[int] = set()

    def parts_read(self) -> Parts:
        """All parts; what is none of them is the remainder, in the order written."""
        for pattern in ANNOUNCED:
            self.shape = pattern.sub(self._note, self.shape)
        self._settle_numbers()
        self._place_names()
        if "street" not in self.parts and "former_street" in self.parts:
            self.parts["street"] = self.parts.pop("former_street")
        number = self.parts.get("number")
        if number and self.kinds[number[0]] == DIGITS_LETTER:
            self.parts["number_suffix"] = number
        self.parts.pop("no_number", None)
        read = self.announcing.union(*self.parts.values())
        unread = [i for i, kind in enumerate(self.kinds) if i not in read and kind not in SEPARATORS + NUMBER_SIGN]
        if unread:
            self.parts["remainder"] = unread
        return tuple((part, tuple(tokens)) for part, tokens in self.parts.items())

    def _note(self, found: re.Match[str], start: int | None = None) -> str:
        """Keep the tokens of a pattern's groups; returns the mask for what it covers from start."""
        start = found.start() if start is None else start
        mask, left = READ, False
        for group, place in found.re.groupindex.items():
            span = found.span(place)
            if span[0] < 0:
                continue
            part = group.rstrip("_")
            taken = part != "left" and self._take(part, span)
            left |= not taken or part == "code"
            if part in ("number", "no_number", "building"):
                mask = NUMBER_READ
            elif part == "postcode":
                mask = POSTCODE_READ
        if not left:
            words = (i for i in range(start, found.end()) if self.kinds[i] not in "NMO")
            self.announcing.update(words)
        return mask * (found.end() - start)

    def _take(self, part: str, span: _Span) -> bool:
        """Whether the tokens become that part: the first written do."""
        tokens = self._tokens(span)
        if part in self.parts or not tokens:
            return False
        self.parts[part] = tokens
        return True

    def _settle_numbers(self) -> None:
        """Find the house number if no word announces it; a number sign behind an entrance announces a dwelling."""
        inside = [self.parts[part][0] for part in ("building", "code", "entrance", "floor") if part in self.parts]
        announced = self.parts.get("number")
        behind = announced and inside and announced[0] > min(inside) and "dwelling" not in self.parts
        if behind:
            del self.parts["number"]
        if "number" not in self.parts:
            self._find_number()
        if behind and announced:
            in_building = "number" in self.parts or "code" in self.parts or "X" in self.kinds
            self.parts["dwelling" if in_building else "number"] = announced
        for part in ("building", "building_letter", "code"):
            self.parts.pop(part, None)

    def _find_number(self) -> None:
        if "building" in self.parts:
            self.parts["number"] = self.parts["building"]
            if "building_letter" in self.parts:
                self.parts["number_suffix"] = self.parts["building_letter"]
        elif "no_number" not in self.parts and "code" not in self.parts:
            found = next(filter(None, (pattern.search(self.shape) for pattern in BARE_NUMBER)), None)
            if found:
                start, stop = found.start("number"), found.end()
                self.shape = self.shape[:start] + self._note(found, start) + self.shape[stop:]

    def _place_names(self) -> None:
        """Give the names that are left their parts: a street by its type or number, then its settlement."""
        typed: list[tuple[_Span, _Span]] = []
        names: list[_Span] = []
        name: _Span | None = None
        for found in RUN.finditer(self.shape):
            run = self._without_country(found.span())
            types = [m.span() for m in TYPE.finditer(self.shape, *run)]
            if types:
                kind, written, before = self._typed(run, types)
                written, place = self._without_place(written)
                typed.append((kind, written))
                names += [span for span in (before, place) if span]
            else:
                names += self._parted(run)
        names = [span for span in names if self._is_name(span)]
        untyped = self._untyped_street(names)
        numbered = untyped is not None and self.shape[untyped[1] : untyped[1] + 1] == NUMBER_READ
        street = min(typed, key=lambda street: (self.kinds[street[0][0]] == "Q", street[0]), default=None)
        if street and not (
            self.kinds[street[0][0]] == "Q" and numbered
        ):  # a house number is a street's, not a quarter's
            self._take("street_type", street[0])
            name = street[1]
        elif untyped and "street" not in self.parts:
            names.remove(untyped)
            name = untyped
        if name:
            self._take("street", name)
        # The same street in another language, behind a slash, is no settlement.
        self._take_places([span for span in names if not (name and self._beside_slash(span, name))])

    def _typed(self, run: _Span, types: list[_Span]) -> tuple[_Span, _Span, _Span | None]:
        """Street type, name, and the name before them: of a run with a street type before or after its name."""
        (start, stop), first, last = run, types[0], types[-1]
        if start < first[0] and last != first and last[1] == stop:  # a quarter, then a street, each before its type
            return last, (first[1], last[0]), None
        if self._tokens((first[1], stop)):
            return first, (first[1], stop), (start, first[0]) if start < first[0] else None
        return first, (start, first[0]), None

    def _without_country(self, run: _Span) -> _Span:
        start, stop = run
        return (start, stop - 1) if re.search("[^TQ]C$", self.shape[start:stop]) else run

    def _without_place(self, name: _Span) -> tuple[_Span, _Span | None]:
        """A name of several words and the municipality behind it, if there is one and no number follows."""
        start, stop = name
        behind = re.search("[^LI-]P$|W-P$", self.shape[start:stop])  # not Lidhja e Prizrenit
        if behind and stop - start > 2 and self.shape[stop : stop + 1] != NUMBER_READ:
            return (start, stop - 1), (stop - 1, stop)
        return name, None

    def _parted(self, run: _Span) -> list[_Span]:
        """A run of names without a street type: a municipality before or behind the others stands for itself."""
        start, stop = run
        if re.match(r"P[WJoNO]-?[A-Z]", self.shape[start:stop]):  # Burim is a municipality and a first name
            return [(start, start + 1), *self._parted((start + 1, stop))]
        name, place = self._without_place(run)
        return [name, place] if place else [name]

    def _is_name(self, span: _Span) -> bool:
        """Whether it can be a street's or place's name: a word with what belongs to it, and not the country."""
        shape = self.shape[slice(*span)]
        country = set(shape) == {"C"} and self.shape[span[1] : span[1] + 1] != NUMBER_READ
        return bool(re.match(rf"[NO]?-?{NAME}+.*", shape) and re.search("[WPJC]", shape)) and not country

    def _is_place(self, span: _Span) -> bool:
        """Whether it can be no street: next to a postcode, or a municipality's name without a house number."""
        start, stop = span
        before, behind = self.shape[max(start - 1, 0) : start], self.shape[stop : stop + 1]
        return POSTCODE_READ in before + behind or (self._is_municipality(span) and behind != NUMBER_READ)

    def _untyped_street(self, names: list[_Span]) -> _Span | None:
        """The name with a house number behind it, or before it, else the first that is no place."""

        def rank(name: _Span) -> int:
            start, stop = name
            behind = self.shape[stop : stop + 2]
            if behind[:1] == NUMBER_READ:
                return 0
            return 1 if behind == "," + NUMBER_READ else 2 if self.shape[max(start - 1, 0)] == NUMBER_READ else 3

        return min((name for name in names if not self._is_place(name)), key=rank, default=None)

    def _beside_slash(self, span: _Span, street: _Span) -> bool:
        first, second = sorted((span, street))
        return self.shape[first[1] : second[0]] == "/" and not self._is_municipality(span)

    def _take_places(self, names: list[_Span]) -> None:
        """The settlement, and the municipality it lies in; of two names a municipality's is the municipality."""
        places = [span for span in names if re.fullmatch(rf"(?:{NAME}|[VQk-]|[NO](?=J))+", self.shape[slice(*span)])]
        known = [span for span in places if self._is_municipality(span)]
        others = [span for span in places if span not in known and not self._in_brackets(span)]
        for span in (*others[:1], *known, *others[1:]):
            if not self._take("settlement", span):
                self._take("municipality", span)

    def _in_brackets(self, span: _Span) -> bool:
        before = self.shape[: span[0]]
        return before.rfind("(") > before.rfind(")")

    def _is_municipality(self, span: _Span) -> bool:
        return set(self.shape[slice(*span)]) == {"P"}

    def _tokens(self, span: _Span) -> list[int]:
        return [i for i in range(*span) if self.kinds[i] not in SEPARATORS + NUMBER_SIGN]
