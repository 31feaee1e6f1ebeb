"""How an address is written: in either language, in full or abbreviated, with parts left out or out of date."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from migflow.simulation import spelling
from migflow.simulation.config import AddressErrors
from migflow.simulation.country import NO_STREET, Country
from migflow.simulation.handwriting import LANGUAGES

Ints = npt.NDArray[np.int32]

FULL, ABBREVIATED, TERSE = range(3)
# Words before street, number, entrance and dwelling by language (sq, sr-Latn) and style; "none" for no number.
_WORDS = (
    (
        ("Rruga ", " nr. ", ", hyrja ", ", banesa ", " p.n."),
        ("Rr. ", " nr.", " h.", " b.", " p.n."),
        ("", " ", "", "/", ""),
    ),
    (
        ("Ulica ", " br. ", ", ulaz ", ", stan ", " bez broja"),
        ("Ul. ", " br.", " u.", " st.", " b.b."),
        ("", " ", "", "/", " bb"),
    ),
)
_TYPE = r"^(Rruga|Rr\.|Ulica|Ul\.|Улица|Ул\.) "
_SUFFIXES = ("", "a", "b", "c")
_TYPED = ("Sheshi ", "Bulevardi ", "Trg ", "Bulevar ", "Lagjja ", "Naselje ")  # names that say what they are


@dataclass(frozen=True)
class Written:
    """Addresses as written: settlement and the rest; and how, for the truth.

    how: language; street as written, without its type, none where there is no street name; and whether the name is a
    former one, has a typing error, and whether the number and (entrance and) dwelling are written.
    """

    settlement: pa.Array
    address: pa.Array
    how: pa.Table

    def repeated(self, rows: npt.NDArray) -> "Written":
        """The addresses at the given rows."""
        at = pa.array(rows)
        return Written(self.settlement.take(at), self.address.take(at), self.how.take(at))


class AddressBook:
    """Tables of every part of an address in every style, from which addresses are put together."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self._streets = pa.array(
            [text for style in range(9) for former in (0, 1) for text in self._street_texts(style, former)]
        )
        self._has_former = np.array([bool(s[2]) for s in country.streets])
        largest = int(country.dwellings.house_number.max())
        self._numbers_a_style = (largest + 1) * len(_SUFFIXES)
        self._numbers = pa.array([t for style in range(9) for t in self._numbered(style, largest)])
        self._entrances = pa.array([t for style in range(9) for t in self._counted(style, 2, 127)])
        self._dwellings = pa.array([t for style in range(9) for t in self._counted(style, 3, 127)])
        names = (country.settlements.name, country.settlements.name_second)
        cyrillic = [spelling.to_cyrillic(n) for n in names[1]]
        self._settlements = pa.array([*names[0], *names[1], *cyrillic])

    def write(
        self, rng: np.random.Generator, errors: AddressErrors, dwelling: Ints, language: npt.NDArray[np.int8]
    ) -> Written:
        """Each dwelling's address as an office of each language (0 sq, 1 sr-Latn, 2 sr-Cyrl) writes it."""
        d, count = self.country.dwellings, len(dwelling)
        foreign = rng.random(count) < errors.other_language
        language = np.where(foreign, np.where(language == 0, 1, 0), language)
        short = rng.random(count) < errors.abbreviated
        style = language * 3 + np.where(short, np.where(rng.random(count) < 0.6, ABBREVIATED, TERSE), FULL)
        street, former = d.street[dwelling], rng.random(count) < errors.former_street_name
        named = street != NO_STREET
        former &= named & self._has_former[street]
        streets = len(self.country.streets)
        of = pa.array(np.where(named, (style * 2 + former) * streets + street, 0), mask=~named)
        street_text, mistyped = self._mistyped(rng, errors, pc.fill_null(pc.take(self._streets, of), ""), named)
        numberless = rng.random(count) < errors.without_number
        number = np.where(numberless, 0, d.house_number[dwelling] * len(_SUFFIXES) + d.suffix[dwelling])
        partial = (rng.random(count) < errors.without_dwelling) | numberless
        entrance = np.where(partial, 0, d.entrance[dwelling])
        inside = np.where(partial, 0, d.dwelling[dwelling])
        joined = pc.binary_join_element_wise(
            street_text,
            pc.take(self._numbers, pa.array(style * self._numbers_a_style + number)),
            pc.take(self._entrances, pa.array(style * 128 + entrance)),
            pc.take(self._dwellings, pa.array(style * 128 + inside)),
            "",
        )
        settlement = pc.take(
            self._settlements, pa.array(language * len(self.country.settlements.name) + d.settlement[dwelling])
        )
        how = {
            "language": pa.array(LANGUAGES).take(pa.array(language)),
            "street": pc.if_else(pa.array(named), pc.replace_substring_regex(street_text, _TYPE, ""), None),
            "former": pa.array(former),
            "mistyped": pa.array(mistyped),
            "number_written": pa.array(~numberless),
            "dwelling_written": pa.array((entrance > 0) | (inside > 0)),
        }
        return Written(settlement, pc.utf8_trim_whitespace(joined), pa.table(how))

    def street_names(self) -> tuple[list[str], list[str]]:
        """Each street with its type in both languages, as the cadastre has it."""
        return self._street_texts(FULL, 0), self._street_texts(3 + FULL, 0)

    def _mistyped(
        self, rng: np.random.Generator, errors: AddressErrors, texts: pa.Array, named: npt.NDArray
    ) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
        """Texts with typing errors, and which have one."""
        wrong = named & (rng.random(len(texts)) < errors.typing)
        chosen = texts.filter(pa.array(wrong)).to_pylist()
        draws = rng.integers(0, 240, (len(chosen), 3))
        # The first letters are the street's type, which nobody misspells.
        changed = [
            t[:5] + spelling.mistype(t[5:], int(a % 4), int(b), int(c))
            for t, (a, b, c) in zip(chosen, draws, strict=True)
        ]
        return pc.replace_with_mask(texts, pa.array(wrong), pa.array(changed, pa.string())), wrong

    def _street_texts(self, style: int, former: int) -> list[str]:
        language = min(style // 3, 1)
        word = _WORDS[language][style % 3][0]
        names = [s[language + 2 * former] or s[language] for s in self.country.streets]
        texts = [n if n.startswith(_TYPED) else word + n for n in names]
        return [spelling.to_cyrillic(t) for t in texts] if style >= 6 else texts

    def _numbered(self, style: int, largest: int) -> list[str]:
        words = _WORDS[min(style // 3, 1)][style % 3]
        texts = [words[4]] * len(_SUFFIXES)
        texts += [f"{words[1]}{n}{s}" for n in range(1, largest + 1) for s in _SUFFIXES]
        return [spelling.to_cyrillic(t) for t in texts] if style >= 6 else texts

    def _counted(self, style: int, part: int, largest: int) -> list[str]:
        word = _WORDS[min(style // 3, 1)][style % 3][part]
        texts = ["", *(f"{word}{n}" if word else "" for n in range(1, largest + 1))]
        return [spelling.to_cyrillic(t) for t in texts] if style >= 6 else texts
