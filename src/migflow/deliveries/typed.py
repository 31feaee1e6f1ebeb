"""SQL that turns a file's texts into the contract's columns and says which rules each row breaks."""

import re

from migflow import contracts
from migflow.contracts import Column, Contract, RowRule
from migflow.deliveries.layouts import EXCEL, RAW, Layout, delivered_columns, is_raw

# What trimming takes off: blanks, tabs, line ends, no-break spaces.
_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
MUNICIPALITY = "municipality"


def rows_sql(layout: Layout, provider: str) -> str:
    """A SELECT from `sent`: the contract's columns, then rules and record.

    sent: what a reader yields of files of one layout, with the reference_month and delivery_id of each row.

    rules (VARCHAR[]): names of the rules the row breaks, in the contract's order; NULL for a good row.
    record (VARCHAR): a bad row's texts as sent, as JSON under contract names; NULL for a good row.
    """
    contract = contracts.load(layout.source)
    rules = row_rules(contract, layout)
    good = " AND ".join(f"(({rule.predicate}) IS NOT FALSE)" for rule in rules)
    broken = ", ".join(f"CASE WHEN ({rule.predicate}) IS FALSE THEN '{rule.name}' END" for rule in rules)
    columns = ", ".join(column.name for column in contract.columns)
    values = ",\n    ".join(
        f"CAST({_value(contract, c, layout, provider)} AS {c.type}) AS {c.name}" for c in contract.columns
    )
    return f"""
WITH texts AS (
  SELECT reference_month AS month, delivery_id AS delivery, source_line AS line,
    {", ".join(_texts(layout))}
  FROM sent
), valued AS (
  SELECT
    {values},
    * EXCLUDE (month, delivery, line)
  FROM texts
), judged AS (
  SELECT *, {good} AS good FROM valued
)
SELECT {columns},
  CASE WHEN NOT good THEN list_filter([{broken}], lambda rule: rule IS NOT NULL) END AS rules,
  CASE WHEN NOT good THEN {_record(layout)} END AS record
FROM judged"""


def record_sql(layout: Layout) -> str:
    """A SELECT from `sent`: delivery_id, source_line, and record as in rows_sql."""
    texts = ", ".join(_texts(layout))
    return f"SELECT delivery_id, source_line, {_record(layout)} AS record FROM (SELECT *, {texts} FROM sent)"


def row_rules(contract: Contract, layout: Layout) -> list[RowRule]:
    """Rules in order: of each column that it was readable, given, valid and, of areas, known; then the contract's own.

    A text that was sent but not read breaks unreadable_<column>, and not missing_<column> as well.
    """
    of_columns = {rule.name: rule for rule in contract.column_rules}
    rules: list[RowRule] = []
    for column in delivered_columns(contract):
        sent = column.name in layout.columns
        unread = f"text_{column.name} IS NOT NULL AND {column.name} IS NULL"
        if sent:
            rules.append(RowRule(f"unreadable_{column.name}", f"{column.name} can be read", f"NOT ({unread})"))
        if missing := of_columns.get(f"missing_{column.name}"):
            given = f"text_{column.name} IS NOT NULL" if sent else missing.predicate
            rules.append(RowRule(missing.name, missing.description, given))
        if invalid := of_columns.get(f"invalid_{column.name}"):
            rules.append(invalid)
        if column.name == MUNICIPALITY and sent and column.name not in layout.codes:
            known = f"{column.name} IS NULL OR {column.name} IN ({', '.join(map(_literal, layout.areas))})"
            rules.append(RowRule(f"unknown_{column.name}", f"{column.name} is one of areas.csv", known))
    return [*rules, *contract.custom_rules]


def _texts(layout: Layout) -> list[str]:
    """Each delivered column twice: as sent, and trimmed with the layout's missing texts as NULL."""
    texts = []
    for column in layout.columns:
        texts.append(f"{_name(column)} AS sent_{column}")
        texts.append(f"{_trimmed(_name(column), layout)} AS text_{column}")
    return texts


def _trimmed(sent: str, layout: Layout) -> str:
    spelled = {f(text.strip()) for text in ("", *layout.missing) for f in (str, str.lower, str.upper)}
    missing = ", ".join(_literal(text) for text in sorted(spelled))
    # Few texts need trimming, and these tests cost a third of trimming all (1.6 million rows, 17 columns).
    blank = f"{sent} < '!' OR right({sent}, 1) <= ' ' OR starts_with({sent}, chr(160)) OR ends_with({sent}, chr(160))"
    trimmed = f"trim({sent}, {_BLANKS})"
    return (
        f"CASE WHEN {sent} IN ({missing}) THEN NULL "
        f"WHEN {blank} THEN (CASE WHEN {trimmed} NOT IN ({missing}) THEN {trimmed} END) ELSE {sent} END"
    )


def _value(contract: Contract, column: Column, layout: Layout, provider: str) -> str:
    """Expression of one column over the texts."""
    filled = {
        "reference_month": "month",
        "provider": _literal(provider),
        "delivery_id": "delivery",
        "source_line": "line",
    }
    if column.name in filled:
        return filled[column.name]
    if column.name in layout.constants:
        return _literal(layout.constants[column.name])
    if is_raw(contract, column.name):
        base = column.name.removesuffix(RAW)
        return f"nullif(sent_{base}, '')" if base in layout.columns else "NULL"
    if column.name not in layout.columns:
        return "NULL"
    text = f"text_{column.name}"
    if column.name == "record_id":
        # Numbers of monthly files may start again; those of a snapshot name the same record each time.
        month = "month || ':' || " if contract.delivery == contracts.MONTHLY else ""
        return f"{_literal(provider + ':')} || {month}{text}"
    return _parsed(column, text, layout)


def _parsed(column: Column, text: str, layout: Layout) -> str:
    codes = layout.codes.get(column.name) or {value: value for value in column.allowed}
    if codes:
        cases = " ".join(f"WHEN lower({_literal(t.strip())}) THEN {_literal(ours)}" for t, ours in codes.items())
        return f"CASE lower({text}) {cases} END"
    if column.type == "DATE":
        dates = ", ".join(_date(text, form) for form in layout.dates)
        return f"coalesce({dates})"
    if column.type == "DOUBLE":
        return f"try_cast(replace({text}, ',', '.') AS DOUBLE)"
    return text if column.type == "VARCHAR" else f"try_cast({text} AS {column.type})"


def _date(text: str, form: str) -> str:
    """A text as DATE by one format, NULL where it does not fit.

    A two-digit year is the latest century that does not lie after the reference month. A year before 1000
    under %Y is a two-digit year in the wrong place.
    """
    if form == EXCEL:
        day = f"try_strptime({text}, ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S'])"
        # Excel's day numbers, which count from 1899-12-30 for every day after February 1900.
        serial = f"DATE '1899-12-30' + try_cast(floor(try_cast({text} AS DOUBLE)) AS INTEGER)"
        return f"CASE WHEN regexp_full_match({text}, '[0-9]{{2,6}}(\\.[0-9]+)?') THEN {serial} ELSE {day}::DATE END"
    day = f"try_strptime({text}, {_literal(form)})::DATE"
    if not re.search(r"%-?y", form):
        return f"CASE WHEN year({day}) >= 1000 THEN {day} END"
    last = "last_day(CAST(month || '-01' AS DATE))"
    century = "INTERVAL 100 YEAR"
    return (
        f"CASE WHEN {day} > {last} THEN ({day} - {century})::DATE "
        f"WHEN {day} + {century} <= {last} THEN ({day} + {century})::DATE ELSE {day} END"
    )


def _record(layout: Layout) -> str:
    pairs = ", ".join(f"{_name(column)} := sent_{column}" for column in layout.columns)
    return f"to_json(struct_pack({pairs}))::VARCHAR"


def _name(column: str) -> str:
    return f'"{column}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
