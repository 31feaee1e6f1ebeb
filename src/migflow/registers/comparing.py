"""How statements and persons are compared: comparison levels of candidate pairs, and what each statement shares."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from migflow.linkage import Block, Comparison, LinkageModel, Options
from migflow.linkage.levels import pair_levels
from migflow.registers import steps

# Columns of the levels of an identity, in the order of its comparisons.
FIRST, SURNAME, FIRST_AS_SURNAME, SURNAME_AS_FIRST, BIRTH, SEX, NUMBER = range(7)
# Levels of places from the coarsest in common; FAMILY is a dwelling of the persons declared together with the row.
MUNICIPALITY, SETTLEMENT, BUILDING, FAMILY, DWELLING = range(1, 6)

IDENTITY = LinkageModel(
    "id",
    (Block(("number",)),),
    (
        Comparison(("first_name",), "jaro_winkler", (0.92, 0.82)),
        Comparison(("surname",), "jaro_winkler", (0.92, 0.82)),
        Comparison(("first_name",), "jaro_winkler", (0.92, 0.82), right=("surname",)),
        Comparison(("surname",), "jaro_winkler", (0.92, 0.82), right=("first_name",)),
        Comparison(("birth_date",), "date", ("swapped", "typo", "two_parts")),
        Comparison(("sex",), "exact"),
        Comparison(("number",), "damerau", (1,)),
    ),
)
PLACES = ("dwelling", "family", "building", "settlement", "municipality")
PLACE = LinkageModel(
    "id",
    (Block(("municipality",)),),
    (
        Comparison(
            PLACES,
            "nested_overlap",
            PLACES[1:],
            right=("dwelling", "dwelling", "building", "settlement", "municipality"),
        ),
    ),
)


@dataclass(frozen=True)
class Pairs:
    """Pairs of statements and persons, ordered by both; levels are pairs x comparisons of IDENTITY, -1 missing."""

    statement: np.ndarray
    person: np.ndarray
    writing: np.ndarray
    levels: np.ndarray

    def __len__(self) -> int:
        return len(self.statement)

    def take(self, chosen: np.ndarray) -> "Pairs":
        """Some of the pairs, by mask or number."""
        return Pairs(self.statement[chosen], self.person[chosen], self.writing[chosen], self.levels[chosen])


def identities(con: duckdb.DuckDBPyConnection, query: str, workers: int) -> Pairs:
    """The pairs (statement, person, writing) of a query, compared."""
    con.execute(f"CREATE OR REPLACE TABLE compared AS SELECT statement, person, writing FROM ({query})")
    pairs = con.sql("FROM compared ORDER BY statement, person, writing").to_arrow_table()
    left = con.sql(
        "SELECT s.statement AS id, f.spelling AS first_name, l.spelling AS surname, s.birth_date, s.sex, "
        "s.written_number AS number FROM statements AS s JOIN spellings AS f ON f.code = s.first_name "
        "JOIN spellings AS l ON l.code = s.surname SEMI JOIN compared ON compared.statement = s.statement"
    )
    right = con.sql(
        "SELECT writing AS id, first_spelling AS first_name, surname_spelling AS surname, birth_date, sex, number "
        "FROM writings SEMI JOIN compared USING (writing)"
    )
    levels = _levels(left, right, IDENTITY, pairs["statement"], pairs["writing"], workers)
    statement, person, writing = (pairs[name].to_numpy() for name in ("statement", "person", "writing"))
    return Pairs(statement, person, writing, levels)


def places(con: duckdb.DuckDBPyConnection, statement: np.ndarray, person: np.ndarray, workers: int) -> np.ndarray:
    """The finest place in common of each pair, by the level of PLACE; -1 if nothing is stated or registered.

    Reads stated and homes (statement or person, kind, place).
    """
    pairs = pa.table({"statement": statement, "person": person})
    con.register("placed_pairs", pairs)

    def lists(table: str, record: str) -> duckdb.DuckDBPyRelation:
        columns = ", ".join(f"list(h.place) FILTER (h.kind = '{kind}') AS {kind}" for kind in PLACES)
        return con.sql(
            f"SELECT p.id, {columns} FROM (SELECT DISTINCT {record} AS id FROM placed_pairs) AS p "
            f"LEFT JOIN {table} AS h ON h.{record} = p.id GROUP BY p.id"
        )

    left, right = lists("stated", "statement"), lists("homes", "person")
    levels = _levels(left, right, PLACE, pairs["statement"], pairs["person"], workers)[:, 0]
    con.unregister("placed_pairs")
    return levels


def _levels(
    left: duckdb.DuckDBPyRelation,
    right: duckdb.DuckDBPyRelation,
    model: LinkageModel,
    left_id: pa.ChunkedArray,
    right_id: pa.ChunkedArray,
    workers: int,
) -> np.ndarray:
    pairs = pa.table({"left_id": left_id, "right_id": right_id})
    return pair_levels(left, right, model, pairs, options=Options(threads=workers))


@dataclass(frozen=True)
class Shares:
    """The statements still open (sorted) and how many of the registry's persons share what each of them says."""

    statement: np.ndarray
    columns: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def rows(self, statement: np.ndarray) -> np.ndarray:
        """Places of statements in the columns."""
        return np.searchsorted(self.statement, statement)


def shares(con: duckdb.DuckDBPyConnection) -> Shares:
    """Of the tables open_statements, writings, homes and stated."""
    found = con.sql(steps.query("statement_shares")).to_arrow_table()
    columns = {name: found[name].to_numpy() for name in found.column_names}
    return Shares(columns.pop("statement"), columns)
