"""Prices over both embedded services: each is in the CRM or listed with its reason, and none outlives the ERP's."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.verify.demo_company import DemoCompany, open_demo_company

from interlace.bootstrap.price_stock import price_stock_of
from interlace.connectors.http_message import HttpRequest
from interlace.engine.left_out import LeftOutBecause
from interlace.verify import End

pytestmark = pytest.mark.slow

GROUP_TYPE = "Customer_x0020_Price_x0020_Group"
GROUP = "TEST"
PRICES = ("CUSTPRCGRP-PRICE", "SALESPRC-PRODPRICE")
KEY = (
    "Item_No",
    "Sales_Type",
    "Sales_Code",
    "Starting_Date",
    "Currency_Code",
    "Variant_Code",
    "Unit_of_Measure_Code",
    "Minimum_Quantity",
)


async def test_prices_are_in_the_crm_or_listed(tmp_path: Path) -> None:
    """Nothing is missing without a reason; prices that end go, a currency may change, a unit may come later."""
    async with open_demo_company(tmp_path) as demo:
        await demo.post_erp_page("CustomerPriceGroups", {"Code": GROUP, "Description": "Test"})
        for item in ("1000", "1001"):
            await _add_price(demo, item)
        await _nothing_is_in_the_crm_yet(demo)
        await demo.synchronize("first", whole=True)
        await _all_are_accounted_for(demo)
        await _what_ends_goes(demo)
        await _another_currency_is_taken_over(demo)
        await _a_unit_that_comes_later_is_taken(demo)
        await _all_are_accounted_for(demo)


async def _nothing_is_in_the_crm_yet(demo: DemoCompany) -> None:
    for stock in await price_stock_of(demo.application, demo.connection, demo.ends):
        assert stock.partnered == 0
        assert {each.because for each in stock.left_out} == {LeftOutBecause.NOT_YET, LeftOutBecause.FILTER}


async def _all_are_accounted_for(demo: DemoCompany) -> None:
    in_crm = [row["ilc_erptable"] for row in await _rows(demo, End.CRM, "productpricelevels", "ilc_erptable")]
    pages = (("ItemCard", "Item"), ("ResourceCard", "Resource"), ("SalesPrices", "Sales_Price"))
    stocks = await price_stock_of(demo.application, demo.connection, demo.ends)
    for stock, (page, table) in zip(stocks, pages, strict=True):
        listed = [each for each in stock.left_out if each.reason]
        assert in_crm.count(table) + len(listed) == len(await _rows(demo, End.ERP, page, "Unit_Price"))
        assert not [each for each in listed if each.because is LeftOutBecause.NOT_YET]
        assert not (await demo.judge(stock.mapping)).drifted_fields


async def _what_ends_goes(demo: DemoCompany) -> None:
    first, second = await _prices(demo)
    await _delete(demo, first)
    await demo.patch_erp(_address(second), {"Ending_Date": "2030-12-31"})
    counted = await demo.synchronize("ended", *PRICES, create_new=False)
    assert counted["SALESPRC-PRODPRICE"].deleted == 2
    assert await _in_crm(demo) == []
    await demo.patch_erp(_address(second), {"Ending_Date": "0001-01-01"})
    await _add_price(demo, "1000")
    counted = await demo.synchronize("back", *PRICES, create_new=False)
    assert counted["SALESPRC-PRODPRICE"].inserted == 2
    assert len(await _in_crm(demo)) == 2


async def _another_currency_is_taken_over(demo: DemoCompany) -> None:
    before = {row["_transactioncurrencyid_value"] for row in await _in_crm(demo)}
    for each in await _prices(demo):
        await _delete(demo, each)
        await _add_price(demo, str(each["Item_No"]), Currency_Code="USD")
    # The CRM lets a price list change its currency only once it is empty: the first run empties it.
    for name in ("emptied", "filled"):
        await demo.synchronize(name, *PRICES, create_new=False)
    after = {row["_transactioncurrencyid_value"] for row in await _in_crm(demo)}
    assert len(await _in_crm(demo)) == 2
    assert len(after) == 1
    assert after.isdisjoint(before)
    for name in PRICES:
        assert not (await demo.judge(name)).drifted_fields


async def _a_unit_that_comes_later_is_taken(demo: DemoCompany) -> None:
    await _add_price(demo, "1000", Currency_Code="USD", Unit_of_Measure_Code="PALLET")
    await demo.synchronize("unit missing", *PRICES, create_new=False)
    *_, stock = await price_stock_of(demo.application, demo.connection, demo.ends)
    [waiting] = [each for each in stock.left_out if f"\x1f{GROUP}\x1f" in each.key]
    assert waiting.because is LeftOutBecause.ERROR
    assert "named 'PALLET'" in waiting.reason
    units = await _rows(demo, End.CRM, "uoms", "uomid", "name", "_uomscheduleid_value")
    base = next(row for row in units if row["name"] == "PCS")
    await demo.post_crm(
        "uoms",
        {
            "name": "PALLET",
            "quantity": 40,
            "uomscheduleid@odata.bind": f"/uomschedules({base['_uomscheduleid_value']})",
            "baseuom@odata.bind": f"/uoms({base['uomid']})",
        },
    )
    await demo.synchronize("unit there", *PRICES, create_new=False)
    assert len(await _in_crm(demo)) == 3


async def _rows(demo: DemoCompany, end: End, name: str, *columns: str) -> list[Any]:
    return [row async for row in demo.reader.rows(end, name, columns)]


async def _prices(demo: DemoCompany) -> list[Any]:
    return [row for row in await _rows(demo, End.ERP, "SalesPrices", *KEY) if row["Sales_Code"] == GROUP]


async def _in_crm(demo: DemoCompany) -> list[Any]:
    rows = await _rows(demo, End.CRM, "productpricelevels", "ilc_erpkey", "_transactioncurrencyid_value")
    return [row for row in rows if f"\x1f{GROUP}\x1f" in str(row["ilc_erpkey"])]


async def _add_price(demo: DemoCompany, item: str, **fields: object) -> None:
    body = {"Sales_Type": GROUP_TYPE, "Sales_Code": GROUP, "Item_No": item, "Unit_Price": 10, **fields}
    await demo.post_erp_page("SalesPrices", body)


def _address(price: Any) -> str:
    plain = ("Starting_Date", "Minimum_Quantity")
    parts = (f"{name}={price[name]}" if name in plain else f"{name}='{price[name]}'" for name in KEY)
    return f"SalesPrices({quote(','.join(parts), safe=chr(39) + '=,')})"


async def _delete(demo: DemoCompany, price: Any) -> None:
    url = f"/BC/ODataV4/Company('Nordlicht')/{_address(price)}"
    answer = await demo.ends.erp_channel.send(
        HttpRequest(method="DELETE", url=url, headers={"If-Match": "*"})
    )
    assert answer.status == 204, answer.body
