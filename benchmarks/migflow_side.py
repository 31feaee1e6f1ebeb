"""migflow, run from a model.toml in a process of its own: link two files or deduplicate one.

    migflow_side.py MODEL OUT FILE [FILE] [--one-to-one] [--pair-budget N]

Trained on the files themselves, as Splink is. Links, or clusters of one file, are written to OUT as Parquet; the time
at which they were is printed as JSON.
"""

import argparse
import json
import time
from pathlib import Path

import pyarrow.parquet as pq

from migflow.linkage import LinkageModel, Options, dedupe, link

THREADS = 2


def main() -> None:
    """Read the model, run migflow, write the result."""
    arguments = _arguments()
    model = LinkageModel.from_toml(arguments.model)
    options = Options(threads=THREADS, pair_budget=arguments.pair_budget)
    if len(arguments.files) == 2:
        found = link(*arguments.files, model, one_to_one=arguments.one_to_one, options=options).pairs
    else:
        found = dedupe(*arguments.files, model, options=options).clusters
    pq.write_table(found, arguments.out)
    print(json.dumps({"written": time.time()}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--one-to-one", action="store_true", help="each record in one link at most")
    parser.add_argument("--pair-budget", type=int, default=2_000_000_000, help="candidate pairs allowed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
