"""The pages for NAV show everything that Interlace reads and writes, under Interlace's own names."""

import re

import pytest

from interlace.bootstrap.erp_services import fields_of_orders
from interlace.bootstrap.nav_pages import NAV_PAGES, fields_of_pages, own_pages, pages_text, source_of
from interlace.lead_to_cash.order_columns import INVOICE_FIELDS, ORDER_FIELDS, ORDER_LINE_FIELDS
from interlace.sandbox.erp.page_services import PAGE_SERVICES

_FIELD = re.compile(r"Name=(\w+);\r\n +SourceExpr=([^;}]+?)(?:;| })")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("No", "No."),
        ("Sell_to_Customer_No", "Sell-to Customer No."),
        ("Bill_to_Country_Region_Code", "Bill-to Country/Region Code"),
        ("Qty_per_Unit_of_Measure", "Qty. per Unit of Measure"),
        ("Cust_Ledger_Entry_No", "Cust. Ledger Entry No."),
        ("Inv_Discount_Amount", "Inv. Discount Amount"),
        ("VAT_Percent", "VAT %"),
        ("Credit_Limit_LCY", "Credit Limit (LCY)"),
        ("Line_No", "Line No."),
    ],
)
def test_fields_are_called_as_in_nav(name: str, source: str) -> None:
    """The name of a control tells the field of NAV's table."""
    assert source_of(name) == source


def test_pages_show_what_orders_need() -> None:
    """Header, lines and posted invoices with all that is read, and with what a new order is written to."""
    shown = fields_of_pages()
    assert set(shown["SalesOrder"]) >= {*ORDER_FIELDS, "Document_Date", "Order_Date", "Your_Reference"}
    assert set(shown["SalesOrderSalesLines"]) >= {*ORDER_LINE_FIELDS, "Document_Type"}
    assert set(shown["PostedSalesInvoice"]) >= set(INVOICE_FIELDS)
    for service, names in shown.items():
        assert set(names) <= {each.name for each in PAGE_SERVICES[service].properties}, service


def test_the_text_holds_each_page_with_each_field_once() -> None:
    """Objects, controls and braces are those of the fields; parts are linked to their pages."""
    text = pages_text()
    objects = text.split("OBJECT Page ")[1:]
    assert [int(each.split(" ", 1)[0]) for each in objects] == [page.number for page in NAV_PAGES]
    for page, written in zip(NAV_PAGES, objects, strict=True):
        assert tuple(name for name, _ in _FIELD.findall(written)) == fields_of_pages()[page.service]
        assert written.count("{") == written.count("}")
    assert "PagePartID=Page50201;" in objects[0]
    assert 'SourceExpr="Sell-to Customer No." }' in objects[0]
    assert own_pages()["SalesOrder"] == NAV_PAGES[0].number
    assert "SalesOrderSalesLines" not in own_pages()


def test_what_orders_go_on_without_is_not_asked_of_the_pages() -> None:
    """Fields that decisions read are checked beforehand; comment lines may be missing."""
    needed = fields_of_orders(two_way=False)
    assert set(ORDER_FIELDS) <= set(needed["Sales_Header"])
    assert "Sales_Comment_Line" not in needed
