"""Reads the contracts once, for processes that are forked from the one that imports this."""

from migflow import contracts, transformations

for table in contracts.load_all():
    if transformations.has_sql(table):
        transformations.inputs(table)
