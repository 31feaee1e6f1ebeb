"""What the linkage commands print: rich tables of counts and estimates; of records, only `explanation`."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from migflow.linkage import DedupeResult, LinkResult
    from migflow.linkage.budget import BlockSize
    from migflow.linkage.expected import Expected
    from migflow.linkage.explain import Explanation
    from migflow.linkage.training import Training

MOST_GROUPS = 200
# Characters of the longest bar of an explanation.
_BAR = 14


def blocking(sizes: "Sequence[BlockSize]", left: tuple[str, int], right: tuple[str, int] | None) -> Table:
    """Records of each file (name, count), and what each blocking rule makes of them."""
    title = f"{left[0]}: {left[1]:,} records"
    if right is not None:
        title += f"; {right[0]}: {right[1]:,} records"
    table = _table(escape(title), "blocking rule", "candidate pairs", "blocks", "largest block")
    for size in sizes:
        table.add_row(escape(size.rule), f"{size.pairs:,}", f"{size.keys:,}", f"{size.largest:,}")
    table.add_section()
    table.add_row("all (pairs of several rules counted for each)", f"{sum(s.pairs for s in sizes):,}", "", "")
    return table


def training(found: "Training | None") -> list[str]:
    """How training went, in lines."""
    if found is None:
        return ["Parameters are those of the model file; nothing was trained."]
    end = "converged" if found.converged else "did not converge"
    lines = [f"Training {end} after {found.iterations:,} iterations (last change {found.last_change:.1e})."]
    return lines + [f"Warning: {warning}" for warning in found.warnings]


def summary(result: "LinkResult | DedupeResult", quality: "Expected", out: Path) -> Table:
    """Links or clusters found, and their expected quality."""
    table = _table("", "result", "")
    if hasattr(result, "clusters"):
        sizes = result.clusters["cluster_id"].combine_chunks().value_counts().field("counts").to_numpy()
        several = sizes[sizes > 1]
        table.add_row("clusters", f"{len(sizes):,}")
        table.add_row("clusters of more than one record", f"{len(several):,}")
        table.add_row("records in them", f"{several.sum():,}")
        table.add_row("records of the largest", f"{sizes.max(initial=0):,}")
    else:
        table.add_row("links", f"{result.pairs.num_rows:,}")
    table.add_row("threshold (match probability)", f"{result.model.threshold:g}")
    table.add_row("expected precision", _share(quality.precision))
    table.add_row("expected recall among candidate pairs", _share(quality.recall))
    table.add_row("written to", escape(str(out)))
    return table


def by_group(column: str, groups: "pd.DataFrame") -> Table:
    """Expected quality by group."""
    table = _table("", escape(column), "links", "expected precision", "expected recall")
    for row in groups.to_dict("records"):
        name = escape(row["group"]) if isinstance(row["group"], str) else "(none)"
        shares = (_share(row[f"expected_{quality}"]) for quality in ("precision", "recall"))
        table.add_row(name, f"{row['links']:,}", *shares)
    return table


def explanation(found: "Explanation") -> Table:
    """The waterfall of a pair: it shows the values of both records."""
    parts = found.table()
    names = ("comparison", "left", "right", "level", "m", "u", "weight", "")
    table = Table(*names, box=None, header_style="bold", show_footer=True)
    table.columns[7].no_wrap = True
    table.columns[7].min_width = 2 * _BAR
    for column in (4, 5, 6):
        table.columns[column].justify = "right"
    most = max(float(parts["weight"].abs().max()), 1e-9)
    for row in parts.to_dict("records"):
        values = (row[name] for name in ("comparison", "left_value", "right_value", "level"))
        cells = [escape(value) if isinstance(value, str) else "" for value in values]
        weight = float(row["weight"])
        table.add_row(*cells, _figure(row["m"]), _figure(row["u"]), f"{weight:+.2f}", _bar(weight, most))
    table.columns[0].footer = "match weight"
    table.columns[3].footer = f"probability {found.match_probability:.6f}"
    table.columns[6].footer = f"{found.match_weight:+.2f}"
    return table


def _bar(weight: float, most: float) -> Text:
    """A bar to the right for evidence for one person, to the left for evidence against."""
    length = round(abs(weight) / most * _BAR)
    if weight < 0:
        return Text(f"{'█' * length:>{_BAR}}", style="red")
    return Text(" " * _BAR + "█" * length, style="green")


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3g}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"


def _table(title: str, *names: str) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
    for n, name in enumerate(names):
        table.add_column(name, justify="left" if n == 0 else "right")
    return table
