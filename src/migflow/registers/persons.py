"""Persons from the civil registry, and the links of every source's records to them."""

import duckdb
import numpy as np
import pyarrow as pa

from migflow.countries import Country
from migflow.deliveries.quarantine import quarantined_records
from migflow.registers import linking, parameters, steps
from migflow.review import decisions
from migflow.standardise import distinct, identifiers, names, words
from migflow.store import Store, Written

SOURCES = ("civil_registry_persons", "civil_registry_events", "municipal_residence", "address_links")
TABLES = ("persons", "person_links", "review_pairs", "link_parameters")
# The key of identifiers.toml that says what a personal number looks like.
PERSONAL_NUMBER = "personal_number"
# Jaro-Winkler above which two spellings are taken for one name: one typing error in five letters stays above it.
SAME_NAME = 0.82


def build(store: Store, country: Country) -> list[Written]:
    """Write the tables of TABLES from the deliveries and address links, and decisions of review."""
    inputs = {**steps.digests(store, country, SOURCES), "decisions": decisions.digest(store.home)}
    with store.session(*SOURCES) as con:
        con.execute(f"CREATE VIEW quarantined AS {quarantined_records(store, SOURCES[0])}")
        steps.table(con, "registry_records")
        steps.table(con, "registry_writings")
        _fold_names(con, country)
        _check_numbers(con, country)
        _anchor(con)
        for table in ("person_ids", "statements", "identities", "homes", "stated_places", "companions"):
            steps.table(con, table)
        con.register("decisions", decisions.read(store.home))
        steps.table(con, "decided_pairs")
        linking.begin(con)
        learnt = {"civil_registry_events": linking.link(con, "civil_registry_events", store.settings.threads)}
        con.execute(f"INSERT INTO identities {steps.query('new_surnames')}")
        learnt["municipal_residence"] = linking.link(con, "municipal_residence", store.settings.threads)
        con.register("learnt", parameters.table(learnt))
        return [store.write(con, table, steps.query(table), inputs=inputs) for table in TABLES]


def _fold_names(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make names (text, folded, code) and spellings (code, spelling, initial): one spelling for each sound."""
    sounds = words.load(country.folder).sounds

    def fold(texts: list[str]) -> dict[str, list[str]]:
        folded = names.fold(texts)
        return {"folded": folded, "spelling": names.sound(folded, sounds)}

    written = [
        f"SELECT {column} FROM {table}"
        for table, columns in {
            "registry_writings": ("first_name", "surname", "birth_surname"),
            "registry_records": ("father_name", "mother_name"),
            "civil_registry_events": ("first_name", "surname", "new_surname"),
            "municipal_residence": ("first_name", "surname"),
        }.items()
        for column in columns
    ]
    distinct.derive(con, "folded_names", " UNION ALL ".join(written), fold)
    con.execute(
        "CREATE TABLE spellings AS SELECT row_number() OVER (ORDER BY spelling) - 1 AS code, spelling, "
        "left(spelling, 1) AS initial FROM (SELECT DISTINCT spelling FROM folded_names)"
    )
    con.execute("CREATE TABLE names AS SELECT text, folded, code FROM folded_names JOIN spellings USING (spelling)")


def _check_numbers(con: duckdb.DuckDBPyConnection, country: Country) -> None:
    """Make numbers (text, number, valid); a country without a rule takes every number as well formed."""
    rule = identifiers.load(country.folder).get(PERSONAL_NUMBER)

    def check(texts: list[str]) -> dict[str, object]:
        compact = identifiers.compact(texts)
        fits = identifiers.valid(compact, rule) if rule else np.ones(len(texts), dtype=bool)
        return {"number": compact, "well_formed": pa.array(fits)}

    tables = ("registry_writings", "civil_registry_events", "municipal_residence")
    written = " UNION ALL ".join(f"SELECT personal_number FROM {table}" for table in tables)
    distinct.derive(con, "checked_numbers", written, check)
    steps.table(con, "numbers")


def _anchor(con: duckdb.DuckDBPyConnection) -> None:
    """Make anchors (record, person): person is the oldest record among those that are one person."""
    con.execute(f"CREATE TABLE same_person AS {steps.query('same_person')}", {"same_name": SAME_NAME})
    count = con.execute("SELECT count(*) FROM registry_records").fetchone()
    oldest = np.arange((count[0] if count else 0) + 1)
    edges = con.execute("SELECT record, older FROM same_person WHERE older < record").fetchnumpy()
    record, older = edges["record"], edges["older"]
    while len(record):
        before = oldest.copy()
        np.minimum.at(oldest, record, oldest[older])
        np.minimum.at(oldest, older, oldest[record])
        if np.array_equal(before, oldest):
            break
    con.register("oldest", pa.table({"record": np.arange(1, len(oldest)), "person": oldest[1:]}))
    con.execute("CREATE TABLE anchors AS SELECT * FROM oldest")
    con.unregister("oldest")
