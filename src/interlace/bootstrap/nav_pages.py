"""Pages for NAV 2017 and 2018, as a text of objects that its development environment imports.

The product's own pages don't show everything that orders, posted invoices and statistics are decided by. On these every
field is shown, under the name by which Interlace calls it, whatever the language of the server.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from interlace.bootstrap.erp_services import fields_of_orders
from interlace.connectors.business_central.page_documents import need_of_creating
from interlace.connectors.business_central.published_fields import DERIVED_FIELDS, PUBLISHED_VIRTUAL_FIELDS
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.connectors.business_central.view_fields import TODAY, WRITE_IN
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS

FIRST_PAGE: Final = 50200
_ORDERS_ONLY: Final = "WHERE(Document Type=FILTER(Order))"
_READ_ONLY: Final = ("InsertAllowed=No;", "DeleteAllowed=No;", "ModifyAllowed=No;")
_WORK_DESCRIPTION: Final = "WorkDescription"


@dataclass(frozen=True, slots=True, kw_only=True)
class NavPage:
    """A page of ours."""

    service: str
    """What it is published as; as a part it is published with its page."""
    number: int
    name: str
    table: int
    """Number of the table that it shows."""
    properties: tuple[str, ...] = ()
    part: str = ""
    """Service of the page that is its part, for lines."""
    link: tuple[str, ...] = ()
    """How the part is linked."""
    computed: Mapping[str, str]
    """What stands for fields that the table doesn't have as they are."""
    more: Mapping[str, tuple[str, ...]]
    """Properties of single fields."""
    on_record: tuple[str, ...] = ()
    """Statements that compute them when a record has been read."""
    variables: tuple[str, ...] = ()


_DISCOUNT: Final = (
    "OnValidate=BEGIN",
    "             MODIFY(TRUE);",
    "             CalcDiscountByType.ApplyInvDiscBasedOnAmt(InvoiceDiscountAmount,Rec);",
    "             FIND;",
    "           END;",
)
_DESCRIPTION: Final = (
    "OnValidate=BEGIN",
    "             SetWorkDescription(WorkDescription);",
    "           END;",
)
NAV_PAGES: Final[tuple[NavPage, ...]] = (
    NavPage(
        service="SalesOrder",
        number=FIRST_PAGE,
        name="Interlace Sales Order",
        table=36,
        properties=(f"SourceTableView={_ORDERS_ONLY};", "PageType=Document;"),
        part="SalesOrderSalesLines",
        link=("Document Type=FIELD(Document Type)", "Document No.=FIELD(No.)"),
        computed={"Work_Description": _WORK_DESCRIPTION, "Invoice_Discount_Amount": "InvoiceDiscountAmount"},
        more={"Work_Description": _DESCRIPTION, "Invoice_Discount_Amount": _DISCOUNT},
        on_record=(
            "WorkDescription := GetWorkDescription;",
            'CALCFIELDS("Invoice Discount Amount");',
            'InvoiceDiscountAmount := "Invoice Discount Amount";',
        ),
        variables=(
            "WorkDescription@1000 : Text;",
            "InvoiceDiscountAmount@1001 : Decimal;",
            "CalcDiscountByType@1002 : Codeunit 56;",
        ),
    ),
    NavPage(
        service="SalesOrderSalesLines",
        number=FIRST_PAGE + 1,
        name="Interlace Sales Order Lines",
        table=37,
        properties=(f"SourceTableView={_ORDERS_ONLY};", "DelayedInsert=Yes;", "PageType=ListPart;"),
        computed={},
        more={},
    ),
    NavPage(
        service="PostedSalesInvoice",
        number=FIRST_PAGE + 2,
        name="Interlace Posted Sales Invoice",
        table=112,
        properties=(*_READ_ONLY, "PageType=Document;"),
        part="PostedSalesInvoiceSalesInvLines",
        link=("Document No.=FIELD(No.)",),
        computed={"Work_Description": _WORK_DESCRIPTION},
        more={},
        on_record=("WorkDescription := GetWorkDescription;",),
        variables=("WorkDescription@1000 : Text;",),
    ),
    NavPage(
        service="PostedSalesInvoiceSalesInvLines",
        number=FIRST_PAGE + 3,
        name="Interlace Posted Invoice Lines",
        table=113,
        properties=(*_READ_ONLY, "PageType=ListPart;"),
        computed={},
        more={},
    ),
    NavPage(
        service="PostedSalesShipments",
        number=FIRST_PAGE + 4,
        name="Interlace Posted Shipments",
        table=110,
        properties=(*_READ_ONLY, "PageType=List;"),
        computed={},
        more={},
    ),
    NavPage(
        service="CustomerStatistics",
        number=FIRST_PAGE + 5,
        name="Interlace Customer Statistics",
        table=18,
        properties=(*_READ_ONLY, "PageType=List;"),
        computed={"Sales_This_Year_LCY": "SalesThisYear", "Total_LCY": "TotalAmount"},
        more={},
        on_record=(
            "SETRANGE(\"Date Filter\",CALCDATE('<-CY>',WORKDATE),WORKDATE);",
            'CALCFIELDS("Sales (LCY)");',
            'SalesThisYear := "Sales (LCY)";',
            'SETRANGE("Date Filter",0D,WORKDATE);',
            'CALCFIELDS("Sales (LCY)","Balance Due (LCY)");',
            "TotalAmount := GetTotalAmountLCY;",
        ),
        variables=("SalesThisYear@1000 : Decimal;", "TotalAmount@1001 : Decimal;"),
    ),
)
_OF_NEW_ORDERS: Final = ("Document_Date", "Order_Date", "Posting_Date", "Ship_to_Contact")

# --- what must be shown


def fields_of_pages() -> dict[str, tuple[str, ...]]:
    """Return what each page must show: all that mappings, orders and their creation read and write."""
    tables = {each.name: each for each in PUBLISHED_TABLES}
    found: dict[str, dict[str, None]] = {}
    for table, fields in _read_and_written():
        of_table = tables[table]
        found.setdefault(of_table.service, {}).update(dict.fromkeys(of_table.key))
        for service, name in _behind(table, of_table.service, fields):
            found.setdefault(service, {})[name] = None
    return {page.service: tuple(found[page.service]) for page in NAV_PAGES}


def _read_and_written() -> Iterator[tuple[str, Sequence[str]]]:
    for mapping in DEFAULT_MAPPINGS:
        if not mapping.run_by_saga:
            yield mapping.erp_table, mapping.erp_fields
    yield from fields_of_orders(two_way=False).items()
    for table, fields, _ in need_of_creating("Sales_Header"):
        yield table, fields
    yield "Sales_Header", _OF_NEW_ORDERS


def _behind(table: str, service: str, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns, each with its page, that fields are made of."""
    virtual = {each.name: each for each in PUBLISHED_VIRTUAL_FIELDS if each.table == table}
    derived = {each.name: each for each in DERIVED_FIELDS if each.table == table}
    for name in fields:
        if name in derived:
            yield from _behind(table, service, [each for each in derived[name].of if each not in _NO_FIELDS])
        elif name in virtual:
            yield service, virtual[name].argument
            yield from ((virtual[name].service, column) for column in virtual[name].columns)
        else:
            yield service, name


_NO_FIELDS: Final = frozenset({TODAY, WRITE_IN})

# --- names


_PHRASES: Final = (
    ("Sell_to_", "Sell-to "),
    ("Bill_to_", "Bill-to "),
    ("Ship_to_", "Ship-to "),
    ("Country_Region", "Country/Region"),
    ("Qty_per_", "Qty. per "),
    ("Cust_Ledger", "Cust. Ledger"),
    ("Inv_Discount", "Inv. Discount"),
)
_ENDS: Final = ((r"(^|_)No$", r"\1No."), (r"_LCY$", " (LCY)"), (r"_Percent$", " %"))


def source_of(name: str) -> str:
    """Return what NAV calls a field in its own language, by the name that its page gives it."""
    for ours, navs in _PHRASES:
        name = name.replace(ours, navs)
    for pattern, navs in _ENDS:
        name = re.sub(pattern, navs, name)
    return name.replace("_", " ")


def _expression(page: NavPage, field: str) -> str:
    computed = page.computed.get(field)
    if computed is not None:
        return computed
    source = source_of(field)
    return source if source.isalpha() else f'"{source}"'


# --- the text


def pages_text() -> str:
    """Return the objects as NAV's development environment exports and imports them."""
    fields = fields_of_pages()
    return "\r\n".join(_object(page, fields[page.service]) for page in NAV_PAGES)


def _object(page: NavPage, fields: Sequence[str]) -> str:
    lines = [
        f"OBJECT Page {page.number} {page.name}",
        "{",
        "  OBJECT-PROPERTIES",
        "  {",
        "    Version List=INTERLACE1.00;",
        "  }",
        "  PROPERTIES",
        "  {",
        f"    SourceTable=Table{page.table};",
        *(f"    {each}" for each in page.properties),
        *_trigger(page.on_record),
        "  }",
        "  CONTROLS",
        "  {",
        "    { 1   ;0   ;Container ;",
        "                ContainerType=ContentArea }",
        "",
        "    { 2   ;1   ;Group     ;",
        f"                GroupType={'Repeater' if 'List' in ''.join(page.properties) else 'Group'} }}",
        "",
        *_controls(page, fields),
        "  }",
        "  CODE",
        "  {",
        *(["    VAR", *(f"      {each}" for each in page.variables), ""] if page.variables else []),
        "    BEGIN",
        "    END.",
        "  }",
        "}",
        "",
    ]
    return "\r\n".join(lines)


def _trigger(statements: Sequence[str]) -> list[str]:
    if not statements:
        return []
    name, margin = "    OnAfterGetRecord=", " " * 21
    inner = [f"{margin}  {each}" for each in statements]
    return [f"{name}BEGIN", *inner, f"{margin}END;", ""]


def _controls(page: NavPage, fields: Sequence[str]) -> Iterator[str]:
    for number, field in enumerate(fields, start=3):
        properties = [f"Name={field}", f"SourceExpr={_expression(page, field)}"]
        yield f"    {{ {number:<4};2   ;Field     ;"
        own = page.more.get(field, ())
        for place, each in enumerate(properties):
            is_last = place == len(properties) - 1 and not own
            yield f"                {each}{' }' if is_last else ';'}"
        for place, each in enumerate(own):
            yield f"                {each}{' }' if place == len(own) - 1 else ''}"
        yield ""
    if page.part:
        part = next(each for each in NAV_PAGES if each.service == page.part)
        links = ",\r\n                            ".join(page.link)
        yield f"    {{ {len(fields) + 3:<4};1   ;Part      ;"
        yield f"                Name={page.part.removeprefix(page.service)};"
        yield f"                SubPageLink={links};"
        yield f"                PagePartID=Page{part.number};"
        yield "                PartType=Page }"
        yield ""


def own_pages() -> dict[str, int]:
    """Return the numbers of our pages by service; a part is published with its page."""
    is_part = {each.part for each in NAV_PAGES}
    return {each.service: each.number for each in NAV_PAGES if each.service not in is_part}
