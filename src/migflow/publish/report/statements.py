"""What a run knows of its own quality, by concept of SIMS: from contracts, deliveries and the published tables."""

from collections.abc import Sequence

import duckdb

import migflow
from migflow import contracts
from migflow.contracts import Contract
from migflow.publish.report import html, tables
from migflow.publish.report.about import Vintage
from migflow.statistics import plots
from migflow.statistics.invariants import invariants

UNITS = {
    "PS": "PS persons",
    "EVT": "EVT events",
    "PC": "PC per 100",
    "PER_1000_PS": "PER_1000_PS per 1,000 persons",
    "KM": "KM kilometres",
    "PURE_NUMB": "PURE_NUMB a number without unit",
}
NONE_OF_IT = "Not applicable: the registers are counted in full, no sample is drawn."


def of_run(about: Vintage, shown: Sequence[Contract]) -> dict[str, str]:
    """Concepts that contracts, the profile and the deliveries answer."""
    said = _presentation(about, shown) | _access(shown) | _process(about, shown)
    return {concept: html.paragraph(text) for concept, text in said.items()} | {
        "S.3.4": _definitions(shown),
        "S.15.4": _identities(),
        "S.18.1": _sources(about),
    }


def _presentation(about: Vintage, shown: Sequence[Contract]) -> dict[str, str]:
    columns = [column for contract in shown for column in contract.columns if column.name == "unit_measure"]
    units = sorted({code for column in columns for code in column.allowed})
    levels = sorted({area.level for area in about.country.areas})
    return {
        "S.1.1": f"Agency {about.country.agency} (its id in SDMX).",
        "S.2.3": f"With the vintage {about.name}, as of {about.as_of}.",
        "S.3.1": f"{len(shown)} tables of population, internal and international migration, made from registers.",
        "S.3.2": "Areas: the country profile's. Citizenship and countries: ISO 3166-1 alpha-2. Sex, age groups, units "
        "and status: code lists of SDMX, in sdmx/ of the vintage.",
        "S.3.3": "The whole resident population; no sector is left out.",
        "S.3.5": "Persons (stocks, transitions) and moves (events).",
        "S.3.6": "Everybody whom the civil registry or a municipal declaration shows in the period.",
        "S.3.7": f"{about.country.name}, at the levels {', '.join(levels)}.",
        "S.3.8": f"{about.first_day} to {about.as_of}; the whole calendar years in between.",
        "S.3.9": "Not applicable: no index numbers on a base.",
        "S.4": ", ".join(UNITS.get(code, code) for code in units) + ".",
        "S.5": "Flows: calendar years and quarters. Stocks: 1 January.",
    }


def _access(shown: Sequence[Contract]) -> dict[str, str]:
    methods = sorted({c.disclosure.method.replace("_", " ") for c in shown if c.disclosure})
    return {
        "S.7.2": f"Rules stand in each table's contract; in use: {', '.join(methods) or 'none'}. Every figure carries "
        "conf_status; zero, suppressed and missing are told apart.",
        "S.9": "One vintage a run of the pipeline; a vintage is never changed afterwards.",
        "S.10.2": "report/index.html of the vintage.",
        "S.10.3": "Parquet files, migflow.duckdb and SDMX-CSV 2.0 with its structure message, in the vintage.",
        "S.10.4": "None: only protected tables leave the home of the installation.",
        "S.10.6": "docs/methods.md, docs/indices.md and docs/tables.md of the software; contracts in data_contracts/.",
        "S.10.7": "This report.",
    }


def _process(about: Vintage, shown: Sequence[Contract]) -> dict[str, str]:
    rules = sum(len(c.row_rules) for c in contracts.load_all().values())
    sent, set_apart = (sum(getattr(d, n) for d in about.delivered) for n in ("rows", "quarantined"))
    late, replaced = (sum(getattr(d, n) for d in about.delivered) for n in ("late", "replaced"))
    newest = max((d.last for d in about.delivered), default="none")
    return {
        "S.11.1": "Every table is audited against its contract before it is put in place; a vintage appears whole or "
        "not at all, with a manifest of hashes of what it was made of.",
        "S.11.2": f"{rules:,} row rules of {len(contracts.load_all())} contracts and {len(invariants())} identities "
        "among tables are counted on each run.",
        "S.12.3": f"{len(shown)} tables are planned by contracts, and all of them are published.",
        "S.13.2": NONE_OF_IT,
        "S.13.2.1": NONE_OF_IT,
        "S.13.3.2": f"{set_apart:,} of {sent + set_apart:,} rows ({_share(set_apart, sent + set_apart)}) broke a rule "
        "of their source and were set apart.",
        "S.14.1": f"The vintage is about the time up to {about.as_of}; the newest month delivered is {newest}.",
        "S.14.2": f"{late:,} deliveries came after one about a later month, {replaced:,} replaced an earlier one.",
        "S.15.1": "One set of definitions and one geography for all areas.",
        "S.17.1": "Years are provisional (P) until 12 months after their end; each vintage keeps what it said.",
        "S.18.2": "; ".join(f"{d.title}: {d.how}" for d in about.delivered) + "." if about.delivered else "",
        "S.18.3": "Files of the providers are received, checked against the provider's layout, and kept as sent.",
        "S.18.4": "Contracts hold rules for each row and column; rows that break one are quarantined with the rule.",
        "S.18.5": f"migflow {migflow.__version__}: records are linked to persons by number and by the Fellegi-Sunter "
        "model, residence spells are derived from them, tables from the spells.",
        "S.18.6": "None.",
        "S.18.6.1": "None.",
    }


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "no rows"


def _definitions(shown: Sequence[Contract]) -> str:
    held = [(c.title, c.description) for c in shown]
    return html.details("Tables and what they hold", html.table(["Table", "What it holds"], held))


def _identities() -> str:
    rows = [(contracts.load(i.table).title, i.description[0].upper() + i.description[1:]) for i in invariants()]
    return html.paragraph(f"{len(rows)} identities are counted on each run, before protection:") + html.table(
        ["Table", "What must hold"], rows
    )


def _sources(about: Vintage) -> str:
    header = ["Source", "From", "To", "Months", "Deliveries", "Providers", "Late", "Replaced", "Rows", "Quarantined"]
    return html.table(
        header,
        [
            (d.title, d.first, d.last, d.months, d.deliveries, d.providers, d.late, d.replaced, d.rows, d.quarantined)
            for d in about.delivered
        ],
    )


def of_tables(con: duckdb.DuckDBPyConnection, about: Vintage, shown: Sequence[Contract]) -> dict[str, str]:
    """Concepts that the published tables answer, in a session that holds them."""
    return (
        _linkage(con)
        | _coverage(con)
        | _lags(con, about)
        | _completeness(con, shown)
        | {"S.17.2": tables.revised(con)}
        | _revision(con)
    )


def _revision(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Mean over the years of the absolute revision of the main figures, relative to the vintage before."""
    found = plots.named("revised_totals").rows(con).dropna(subset="percent")
    if found.empty:
        return {}
    sizes = found.assign(size=found["percent"].abs()).groupby("figure", sort=False)["size"].mean()
    told = "; ".join(f"{figure}: {html.figure(size)} %" for figure, size in sizes.items())
    return {"S.17.2.1": html.paragraph(f"Mean absolute revision over the years, of what was said before. {told}.")}


def _linkage(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    linked = tables.linkage(con).dropna(subset="linkage_rate")
    if linked.empty:
        return {}
    missed = [
        f"{contracts.load(source).title}: {html.figure(100 * (1 - rate))} % of the records were linked to nobody"
        for source, rate in zip(linked["source"], linked["linkage_rate"], strict=True)
    ]
    return {
        "S.13.1": html.paragraph("Linkage is the main source of error of flows; expected quality of the links:")
        + tables.linked(linked),
        "S.13.3.1.2": html.paragraph("Linked records by source: see S.13.1."),
        "S.13.3.3.1": html.paragraph("; ".join(missed) + "."),
        "S.13.3.4": html.paragraph(
            f"{html.figure(linked['review_backlog'].sum())} records have pairs that wait for clerical review."
        ),
        "S.13.3.5": html.paragraph(
            "Links are probabilities; lower and upper of a figure are the 95 % interval over repeated draws of the "
            "uncertain links, where its table gives them."
        ),
    }


def _coverage(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    ((year, rate),) = con.execute(
        "SELECT max(time_period), 100.0 * sum(obs_value) FILTER (indicator = 'over_covered') / "
        "sum(obs_value) FILTER (indicator = 'registered') FROM population_coverage WHERE level = 'country' "
        "AND indicator IN ('registered', 'over_covered') AND time_period = newest('population_coverage')"
    ).fetchall()
    if rate is None:
        return {}
    text = f"{html.figure(rate)} % of the registered persons lived nowhere in the country on 1 January {year}."
    return {
        "S.13.3.1": html.paragraph(
            "The registers keep persons who left without saying so; see the table population_coverage."
        ),
        "S.13.3.1.1": html.paragraph(text),
    }


def _lags(con: duckdb.DuckDBPyConnection, about: Vintage) -> dict[str, str]:
    """Months from the end of the newest year, final and not, to the as-of date."""
    years = dict(
        con.execute(
            "SELECT obs_status, max(time_period) FROM population_balance WHERE obs_status IN ('A', 'P') GROUP BY ALL"
        ).fetchall()
    )
    if not years:
        return {}
    ((first,),) = con.execute("SELECT min(time_period) FROM population_balance").fetchall()
    lags = {status: (about.as_of.year - year - 1) * 12 + about.as_of.month - 1 for status, year in years.items()}
    newest = max(years, key=lambda status: years[status])
    kind = "provisional" if newest == "P" else "final"
    said = {"S.14.1.1": f"{lags[newest]} months from the end of {years[newest]} to the as-of date ({kind})."}
    if "A" in lags:
        said["S.14.1.2"] = f"{lags['A']} months from the end of {years['A']} to the as-of date."
    said["S.15.2.1"] = f"{max(years.values()) - first + 1} years, {first} to {max(years.values())}, by one method."
    said["S.15.3.1"] = "Quarters add up to years: an identity counted on each run (quarters_close)."
    return {concept: html.paragraph(text) for concept, text in said.items()}


def _completeness(con: duckdb.DuckDBPyConnection, shown: Sequence[Contract]) -> dict[str, str]:
    counted = tables.suppression(con, shown)
    figures, free = counted["figures"].sum(), counted["F"].sum()
    if not figures:
        return {}
    text = f"{html.figure(free)} of {html.figure(figures)} figures are shown ({_share(free, figures)})."
    return {"S.12.3.1": html.paragraph(text), "S.7.2": html.paragraph(text) + tables.suppressed(counted)}
