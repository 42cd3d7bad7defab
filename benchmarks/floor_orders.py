"""The floor of orders: the same deep inserts into the ERP, posted one after the other by a client that knows them."""

from typing import Any
from urllib.parse import quote

import msgspec

from benchmarks.contender import Report, Scenario, read_task
from benchmarks.measure import Stretch, own_peak_memory
from benchmarks.order_desk import LINES, rows_of
from benchmarks.plain_http import open_erp

BARE_INSERTS = "bare inserts"


def _main(task: dict[str, Any]) -> Report:
    erp, count = open_erp(task["erp"]), int(task["orders"])
    pages = f"/BC/ODataV4/Company('{quote(task['erp']['company'])}')/"
    customers = [
        row["No"] for row in rows_of(erp, f"{pages}CustomerCard?$select=No&$filter=Currency_Code%20eq%20''")
    ]
    items = [
        (row["No"], row["Base_Unit_of_Measure"], row["Unit_Price"])
        for row in rows_of(erp, f"{pages}ItemCard?$select=No,Base_Unit_of_Measure,Unit_Price")
    ]
    company = next(iter(rows_of(erp, "/BC/api/v2.0/companies")))["id"]
    asked, stretch = erp.requests, Stretch(task["pids"])
    for place in range(count):
        lines = []
        for number in range(place, place + LINES):
            item, unit, price = items[number % len(items)]
            lines.append(
                {
                    "lineType": "Item",
                    "lineObjectNumber": item,
                    "unitOfMeasureCode": unit,
                    "quantity": 1 + number % 7,
                    "unitPrice": price,
                    "discountAmount": 0,
                }
            )
        order = {
            "customerNumber": customers[place % len(customers)],
            "externalDocumentNumber": f"FLOOR{place}",
            "currencyCode": "EUR",
            "pricesIncludeTax": False,
            "discountAmount": 0,
            "salesOrderLines": lines,
        }
        erp.post(f"/BC/api/v2.0/companies({company})/salesOrders", msgspec.json.encode(order))
    cost = stretch.end()
    floor = Scenario(
        name=BARE_INSERTS,
        records=count,
        cost=cost,
        requests={"erp": erp.requests - asked, "crm": 0},
        outcome={"inserted": count},
    )
    return Report(scenarios=(floor,), peak_memory=own_peak_memory())


if __name__ == "__main__":
    print(_main(read_task()).dump())
