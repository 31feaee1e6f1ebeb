"""How right the links of addresses are: by grade, and among the addresses whose text tells the building at all."""

import duckdb
import pandas as pd

from migflow.evaluation.links import query
from migflow.standardise import distinct, names

NAMES = ("settlement", "settlement_second", "street", "street_second", "former_street", "former_street_second")


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Make judged_addresses: each written address with a true dwelling, its evidence, and where it was matched."""
    written = [f"SELECT {column} FROM truth_dwellings" for column in NAMES]
    distinct.derive(
        con,
        "folded_places",
        " UNION ALL ".join([*written, "SELECT street FROM truth_addresses"]),
        lambda texts: {"folded": names.fold(texts)},
    )
    con.execute(f"CREATE TABLE judged_addresses AS {query('judged_addresses')}")


def by_grade(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a source and grade: addresses, and how many name the true dwelling, building and so on."""
    return con.execute(query("address_links")).df()


def groups(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row a group, after judge: all, by evidence, grade, language and script, municipality.

    Counts are addresses, evident (with enough evidence), right_building and wrong_building; shares from 0 to 1 are
    recall = right among the evident / evident, and wrong = wrong_building / addresses.
    """
    found = con.execute(query("address_groups")).df()
    found["recall"] = found.pop("evident_right") / found["evident"].where(found["evident"] > 0)
    found["wrong"] = found["wrong_building"] / found["addresses"]
    return found
