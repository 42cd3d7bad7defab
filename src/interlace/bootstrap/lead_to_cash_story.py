"""The story of one sale, played over both embedded services: from a new account to the paid invoice.

People work in their own service, Interlace runs as it does every few minutes, and after each step both services are
asked what they show. What does not come as told is said at the step.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.availability import ItemAvailability
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.story_desk import ORDER_STATES, Sale, cents
from interlace.bootstrap.story_people import Row, availability
from interlace.bootstrap.synch_now import SynchNow
from interlace.domain.keys import MappingName
from interlace.lead_to_cash import mapping_names as names
from interlace.locale.translatable import translatable

_ACCOUNT_NAME: Final = "Lindenhof Hotels"
_DISCOUNT: Final = Decimal("25.50")
_QUANTITIES: Final = (Decimal(5), Decimal(2))
_FIRST_SHIPMENT: Final = Decimal(2)
_PAYMENTS: Final = "PAYMENT"
_CUSTOMER: Final = 3
_SUBMITTED: Final = {"statecode": 1, "statuscode": 3}
_WON: Final = 3
_OF_A_SALE: Final = (
    names.OPPORTUNITY,
    names.SALESORDER_ORDER,
    names.POSTEDSALESINV_INV,
    names.POSTEDSALESLINE_INV,
    names.STATISTICS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """One step: who did what, what both services show then, where to look, and what did not come as told."""

    who: str
    what: str
    shows: tuple[str, ...]
    links: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class LeadToCashStory:
    """One sale on its way."""

    application: Application
    connection: Connection
    ends: Ends
    sale: Sale

    async def steps(self) -> AsyncIterator[StoryStep]:
        """Play the story step by step; raises Refused when a service does not want what is told."""
        sales, clerk = (
            translatable("{name}, in the CRM", name=self.sale.sales.name),
            translatable("A clerk, in the ERP"),
        )
        yield await self._step(sales, "creates an account", self._new_account())
        yield await self._step("Interlace", "makes it a customer", self._new_customer())
        yield await self._step(clerk, "says how the customer is taxed and posted", self._complete_customer())
        yield await self._step(sales, "opens an opportunity with two products", self._new_opportunity())
        yield await self._step(sales, "looks at the stock before promising a date", self._look_at_stock())
        yield await self._step(sales, "wins the opportunity and makes an order of it", self._win())
        yield await self._step(sales, "submits the order", self._submit())
        yield await self._step("Interlace", "checks it and creates the ERP order", self._arrive())
        yield await self._step(clerk, "releases the order", self._release())
        yield await self._step("Interlace", "tells the CRM", self._told("Released", 1))
        yield await self._step(clerk, "ships a part of the first line", self._ship(_FIRST_SHIPMENT))
        yield await self._step("Interlace", "tells the CRM", self._told("Partially Shipped", 1))
        yield await self._step(clerk, "ships the rest", self._ship(None))
        yield await self._step("Interlace", "tells the CRM", self._told("Shipped", 3))
        yield await self._step(clerk, "invoices the order", self._invoice())
        yield await self._step("Interlace", "brings the invoice to the CRM", self._invoiced())
        yield await self._step(clerk, "books the customer's payment", self._pay())
        yield await self._step("Interlace", "tells the CRM, and brings the account's figures", self._paid())
        yield await self._step("Interlace", "brings the stock that is left to the products", self._rest())

    async def _step(self, who: str, what: str, doing: Awaitable[None]) -> StoryStep:
        self.sale.begin_step()
        await doing
        return StoryStep(
            who=who,
            what=what,
            shows=tuple(self.sale.shows),
            links=tuple(self.sale.links),
            wrong=tuple(self.sale.wrong),
        )

    # --- before the order

    async def _new_account(self) -> None:
        known = await self.sale.sales.rows("accounts", f"startswith(name,'{_ACCOUNT_NAME}')", "&$select=name")
        name = f"{_ACCOUNT_NAME} {len(known) + 1}"
        self.sale.account = await self.sale.sales.create(
            "accounts",
            {
                "name": name,
                "customertypecode": _CUSTOMER,
                "address1_line1": "Lindenallee 7",
                "address1_postalcode": "20095",
                "address1_city": "Hamburg",
                "address1_country": "DE",
                "telephone1": "+49 40 555 0123",
            },
        )
        self.sale.see("CRM  account {name}, Hamburg", name=name)
        self.sale.link_crm("accounts", self.sale.account)

    async def _new_customer(self) -> None:
        await self._run((names.CUSTOMER,), full=True)
        await self._run((names.STATISTICS,))
        account = await self.sale.sales.ask("GET", f"accounts({self.sale.account})")
        self.sale.customer = str(account["ilc_erpkey"] or "")
        self.sale.expect("the account names its customer", bool(self.sale.customer), told=True)
        found = await self.sale.clerk.page("GET", f"CustomerCard('{self.sale.customer}')")
        self.sale.expect("the customer's name", found["Name"], told=account["name"])
        self.sale.see(
            "ERP  customer {customer}, {name}, {city}",
            customer=self.sale.customer,
            name=found["Name"],
            city=found["City"],
        )
        self.sale.link_erp("Customer", self.sale.customer)

    async def _complete_customer(self) -> None:
        values = {
            "Gen_Bus_Posting_Group": "DOMESTIC",
            "VAT_Bus_Posting_Group": "DOMESTIC",
            "Customer_Posting_Group": "DOMESTIC",
        }
        await self.sale.clerk.page("PATCH", f"CustomerCard('{self.sale.customer}')", values)
        self.sale.see("ERP  customer {customer} is posted as DOMESTIC", customer=self.sale.customer)

    async def _new_opportunity(self) -> None:
        price_list = self.connection.settings.default_price_list_id
        currency = self.connection.settings.base_currency_id
        self.sale.goods = await self._choose_goods(price_list)
        self.sale.opportunity = await self.sale.sales.create(
            "opportunities",
            {
                "name": "Rooms on the second floor",
                "customerid_account@odata.bind": f"/accounts({self.sale.account})",
                "pricelevelid@odata.bind": f"/pricelevels({price_list})",
                "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency})",
                "isrevenuesystemcalculated": True,
            },
        )
        for place, (product, quantity) in enumerate(zip(self.sale.goods, _QUANTITIES, strict=True)):
            await self.sale.sales.create(
                "opportunityproducts",
                {
                    "opportunityid@odata.bind": f"/opportunities({self.sale.opportunity})",
                    "productid@odata.bind": f"/products({product['productid']})",
                    "uomid@odata.bind": f"/uoms({product['uomid']})",
                    "quantity": quantity,
                    "manualdiscountamount": _DISCOUNT if place == 0 else None,
                },
            )
            self.sale.see(
                "CRM  {quantity} x {item} {name} at {price} EUR",
                quantity=quantity,
                item=product["productnumber"],
                name=product["name"],
                price=cents(product["amount"]),
            )
        read = await self.sale.sales.ask("GET", f"opportunities({self.sale.opportunity})")
        self.sale.expect("the opportunity's value", Decimal(read["totalamount"]), told=self._price())
        self.sale.see(
            "CRM  opportunity of {total} EUR, {discount} EUR off the first line",
            total=cents(read["totalamount"]),
            discount=cents(_DISCOUNT),
        )
        self.sale.link_crm("opportunities", self.sale.opportunity)

    async def _choose_goods(self, price_list: str) -> list[Row]:
        """Take the first two products that are in stock and on the price list."""
        products = await self.sale.sales.rows(
            "products",
            "statecode eq 0 and quantityonhand ge 20 and producttypecode eq 1",
            "&$orderby=productnumber",
        )
        chosen: list[Row] = []
        for product in products:
            condition = f"_pricelevelid_value eq {price_list} and _productid_value eq {product['productid']}"
            chosen += [
                {**product, "uomid": price["_uomid_value"], "amount": price["amount"]}
                for price in await self.sale.sales.rows("productpricelevels", condition)
                if price["_uomid_value"] == product["_defaultuomid_value"]
            ]
            if len(chosen) == len(_QUANTITIES):
                break
        return chosen

    def _price(self) -> Decimal:
        gross = sum(
            Decimal(each["amount"]) * many for each, many in zip(self.sale.goods, _QUANTITIES, strict=True)
        )
        return Decimal(gross) - _DISCOUNT

    async def _look_at_stock(self) -> None:
        feed = await self._feed()
        for product in self.sale.goods:
            stock = await availability(feed, product["productid"])
            self.sale.expect("the stock is told", stock is not None, told=True)
            if stock is not None:
                self.sale.see(
                    "CRM  {item}: {inventory} {unit} in stock, {projected} not promised yet",
                    item=stock["ItemNo"],
                    inventory=stock["Inventory"],
                    unit=stock["UOM"],
                    projected=stock["Projected_Available_Balance"],
                )

    async def _feed(self) -> Row:
        """Return what the CRM knows of the availability feed, told anew when the ERP answers elsewhere by now."""
        address = self.connection.settings.erp_address
        rows = await self.sale.sales.rows("ilc_connections", "ilc_odataurl ne null")
        if not rows or not str(rows[0]["ilc_odataurl"]).startswith(address):
            held = self.application.connection(self.connection.id)
            await ItemAvailability(application=self.application, connection=held, ends=self.ends).publish()
            rows = await self.sale.sales.rows("ilc_connections", "ilc_odataurl ne null")
        return rows[0]

    async def _win(self) -> None:
        made = await self.sale.sales.ask(
            "POST",
            "GenerateSalesOrderFromOpportunity",
            {
                "OpportunityId": self.sale.opportunity,
                "ColumnSet": {"AllColumns": False, "Columns": ["salesorderid"]},
            },
        )
        self.sale.order = str(made["salesorderid"])
        activity = {
            "@odata.type": "Microsoft.Dynamics.CRM.opportunityclose",
            "subject": "Won",
            "opportunityid@odata.bind": f"/opportunities({self.sale.opportunity})",
        }
        await self.sale.sales.ask("POST", "WinOpportunity", {"OpportunityClose": activity, "Status": _WON})
        read = await self.sale.crm_order()
        self.sale.expect("the order's total", Decimal(read["totalamount"]), told=self._price())

    async def _submit(self) -> None:
        await self.sale.sales.ask("PATCH", f"salesorders({self.sale.order})", _SUBMITTED)
        await self.sale.crm_order()

    # --- from the order to the cash

    async def _arrive(self) -> None:
        await self._run(_OF_A_SALE)
        crm = await self.sale.crm_order()
        self.sale.number = str(crm["ilc_erpkey"] or "").rpartition("\x1f")[2]
        self.sale.expect("the CRM order names its ERP order", bool(self.sale.number), told=True)
        if not self.sale.number:
            self.sale.see("CRM  {status}", status=crm["submitstatusdescription"])
            return
        self.sale.expect("the CRM order's status", crm["ilc_orderstatus"], told="Open")
        erp = await self.sale.erp_order()
        self.sale.expect("the ERP order's amount without tax", Decimal(erp["Amount"]), told=self._price())
        self.sale.expect("the ERP order's customer", erp["Sell_to_Customer_No"], told=self.sale.customer)

    async def _release(self) -> None:
        await self.sale.clerk.page("POST", f"SalesOrder('{self.sale.number}')/NAV.Release")
        erp = await self.sale.erp_order()
        self.sale.expect("the ERP order's status", erp["Status"], told="Released")

    async def _told(self, status: str, state: int) -> None:
        await self._run(_OF_A_SALE)
        crm = await self.sale.crm_order()
        self.sale.expect("the CRM order's status", crm["ilc_orderstatus"], told=status)
        self.sale.expect("the CRM order's state", ORDER_STATES[crm["statecode"]], told=ORDER_STATES[state])

    async def _ship(self, part: Decimal | None) -> None:
        """Ship so many pieces of the first line alone, or everything that is left."""
        for place, line in enumerate(await self.sale.erp_lines()):
            left = Decimal(line["Quantity"]) - Decimal(line["Quantity_Shipped"])
            shipped = left if part is None else (part if place == 0 else Decimal(0))
            address = f"SalesOrder('{self.sale.number}')/SalesOrderSalesLines(Line_No={line['Line_No']})"
            await self.sale.clerk.page("PATCH", address, {"Qty_to_Ship": shipped})
        await self.sale.clerk.page(
            "POST", f"SalesOrder('{self.sale.number}')/NAV.Post", {"ship": True, "invoice": False}
        )
        await self.sale.erp_order()
        for line in await self.sale.erp_lines():
            self.sale.see(
                "ERP  {item}: {shipped} of {quantity} shipped",
                item=line["No"],
                shipped=line["Quantity_Shipped"],
                quantity=line["Quantity"],
            )
        shipments = await self.sale.clerk.rows("PostedSalesShipments", f"Order_No eq '{self.sale.number}'")
        self.sale.expect("posted shipments", len(shipments), told=1 if part is not None else 2)

    async def _invoice(self) -> None:
        await self.sale.clerk.page(
            "POST", f"SalesOrder('{self.sale.number}')/NAV.Post", {"ship": False, "invoice": True}
        )
        for invoice in await self.sale.erp_invoices():
            self.sale.see(
                "ERP  posted invoice {number}: {amount} EUR and tax: {total} EUR to pay",
                number=invoice["No"],
                amount=cents(invoice["Amount"]),
                total=cents(invoice["Amount_Including_VAT"]),
            )
            self.sale.link_erp("Sales_Invoice_Header", str(invoice["No"]))
            self.sale.expect("the invoice without tax", Decimal(invoice["Amount"]), told=self._price())

    async def _invoiced(self) -> None:
        await self._told("Invoiced", 4)
        posted = {str(each["No"]): each for each in await self.sale.erp_invoices()}
        invoices = await self.sale.crm_invoices()
        self.sale.expect("invoices in the CRM", len(invoices), told=len(posted))
        for invoice in invoices:
            of_erp = posted[str(invoice["ilc_erpkey"])]
            lines = await self.sale.sales.rows(
                "invoicedetails", f"_invoiceid_value eq {invoice['invoiceid']}"
            )
            self.sale.expect("lines of the CRM invoice", len(lines), told=len(_QUANTITIES))
            self.sale.expect(
                "the CRM invoice's total",
                Decimal(invoice["totalamount"]),
                told=Decimal(of_erp["Amount_Including_VAT"]),
            )
            self.sale.see(
                "CRM  invoice {number}: {total} EUR, lines: {count}",
                number=invoice["invoicenumber"],
                total=cents(invoice["totalamount"]),
                count=len(lines),
            )
            self.sale.link_crm("invoices", str(invoice["invoiceid"]))

    async def _pay(self) -> None:
        for invoice in await self.sale.erp_invoices():
            line = {
                "Journal_Batch_Name": _PAYMENTS,
                "Applies_to_Doc_No": invoice["No"],
                "Amount": -Decimal(invoice["Remaining_Amount"]),
            }
            await self.sale.clerk.page("POST", "CashReceiptJournal", line)
        await self.sale.clerk.page("POST", f"CashReceiptJournalBatches('{_PAYMENTS}')/NAV.Post")
        for invoice in await self.sale.erp_invoices():
            self.sale.expect("what remains to be paid", Decimal(invoice["Remaining_Amount"]), told=Decimal(0))
            self.sale.see("ERP  posted invoice {number}: paid", number=invoice["No"])

    async def _paid(self) -> None:
        await self._told("Paid", 4)
        found = await self.sale.sales.rows(
            "ilc_accountstatisticses", f"_ilc_accountid_value eq {self.sale.account}"
        )
        self.sale.expect("statistics of the account", len(found), told=1)
        for figures in found:
            self.sale.expect("sales of this year", Decimal(figures["ilc_salesthisyear"]), told=self._price())
            self.sale.expect("the balance", Decimal(figures["ilc_balance"]), told=Decimal(0))
            self.sale.see(
                "CRM  account: {sales} EUR sales this year, balance {balance} EUR",
                sales=cents(figures["ilc_salesthisyear"]),
                balance=cents(figures["ilc_balance"]),
            )
        self.sale.link_crm("accounts", self.sale.account)

    async def _rest(self) -> None:
        """Bring over what the sale changed elsewhere: the stock of the goods, the customer."""
        await self._run((names.CUSTOMER, names.ITEM_PRODUCT))
        for product in self.sale.goods:
            read = await self.sale.sales.ask("GET", f"products({product['productid']})")
            self.sale.see(
                "CRM  product {item}: {inventory} in stock",
                item=read["productnumber"],
                inventory=round(read["quantityonhand"]),
            )

    # --- Interlace

    async def _run(self, mappings: Sequence[MappingName], *, full: bool = False) -> None:
        """Run Interlace over some mappings."""
        now = SynchNow(application=self.application, connection=self.connection, ends=self.ends)
        _, failure = await now.run_each(mappings, full=full)
        if failure is not None:
            raise failure
