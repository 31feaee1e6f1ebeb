"""Charts of the statistics, in one place: the report shows them of published tables, the UI of stored ones."""

import duckdb

from migflow.statistics.plots import ages, flows, maps, population, quality, vintages, years
from migflow.statistics.plots.chart import Chart, Drawn, bind
from migflow.statistics.plots.style import png, spec

__all__ = ["CHARTS", "VINTAGE", "Chart", "Drawn", "bind", "charts_of", "named", "of_table", "png", "spec"]

TYPES = {
    "within_settlement": "Within a settlement",
    "within_municipality": "To another settlement of the municipality",
    "between_municipalities": "To another municipality of the region",
    "between_regions": "To another region",
}
ORDERS = {"first": "No move in the year before", "return": "Return", "onward": "Onward"}
HOUSEHOLDS = {"whole": "Whole household", "part": "Part of a household", "_U": "Unknown"}
OUTCOMES = {"stayed": "Stayed", "moved": "Moved inside the country", "left": "Left the country", "died": "Died"}
DURATIONS = {
    "Y_LT1": "Under 1 year",
    "Y1T4": "1 to 4 years",
    "Y5T9": "5 to 9 years",
    "Y_GE10": "10 years and more",
    "_U": "Unknown",
}
# Charts shown with the vintage as a whole, by name.
VINTAGE = ("flow_map", "age_profile", "protection", "revised_totals")

CHARTS: tuple[Chart, ...] = (
    Chart(
        "flow_map",
        "internal_migration_od",
        "flow map",
        "Map of the municipalities with an arc for each of the largest flows between them, wider the more moves.",
        "moves",
        maps.flow_map,
    ),
    Chart(
        "largest_flows",
        "internal_migration_od",
        "largest flows",
        "Bars: moves of the largest flows from municipality to municipality.",
        "moves",
        flows.largest_flows,
    ),
    Chart(
        "flow_matrix",
        "internal_migration_od",
        "origins and destinations",
        "Matrix of municipalities of origin (rows) and destination (columns), darker the more moves; grey: suppressed.",
        "moves",
        flows.flow_matrix,
        query="largest_flows",
    ),
    Chart(
        "net_migration",
        "internal_migration_by_municipality",
        "net migration",
        "Bars: in-migration minus out-migration per 1,000 mean population of each municipality, with its interval.",
        "net_rate",
        flows.net_migration,
    ),
    Chart(
        "age_profile",
        "internal_migration_by_age",
        "age profile",
        "Movers between municipalities per 1,000 residents by age and sex: observed points, fitted lines.",
        "movers_rate",
        ages.age_profile,
        ages.with_fit,
    ),
    Chart(
        "types_of_move",
        "internal_migration_by_type",
        "types of move",
        "Stacked bars by year: shares of moves by the widest border they cross.",
        "share_percent",
        years.shares("Moves by the border they cross", "Share of all moves inside the country", TYPES),
        years.with_shares(TYPES),
    ),
    Chart(
        "mobility_by_citizenship",
        "internal_migration_by_citizenship",
        "mobility by citizenship",
        "Points: movers per 1,000 residents by citizenship and sex.",
        "movers_rate",
        flows.mobility_by_citizenship,
    ),
    Chart(
        "households",
        "household_moves",
        "household moves",
        "Stacked bars by year: shares of groups that moved together by whether all of the home went.",
        "share_percent",
        years.shares("Who moves together", "Share of the groups that moved on one day", HOUSEHOLDS),
        years.with_shares(HOUSEHOLDS),
    ),
    Chart(
        "orders_of_move",
        "repeat_moves",
        "first, return and onward moves",
        "Stacked bars by year: shares of first, return and onward moves between municipalities.",
        "share_percent",
        years.shares("First, return and onward moves", "By what the person did in the year before", ORDERS),
        years.with_shares(ORDERS),
    ),
    Chart(
        "transitions",
        "residence_transitions",
        "transitions",
        "Bars by year: movers per 1,000 residents over one and over five years.",
        "per_1000",
        years.transitions,
        years.with_intervals,
    ),
    Chart(
        "migration_indices",
        "migration_indices",
        "indices over the years",
        "Lines by year: intensity, effectiveness, net rate, Gini index and mean distance of moves and of movers.",
        "value",
        years.migration_indices,
        years.with_indices,
    ),
    Chart(
        "age_pyramid",
        "population",
        "age pyramid",
        "Pyramid: registered residents by single year of age, women to the right, men to the left.",
        "persons",
        population.age_pyramid,
    ),
    Chart(
        "registered_and_resident",
        "population_coverage",
        "registered and resident",
        "Pyramid by age group, women to the right: bars of usual residents, strokes of registered residents.",
        "usually_resident",
        population.registered_and_resident,
    ),
    Chart(
        "over_coverage",
        "population_coverage",
        "over-coverage",
        "Bars: registered persons who live nowhere in the country, per 100 registered, by municipality.",
        "percent",
        population.over_coverage,
    ),
    Chart(
        "citizenships",
        "population_by_citizenship",
        "citizenships",
        "Bars: registered residents by citizenship, without the most frequent one.",
        "persons",
        population.citizenships,
    ),
    Chart(
        "durations",
        "residence_duration",
        "duration of residence",
        "Stacked bars by year: shares of residents by completed years in their municipality.",
        "share_percent",
        years.shares("Duration of residence", "Residents on 1 January by years in their municipality", DURATIONS),
        years.with_shares(DURATIONS),
    ),
    Chart(
        "population_growth",
        "population_balance",
        "population growth by municipality",
        "Bars: change of the population over the year per 1,000 residents, by municipality, highest first.",
        "per_1000",
        population.growth,
    ),
    Chart(
        "population_change",
        "population_balance_by_level",
        "population change",
        "Stacked bars by year: births, immigration and adjustment up, deaths and emigration down.",
        "persons",
        population.balance,
    ),
    Chart(
        "population_change_quarterly",
        "population_balance_quarterly",
        "population change by quarter",
        "Stacked bars by quarter: births, immigration and adjustment up, deaths and emigration down.",
        "persons",
        population.balance,
    ),
    Chart(
        "immigration",
        "immigration",
        "countries of origin",
        "Bars: immigrants by country of previous residence.",
        "migrants",
        flows.partner_countries,
    ),
    Chart(
        "emigration",
        "emigration",
        "countries of destination",
        "Bars: emigrants by country of next residence.",
        "migrants",
        flows.partner_countries,
    ),
    Chart(
        "first_moves",
        "first_moves_of_immigrants",
        "first moves of immigrants",
        "Stacked bars by year of immigration: shares that stayed, moved on, left or died within a year.",
        "share_percent",
        years.shares("What immigrants do first", "Within one year of immigration", OUTCOMES),
        years.with_shares(OUTCOMES),
    ),
    Chart(
        "expected_recall",
        "linkage_quality",
        "expected recall",
        "Points: expected recall of the links of each source by sex, age, citizenship and municipality.",
        "expected_recall",
        quality.expected_recall,
        quality.with_groups,
    ),
    Chart(
        "protection",
        "disclosure",
        "what was left out",
        "Bars: of each table, the share of cells and of persons or events that disclosure control left out.",
        "cells_left_out_percent",
        vintages.protection,
    ),
    Chart(
        "revised_totals",
        "revisions",
        "main figures, revised",
        "Points by year: how far the main figures of the country differ from what the vintage before said.",
        "percent",
        vintages.revised_totals,
    ),
    Chart(
        "revised_figures",
        "revisions",
        "figures that were revised",
        "Bars: of each table, the share of its figures that differ from those of the vintage before.",
        "changed_percent",
        vintages.revised_figures,
    ),
)


def named(name: str) -> Chart:
    """The chart of that name; KeyError if there is none."""
    return {chart.name: chart for chart in CHARTS}[name]


def of_table(table: str) -> tuple[Chart, ...]:
    """The charts shown with a table, or with the vintage (published)."""
    return tuple(c for c in CHARTS if c.table == table or (table == "published" and c.name in VINTAGE))


def charts_of(table: str, con: duckdb.DuckDBPyConnection) -> dict[str, Drawn]:
    """Charts of a table or of the vintage (published), by title, in a session of bind; none without figures."""
    rows = {chart: chart.rows(con) for chart in of_table(table)}
    return {chart.title: chart.draw(frame) for chart, frame in rows.items() if chart.has_figures(frame)}
