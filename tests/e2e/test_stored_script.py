"""Script in the text fields of both systems: shown as text wherever Interlace shows it, never carried out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Page, expect
from tests.e2e.hostile import ATTACKS, LENGTH, Hostile, attack
from tests.e2e.place import Place

from interlace.domain.keys import MappingName

CONFLICTING, SENT, WRONG = "C00080", "C00100", "C00120"


def _attacked(page: Page, path: str) -> None:
    """Look at a page, and let nothing of it be carried out."""
    page.goto(path)
    assert page.locator("h1").count() == 1
    assert page.evaluate("typeof window.attacked") == "undefined"
    # Whatever stands there is a text: no element of the attacks came to be.
    assert page.locator("main script, main img, main svg[onload], main [onerror], main [onload]").count() == 0


@pytest.fixture(scope="module")
def _poisoned(place: Place) -> None:
    """Script stands in every text field of a customer and an account, coupled, in conflict and refused."""
    hostile, trade = Hostile(place.trade), place.trade
    for number in (SENT, CONFLICTING, WRONG):
        assert {"Name", "Address", "City"} <= hostile.page("CustomerCard", {"No": number})
    account = str(trade.account_of(CONFLICTING)["accountid"])
    assert {"name", "address1_line1", "description"} <= hostile.record("accounts", account)
    trade.change_account(CONFLICTING, name=attack(1))
    trade.change_customer(WRONG, Salesperson_Code="HV")
    place.interlace("synch", "CUSTOMER")


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which nothing of the attacks opens a dialog."""
    dialogs: list[str] = []

    def opened(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    yield page
    assert dialogs == []


@pytest.mark.usefixtures("_poisoned")
def test_script_from_both_systems_is_only_shown(place: Place, page: Page) -> None:
    """Records, conflicts, journal, errors, search and couplings show it as text."""
    for path in (
        "/records/CUSTOMER",
        f"/records/CUSTOMER/{SENT}",
        f"/records/CUSTOMER/{CONFLICTING}",
        f"/coupling/CUSTOMER/{SENT}?side=erp",
        "/conflicts",
        "/journal",
        f"/journal?key={SENT}",
        "/errors",
        "/errors/skipped",
        "/couplings",
        "/search?search=%3Cscript%3Ewindow.attacked%3D1%3C%2Fscript%3E",
        "/records/CUSTOMER?search=%22%3E%3Cimg%20src%3Dx%20onerror%3Dattacked%3D1%3E",
        "/",
    ):
        _attacked(page, path)
    page.goto("/conflicts")
    page.get_by_role("row").filter(has_text="script").get_by_role("link").first.click()
    expect(page.locator("table.diff")).to_contain_text("<script>window")
    _attacked(page, page.url)
    # It went to the other side as it is: nobody's text is changed on the way.
    assert place.trade.account_of(SENT)["name"] == place.trade.customer(SENT)["Name"]


FREE_TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    "CONTACT": ("ContactCard", "No", "Name", "contacts"),
    "ITEM-PRODUCT": ("ItemCard", "No", "Description", "products"),
    "RESOURCE-PRODUCT": ("ResourceCard", "No", "Name", "products"),
    "OPPORTUNITY": ("OpportunityCard", "No", "Description", "opportunities"),
    "UNIT OF MEASURE": ("UnitsOfMeasure", "Code", "Description", "uomschedules"),
    "CURRENCY": ("Currencies", "Code", "Description", "transactioncurrencies"),
    "CUSTPRCGRP-PRICE": ("CustomerPriceGroups", "Code", "Description", "pricelevels"),
    "SALESPEOPLE": ("SalespersonCard", "Code", "Name", "systemusers"),
    "PAYMENT TERMS": ("PaymentTerms", "Code", "Description", ""),
    "SHIPMENT METHOD": ("ShipmentMethods", "Code", "Description", ""),
    "SHIPPING AGENT": ("ShippingAgents", "Code", "Name", ""),
}
"""The ERP page of a mapping, its key and a field that takes any text; the CRM's records. Prices hold no such text."""
INVOICE = "POSTEDSALESINV-INV"
BILLED = "C00160"


@dataclass(frozen=True, kw_only=True)
class Poisoned:
    """Records of both systems that hold script wherever they take a text."""

    keys: Mapping[str, str]
    """The ERP's key by the name of the mapping."""
    orders: tuple[str, str]


@pytest.fixture(scope="module")
def everywhere(place: Place) -> Poisoned:
    """Script in one record of each table of both systems; one order comes with it, another is billed with it."""
    hostile, trade = Hostile(place.trade), place.trade
    with place.installation.opened() as application:
        store = application.connection_store(application.connection(None))
        pairs = {name: store.couplings_page(MappingName(name), None, 1_000)[-1] for name in FREE_TEXTS}
    account = str(trade.account_of(BILLED)["accountid"])
    _enter_quote(hostile, account)
    orders = _entered_order(hostile, account), trade.order(account, "1001")
    for order in orders:
        trade.submit(order)
    place.interlace("orders", "process")
    invoice = _billed(hostile, place.listed("orders", "show", orders[1])[0]["erp_order"])
    for name, (erp_page, key, text, set_name) in FREE_TEXTS.items():
        assert text in hostile.page(erp_page, {key: pairs[name].erp_key}), name
        if set_name:
            assert hostile.record(set_name, str(pairs[name].crm_key)), name
    place.interlace("synch")
    [billed] = trade.find("invoices", f"ilc_erpkey eq '{invoice}'")
    for line in trade.find("invoicedetails", f"_invoiceid_value eq {billed['invoiceid']}"):
        hostile.record("invoicedetails", line["invoicedetailid"])
    assert "name" in hostile.record("invoices", billed["invoiceid"])
    keys = {name: str(pair.erp_key) for name, pair in pairs.items()}
    return Poisoned(keys={**keys, INVOICE: invoice}, orders=orders)


def _enter_quote(hostile: Hostile, account: str) -> None:
    """Enter a quote, which is only counted on the card of the customer."""
    customer = {"customerid_account@odata.bind": f"/accounts({account})"}
    made = hostile.trade.crm("POST", "quotes", {"name": attack(0), **customer})
    hostile.record("quotes", made["quoteid"])
    hostile.trade.crm("PATCH", f"quotes({made['quoteid']})", {"statecode": 1})


def _entered_order(hostile: Hostile, account: str) -> str:
    order = hostile.trade.order(account, "1001")
    for line in hostile.trade.find("salesorderdetails", f"_salesorderid_value eq {order}"):
        hostile.record("salesorderdetails", line["salesorderdetailid"])
    assert {"name", "description"} <= hostile.record("salesorders", order)
    return order


def _billed(hostile: Hostile, number: str) -> str:
    """Write into an order of the ERP, ship and bill it; gives the number of its invoice."""
    trade = hostile.trade
    for line in trade.erp_rows("SalesOrderSalesLines", f"Document_No eq '{number}'"):
        assert "Description" in hostile.page("SalesOrderSalesLines", line)
    [header] = trade.erp_rows("SalesOrder", f"No eq '{number}'")
    assert "Sell_to_Customer_Name" in hostile.page("SalesOrder", header)
    trade.erp("POST", f"SalesOrder('{number}')/NAV.Post", {"ship": True, "invoice": True})
    [invoice] = trade.erp_rows("PostedSalesInvoice", f"Order_No eq '{number}'")
    return str(invoice["No"])


def test_script_in_any_text_of_both_systems_is_only_shown(everywhere: Poisoned, page: Page) -> None:
    """Lists and cards of every table, orders and invoices among them, and what tells of them show it as text."""
    for name, key in everywhere.keys.items():
        mapping = quote(name)
        for path in (
            f"/records/{mapping}",
            f"/records/{mapping}?side=crm",
            f"/records/{mapping}/{quote(key)}",
        ):
            _attacked(page, path)
        shown = page.locator("main").inner_text()
        assert any(each[:LENGTH] in shown for each in ATTACKS), name
    one, other = everywhere.orders
    item = quote(everywhere.keys["ITEM-PRODUCT"])
    for path in (
        f"/records/CUSTOMER/{BILLED}",
        "/records/POSTEDSALESLINE-INV",
        "/records/POSTEDSALESLINE-INV?side=crm",
        f"/coupling/ITEM-PRODUCT/{item}?side=erp",
        f"/jobs/of-record/ITEM-PRODUCT/{item}",
        f"/availability?item={item}",
        "/orders",
        f"/orders/{one}",
        f"/orders/{other}",
        "/journal",
        "/errors",
        "/errors/skipped",
        "/conflicts",
        "/couplings",
    ):
        _attacked(page, path)
