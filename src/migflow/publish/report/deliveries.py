"""What was delivered, as the quality report tells it: no row of it, only how many and for which months."""

from dataclasses import dataclass

import pyarrow.parquet as pq

from migflow import contracts
from migflow.deliveries.manifests import landed
from migflow.deliveries.quarantine import quarantine_files
from migflow.store import Store


@dataclass(frozen=True)
class Delivered:
    """Deliveries of a source: months from first to last, how many, by how many providers, late ones, rows."""

    source: str
    title: str
    how: str
    first: str
    last: str
    months: int
    deliveries: int
    providers: int
    late: int
    replaced: int
    rows: int
    quarantined: int


def delivered(store: Store) -> tuple[Delivered, ...]:
    """Every source of which a month is in the store."""
    found = []
    for contract in (c for c in contracts.load_all().values() if c.stage == "deliveries"):
        months = store.partitions(contract.table)
        if not months:
            continue
        received = [m for m in landed(store.home, contract.table) if m.reference_month in months]
        found.append(
            Delivered(
                source=contract.table,
                title=contract.title,
                how=contract.delivery or "",
                first=months[0],
                last=months[-1],
                months=len(months),
                deliveries=len(received),
                providers=len({m.provider for m in received}),
                late=sum(m.late for m in received),
                replaced=sum(m.supersedes is not None for m in received),
                rows=store.rows(contract.table),
                quarantined=sum(pq.read_metadata(f).num_rows for f in quarantine_files(store, contract.table)),
            )
        )
    return tuple(found)
