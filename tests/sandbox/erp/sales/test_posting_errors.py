"""What posting refuses, with the service's codes and the remedy; nothing stays behind."""

from collections.abc import Callable
from typing import Any

import pytest

DIALOG = "Application_DialogException"
FIELD = "Application_FieldValidationException"
Prepare = Callable[[Any, Any], object]


def _patch(page: str, key: str, body: dict[str, object]) -> Prepare:
    return lambda shop, order: shop.erp.patch(f"{shop.erp.pages}/{page}('{key}')", body)


def _patch_order(body: dict[str, object]) -> Prepare:
    return lambda shop, order: shop.erp.patch(shop.url("salesOrders", order), body)


def _patch_line(body: dict[str, object]) -> Prepare:
    def patch(shop: Any, order: Any) -> object:
        line = shop.lines("salesOrders", order)[0]
        return shop.erp.patch(f"{shop.erp.company}/salesOrderLines({line['id']})", body)

    return patch


def _lose_vat_setup(shop: Any, order: Any) -> object:
    url = f"{shop.erp.pages}/VATPostingSetup(VAT_Bus_Posting_Group='DOMESTIC',VAT_Prod_Posting_Group='STANDARD')"
    return shop.erp.send("DELETE", url)


def _lose_lines(shop: Any, order: Any) -> object:
    line = shop.lines("salesOrders", order)[0]
    return shop.erp.send("DELETE", f"{shop.erp.company}/salesOrderLines({line['id']})")


BOTH: dict[str, object] = {"ship": True, "invoice": True}
SHIP: dict[str, object] = {"ship": True, "invoice": False}
INVOICE: dict[str, object] = {"ship": False, "invoice": True}

ERRORS: tuple[tuple[str, Prepare, dict[str, object], str, str], ...] = (
    (
        "customer blocked",
        _patch("CustomerCard", "HOME", {"Blocked": "All"}),
        BOTH,
        DIALOG,
        "Unblock the customer",
    ),
    ("blocked for shipping", _patch("CustomerCard", "HOME", {"Blocked": "Ship"}), SHIP, DIALOG, "type Ship"),
    (
        "blocked for invoices",
        _patch("CustomerCard", "HOME", {"Blocked": "Invoice"}),
        INVOICE,
        DIALOG,
        "type Invoice",
    ),
    ("item blocked", _patch("ItemCard", "CHAIR", {"Blocked": True}), BOTH, DIALOG, "is blocked"),
    ("no VAT setup", _lose_vat_setup, BOTH, DIALOG, "VAT Posting Setup does not exist"),
    (
        "posting date not allowed",
        _patch("GeneralLedgerSetup", "", {"Allow_Posting_From": "2026-11-21"}),
        BOTH,
        FIELD,
        "allowed posting dates",
    ),
    (
        "posting date too late",
        _patch("GeneralLedgerSetup", "", {"Allow_Posting_To": "2026-11-19"}),
        BOTH,
        FIELD,
        "allowed posting dates",
    ),
    ("no posting date", _patch_order({"postingDate": "0001-01-01"}), BOTH, DIALOG, "Posting Date must have"),
    (
        "no external number",
        _patch("SalesReceivablesSetup", "", {"Ext_Doc_No_Mandatory": True}),
        BOTH,
        DIALOG,
        "External Document No must have",
    ),
    (
        "not in stock",
        lambda shop, order: (
            _patch("InventorySetup", "", {"Prevent_Negative_Inventory": True})(shop, order),
            _patch_line({"quantity": 101})(shop, order),
        ),
        BOTH,
        DIALOG,
        "insufficient quantity",
    ),
    ("no lines", _lose_lines, BOTH, DIALOG, "nothing to post"),
    (
        "nothing to ship",
        _patch_line({"shipQuantity": 0, "invoiceQuantity": 0}),
        SHIP,
        DIALOG,
        "nothing to post",
    ),
    ("invoice before shipment", _patch_line({}), INVOICE, DIALOG, "has not been shipped"),
    (
        "to be shipped at once",
        lambda shop, order: (
            _patch_order({"partialShipping": False})(shop, order),
            _patch_line({"shipQuantity": 1})(shop, order),
        ),
        SHIP,
        DIALOG,
        "Shipping Advice",
    ),
    ("less than nothing", _patch_line({"quantity": -1}), BOTH, DIALOG, "Make a credit memo"),
)


@pytest.mark.parametrize(
    ("prepare", "parameters", "code", "reason"),
    [error[1:] for error in ERRORS],
    ids=[error[0] for error in ERRORS],
)
def test_refused_posting(
    shop: Any, prepare: Prepare, parameters: dict[str, object], code: str, reason: str
) -> None:
    """The posting is refused with code and reason, and every table is as it was."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 10}])
    prepare(shop, order)
    before = _everything(shop)
    refusal = shop.refused(shop.page("SalesOrder", order["number"]), "Post", parameters)
    assert refusal[:2] == (400, code)
    assert reason in refusal[2]
    assert _everything(shop) == before


def _everything(shop: Any) -> dict[str, list[Any]]:
    pages = (
        "SalesOrder",
        "SalesOrderSalesLines",
        "PostedSalesInvoice",
        "PostedSalesShipments",
        "ItemLedgerEntries",
        "CustomerLedgerEntries",
    )
    return {page: shop.rows(page) for page in pages}


def test_the_numbers_of_a_refused_posting_are_given_again(shop: Any) -> None:
    """A posting that is refused halfway uses no number up: the series of posted documents have no gaps."""
    shop.erp.patch(f"{shop.erp.pages}/InventorySetup('')", {"Prevent_Negative_Inventory": True})
    lines = [{"lineObjectNumber": "CHAIR", "quantity": 1}, {"lineObjectNumber": "DESK", "quantity": 1}]
    order = shop.document("salesOrders", "HOME", lines)
    assert "insufficient" in shop.refused(shop.url("salesOrders", order), "shipAndInvoice")[2]
    order = shop.document("salesOrders", "HOME", lines[:1])
    invoice = shop.value(shop.act(shop.url("salesOrders", order), "shipAndInvoice"))
    assert invoice["number"] == "103001"
    assert [shipment["No"] for shipment in shop.rows("PostedSalesShipments")] == ["102001"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"lineObjectNumber": "NONE"}, "NONE"),
        ({"lineObjectNumber": "CHAIR", "unitOfMeasureCode": "HOUR"}, "does not exist for item"),
        ({"lineObjectNumber": "CHAIR", "discountPercent": 101}, "between 0 and 100"),
        ({"lineObjectNumber": "CHAIR", "quantity": 1, "discountAmount": 20}, "more than the line's amount"),
        ({"lineObjectNumber": "CHAIR", "quantity": 1, "shipQuantity": 2}, "ship more than 1"),
        ({"lineObjectNumber": "CHAIR", "quantity": 1, "invoiceQuantity": 2}, "invoice more than 1"),
        ({"lineType": "Resource", "lineObjectNumber": "NONE"}, "resource NONE"),
        ({"lineType": "Account", "lineObjectNumber": "1"}, "G/L account 1"),
    ],
)
def test_refused_lines(shop: Any, line: dict[str, object], reason: str) -> None:
    """A line that the ERP can't sell is refused and says why; the order doesn't stay behind."""
    body = {"customerNumber": "HOME", "salesOrderLines": [{"lineType": "Item", **line}]}
    refusal = shop.erp.refused("POST", f"{shop.erp.company}/salesOrders", body)
    assert refusal[0] == 400
    assert reason in refusal[2]
    assert shop.rows("SalesOrder") == []


def test_calls_that_are_no_actions(shop: Any) -> None:
    """Unknown actions, wrong verbs, missing parameters and stale tags are refused as the service does."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    url, page = shop.url("salesOrders", order), shop.page("SalesOrder", order["number"])
    assert shop.refused(url, "makeOrder")[:2] == (404, "BadRequest_ResourceNotFound")
    assert shop.erp.refused("GET", f"{url}/Microsoft.NAV.shipAndInvoice")[0] == 405
    assert shop.refused(page, "Post", {"ship": True})[:2] == (400, "BadRequest_RequiredParamNotProvided")
    assert shop.refused(page, "Post", {"ship": False, "invoice": False})[:2] == (400, "BadRequest")
    stale = {"If-Match": 'W/"MjA7MDAwMTs="'}
    refusal = shop.erp.refused("POST", f"{url}/Microsoft.NAV.shipAndInvoice", None, stale)
    assert refusal[:2] == (409, "Request_EntityChanged")
    quote = shop.document("salesQuotes", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    assert "e-mail" in shop.refused(shop.url("salesQuotes", quote), "send")[2]
    empty = shop.document("salesOrders", "HOME", [])
    assert "has no lines" in shop.refused(shop.url("salesOrders", empty), "shipAndInvoice")[2]
    assert "nothing to release" in shop.refused(shop.page("SalesOrder", empty["number"]), "Release")[2]


PAYMENTS: tuple[tuple[dict[str, object], str], ...] = (
    ({"customerNumber": "HOME", "amount": 10}, "must be negative"),
    ({"customerNumber": "HOME", "amount": 0}, "must be negative"),
    ({"amount": -10}, "Account No must have"),
    ({"customerNumber": "HOME", "amount": -10, "postingDate": "0001-01-01"}, "Posting Date must have"),
    ({"customerNumber": "GROSS", "amount": -10, "appliesToInvoiceNumber": "103001"}, "another customer"),
)


@pytest.mark.parametrize(("payment", "reason"), PAYMENTS)
def test_refused_payments(shop: Any, payment: dict[str, object], reason: str) -> None:
    """A journal with a wrong line posts nothing at all, and keeps its lines."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    shop.act(shop.url("salesOrders", order), "shipAndInvoice")
    journal = shop.value(f"{shop.erp.company}/journals")["value"][0]
    url = f"{shop.erp.company}/journals({journal['id']})"
    assert "nothing to post" in shop.refused(url, "post")[2]
    good = {"customerNumber": "HOME", "amount": "-1", "appliesToInvoiceNumber": "103001"}
    for body in (good, payment):
        shop.erp.post(f"{shop.erp.company}/customerPayments", {"journalId": journal["id"], **body})
    refusal = shop.refused(url, "post")
    assert refusal[:2] == (400, DIALOG)
    assert reason in refusal[2]
    assert len(shop.rows("CustomerLedgerEntries")) == 1
    assert len(shop.rows("CashReceiptJournal")) == 2


def test_a_paid_invoice_is_not_cancelled(shop: Any) -> None:
    """An invoice on which something was paid is not cancelled, and a draft never."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    invoice_url = shop.act(shop.url("salesOrders", order), "shipAndInvoice")
    journal = shop.value(f"{shop.erp.company}/journals")["value"][0]
    body = {"journalId": journal["id"], "appliesToInvoiceNumber": "103001", "amount": "-1"}
    shop.erp.post(f"{shop.erp.company}/customerPayments", body)
    shop.act(f"{shop.erp.company}/journals({journal['id']})", "post")
    assert "paid or applied" in shop.refused(invoice_url, "cancel")[2]
    draft = shop.document("salesInvoices", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    assert "is a draft" in shop.refused(shop.url("salesInvoices", draft), "cancel")[2]
