"""Customer statistics over both embedded services: written where a figure moved, and nowhere else."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.verify import End

pytestmark = pytest.mark.slow

CUSTOMER = "C00010"
STATISTICS = "STATISTICS"


async def test_statistics_follow_the_books(tmp_path: Path) -> None:
    """Each account gets its customer's figures; a new order moves one record, and a quiet run moves none."""
    async with open_demo_company(tmp_path) as demo:
        await demo.synchronize("first", whole=True)
        assert not (await demo.judge(STATISTICS)).drifted_fields
        before = await _figures(demo)
        assert len(before) == (await demo.judge("CUSTOMER")).crm.total
        await _quiet_run_writes_nothing(demo, "quiet")
        line = {"lineType": "Item", "lineObjectNumber": "1000", "quantity": 2, "unitPrice": 50}
        await demo.act_erp("salesOrders", {"customerNumber": CUSTOMER, "salesOrderLines": [line]})
        counted = await demo.synchronize("ordered", STATISTICS, create_new=False)
        assert (counted[STATISTICS].modified, counted[STATISTICS].inserted) == (1, 0)
        after = await _figures(demo)
        assert after[CUSTOMER] - before.pop(CUSTOMER) == Decimal("119.00")
        assert before.items() <= after.items()
        assert not (await demo.judge(STATISTICS)).drifted_fields
        await _quiet_run_writes_nothing(demo, "quiet again")


async def _quiet_run_writes_nothing(demo: DemoCompany, name: str) -> None:
    tags = await _tags(demo)
    counted = (await demo.synchronize(name, STATISTICS, create_new=False))[STATISTICS]
    assert (counted.inserted, counted.modified, counted.deleted) == (0, 0, 0)
    assert tags == await _tags(demo)


async def _tags(demo: DemoCompany) -> list[object]:
    rows = demo.reader.rows(End.CRM, "ilc_accountstatisticses", ("ilc_name",))
    return [row["@odata.etag"] async for row in rows]


async def _figures(demo: DemoCompany) -> dict[str, Decimal]:
    columns = ("ilc_customernumber", "ilc_outstandingorders")
    return {
        str(row["ilc_customernumber"]): Decimal(str(row["ilc_outstandingorders"]))
        async for row in demo.reader.rows(End.CRM, "ilc_accountstatisticses", columns)
    }
