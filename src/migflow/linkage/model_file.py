"""Model files: TOML to a linkage model and back."""

import importlib
import json
from collections.abc import Mapping
from numbers import Integral
from typing import Any

from migflow.errors import MigflowError
from migflow.linkage.model import (
    DEFAULT_LEVELS,
    Block,
    Comparison,
    Deterministic,
    LinkageModel,
    Lookalikes,
    MatchKind,
    Parameters,
    Similarity,
)

_MODEL_KEYS = {"id", "prior", "threshold", "unique", "block", "compare", "deterministic", "lookalikes", "kinds"}
_LOOKALIKES_KEYS = {"of", "share", "levels"}
_BLOCK_KEYS = {"on", "right"}
_DETERMINISTIC_KEYS = {"on", "recall"}
_COMPARE_KEYS = {"column", "columns", "right", "with", "levels", "term_frequency", "conflict", "m", "u"}


def parse(read: Mapping[str, Any], source: str) -> LinkageModel:
    """A linkage model from the parsed TOML; MigflowError names an unknown key or a wrong value."""
    _known(read, _MODEL_KEYS, source)
    if not isinstance(read.get("id"), str) or not read["id"]:
        raise MigflowError(f'{source}: id is missing; name the column of record ids, as id = "record_id".')
    threshold = _number(read, "threshold", source)
    return LinkageModel(
        id=read["id"],
        blocks=tuple(_block(b, f"{source}: block {n}") for n, b in enumerate(_tables(read, "block", source), 1)),
        compares=tuple(_comparison(c, source, n) for n, c in enumerate(_tables(read, "compare", source), 1)),
        prior=_number(read, "prior", source),
        threshold=0.5 if threshold is None else threshold,
        unique=_texts(read.get("unique", ()), f"{source}: unique"),
        deterministic=tuple(_deterministic(d, source) for d in _tables(read, "deterministic", source)),
        lookalikes=tuple(_lookalikes(a, f"{source}: lookalikes") for a in _tables(read, "lookalikes", source)),
        kinds=tuple(_kind(k, f"{source}: kinds") for k in _tables(read, "kinds", source)),
        source=source,
    )


def text(model: LinkageModel) -> str:
    """The model as TOML."""
    lines = [f"id = {_value(model.id)}", f"threshold = {_value(model.threshold)}"]
    if model.prior is not None:
        lines.append(f"prior = {_value(model.prior)}")
    if model.unique:
        lines.append(f"unique = {_list(model.unique)}")
    for rule in model.deterministic:
        lines += ["", "[[deterministic]]", f"on = {_list(rule.on)}", f"recall = {_value(rule.recall)}"]
    for block in model.blocks:
        lines += ["", "[[block]]", f"on = {_list(block.on)}"]
        if block.right:
            lines.append(f"right = {_list(block.right)}")
    for compare in model.compares:
        lines += ["", *_comparison_lines(compare)]
    for alike in model.lookalikes:
        lines += ["", "[[lookalikes]]", f"of = {_value(alike.of)}", f"share = {alike.share!r}"]
        lines.append("levels = [" + ", ".join(_list(levels) for levels in alike.levels) + "]")
    for kind in model.kinds:
        lines += ["", "[[kinds]]", f"share = {kind.share!r}"]
        lines.append("levels = [" + ", ".join(_list(levels) for levels in kind.levels) + "]")
    return "\n".join(lines) + "\n"


def _comparison_lines(compare: Comparison) -> list[str]:
    lines = ["[[compare]]"]
    if len(compare.columns) == 1:
        lines.append(f"column = {_value(compare.columns[0])}")
    else:
        lines.append(f"columns = {_list(compare.columns)}")
    if compare.right:
        lines.append(f"right = {_list(compare.right)}")
    where = f"compare {json.dumps(compare.name)}"
    if _method(compare.with_name, where) != compare.method:
        raise MigflowError(f"{where}: {compare.with_name} is not the function; a file can name one of a module only.")
    lines.append(f"with = {_value(compare.with_name)}")
    if compare.method not in ("exact", "nested_overlap"):
        lines.append(f"levels = {_list(compare.levels)}")
    lines += [f"{flag} = true" for flag in ("term_frequency", "conflict") if getattr(compare, flag)]
    if compare.parameters:
        lines.append(f"# levels from the lowest: {_list(compare.level_names)}")
        lines += [f"m = {_list(compare.parameters.m)}", f"u = {_list(compare.parameters.u)}"]
    return lines


def _list(values: Any) -> str:
    return "[" + ", ".join(map(_value, values)) + "]"


def _value(value: str | float) -> str:
    """A text or number as TOML: JSON, but for a character that only TOML wants escaped."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(int(value) if isinstance(value, Integral) else float(value))


def _known(read: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in read:
        if key not in keys:
            raise MigflowError(f"{where}: {key} is not a key of it; expected {', '.join(sorted(keys))}.")


def _tables(read: Mapping[str, Any], key: str, source: str) -> list[Mapping[str, Any]]:
    found = read.get(key, [])
    if not isinstance(found, list) or any(not isinstance(t, dict) for t in found):
        raise MigflowError(f"{source}: {key} must be tables, each headed [[{key}]].")
    return found


def _texts(value: Any, where: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or any(not isinstance(v, str) or not v.strip() for v in values):
        raise MigflowError(f"{where} must be a list of column names or SQL expressions.")
    return tuple(values)


def _number(read: Mapping[str, Any], key: str, where: str) -> float | None:
    value = read.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MigflowError(f"{where}: {key} must be a number.")
    return float(value)


def _block(read: Mapping[str, Any], where: str) -> Block:
    _known(read, _BLOCK_KEYS, where)
    return Block(_texts(read.get("on", ()), f"{where}: on"), _texts(read.get("right", ()), f"{where}: right"))


def _deterministic(read: Mapping[str, Any], source: str) -> Deterministic:
    where = f"{source}: deterministic"
    _known(read, _DETERMINISTIC_KEYS, where)
    recall = _number(read, "recall", where)
    if recall is None or not 0 < recall <= 1:
        raise MigflowError(f"{where}: recall is the share of matches that keep the rule, above 0 and at most 1.")
    return Deterministic(_texts(read.get("on", ()), f"{where}: on"), recall)


def _comparison(read: Mapping[str, Any], source: str, number: int) -> Comparison:
    where = f"{source}: compare {number}"
    _known(read, _COMPARE_KEYS, where)
    if ("column" in read) == ("columns" in read):
        raise MigflowError(f"{where}: name either column or columns.")
    method = _method(read.get("with", "exact"), where)
    levels = read.get("levels", DEFAULT_LEVELS[method] if isinstance(method, str) and method in DEFAULT_LEVELS else ())
    if not isinstance(levels, list | tuple) or any(
        isinstance(v, bool) or not isinstance(v, str | int | float) for v in levels
    ):
        raise MigflowError(f"{where}: levels must be a list of numbers, best first.")
    columns = _texts(read.get("columns", read.get("column")), f"{where}: column")
    if method == "nested_overlap" and not levels:
        levels = columns[1:]
    parameters = None
    if ("m" in read) != ("u" in read):
        raise MigflowError(f"{where}: m and u belong together; one is missing.")
    if "m" in read:
        parameters = Parameters(_probabilities(read["m"], f"{where}: m"), _probabilities(read["u"], f"{where}: u"))
    return Comparison(
        columns=columns,
        method=method,
        levels=tuple(levels),
        term_frequency=_flag(read, "term_frequency", where),
        right=_texts(read.get("right", ()), f"{where}: right"),
        conflict=_flag(read, "conflict", where),
        parameters=parameters,
    )


def _lookalikes(read: Mapping[str, Any], where: str) -> Lookalikes:
    _known(read, _LOOKALIKES_KEYS, where)
    share, levels = _number(read, "share", where), read.get("levels")
    if share is None or not isinstance(read.get("of"), str) or not isinstance(levels, list):
        raise MigflowError(f"{where}: of, share and levels are needed, as training writes them.")
    return Lookalikes(read["of"], share, tuple(_probabilities(v, f"{where}: levels") for v in levels))


def _kind(read: Mapping[str, Any], where: str) -> MatchKind:
    _known(read, _LOOKALIKES_KEYS - {"of"}, where)
    share, levels = _number(read, "share", where), read.get("levels")
    if share is None or not isinstance(levels, list):
        raise MigflowError(f"{where}: share and levels are needed, as training writes them.")
    return MatchKind(share, tuple(_probabilities(v, f"{where}: levels") for v in levels))


def _flag(read: Mapping[str, Any], key: str, where: str) -> bool:
    value = read.get(key, False)
    if not isinstance(value, bool):
        raise MigflowError(f"{where}: {key} must be true or false.")
    return value


def _probabilities(values: Any, where: str) -> tuple[float, ...]:
    if not isinstance(values, list) or any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        raise MigflowError(f"{where} must be a list of probabilities.")
    return tuple(float(v) for v in values)


def _method(value: Any, where: str) -> str | Similarity:
    """A method by its name, or a Python function written as package.module.function."""
    if not isinstance(value, str):
        raise MigflowError(f"{where}: with must be the name of a method.")
    if "." not in value:
        return value
    module, _, function = value.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise MigflowError(f"{where}: no function {json.dumps(value)} can be imported ({error}).") from error
    if not callable(found):
        raise MigflowError(f"{where}: {json.dumps(value)} is not a function.")
    method: Similarity = found
    return method
