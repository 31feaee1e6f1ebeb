"""recordlinkage's unsupervised classifier (ECM), run from a model.toml in the benchmarks' own venv.

    recordlinkage_side.py MODEL OUT FILE [FILE]

It knows agreement and disagreement only: names and places agree from a similarity of .85 on, as its documentation has
it, the rest where it is equal. Matches are written to OUT as Parquet, the time at which they were is printed as JSON.
"""

import argparse
import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import recordlinkage

SIMILAR = 0.85


def main() -> None:
    """Read the model, run recordlinkage, write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    arguments = parser.parse_args()
    model = tomllib.loads(arguments.model.read_text(encoding="utf-8"))
    tables = [pd.read_csv(file, dtype=str).set_index(model["id"]) for file in arguments.files]
    index = recordlinkage.Index()
    for number, block in enumerate(model["block"]):
        for table in tables:
            table[f"key {number}"] = _key(table, block["on"])
        index.block(f"key {number}")
    agreement = _compare(model["compare"]).compute(index.index(*tables), *tables)
    found = recordlinkage.ECMClassifier().fit_predict(agreement)
    found.to_frame(index=False, name=["left_id", "right_id"]).to_parquet(arguments.out)
    print(json.dumps({"written": time.time()}))


def _compare(compares: list[dict[str, Any]]) -> recordlinkage.Compare:
    """The comparisons of a model, each as agreement or not."""
    compare = recordlinkage.Compare()
    for asked in compares:
        column, method = asked["column"], asked["with"]
        if method == "jaro_winkler":
            compare.string(column, column, method="jarowinkler", threshold=SIMILAR, label=column)
        else:
            compare.exact(column, column, label=column)
    return compare


def _key(table: pd.DataFrame, expressions: list[str]) -> pd.Series:
    """A blocking key: columns, or substr(column, from, length) of them, missing where one is."""
    parts = []
    for expression in expressions:
        column, *span = expression.removeprefix("substr(").removesuffix(")").split(",")
        start, length = (int(part) for part in span) if span else (1, None)
        parts.append(table[column].str.slice(start - 1, length and start - 1 + length))
    return parts[0].str.cat(parts[1:], sep="|") if len(parts) > 1 else parts[0]


if __name__ == "__main__":
    main()
