"""The stored tables of the draws: link_draws and drawn_spells."""

from migflow import transformations
from migflow.countries import Country
from migflow.imputation import accounts, draws
from migflow.store import Store, Written

TABLES = ("link_draws", "drawn_spells")
READ = tuple(sorted({*draws.READ, *accounts.READ}))


def build(store: Store, country: Country) -> list[Written]:
    """Write the TABLES from links, their candidates, the records and the accounts."""
    inputs = {name: store.provenance_digest(name) or "empty" for name in READ}
    inputs["profile"] = country.digest
    with store.session(*READ) as con:
        draws.draw_links(con, country.code)
        accounts.spells_of_draws(con, transformations.values(store, country))
        return [store.write(con, table, f"FROM {table}", inputs=inputs) for table in TABLES]
