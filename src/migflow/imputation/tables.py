"""The stored tables of the draws: links, the spells that follow from them, and what they change in counts."""

from migflow import transformations
from migflow.countries import Country
from migflow.imputation import accounts, counts, draws
from migflow.store import Store, Written

TABLES = ("link_draws", "drawn_spells", "drawn_counts")
READ = tuple(sorted({*draws.READ, *accounts.READ, *counts.reads()} - set(TABLES)))


def build(store: Store, country: Country) -> list[Written]:
    """Write the TABLES from links, their candidates, the records and the accounts."""
    inputs = {name: store.provenance_digest(name) or "empty" for name in READ}
    inputs["profile"] = country.digest
    known = transformations.values(store, country)
    with store.session(*READ) as con:
        transformations.bind_areas(con, country)
        draws.draw_links(con, country.code)
        accounts.spells_of_draws(con, known)
        con.execute(f"CREATE TABLE drawn_counts AS {counts.changes(con, known)}")
        return [store.write(con, table, f"FROM {table}", inputs=inputs) for table in TABLES]
