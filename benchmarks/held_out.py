"""Three simulated tasks of other characters than the published ones, so that nothing is tuned to those alone.

many_errors: one file, up to 20 records a person, several errors in each. clinic: few columns with gaps, files of
unequal size, a fifth of the small one in the large one. households: names in any order and nicknames, people of one
address and surname, twins. Columns are named as Febrl names them.
"""

import csv
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.errors import misdate, misread, mistype

Row = dict[str, str]

_NICKNAMES = {
    "alexander": "alex", "andrew": "andy", "anthony": "tony", "benjamin": "ben", "catherine": "cathy",
    "charles": "charlie", "christopher": "chris", "daniel": "dan", "deborah": "debbie", "edward": "ted",
    "elizabeth": "liz", "frances": "fran", "gregory": "greg", "isabella": "bella", "jacob": "jake", "james": "jim",
    "jennifer": "jenny", "john": "jack", "jonathan": "jon", "joseph": "joe", "joshua": "josh", "judith": "judy",
    "katherine": "kate", "kenneth": "ken", "margaret": "peggy", "matthew": "matt", "michael": "mick",
    "nicholas": "nick", "pamela": "pam", "patricia": "trish", "peter": "pete", "philip": "phil", "rebecca": "becky",
    "richard": "dick", "robert": "bob", "samuel": "sam", "stephen": "steve", "susan": "sue", "theresa": "terry",
    "thomas": "tom", "victoria": "vicky", "virginia": "ginny", "william": "bill", "zachary": "zac",
}  # fmt: skip
_STREET_TYPES = {"street": "st", "avenue": "ave", "road": "rd", "place": "pl", "crescent": "cres", "close": "cl"}
_STATES = ("nsw", "vic", "qld", "wa", "sa", "tas", "act", "nt")
_SYLLABLES = ([c + v for c in "bcdfghjklmnprstvw" for v in "aeiou"], ["n", "r", "l", "s", "tt", "ck", "m", "y", "", ""])


@dataclass(frozen=True)
class Person:
    """A person as they are."""

    number: int
    given_name: str
    surname: str
    sex: str
    date_of_birth: str
    street_number: str
    address_1: str
    suburb: str
    postcode: str
    state: str


class Country:
    """Names and places to draw from; few are frequent, most are rare."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.given = [*_NICKNAMES, *self._names(300)]
        self.surnames = self._names(3_000)
        self.streets = [f"{name} {draw.choice(list(_STREET_TYPES))}" for name in self._names(1_200)]
        self.suburbs = [(n, str(draw.randint(800, 7999)).zfill(4), draw.choice(_STATES)) for n in self._names(250)]

    def household(self, number: int, size: int, twins: float) -> list[Person]:
        """Persons of one address; all but a lodger share the surname, a child may have a twin."""
        draw, surname = self.draw, self._often(self.surnames)
        suburb, postcode, state = self._often(self.suburbs)
        home = (str(draw.randint(1, 180)), self._often(self.streets), suburb, postcode, state)
        people: list[Person] = []
        for place in range(size):
            year = draw.randint(1935, 1985) if place < 2 else draw.randint(1990, 2018)
            born = f"{year}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
            if place > 2 and draw.random() < twins:
                born = people[-1].date_of_birth
            own = surname if draw.random() < 0.9 else self._often(self.surnames)
            people.append(Person(number + place, self._often(self.given), own, draw.choice("fm"), born, *home))
        return people

    def households(self, persons: int, twins: float = 0.0, sizes: tuple[int, ...] = (1, 2, 3, 4, 5)) -> list[Person]:
        """About so many persons."""
        people: list[Person] = []
        while len(people) < persons:
            people += self.household(len(people), self.draw.choice(sizes), twins)
        return people

    def moved(self, person: Person) -> Person:
        """The person at another address."""
        suburb, postcode, state = self._often(self.suburbs)
        number, street = str(self.draw.randint(1, 180)), self._often(self.streets)
        return replace(person, street_number=number, address_1=street, suburb=suburb, postcode=postcode, state=state)

    def _names(self, count: int) -> list[str]:
        starts, ends = _SYLLABLES
        found: dict[str, None] = {}
        while len(found) < count:
            syllables = self.draw.choices(starts, k=self.draw.choice((2, 2, 3)))
            found["".join([*syllables, self.draw.choice(ends)])] = None
        return list(found)

    def _often(self, values: list):
        """One of the values, the early ones more often."""
        return values[int(len(values) * self.draw.random() ** 2.2)]


def write_held_out(folder: Path, seed: int = 7) -> None:
    """Write the three tasks: CSV files and truth.parquet."""
    many_errors(folder / "many_errors", random.Random(seed))
    clinic(folder / "clinic", random.Random(seed + 1))
    households(folder / "households", random.Random(seed + 2))


def many_errors(folder: Path, draw: random.Random) -> None:
    """2,500 persons with 1 to 20 records, 0 to 6 errors each."""
    country = Country(draw)
    records: list[tuple[int, Row]] = []
    for person in country.households(2_500, sizes=(1,)):
        seen = 1
        while seen < 20 and draw.random() < 0.72:
            seen += 1
        for _ in range(seen):
            row = _febrl_row(country.moved(person) if draw.random() < 0.06 else person)
            for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6))):
                _spoil(row, draw)
            records.append((person.number, row))
    draw.shuffle(records)
    owner = _write(folder / "records.csv", records)
    _write_truth(folder, (pair for same in owner.values() for pair in combinations(same, 2)))


def clinic(folder: Path, draw: random.Random) -> None:
    """Census of 20,000 and a clinic's file of 4,000, of whom 800 are in the census."""
    people = Country(draw).households(23_200)[:23_200]
    draw.shuffle(people)
    gaps = {"given_name": 0.05, "surname": 0.02, "sex": 0.05, "date_of_birth": 0.1, "postcode": 0.25}
    census, patients = people[:20_000], [*people[:800], *people[20_000:]]
    draw.shuffle(census)
    draw.shuffle(patients)
    write = [[(p.number, _few(p, draw, rate, gaps)) for p in side] for side, rate in ((census, 0.3), (patients, 1.0))]
    _write_link(folder, *write)


def households(folder: Path, draw: random.Random) -> None:
    """4,000 persons of large households with twins; the right file has nicknames, names in any order, people moved."""
    country = Country(draw)
    people = country.households(4_400, twins=0.25, sizes=(2, 3, 4, 5, 6))[:4_400]
    left = [(p.number, _febrl_row(p)) for p in people[:4_000]]
    right = []
    for person in people[400:]:
        row = _febrl_row(country.moved(person) if draw.random() < 0.1 else person)
        if draw.random() < 0.2:
            row["given_name"] = _NICKNAMES.get(row["given_name"], row["given_name"][:4])
        if draw.random() < 0.15:
            row["given_name"], row["surname"] = row["surname"], row["given_name"]
        if draw.random() < 0.4:
            _spoil(row, draw)
        right.append((person.number, row))
    draw.shuffle(left)
    draw.shuffle(right)
    _write_link(folder, left, right)


def _febrl_row(person: Person) -> Row:
    names = ("given_name", "surname", "street_number", "address_1", "suburb", "postcode", "state")
    return {**{name: getattr(person, name) for name in names}, "date_of_birth": person.date_of_birth.replace("-", "")}


def _few(person: Person, draw: random.Random, rate: float, gaps: dict[str, float]) -> Row:
    """Few columns, each wrong or empty now and then."""
    row = {name: getattr(person, name) for name in gaps}
    errors = {"given_name": misread, "surname": mistype, "date_of_birth": misdate, "postcode": mistype}
    for name, wrong in errors.items():
        if draw.random() < 0.06 * rate:
            row[name] = wrong(row[name], draw)
    return {name: "" if draw.random() < gaps[name] * rate else value for name, value in row.items()}


def _spoil(row: Row, draw: random.Random) -> None:
    """One error anywhere in a row: mistyped, misread, empty, abbreviated, or values in each other's column."""
    kind = draw.random()
    name = draw.choice(list(row))
    value = row[name]
    if kind < 0.06:
        row["given_name"], row["surname"] = row["surname"], row["given_name"]
    elif kind < 0.12:
        row["address_1"], row["suburb"] = row["suburb"], row["address_1"]
    elif kind < 0.18:
        first, _, last = row["address_1"].rpartition(" ")
        row["address_1"] = f"{first} {_STREET_TYPES.get(last, last)}".strip()
    elif kind < 0.24:
        row["given_name"] = row["given_name"][:1]
    elif kind < 0.38:
        row[name] = ""
    elif name == "date_of_birth" and value:
        row[name] = misdate(f"{value[:4]}-{value[4:6]}-{value[6:]}", draw).replace("-", "")
    else:
        wrong: Callable[[str, random.Random], str] = mistype if draw.random() < 0.6 else misread
        row[name] = wrong(value, draw)


def _write(path: Path, records: list[tuple[int, Row]]) -> dict[int, list[int]]:
    """Write rows, numbered in order; the numbers of each person's rows."""
    owner: dict[int, list[int]] = {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rec_id", *records[0][1]])
        for number, (person, row) in enumerate(records):
            owner.setdefault(person, []).append(number)
            writer.writerow([number, *row.values()])
    return owner


def _write_link(folder: Path, left: list[tuple[int, Row]], right: list[tuple[int, Row]]) -> None:
    lefts, rights = _write(folder / "left.csv", left), _write(folder / "right.csv", right)
    _write_truth(folder, ((a, b) for person, rows in lefts.items() for a in rows for b in rights.get(person, ())))


def _write_truth(folder: Path, pairs: Iterable[tuple[int, int]]) -> None:
    left, right = zip(*pairs, strict=True)
    pq.write_table(pa.table({"left_id": left, "right_id": right}), folder / "truth.parquet")
