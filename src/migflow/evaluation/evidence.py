"""Which declarations carry no evidence of whom they mean: the criterion, whatever method links them.

A row carries none if somebody else in the registry agrees with it at least as well in each of: number, first name,
surname, birth date, sex, current and previous address, and the household declared with it. Each agreement is the best
over everything the registry ever wrote of a person; dwellings and households are taken from the truth, so that a
method is never excused by how it read an address.
"""

import duckdb

from migflow.countries import Country
from migflow.evaluation.links import query
from migflow.standardise import distinct, names, words

# Pairs with rivals are many, and are compared a part at a time, so that ten years of a whole country fit in memory.
PARTS = 8


def find(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make no_evidence (record_id) of municipal_residence, after links.judge."""
    sounds = words.load(country.folder).sounds
    written = [
        f"SELECT {column} FROM {table}"
        for table, columns in {
            "civil_registry_persons": ("first_name", "surname", "birth_surname"),
            "civil_registry_events": ("new_surname",),
            "municipal_residence": ("first_name", "surname"),
        }.items()
        for column in columns
    ]
    distinct.derive(
        con,
        "folded_names",
        " UNION ALL ".join(written),
        lambda texts: {"folded": names.sound(names.fold(texts), sounds)},
    )
    for table in ("declared_rows", "writings", "homes"):
        con.execute(f"CREATE TABLE {table} AS {query(table)}")
    con.execute("CREATE VIEW pairs AS SELECT record_id, person FROM declared_rows")
    con.execute(f"CREATE TABLE own_agreement AS {query('agreement')}")
    con.execute(f"CREATE TABLE rivals AS {query('rivals')}")
    con.execute("CREATE TABLE rival_agreement AS FROM own_agreement LIMIT 0")
    for part in range(PARTS):
        con.execute(f"CREATE OR REPLACE VIEW pairs AS FROM rivals WHERE hash(record_id) % {PARTS} = {part}")
        con.execute(f"INSERT INTO rival_agreement {query('agreement')}")
    con.execute(f"CREATE TABLE no_evidence AS {query('no_evidence')}")
    con.execute("DROP VIEW pairs")
    for table in ("folded_names", "declared_rows", "writings", "homes", "own_agreement", "rivals", "rival_agreement"):
        con.execute(f"DROP TABLE {table}")
