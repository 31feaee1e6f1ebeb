"""How right the links are: precision, recall and F1 of person links, right places of address links by grade."""

from pathlib import Path

import duckdb
import pandas as pd


def _query(con: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    return con.execute((Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")).df()


def persons(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a source and one for all: records, linkable, linked, right_links, precision, recall, f1 (0 to 1).

    precision = right / linked, recall = right / linkable, f1 their harmonic mean; empty where nothing was linked.
    """
    found = _query(con, "person_links")
    total = found.drop(columns="source").sum().to_frame().T.assign(source="all")
    found = pd.concat([found, total], ignore_index=True)
    found["precision"] = found["right_links"] / found["linked"].where(found["linked"] > 0)
    found["recall"] = found["right_links"] / found["linkable"].where(found["linkable"] > 0)
    # 2pr / (p + r), which is 2 right / (linked + linkable).
    both = found["linked"] + found["linkable"]
    found["f1"] = 2 * found["right_links"] / both.where(both > 0)
    return found


def addresses(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a source and grade: addresses, and how many name the true dwelling, building and so on."""
    return _query(con, "address_links")
