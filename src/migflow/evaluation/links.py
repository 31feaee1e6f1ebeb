"""How right the links of persons are: precision, recall and F1, by source and by group."""

from pathlib import Path

import duckdb
import pandas as pd

DIMENSIONS = ("community", "sex", "age", "municipality")
# Groups with fewer linkable rows are shown but not compared: one row of them is more than 0.2 points of recall.
COMPARED = 500


def query(name: str) -> str:
    """The SQL of evaluation/<name>.sql."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Make true_of_person, and judged_links: each record, whether it is linkable, linked and right."""
    con.execute(
        "CREATE TABLE true_of_record AS "
        "SELECT source, record_id, min(person_id) AS true_person FROM truth_records GROUP BY source, record_id"
    )
    con.execute(f"CREATE VIEW true_of_person AS {query('true_of_person')}")
    con.execute(f"CREATE TABLE judged_links AS {query('judged_links')}")


def persons(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a source and one for all, after judge and evidence.find.

    Counts are records, linkable, without_evidence, linked, right_links; shares from 0 to 1 precision = right / linked,
    recall = right / linkable, f1 their harmonic mean, and evident_recall, the recall of the rows with evidence.
    """
    found = con.execute(query("person_links")).df()
    total = found.drop(columns="source").sum().to_frame().T.assign(source="all")
    found = pd.concat([found, total], ignore_index=True)
    _shares(found)
    # 2pr / (p + r), which is 2 right / (linked + linkable).
    both = found["linked"] + found["linkable"]
    found["f1"] = 2 * found["right_links"] / both.where(both > 0)
    evident = found["linkable"] - found["without_evidence"]
    found["evident_recall"] = found.pop("right_by_evidence") / evident.where(evident > 0)
    return found


def groups(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Declarations' links by dimension and group: linkable, linked, right_links, precision and recall (0 to 1)."""
    found = con.execute(query("person_groups")).df()
    _shares(found)
    return found


def spread(found: pd.DataFrame) -> pd.DataFrame:
    """Of groups(): the groups of best and worst recall in each dimension, and their gap."""
    rows = []
    for dimension in DIMENSIONS:
        compared = found[(found["dimension"] == dimension) & (found["linkable"] >= COMPARED)]
        if len(compared):
            by_recall = compared.sort_values("recall", ascending=False, kind="stable")
            best, worst = by_recall.iloc[0], by_recall.iloc[-1]
            rows.append(
                {
                    "dimension": dimension,
                    "groups": len(compared),
                    "best": best["group"],
                    "best_recall": best["recall"],
                    "worst": worst["group"],
                    "worst_recall": worst["recall"],
                    "gap": best["recall"] - worst["recall"],
                }
            )
    columns = ["dimension", "groups", "best", "best_recall", "worst", "worst_recall", "gap"]
    return pd.DataFrame(rows, columns=columns)


def _shares(found: pd.DataFrame) -> None:
    found["precision"] = found["right_links"] / found["linked"].where(found["linked"] > 0)
    found["recall"] = found["right_links"] / found["linkable"].where(found["linkable"] > 0)
