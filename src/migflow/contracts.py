"""A data contract file (Open Data Contract Standard 3.1) read into what the pipeline needs of it."""

import functools
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from open_data_contract_standard.model import (
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)

from migflow.errors import MigflowError

STAGES = ("deliveries", "registers", "accounts", "statistics", "publication")
# What one delivery of a source holds: everything there is at the end of the month, or what the month brought.
SNAPSHOT, MONTHLY = "snapshot", "monthly"


def _contracts_dir() -> Path:
    shipped = Path(__file__).parent / "data_contracts"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "data_contracts"


@dataclass(frozen=True)
class Column:
    """One column: name, DuckDB type, meaning and the values it may take."""

    name: str
    type: str
    description: str
    required: bool
    personal: bool
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class RowRule:
    """A SQL predicate over one row; the row breaks the rule where it is false."""

    name: str
    description: str
    predicate: str


@dataclass(frozen=True)
class Disclosure:
    """How a table's observations are protected when they are published.

    minimum: smallest count that suppression and the cell-key method show; base: of rounding; counts: SQL over the
    row, true where the figure is a number of persons or events that suppression may find too small (a net is none).
    """

    method: str
    minimum: int = 0
    base: int = 0
    counts: str | None = None

    @property
    def noise(self) -> int:
        """How far perturbed figures may be off, or one more; the intervals around them end at its multiples."""
        return self.minimum if self.method == "cell_key" else self.base


@dataclass(frozen=True)
class Uncertainty:
    """How figures follow from drawn links: lower and upper, where a table has them, and what others make of them.

    additive: of the sum of two inputs its SQL makes the sum of what it makes of each, as counts do and rates do not;
    by: if not, columns of the table and of the counts it is made of: figures that agree in them follow from the counts
    that do, and from no others; signed: SQL predicate of the cells that may be negative.
    """

    additive: bool = False
    by: tuple[str, ...] = ()
    signed: str = "FALSE"


@dataclass(frozen=True)
class Contract:
    """What a table promises: columns in order, key, rules, and who answers for it.

    delivery: snapshot or monthly in the stage deliveries, None in the others.
    """

    table: str
    version: str
    stage: str
    title: str
    description: str
    limitations: str | None
    grain: str
    owner: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str | None
    custom_rules: tuple[RowRule, ...]
    delivery: str | None
    path: Path
    disclosure: Disclosure | None = None
    uncertainty: Uncertainty | None = None

    @property
    def sha256(self) -> str:
        """Hash of the contract file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def has_intervals(self) -> bool:
        """Whether its figures have lower and upper ends that follow from drawn links."""
        return self.uncertainty is not None and "lower" in {column.name for column in self.columns}

    @property
    def column_rules(self) -> tuple[RowRule, ...]:
        """Rules that follow from the columns: missing_<column>, invalid_<column>."""
        return tuple(rule for column in self.columns for rule in _column_rules(column))

    @property
    def row_rules(self) -> tuple[RowRule, ...]:
        """Every rule a row must keep: those of the columns, then the contract's own."""
        return self.column_rules + self.custom_rules

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return {c.name: c for c in self.columns}[name]


NO_PROTECTION = "none"
# Methods of disclosure control, and the one setting that each needs.
METHODS = {NO_PROTECTION: None, "suppression": "minimum", "rounding": "base", "cell_key": "minimum"}
VALUE, CONF_STATUS = "obs_value", "conf_status"
# SDMX cross-domain codelist CL_CONF_STATUS 1.2, as far as it is used here.
CONF_STATUSES = {
    "F": "free for publication",
    "A": "suppressed, primary: a small count",
    "D": "suppressed, secondary: it would give a primary one away",
}
TYPES = ("VARCHAR", "DATE", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _column_rules(column: Column) -> list[RowRule]:
    rules = []
    if column.required:
        rules.append(RowRule(f"missing_{column.name}", f"{column.name} has a value", f"{column.name} IS NOT NULL"))
    tests = []
    if column.allowed:
        tests.append(f"{column.name} IN ({', '.join(map(_quoted, column.allowed))})")
    if column.pattern:
        tests.append(f"regexp_matches({column.name}, {_quoted(column.pattern)})")
    if column.minimum is not None:
        tests.append(f"{column.name} >= {column.minimum:g}")
    if column.maximum is not None:
        tests.append(f"{column.name} <= {column.maximum:g}")
    if tests:
        predicate = f"{column.name} IS NULL OR ({' AND '.join(tests)})"
        rules.append(RowRule(f"invalid_{column.name}", f"{column.name} is {_domain(column)}", predicate))
    return rules


def _domain(column: Column) -> str:
    """What the column's values may be, in words."""
    parts = []
    if column.allowed:
        parts.append("one of " + ", ".join(column.allowed))
    if column.pattern:
        parts.append(f"of the form {column.pattern}")
    if column.minimum is not None:
        parts.append(f"at least {column.minimum:g}")
    if column.maximum is not None:
        parts.append(f"at most {column.maximum:g}")
    return " and ".join(parts)


def _allowed(quality: list[DataQuality] | None) -> tuple[str, ...]:
    for rule in quality or []:
        if rule.metric == "invalidValues":
            return tuple((rule.arguments or {})["validValues"])
    return ()


def _column(prop: SchemaProperty, path: Path) -> Column:
    if not prop.name or prop.physicalType not in TYPES:
        raise MigflowError(
            f"{path}: column {prop.name!r} has physicalType {prop.physicalType!r}; expected one of {', '.join(TYPES)}."
        )
    options = prop.logicalTypeOptions or {}
    return Column(
        name=prop.name,
        type=prop.physicalType,
        description=prop.description or "",
        required=bool(prop.required),
        personal=prop.classification == "personal",
        allowed=_allowed(prop.quality),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
    )


def _row_rules(schema: SchemaObject, path: Path) -> tuple[RowRule, ...]:
    rules = []
    for quality in schema.quality or []:
        if quality.engine != "duckdb-row-rule" or not quality.name:
            raise MigflowError(
                f"{path}: quality rule {quality.name!r} must be custom, engine duckdb-row-rule, and named."
            )
        rules.append(RowRule(quality.name, quality.description or quality.name, str(quality.implementation)))
    return tuple(rules)


def _delivery(schema: SchemaObject, path: Path) -> str | None:
    if path.parent.name != "deliveries":
        return None
    said = [p.value for p in schema.customProperties or [] if p.property == "delivery"]
    if said not in ([SNAPSHOT], [MONTHLY]):
        raise MigflowError(f"{path}: the table needs the custom property delivery, {SNAPSHOT} or {MONTHLY}.")
    return str(said[0])


def _disclosure(schema: SchemaObject, path: Path) -> Disclosure | None:
    said = [p.value for p in schema.customProperties or [] if p.property == "disclosure"]
    if not said:
        if path.parent.name == "statistics" and any(p.name == VALUE for p in schema.properties or []):
            raise MigflowError(
                f"{path}: the table would be published as it is. Say how it is protected: the custom property "
                f"disclosure, with the method {', '.join(METHODS)}."
            )
        return None
    try:
        rule = Disclosure(**dict(said[0] or {}))
    except (TypeError, ValueError) as error:
        raise MigflowError(f"{path}: the custom property disclosure is wrong: {error}.") from error
    if rule.method not in METHODS:
        raise MigflowError(f"{path}: disclosure method {rule.method!r}; expected one of {', '.join(METHODS)}.")
    _check_setting(rule, path)
    return rule


def _check_setting(rule: Disclosure, path: Path) -> None:
    """Whether a method has the setting that it needs, and not the other."""
    needed = METHODS[rule.method]
    for setting in ("minimum", "base"):
        said = getattr(rule, setting)
        if setting == needed and not (isinstance(said, int) and said > 1):
            raise MigflowError(
                f"{path}: disclosure method {rule.method} needs {setting}, a whole number of at least 2; found "
                f"{said or 'none'}."
            )
        if setting != needed and said != 0:
            raise MigflowError(f"{path}: disclosure method {rule.method} has no {setting}: take it out.")


def _uncertainty(schema: SchemaObject, path: Path) -> Uncertainty | None:
    said = [p.value for p in schema.customProperties or [] if p.property == "uncertainty"]
    if not said:
        return None
    try:
        given = dict(said[0] or {})
        return Uncertainty(**given | {"by": tuple(given.get("by", ()))})
    except (TypeError, ValueError) as error:
        raise MigflowError(f"{path}: the custom property uncertainty is wrong: {error}.") from error


def published(contract: Contract) -> Contract:
    """The contract of a statistics table as it is published: conf_status added, suppressed figures empty.

    Of another stage, or without obs_value, a table is as it is stored.
    """
    if contract.stage != "statistics" or VALUE not in {column.name for column in contract.columns}:
        return contract
    figures = (VALUE, "lower", "upper")
    columns = tuple(replace(c, required=False) if c.name in figures else c for c in contract.columns)
    meaning = "; ".join(f"{code} {text}" for code, text in CONF_STATUSES.items())
    status = Column(CONF_STATUS, "VARCHAR", f"Confidentiality: {meaning}", True, False, tuple(CONF_STATUSES))
    return replace(contract, columns=(*columns, status))


def read(path: Path) -> Contract:
    """Read one contract file; MigflowError names the file and what is missing in it."""
    try:
        contract = OpenDataContractStandard.from_file(str(path))
    except ValueError as error:
        raise MigflowError(f"{path} is not an ODCS 3.1 contract: {error}") from error
    if not contract.schema_ or len(contract.schema_) != 1:
        raise MigflowError(f"{path}: expected exactly one table under schema.")
    schema = contract.schema_[0]
    properties = schema.properties or []
    keyed = [p for p in properties if p.primaryKey]
    if not schema.name or not keyed:
        raise MigflowError(f"{path}: the table needs a name and at least one primaryKey column.")
    team = contract.team
    return Contract(
        table=schema.name,
        version=contract.version or "1.0.0",
        stage=path.parent.name,
        title=contract.name or schema.name,
        description=schema.description or "",
        limitations=contract.description.limitations if contract.description else None,
        grain=schema.dataGranularityDescription or "",
        owner=(getattr(team, "name", None) or "unassigned"),
        columns=tuple(_column(p, path) for p in properties),
        key=tuple(str(p.name) for p in sorted(keyed, key=lambda p: p.primaryKeyPosition or 0)),
        partition=next((p.name for p in properties if p.partitioned), None),
        custom_rules=_row_rules(schema, path),
        delivery=_delivery(schema, path),
        path=path,
        disclosure=_disclosure(schema, path),
        uncertainty=_uncertainty(schema, path),
    )


@functools.cache
def load_all() -> dict[str, Contract]:
    """Every contract by table name, in the order of the stages, then by name."""
    paths = [p for stage in STAGES for p in sorted((_contracts_dir() / stage).glob("*.odcs.yaml"))]
    return {contract.table: contract for contract in map(read, paths)}


def load(table: str) -> Contract:
    """The contract of a table; MigflowError if there is none."""
    try:
        return load_all()[table]
    except KeyError:
        raise MigflowError(
            f"There is no contract for a table {table!r}: expected data_contracts/<stage>/{table}.odcs.yaml."
        ) from None


def empty_table_sql(contract: Contract) -> str:
    """A SELECT of the contract's columns with no rows."""
    columns = ", ".join(f"CAST(NULL AS {c.type}) AS {c.name}" for c in contract.columns)
    return f"SELECT {columns} WHERE false"
