"""Arrow schema of a contract, for tables made by hand."""

import pyarrow as pa

from migflow.contracts import Contract

TYPES = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}


def schema_of(contract: Contract) -> pa.Schema:
    """The table's columns in the contract's order."""
    return pa.schema([(c.name, TYPES[c.type]) for c in contract.columns])
