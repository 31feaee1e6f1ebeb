"""From stored statistics to figures that may be shown: every table's rule applied, all tables together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import pyarrow as pa

from migflow.contracts import CONF_STATUS, VALUE, Contract, Disclosure
from migflow.disclosure import cell_key, relations, rounding
from migflow.disclosure import cells as cell_list
from migflow.disclosure.cells import CODES, SECONDARY, Cells, Floats, Ints
from migflow.disclosure.ptable import known
from migflow.disclosure.suppression import Before, suppress_linked, suppress_small

_DERIVED, _RATIOS = Path(__file__).parent / "derived", Path(__file__).parent / "ratios"


@dataclass(frozen=True)
class Noise:
    """The perturbed figures of a table, in the order of its cells, and what readers know of the exact ones."""

    shown: Floats
    lower: Floats
    upper: Floats


def protect(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    sources: Mapping[str, str],
    key: str,
    before: Callable[[Cells], Before] | None = None,
) -> Cells:
    """Apply the rules of all tables in a session that has areas and wider_areas; returns the cells as shown.

    sources: table -> SQL that reads it; key: the secret of the noise. The session also holds what records.reads names,
    and keeps each table under its name, with the column cell.
    """
    cells = cell_list.number(con, contracts, sources)
    for table in cells.tables:
        if cells.rules[table].method in _NOISE:
            _perturb(con, cells, contracts[table], key)
    derived = _derived(con, cells)
    _multiply(cells, derived)
    suppress_small(cells)
    con.register("primary_cells", pa.table({"cell": np.flatnonzero(cells.suppressed)}))
    system = relations.system(con, relations.shipped(), cells.value)
    suppress_linked(cells, system, before(cells) if before else None)
    _hide_derived(cells, derived)
    _divide(con, cells)
    return cells


def _perturb(con: duckdb.DuckDBPyConnection, cells: Cells, contract: Contract, key: str) -> None:
    """Show the counts of a table with noise, and write down what readers know of them."""
    part = cells.of(contract.table)
    chosen = cells.counted[part]
    at = np.arange(part.start, part.stop)[chosen]
    noise = _NOISE[cells.rules[contract.table].method](con, contract, np.where(chosen, cells.value[part], 0.0), key)
    cells.perturbed[at] = True
    cells.shown[at], cells.lower[at], cells.upper[at] = noise.shown[chosen], noise.lower[chosen], noise.upper[chosen]


def _rounded(con: duckdb.DuckDBPyConnection, contract: Contract, values: Floats, key: str) -> Noise:
    base = cast(Disclosure, contract.disclosure).base
    shown = rounding.rounded(values, rounding.draws(con, contract, key), base)
    return Noise(shown, np.maximum(shown - base + 1, 0), shown + base - 1)


def _keyed(con: duckdb.DuckDBPyConnection, contract: Contract, values: Floats, key: str) -> Noise:
    minimum = cast(Disclosure, contract.disclosure).minimum
    shown = cell_key.perturbed(con, contract, values, minimum, key)
    return Noise(shown, *known(shown, minimum))


_NOISE = {"rounding": _rounded, "cell_key": _keyed}


@dataclass(frozen=True)
class Derived:
    """Cells that follow from others: a multiple of its base, or with factor 0 a rate that would give the base away."""

    cell: Ints
    base: Ints
    factor: Ints


def _derived(con: duckdb.DuckDBPyConnection, cells: Cells) -> Derived:
    """What derived/ says of the tables that are there."""
    found = _read(con, cells, _DERIVED)
    empty = np.zeros(0, dtype=np.int64)
    return Derived(
        *(np.concatenate([empty, *(t[name].to_numpy() for t in found)]) for name in ("cell", "base", "factor"))
    )


def _read(con: duckdb.DuckDBPyConnection, cells: Cells, folder: Path) -> list[pa.Table]:
    """Results of the SELECTs of a folder whose tables are there."""
    queries = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
    here = [query for query in queries if relations.tables_of(query) <= set(cells.tables)]
    return [con.sql(query).to_arrow_table() for query in here]


def _divide(con: duckdb.DuckDBPyConnection, cells: Cells) -> None:
    """A ratio is that of the figures shown, and is left out where one of them is, or where nothing is to divide by."""
    for found in _read(con, cells, _RATIOS):
        of = found["numerator"].fill_null(-1).to_numpy()
        cell, by, per = (found[name].to_numpy() for name in ("cell", "denominator", "per"))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = per * np.where(of < 0, 0.0, cells.shown[of]) / cells.shown[by]
        cells.shown[cell] = np.where(np.isfinite(ratio), ratio, np.nan)
        cells.status[cell] = np.where(np.isfinite(ratio), cells.status[cell], SECONDARY)


def _multiply(cells: Cells, derived: Derived) -> None:
    """A multiple of a perturbed cell is shown as the multiple of what is shown of it, and tells no more."""
    chosen = cells.perturbed[derived.base] & (derived.factor > 0)
    cell, base, factor = derived.cell[chosen], derived.base[chosen], derived.factor[chosen]
    for figures in (cells.shown, cells.lower, cells.upper):
        figures[cell] = factor * figures[base]


def _hide_derived(cells: Cells, derived: Derived) -> None:
    """A rate is left out with any figure that it would give away."""
    hidden = derived.cell[cells.suppressed[derived.base] & (derived.factor == 0)]
    cells.status[hidden] = np.maximum(cells.status[hidden], SECONDARY)
    cells.shown[hidden] = np.nan


def shown(con: duckdb.DuckDBPyConnection, cells: Cells, contract: Contract) -> str:
    """SELECT of a table as it may be shown, with conf_status; perturbed cells that came out zero are left out.

    lower and upper, where a table has them, keep their distance from the figure; that of a perturbed one is widened to
    multiples of the noise, for a lower end cut off at zero would tell the exact figure. Ratios of perturbed figures
    have no ends: they would tell them too, and persons are no measure to widen them by.
    """
    part = cells.of(contract.table)
    start = part.start
    codes = pa.array(np.array(CODES)[cells.status[part]])
    figures = pa.array(cells.shown[part], from_pandas=True)
    view, perturbed = f"shown_{contract.table}", bool(cells.perturbed[part].any())
    noise = cells.rules[contract.table].noise if perturbed else 0
    counted = pa.array(cells.counted[part])
    numbers = np.arange(start, part.stop)
    con.register(view, pa.table({"cell": numbers, "figure": figures, "is_count": counted, CONF_STATUS: codes}))
    selected = []
    for column in contract.columns:
        if column.name == VALUE:
            selected.append(f"CAST(s.figure AS {column.type}) AS {VALUE}")
        elif column.name in ("lower", "upper"):
            selected.append(f"{_moved_end(column.name, noise)} AS {column.name}")
        else:
            selected.append(f"t.{column.name}")
    dropped = " WHERE s.figure IS NULL OR s.figure <> 0 OR NOT s.is_count" if perturbed else ""
    return (
        f"SELECT {', '.join(selected)}, s.{CONF_STATUS} FROM {contract.table} AS t "
        f"INNER JOIN {view} AS s ON s.cell = t.cell{dropped}"
    )


def _moved_end(end: str, noise: int) -> str:
    """SQL of an end of an interval around the figure shown."""
    distance = f"t.{end} - t.{VALUE}"
    if not noise:
        return f"{distance} + s.figure"
    outwards = "floor" if end == "lower" else "ceil"
    return f"CASE WHEN s.is_count THEN greatest(0, {noise} * {outwards}(({distance}) / {noise}) + s.figure) END"
