"""One name in the spellings of Albanian, Serbian Latin and Serbian Cyrillic, and as a clerk mistypes it."""

import unicodedata

_CYRILLIC = {
    **dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True)),
    **{"lj": "љ", "nj": "њ", "dž": "џ", "y": "и", "w": "в", "q": "ћ", "x": "кс"},
}
_LATIN = {cyrillic: latin for latin, cyrillic in _CYRILLIC.items() if latin not in ("y", "w", "q", "x")}
_SERBIAN_TO_ALBANIAN = {"dž": "xh", "đ": "gj", "ć": "q", "č": "ç", "š": "sh", "ž": "zh", "lj": "l", "h": "h"}
_ALBANIAN_TO_SERBIAN = {
    **{"xh": "dž", "gj": "đ", "zh": "ž", "sh": "š", "dh": "d", "th": "t", "ll": "l", "rr": "r", "nj": "nj"},
    **{"q": "ć", "ç": "č", "ë": "e", "y": "i", "x": "dz", "w": "v"},
}
_TURKISH = str.maketrans("ışğöüâÖÜŞĞİ", "išgouaOUŠGI")
_SINGLE = str.maketrans({"ı": "i", "ł": "l", "đ": "dj", "Đ": "Dj", "ø": "o", "ß": "ss", "æ": "ae"})
_KEYS = "qwertyuiopasdfghjklzxcvbnm"


def to_cyrillic(text: str) -> str:
    """Serbian Latin in Cyrillic; letters of other alphabets lose their marks first."""
    return _replace(_without_foreign_marks(text), _CYRILLIC)


def to_albanian(text: str) -> str:
    """A Serbian name as Albanian spells its sounds (Hodžić, Hoxhiq)."""
    return _replace(text.translate(_TURKISH), _SERBIAN_TO_ALBANIAN)


def to_serbian(text: str) -> str:
    """An Albanian name as Serbian Latin spells its sounds (Gjakovë, Đakove)."""
    return _replace(text.translate(_TURKISH), _ALBANIAN_TO_SERBIAN)


def without_marks(text: str) -> str:
    """Letters without their diacritics, as typed on a plain keyboard."""
    plain = unicodedata.normalize("NFKD", text.translate(_SINGLE))
    return "".join(c for c in plain if not unicodedata.combining(c))


def fit_encoding(text: str, encoding: str) -> str:
    """Text with every letter the encoding lacks replaced as a clerk would (ë as e, ш as š); other signs are dropped."""
    lacking = {letter for letter in set(text) if not holds(letter, encoding)}
    return text.translate({ord(x): _substitute(x, encoding) for x in lacking}) if lacking else text


def mistype(text: str, kind: int, place: int, letter: int) -> str:
    """Text with one letter left out, doubled, exchanged with the next or replaced (kind 0 to 3)."""
    if len(text) < 3:
        return text + text[-1:]
    at = 1 + place % (len(text) - 2)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2 and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    letters = _KEYS if text[at].isascii() else "аеионртсвлкм"
    swap = letters[letter % len(letters)]
    return text[:at] + (swap if swap != text[at] else letters[(letter + 1) % len(letters)]) + text[at + 1 :]


def _replace(text: str, rules: dict[str, str]) -> str:
    """Each letter or pair of letters by the rules, longest first, with its capital kept."""
    out, at = [], 0
    while at < len(text):
        size = 2 if text[at : at + 2].lower() in rules and len(text) > at + 1 else 1
        piece = text[at : at + size]
        new = rules.get(piece.lower(), piece)
        out.append(new.capitalize() if piece[0].isupper() else new)
        at += size
    return "".join(out)


def _without_foreign_marks(text: str) -> str:
    known = set("čćđšž")
    return "".join(c if c.lower() in known else without_marks(c) for c in text)


def holds(letter: str, encoding: str) -> bool:
    """Whether an encoding has a letter."""
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _substitute(letter: str, encoding: str) -> str:
    latin = _replace(letter, _LATIN)
    return "".join(c for c in (latin if holds(latin[0], encoding) else without_marks(latin)) if holds(c, encoding))
