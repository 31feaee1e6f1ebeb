"""What protection cost: by table, the share of cells and of persons or events that readers do not see."""

import numpy as np
import pyarrow as pa

from migflow.disclosure.cells import Cells


def information_loss(cells: Cells) -> pa.Table:
    """One row a table, cells that count persons or events only.

    cells: not zero; primary: left out as below the minimum; secondary: left out to protect others; withheld: perturbed
    figures left out; to_zero: perturbed figures that came out zero; hidden_cells, hidden_flow: share left out of cells
    and of their sum; noise: mean absolute difference of the perturbed figures that are shown; noise_of_flow: its sum
    over the sum of the figures.
    """
    rows = []
    for position, table in enumerate(cells.tables):
        rule = cells.rules[table]
        here = (cells.table == position) & cells.counted & (cells.value != 0)
        value, hidden = np.abs(cells.value[here]), cells.suppressed[here]
        small = cells.sensitive[here] & (value < cells.minimum[here])
        perturbed = cells.perturbed[here] & ~hidden
        noise = np.abs(cells.shown[here] - cells.value[here])[perturbed]
        rows.append(
            {
                "table": table,
                "method": rule.method,
                "cells": len(value),
                "primary": int((hidden & small).sum()),
                "secondary": int((hidden & ~small & ~cells.perturbed[here]).sum()),
                "withheld": int((hidden & cells.perturbed[here]).sum()),
                "to_zero": int((cells.shown[here][perturbed] == 0).sum()),
                "hidden_cells": _share(hidden.sum(), len(value)),
                "hidden_flow": _share(value[hidden].sum(), value.sum()),
                "noise": _share(noise.sum(), len(noise)),
                "noise_of_flow": _share(noise.sum(), value[perturbed].sum()),
            }
        )
    return pa.Table.from_pylist(rows)


def _share(part: float, whole: float) -> float:
    return round(float(part) / float(whole), 6) if whole else 0.0
