"""The company whose customers order: the demo's codes, customers and contacts, and its first items."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.servers import LOADED_AGO, Stage
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import COMPANY_NAME, seed_company
from interlace.sandbox.erp.seed_company.amounts import Row

CUSTOMERS = 300
_ITEM_TABLES = {"Item": "No", "Item_Unit_of_Measure": "Item_No"}
_LAST_ITEM = "1011"


def order_company() -> Iterator[Row]:
    """Yield the rows up to the first items: nothing that is not needed to order."""
    for table, record in seed_company(customers=CUSTOMERS, troublemakers=False):
        if table == "Resource":
            return
        number = _ITEM_TABLES.get(table)
        if not table.startswith("Item_V") and (number is None or str(record[number]) <= _LAST_ITEM):
            yield table, record


class OrderStage(Stage):
    """The state of both services before anybody has ordered."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, CUSTOMERS)
        self._made = directory / "made-orders"

    def fill_erp(self) -> None:
        """Fill the ERP with customers and items."""
        options = ErpSandboxOptions(
            company=COMPANY_NAME, seed=order_company, now=lambda: datetime.now(UTC) - LOADED_AGO
        )
        create_erp_sandbox(self._made / "erp", options).close()
