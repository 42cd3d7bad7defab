"""Lists every ERP price that the CRM does not have, with the reason."""

import asyncio
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.engine.left_out import StockTaking, take_stock
from interlace.lead_to_cash.mapping_names import ITEM_PRODPRICE, RESOURCE_PRODPRICE, SALESPRC_PRODPRICE

PRICE_MAPPINGS = (ITEM_PRODPRICE, RESOURCE_PRODPRICE, SALESPRC_PRODPRICE)
"""Unit prices in the default price list, and the sales prices of customer price groups in theirs."""


def price_stock(application: Application, connection: Connection) -> list[StockTaking]:
    """Read all prices of the ERP and say of each whether it is in the CRM, or why not."""

    async def read() -> list[StockTaking]:
        """Open both ends and take stock of each price mapping."""
        async with application.ends(connection) as ends:
            return await price_stock_of(application, connection, ends)

    return asyncio.run(read())


async def price_stock_of(application: Application, connection: Connection, ends: Ends) -> list[StockTaking]:
    """Take stock of the prices over ends that are open already."""
    found = []
    for name in PRICE_MAPPINGS:
        run = application.run_setup(connection, name, run_id=uuid4().hex, create_new=False, compare_all=False)
        found.append(await ends.run(take_stock(run)))
    return found
