"""Errors people and offices make when they write a name, a number or a date down; every draw comes from the caller."""

import random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOKS_LIKE = {"m": "n", "n": "m", "u": "v", "v": "u", "i": "l", "l": "i", "c": "e", "e": "c", "o": "a", "a": "o"}
_SOUNDS_LIKE = (("ph", "f"), ("ck", "k"), ("y", "i"), ("z", "s"), ("th", "t"), ("ee", "i"), ("dt", "t"), ("w", "v"))


def mistype(text: str, draw: random.Random) -> str:
    """One keystroke wrong: a letter or digit changed, lost, doubled, added or exchanged with the next."""
    if not text:
        return text
    at = draw.randrange(len(text))
    kind = draw.random()
    if kind < 0.4:
        return text[:at] + _neighbour(text[at], draw) + text[at + 1 :]
    if kind < 0.6 and len(text) > 1:
        return text[:at] + text[at + 1 :]
    if kind < 0.75 and len(text) > 1:
        at = min(at, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind < 0.85:
        return text[:at] + text[at] + text[at:]
    return text[:at] + _neighbour(text[at], draw) + text[at:]


def misread(text: str, draw: random.Random) -> str:
    """A letter taken for one that looks like it, or a sound written another way; mistyped where neither fits."""
    sounds = [(a, b) for a, b in _SOUNDS_LIKE if a in text]
    if sounds and draw.random() < 0.5:
        return text.replace(*draw.choice(sounds), 1)
    places = [i for i, letter in enumerate(text) if letter in _LOOKS_LIKE]
    if not places:
        return mistype(text, draw)
    at = draw.choice(places)
    return text[:at] + _LOOKS_LIKE[text[at]] + text[at + 1 :]


def misdate(date: str, draw: random.Random) -> str:
    """A date of the form YYYY-MM-DD with a digit wrong, day and month exchanged, or only the year known."""
    year, month, day = date.split("-")
    kind = draw.random()
    if kind < 0.25 and int(day) <= 12:
        return f"{year}-{day}-{month}"
    if kind < 0.35:
        return f"{year}-01-01"
    if kind < 0.6:
        return f"{year}-{month}-{draw.randint(1, 28):02d}"
    if kind < 0.8:
        return f"{year}-{draw.randint(1, 12):02d}-{min(int(day), 28):02d}"
    return f"{int(year) + draw.choice((-10, -2, -1, 1, 2, 10))}-{month}-{min(int(day), 28):02d}"


def _neighbour(letter: str, draw: random.Random) -> str:
    """A key beside this one; another digit for a digit."""
    if letter.isdigit():
        return str(draw.randrange(10))
    for row in _ROWS:
        at = row.find(letter)
        if at >= 0:
            return row[at - 1] if at and (at == len(row) - 1 or draw.random() < 0.5) else row[at + 1]
    return draw.choice("aeinrst")
