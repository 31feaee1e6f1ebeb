"""Layouts: how each provider writes its files, read from countries/<country>/providers/*.toml."""

import codecs
import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from migflow import contracts, countries
from migflow.contracts import Column, Contract
from migflow.errors import MigflowError

FORMATS = ("csv", "xlsx", "jsonl", "parquet")
EXCEL = "excel"
# Filled by the reader, so no layout names them; nor the columns that keep a text as sent.
FILLED = frozenset({"reference_month", "provider", "delivery_id", "source_line"})
RAW = "_raw"

_PROVIDER_KEYS = {"provider", "name", "municipality", "language"}
_LAYOUT_KEYS = {
    "format",
    "encoding",
    "delimiter",
    "sheet",
    "final_newline",
    "newlines_in_values",
    "dates",
    "missing",
    "columns",
    "codes",
    "constants",
}
# Keys that only some formats have: format -> keys it needs beyond format and columns.
_NEEDED: dict[str, set[str]] = {
    "csv": {"encoding", "delimiter"},
    "xlsx": {"sheet"},
    "jsonl": {"encoding"},
    "parquet": set(),
}
_OPTIONAL = {"csv": {"final_newline", "newlines_in_values"}}


@dataclass(frozen=True)
class Layout:
    """How one provider writes the files of one source.

    columns: contract column -> header in the file; codes: contract column -> their text -> our code (the
    first text of a code is the one to write); constants: contract column -> value the file does not carry.
    areas: the municipalities of areas.csv, the only values of a municipality that is sent as our code.
    """

    source: str
    format: str
    encoding: str = "utf-8"
    delimiter: str = ""
    sheet: str = ""
    final_newline: bool = True
    newlines_in_values: bool = False
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    missing: tuple[str, ...] = ("",)
    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    areas: tuple[str, ...] = ()

    @property
    def required(self) -> frozenset[str]:
        """Columns that the contract requires of every row."""
        return frozenset(c.name for c in contracts.load(self.source).columns if c.required)

    @property
    def sha256(self) -> str:
        """Hash of everything the layout says."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The whole layout as text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @staticmethod
    def from_json(text: str) -> "Layout":
        """The layout that to_json wrote."""
        said = json.loads(text)
        return Layout(**said | {key: tuple(said[key]) for key in ("dates", "missing", "areas") if key in said})


@dataclass(frozen=True)
class Provider:
    """An office that sends files; language is what it writes in (BCP 47: sq, sr-Latn, sr-Cyrl)."""

    id: str
    name: str
    municipality: str | None
    language: str
    layouts: Mapping[str, Layout]


def load_providers(country_dir: Path) -> dict[str, Provider]:
    """Providers of a country by id; MigflowError names the file and the key that is wrong."""
    paths = sorted((country_dir / "providers").glob("*.toml"))
    if not paths:
        raise MigflowError(f"{country_dir / 'providers'}: no provider layouts (*.toml) here.")
    areas = frozenset(area.code for area in countries.load(str(country_dir)).municipalities)
    providers = [_provider(path, areas) for path in paths]
    return {provider.id: provider for provider in providers}


def layout_of(source: str, provider: str, providers: Mapping[str, Provider]) -> Layout:
    """The layout in which a provider delivers a source; MigflowError if there is none."""
    try:
        return providers[provider].layouts[source]
    except KeyError:
        known = ", ".join(sorted(p.id for p in providers.values() if source in p.layouts)) or "nobody"
        raise MigflowError(f"Provider {provider!r} has no layout for {source!r}; it comes from: {known}.") from None


def delivered_columns(contract: Contract) -> list[Column]:
    """Columns that a file can carry: all but those the reader fills."""
    return [c for c in contract.columns if c.name not in FILLED and not is_raw(contract, c.name)]


def is_raw(contract: Contract, name: str) -> bool:
    """Whether a column keeps the text as sent of another one."""
    return name.endswith(RAW) and any(c.name == name.removesuffix(RAW) for c in contract.columns)


def _provider(path: Path, areas: frozenset[str]) -> Provider:
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MigflowError(f"{path} is not a TOML file in UTF-8: {error}") from error
    sources = [table for table, c in contracts.load_all().items() if c.stage == "deliveries"]
    _known(path, "", text, _PROVIDER_KEYS | set(sources))
    for key in ("provider", "name", "language"):
        _expect(path, key, isinstance(text.get(key), str), "a text")
    _expect(path, "provider", text["provider"] == path.stem, f"{path.stem!r}, the name of the file")
    _expect(path, "provider", bool(re.fullmatch(r"[a-z0-9-]+", path.stem)), "lower-case letters, digits and -")
    area = text.get("municipality")
    _expect(path, "municipality", area is None or area in areas, "a municipality of areas.csv")
    layouts = {s: _layout(path, contracts.load(s), text[s], areas) for s in sources if s in text}
    if not layouts:
        raise MigflowError(f"{path}: delivers nothing; add a section named {', '.join(sources)}.")
    return Provider(text["provider"], text["name"], area, text["language"], layouts)


def _layout(path: Path, contract: Contract, section: dict[str, Any], areas: frozenset[str]) -> Layout:
    at = contract.table
    _known(path, at, section, _LAYOUT_KEYS)
    form = section.get("format")
    _expect(path, f"{at}.format", form in FORMATS, f"one of {', '.join(FORMATS)}")
    for key in ("encoding", "delimiter", "sheet", "final_newline", "newlines_in_values"):
        needed = key in _NEEDED[str(form)]
        fits = needed or key in _OPTIONAL.get(str(form), set())
        _expect(path, f"{at}.{key}", fits or key not in section, f"left out: {form} files have no {key}")
        _expect(path, f"{at}.{key}", key in section or not needed, f"given: {form} files need it")
    _check_values(path, at, section)
    _check_columns(path, contract, section)
    _check_codes(path, contract, section, areas)
    lists: dict[str, Any] = {key: tuple(section[key]) for key in ("dates", "missing") if key in section}
    return Layout(source=at, areas=tuple(sorted(areas)), **(section | lists))


def _check_values(path: Path, at: str, section: dict[str, Any]) -> None:
    encoding, delimiter = section.get("encoding", "utf-8"), section.get("delimiter", ";")
    try:
        # Lines are counted by their bytes, which UTF-16 writes in another way.
        plain = "a\n".encode(encoding).removeprefix(codecs.BOM_UTF8) == b"a\n"
    except (LookupError, TypeError):
        plain = False
    _expect(path, f"{at}.encoding", plain, "an encoding such as utf-8, utf-8-sig, windows-1250; UTF-16 is not read")
    one_byte = isinstance(delimiter, str) and len(delimiter) == 1 and delimiter.isascii()
    _expect(path, f"{at}.delimiter", one_byte, "one ASCII character")
    for key in ("final_newline", "newlines_in_values"):
        _expect(path, f"{at}.{key}", isinstance(section.get(key, True), bool), "true or false")
    for form in section.get("dates", []):
        _expect(path, f"{at}.dates", form == EXCEL or _round_trips(form), f"strptime formats, not {form!r}")


def _round_trips(form: str) -> bool:
    day = dt.datetime(2024, 3, 5)
    try:
        return dt.datetime.strptime(day.strftime(form), form) == day
    except (ValueError, TypeError):
        return False


def _check_columns(path: Path, contract: Contract, section: dict[str, Any]) -> None:
    """Every column named is one a file can carry, and every required one is delivered or constant."""
    own = delivered_columns(contract)
    columns, constants = section.get("columns", {}), section.get("constants", {})
    for key, names in (("columns", columns), ("constants", constants), ("codes", section.get("codes", {}))):
        _known(path, f"{contract.table}.{key}", names, {c.name for c in own})
    for name in section.get("codes", {}):
        _expect(path, f"{contract.table}.codes.{name}", name in columns, "codes of a column in columns")
    for name in constants:
        _expect(path, f"{contract.table}.constants.{name}", name not in columns, "left out: it is in columns")
    headers = [str(header) for header in columns.values()]
    for name, header in columns.items():
        key = f"{contract.table}.columns.{name}"
        _expect(path, key, headers.count(str(header)) == 1, f"a header of its own; {header!r} is named twice")
    for column in own:
        given = column.name in columns or column.name in constants
        message = "given (the contract requires it): a header here or a value under constants"
        _expect(path, f"{contract.table}.columns.{column.name}", given or not column.required, message)


def _check_codes(path: Path, contract: Contract, section: dict[str, Any], areas: frozenset[str]) -> None:
    """Codes and constants are values that the contract, or areas.csv for municipalities, allows."""
    pairs = [
        (f"codes.{name}.{theirs!r}", name, ours)
        for name, codes in section.get("codes", {}).items()
        for theirs, ours in codes.items()
    ]
    pairs += [(f"constants.{name}", name, value) for name, value in section.get("constants", {}).items()]
    for key, name, value in pairs:
        column = contract.column(name)
        allowed = areas if name == "municipality" else column.allowed
        if allowed:
            listed = "a municipality of areas.csv" if allowed is areas else f"one of {', '.join(column.allowed)}"
            _expect(path, f"{contract.table}.{key}", value in allowed, f"{listed}, not {value!r}")
        elif column.pattern:
            fits = re.search(column.pattern, str(value)) is not None
            _expect(path, f"{contract.table}.{key}", fits, f"of the form {column.pattern}, not {value!r}")


def _known(path: Path, at: str, given: object, allowed: set[str]) -> None:
    _expect(path, at, isinstance(given, dict), "a section")
    for key in given if isinstance(given, dict) else ():
        if key not in allowed:
            where = f"{at}.{key}" if at else key
            raise MigflowError(f"{path}: key {where} is not known here; expected one of {', '.join(sorted(allowed))}.")


def _expect(path: Path, key: str, holds: bool, expected: str) -> None:
    if not holds:
        raise MigflowError(f"{path}: key {key} must be {expected}.")
