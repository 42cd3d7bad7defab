"""The salespeople of the benchmark: they enter and submit orders, and read afterwards what came of them."""

import itertools
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from urllib.parse import quote

import msgspec

from benchmarks.plain_http import PlainService, path_of

_API = "/api/data/v9.2/"
_JSON = {"Content-Type": "application/json"}
_PRICE_LIST = "Interlace Default Price List"
LINES = 2
Row = Mapping[str, object]


class _Rows(msgspec.Struct):
    value: list[dict[str, object]]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


class OrdersWrong(Exception):
    """An order was lost, doubled or is worth something else: what the run cost means nothing."""


def rows_of(service: PlainService, path: str) -> Iterator[Row]:
    """Read a whole listing."""
    following: str | None = path
    while following is not None:
        page = msgspec.json.decode(service.get_page(following), type=_Rows)
        yield from page.value
        following = path_of(page.next_link)


class OrderDesk:
    """Enters orders at the CRM in the name of a salesperson."""

    def __init__(self, crm: PlainService) -> None:
        self._crm = crm
        self._customers = itertools.cycle(self._accounts())
        self._products = self._wares()
        self._base = {
            "pricelevelid@odata.bind": f"/pricelevels({self._key('pricelevels', 'pricelevelid', _PRICE_LIST)})",
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({self._currency})",
        }
        self._headers = {"MSCRMCallerID": self._salesperson()}
        self.entered: list[str] = []

    def submit(self, count: int) -> None:
        """Enter orders of two lines each, and submit them."""
        for _ in range(count):
            place = len(self.entered)
            key = str(uuid.UUID(int=place + 1, version=4))
            lines = [self._line(place + number) for number in range(LINES)]
            body = {
                "salesorderid": key,
                "name": f"Order {place}",
                "customerid_account@odata.bind": f"/accounts({next(self._customers)})",
                "order_details": lines,
                **self._base,
            }
            self._send("POST", "salesorders", body)
            self._send("PATCH", f"salesorders({key})", {"statecode": 1})
            self.entered.append(key)

    def _line(self, place: int) -> dict[str, object]:
        product, unit = self._products[place % len(self._products)]
        return {
            "quantity": 1 + place % 7,
            "productid@odata.bind": f"/products({product})",
            "uomid@odata.bind": f"/uoms({unit})",
        }

    def _send(self, method: str, path: str, body: object) -> None:
        self._crm.ask(method, _API + path, msgspec.json.encode(body), {**_JSON, **self._headers})

    def _rows(self, table_set: str, columns: str, condition: str) -> list[Row]:
        return list(rows_of(self._crm, f"{_API}{table_set}?$select={columns}&$filter={quote(condition)}"))

    def _key(self, table_set: str, column: str, name: str) -> str:
        return str(self._rows(table_set, column, f"name eq '{name}'")[0][column])

    def _salesperson(self) -> str:
        condition = "accessmode eq 0 and isdisabled eq false"
        return str(self._rows("systemusers", "systemuserid", condition)[0]["systemuserid"])

    def _accounts(self) -> list[str]:
        self._currency = str(
            self._rows("organizations", "_basecurrencyid_value", "organizationid ne null")[0][
                "_basecurrencyid_value"
            ]
        )
        condition = (
            f"_transactioncurrencyid_value eq {self._currency} and ilc_erpkey ne null and statecode eq 0"
        )
        return [str(row["accountid"]) for row in self._rows("accounts", "accountid", condition)]

    def _wares(self) -> list[tuple[str, str]]:
        found = self._rows("products", "productid,_defaultuomid_value", "statecode eq 0")
        return [(str(row["productid"]), str(row["_defaultuomid_value"])) for row in found]


def check_orders(crm: PlainService, erp: PlainService, company: str, marks: set[str]) -> None:
    """Read both services: each order must have one ERP order that is worth the same; raises OrdersWrong."""
    path = f"/BC/ODataV4/Company('{quote(company)}')/SalesOrder?$select=No,External_Document_No,Amount"
    ours = [row for row in rows_of(erp, path) if row["External_Document_No"] in marks]
    counts = Counter(str(row["External_Document_No"]) for row in ours)
    named = {
        str(row["ilc_erpkey"]).rpartition("\x1f")[2]: Decimal(str(row["totalamountlessfreight"]))
        for row in rows_of(crm, f"{_API}salesorders?$select=ilc_erpkey,totalamountlessfreight")
        if row["ilc_erpkey"]
    }
    worth = {str(row["No"]): Decimal(str(row["Amount"])) for row in ours}
    doubled = [mark for mark, count in counts.items() if count > 1]
    lost = marks - counts.keys()
    other = [number for number, amount in worth.items() if named.get(number) != amount]
    if doubled or lost or other or len(named) != len(marks):
        raise OrdersWrong(
            f"Of {len(marks)} orders {len(lost)} were lost, {len(doubled)} doubled, {len(other)} differ; "
            f"the CRM names {len(named)} ERP orders."
        )
