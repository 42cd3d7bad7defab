"""Changes made between two runs: one customer in 100, one account in 500."""

from interlace.bootstrap.ends import Ends
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, Precondition, TableView, Write
from interlace.engine.service import Service

_ERP_EVERY = 100
_CRM_EVERY = 500
_PART = 100


async def change_erp(ends: Ends) -> int:
    """Give one customer in 100 another telephone number; gives how many were changed."""
    return await _change(ends.erp, Side.ERP, "Customer", "Phone_No", every=_ERP_EVERY)


async def change_crm(ends: Ends) -> int:
    """Give one account in 500 another fax number; gives how many were changed."""
    return await _change(ends.crm, Side.CRM, "account", "fax", every=_CRM_EVERY)


async def change_one(ends: Ends) -> None:
    """Give the ERP's first customer another telephone number."""
    view = TableView(side=Side.ERP, table="Customer", fields=("Phone_No",))
    first = (await ends.erp.read_page(view, None)).records[0]
    values: dict[str, Value] = {"Phone_No": "+49 40 1"}
    write = Write(key=first.key, precondition=Precondition.UNCHANGED, values=values, tag=first.tag)
    (result,) = await ends.erp.write(view, (write,))
    assert result.outcome is Outcome.DONE


async def _change(service: Service, side: Side, table: str, field: str, *, every: int) -> int:
    view = TableView(side=side, table=table, fields=(field,))
    writes: list[Write] = []
    seen = 0
    after: str | None = None
    while True:
        page = await service.read_page(view, after)
        for place, record in enumerate(page.records, seen):
            if place % every == every // 2:
                values: dict[str, Value] = {field: f"+49 40 {place:07}"}
                writes.append(
                    Write(key=record.key, precondition=Precondition.UNCHANGED, values=values, tag=record.tag)
                )
        seen += len(page.records)
        if page.next is None:
            break
        after = page.next
    for start in range(0, len(writes), _PART):
        results = await service.write(view, tuple(writes[start : start + _PART]))
        assert all(each.outcome is Outcome.DONE for each in results)
    return len(writes)
