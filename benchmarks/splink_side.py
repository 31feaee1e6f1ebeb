"""Splink 5 on DuckDB, run from the same model.toml: link two files or deduplicate one, in the benchmarks' own venv.

    splink_side.py MODEL OUT FILE [FILE] [--decide] [--em-pairs N]

Trained as Splink's documentation has it: the prior from deterministic rules, u by random sampling, m by expectation
maximisation on two blocking rules. Pairs of a match probability of one half or more are written to OUT, and the time at
which they were is printed as JSON; one-to-one links, or clusters, at each of several thresholds go to files beside it.
"""

import argparse
import json
import logging
import time
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

THREADS = 2
THRESHOLDS = (0.5, 0.9, 0.95, 0.99)
SIDES = ("left_file", "right_file")
# Pairs that u is sampled from: adequate by Splink's documentation; of small files more, which is all pairs of febrl4.
SAMPLED_PAIRS, SAMPLED_PAIRS_SMALL, SMALL = 1e7, 2.5e7, 50_000
# The two blocking rules of the expectation maximisation: together they leave every comparison out once at most.
TRAINING = {
    "speed": (["first_name", "surname"], ["birth_date"]),
    "febrl4": (["given_name", "surname"], ["date_of_birth"]),
    "febrl4_no_ssid": (["given_name", "surname"], ["date_of_birth"]),
    "febrl3": (["given_name", "surname"], ["date_of_birth"]),
    "pseudopeople": (["first_name", "last_name"], ["date_of_birth"]),
    "clinic": (["given_name", "surname"], ["date_of_birth"]),
    "many_errors": (["given_name", "surname"], ["date_of_birth"]),
    "households": (["given_name", "surname"], ["date_of_birth"]),
}


def main() -> None:
    """Read the model, run Splink, write the result."""
    arguments = _arguments()
    logging.getLogger("splink").setLevel(logging.ERROR)
    model = tomllib.loads(arguments.model.read_text(encoding="utf-8"))
    api = DuckDBAPI(duckdb.connect(config={"threads": THREADS}))
    tables = {name: _table(api, path, name) for name, path in zip(SIDES, arguments.files, strict=False)}
    records = sum(len(table) for table in tables.values())
    inputs = [api.register(table, dataset_display_name=name) for name, table in tables.items()]
    linker = Linker(inputs, settings(model, link=len(inputs) == 2), log_level=logging.ERROR)
    train(linker, model, TRAINING[arguments.model.stem], records, arguments.em_pairs)
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    kept = f"{model['id']}_l AS left_id, {model['id']}_r AS right_id, match_weight, match_probability"
    predicted.as_duckdbpyrelation().select(kept).write_parquet(str(arguments.out))
    print(json.dumps({"written": time.time()}))
    for threshold in THRESHOLDS if arguments.decide else ():
        decide = clusters if len(inputs) == 1 else one_to_one
        decided = arguments.out.with_name(f"{arguments.out.stem}-decided-{threshold}.parquet")
        decide(linker, predicted, threshold, model["id"]).write_parquet(str(decided))


def clusters(linker: Linker, predicted: Any, threshold: float, record_id: str) -> duckdb.DuckDBPyRelation:
    """Connected components of the pairs at or above a threshold."""
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
    return found.as_duckdbpyrelation().select(f"{record_id} AS record_id, cluster_id")


def one_to_one(linker: Linker, predicted: Any, threshold: float, record_id: str) -> duckdb.DuckDBPyRelation:
    """Splink's single best links: the left and the right record of every cluster that has both."""
    found = linker.clustering.cluster_using_single_best_links(predicted, list(SIDES), threshold)
    return found.as_duckdbpyrelation().query(
        "found",
        f"""SELECT a.{record_id} AS left_id, b.{record_id} AS right_id
            FROM found AS a JOIN found AS b USING (cluster_id)
            WHERE a.source_dataset = '{SIDES[0]}' AND b.source_dataset = '{SIDES[1]}'""",
    )


def settings(model: dict[str, Any], link: bool) -> SettingsCreator:
    """The blocking rules and comparisons of a model as Splink has them."""
    return SettingsCreator(
        link_type="link_only" if link else "dedupe_only",
        unique_id_column_name=model["id"],
        blocking_rules_to_generate_predictions=[blocking_rule(block) for block in model["block"]],
        comparisons=[comparison(compare) for compare in model["compare"]],
        retain_matching_columns=False,
    )


def blocking_rule(block: dict[str, Any]) -> Any:
    """One rule; as SQL where the two sides have different expressions."""
    if "right" not in block:
        return block_on(*block["on"])
    sides = zip(block["on"], block["right"], strict=True)
    return CustomRule(" AND ".join(f"l.{left} = r.{right}" for left, right in sides))


def comparison(compare: dict[str, Any]) -> Any:
    """One comparison, level for level where Splink has the level, else by the nearest it has."""
    method, column = compare["with"], compare.get("column", "")
    if method == "exact":
        built = comparisons.ExactMatch(column)
    elif method == "jaro_winkler":
        built = comparisons.JaroWinklerAtThresholds(column, compare["levels"])
    elif method == "levenshtein":
        built = comparisons.LevenshteinAtThresholds(column, compare["levels"])
    elif method == "damerau":
        built = comparisons.DamerauLevenshteinAtThresholds(column, compare["levels"])
    elif method == "names":
        return comparisons.ForenameSurnameComparison(*compare["columns"])
    elif method == "date":
        return _date(column)
    else:
        raise SystemExit(f"{method} has no counterpart in Splink here")
    return built.configure(term_frequency_adjustments=compare.get("term_frequency", False))


def _date(column: str) -> Any:
    """A date as text: equal, day and month exchanged, one typing error, two of year, month and day equal, else."""
    year, month, day = ((f"substr(replace({column}_{{s}}, '-', ''), {a}, {n})") for a, n in ((1, 4), (5, 2), (7, 2)))
    left, right = ([part.format(s=side) for part in (year, month, day)] for side in "lr")
    equal = [f"({a} = {b})" for a, b in zip(left, right, strict=True)]
    exchanged = f"{equal[0]} AND {left[1]} = {right[2]} AND {left[2]} = {right[1]}"
    return comparisons.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column),
            levels.CustomLevel(exchanged, "Day and month exchanged"),
            levels.DamerauLevenshteinLevel(column, 1),
            levels.CustomLevel(" + ".join(f"{e}::int" for e in equal) + " >= 2", "Two parts equal"),
            levels.ElseLevel(),
        ],
    )


def train(linker: Linker, model: dict[str, Any], rules: Any, records: int, em_pairs: float | None) -> None:
    """Prior, u and m."""
    known = model["deterministic"]
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*rule["on"]) for rule in known], recall=max(rule["recall"] for rule in known)
    )
    sampled = SAMPLED_PAIRS_SMALL if records < SMALL else SAMPLED_PAIRS
    linker.training.estimate_u_using_random_sampling(max_pairs=sampled, seed=1)
    for rule in rules:
        # On counts of distinct patterns, as migflow has it: ten times faster than with term frequencies in each step.
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), estimate_without_term_frequencies=True, max_pairs=em_pairs
        )


def _table(api: DuckDBAPI, path: Path, name: str) -> duckdb.DuckDBPyRelation:
    """A file's rows as a DuckDB table; CSV as text."""
    source = f"read_csv('{path}', all_varchar = true)" if path.suffix == ".csv" else f"'{path}'"
    api.duckdb_con.execute(f"CREATE TABLE read_{name} AS FROM {source}")
    return api.duckdb_con.table(f"read_{name}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--decide", action="store_true", help="one-to-one links or clusters too, at each threshold")
    parser.add_argument("--em-pairs", type=float, help="expectation maximisation on a sample of about so many pairs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
