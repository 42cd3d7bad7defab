"""What the CRM has under way with an account: open opportunities, active quotes, active cases."""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.ends import Ends
from interlace.domain.side import Side
from interlace.engine.ports import FindRecords, Record, TableView
from interlace.engine.service import ServiceFailure
from interlace.management.records import CrmCount


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What is counted: records of a table that belong to the account and are in a state."""

    name: str
    table: str
    account: str
    state: int


_STATE: Final = "statecode"
_COUNTED: Final = (
    _Counted(name="opportunities", table="opportunity", account="parentaccountid", state=0),
    _Counted(name="quotes", table="quote", account="customerid", state=1),
    _Counted(name="cases", table="incident", account="customerid", state=0),
)


async def crm_statistics(ends: Ends, settings: ConnectionSettings, account: str) -> tuple[CrmCount, ...]:
    """Count what is under way with an account; what the CRM doesn't have, or doesn't show us, isn't told."""
    counts = await asyncio.gather(*(_count(ends, each, account) for each in _COUNTED))
    return tuple(
        CrmCount(
            name=each.name,
            count=count,
            link=f"{settings.crm_address}/main.aspx?etn={quote(each.table)}&pagetype=entitylist",
        )
        for each, count in zip(_COUNTED, counts, strict=True)
    )


async def _count(ends: Ends, counted: _Counted, account: str) -> int | None:
    view = TableView(side=Side.CRM, table=counted.table, fields=(_STATE,))
    try:
        found: list[Record] = await ends.run(_finding(view, counted.account, account))
    except ServiceFailure:
        # Not every CRM has them, and not every role reads them; the record is what the reader came for.
        return None
    return sum(each.values()[0] == counted.state for each in found)


async def _finding(view: TableView, field: str, account: str) -> list[Record]:
    found: list[Record] = await FindRecords(view=view, field=field, values=(account,), exact=True)
    return found
