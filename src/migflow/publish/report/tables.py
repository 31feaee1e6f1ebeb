"""Tables of the report: linkage, what was suppressed, revisions, definitions."""

from collections.abc import Sequence

import duckdb
import pandas as pd

from migflow import contracts
from migflow.contracts import CONF_STATUSES, Contract
from migflow.publish.report import html
from migflow.statistics import plots

LINKAGE = """
SELECT source, records, linked, linkage_rate, expected_precision, expected_recall, review_backlog
FROM linkage_quality WHERE group_kind = 'all' ORDER BY source
"""
FIRST_VINTAGE = "No revisions: this vintage has no earlier one to be compared with."


def linkage(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Records, links and their expected quality of each source as a whole."""
    return con.sql(LINKAGE).df()


def linked(found: pd.DataFrame) -> str:
    """The table of linkage."""
    header = ["Source", "Records", "Linked", "Linkage rate", "Expected precision", "Expected recall", "To be reviewed"]
    titled = found.assign(source=[contracts.load(source).title for source in found["source"]])
    return html.table(header, titled.itertuples(index=False, name=None))


def suppression(con: duckdb.DuckDBPyConnection, tables: Sequence[Contract]) -> pd.DataFrame:
    """By table: figures, how many are free and suppressed by reason, share suppressed in %, how it is protected."""
    protected = [c for c in tables if any(column.name == "conf_status" for column in c.columns)]
    counted = [
        f"SELECT '{c.table}' AS \"table\", count(*) AS figures, "
        + ", ".join(f"count(*) FILTER (conf_status = '{code}') AS \"{code}\"" for code in CONF_STATUSES)
        + f" FROM {c.table}"
        for c in protected
    ]
    if not counted:
        return pd.DataFrame(columns=["table", "figures", *CONF_STATUSES, "share", "protection"])
    found = con.sql(" UNION ALL ".join(counted)).df()
    hidden = found[[code for code in CONF_STATUSES if code != "F"]].sum(axis=1)
    methods = {c.table: c.disclosure.method.replace("_", " ") if c.disclosure else "none" for c in protected}
    return found.assign(share=100 * hidden / found["figures"], protection=found["table"].map(methods))


def suppressed(found: pd.DataFrame) -> str:
    """The table of suppression, with the meaning of each reason."""
    reasons = [text.split(":")[0] for text in CONF_STATUSES.values()]
    titled = found.assign(table=[contracts.load(table).title for table in found["table"]])
    header = ["Table", "Figures", *(reason.capitalize() for reason in reasons), "Suppressed, %", "Protection"]
    meaning = "; ".join(CONF_STATUSES.values())
    return html.paragraph(
        f"What each figure's conf_status says: {meaning}. Where they are rounded or perturbed, hardly any is left out."
    ) + html.table(header, titled.itertuples(index=False, name=None))


def revised(con: duckdb.DuckDBPyConnection) -> str:
    """By table: how many figures were revised since the vintage before, and by how much; or that there is none."""
    chart = plots.named("revised_figures")
    found = chart.rows(con)
    return html.paragraph(FIRST_VINTAGE) if found.empty else html.data_table(found, chart.table)


def definitions(tables: Sequence[Contract]) -> str:
    """What every published table holds, from its contract."""
    return "".join(html.details(f"{c.table}: {c.title}", _definition(c)) for c in tables)


def _definition(contract: Contract) -> str:
    parts = [html.paragraph(contract.description), html.paragraph(f"One row: {contract.grain}.")]
    if contract.limitations:
        parts.append(html.paragraph(f"Beware: {contract.limitations}"))
    rows = [(c.name, c.description, ", ".join(c.allowed)) for c in contract.columns]
    return "".join(parts) + html.table(["Column", "Meaning", "Values"], rows)
