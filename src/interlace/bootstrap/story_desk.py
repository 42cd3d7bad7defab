"""What the people of the demo's story see: one sale in both services, and what of it is not as told."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.record_links import erp_record_link
from interlace.bootstrap.story_people import Clerk, Row, Salesperson
from interlace.locale.translatable import Amount, Value, as_sentence, translatable

ORDER_STATES: Final = {0: "Active", 1: "Submitted", 2: "Canceled", 3: "Fulfilled", 4: "Invoiced"}
_CENT: Final = Decimal("0.01")


@dataclass(slots=True, kw_only=True)
class Sale:
    """One sale: its records by key, and what was seen of it since the last step."""

    settings: ConnectionSettings
    sales: Salesperson
    clerk: Clerk
    account: str = ""
    customer: str = ""
    opportunity: str = ""
    order: str = ""
    number: str = ""
    """Of the ERP order."""
    goods: list[Row] = field(default_factory=list)
    shows: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def begin_step(self) -> None:
        """Forget what was seen before."""
        self.shows, self.links, self.wrong = [], [], []

    def see(self, text: str, /, **values: Value) -> None:
        """Note what a service shows."""
        self.shows.append(translatable(text, **values))

    def expect(self, what: str, found: object, *, told: object) -> None:
        """Note when something is not as told."""
        if found != told:
            self.wrong.append(
                translatable(
                    "{what}: {found} instead of {told}",
                    what=as_sentence(what),
                    found=str(found),
                    told=str(told),
                )
            )

    def link_crm(self, section: str, key: str) -> None:
        """Note where the sales app shows a record."""
        self._link(f"{self.settings.crm_address}/app/{section}/{key}")

    def link_erp(self, table: str, key: str) -> None:
        """Note the address of an ERP record."""
        self._link(erp_record_link(self.settings, table, key))

    def _link(self, address: str) -> None:
        # The embedded ERP has no web client.
        if address and address not in self.links:
            self.links.append(address)

    async def crm_order(self) -> Row:
        """Look at the order in the CRM."""
        read: Row = await self.sales.ask("GET", f"salesorders({self.order})")
        shown: dict[str, Value] = {
            "number": read["ordernumber"],
            "state": ORDER_STATES[read["statecode"]],
            "total": cents(read["totalamount"]),
        }
        if status := read["ilc_orderstatus"]:
            self.see("CRM  order {number}: {state}, ERP status {status}, {total} EUR", **shown, status=status)
        else:
            self.see("CRM  order {number}: {state}, {total} EUR", **shown)
        self.link_crm("orders", self.order)
        return read

    async def erp_order(self) -> Row:
        """Look at the order in the ERP."""
        read: Row = await self.clerk.page("GET", f"SalesOrder('{self.number}')")
        self.see(
            "ERP  order {number}: {status}, {amount} EUR and tax: {total} EUR",
            number=self.number,
            status=read["Status"],
            amount=cents(read["Amount"]),
            total=cents(read["Amount_Including_VAT"]),
        )
        self.link_erp("Sales_Header", self.number)
        return read

    async def erp_lines(self) -> list[Row]:
        """Read the goods of the ERP order."""
        lines = await self.clerk.rows("SalesOrderSalesLines", f"Document_No eq '{self.number}'")
        return sorted((line for line in lines if line["No"]), key=lambda line: int(line["Line_No"]))

    async def erp_invoices(self) -> list[Row]:
        """Read the posted invoices of the ERP order."""
        return await self.clerk.rows("PostedSalesInvoice", f"Order_No eq '{self.number}'")

    async def crm_invoices(self) -> list[Row]:
        """Read the invoices of the CRM order."""
        return await self.sales.rows("invoices", f"_salesorderid_value eq {self.order}")


def cents(amount: object) -> Amount:
    """Return an amount of the demo company's currency to the cent."""
    return Amount(Decimal(str(amount)).quantize(_CENT))
