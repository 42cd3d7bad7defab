"""What must hold between posted sales invoices and CRM invoices, and between their lines.

What is paid is judged by what the invoice's own page says is left, not by the ledger that the engine watches.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from interlace.locale.translatable import translatable
from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import BLANK_MEMBER, Comparable, as_amount, as_text, is_blank, rounded
from interlace.verify.expectation import Expectation, FieldPair, Judge, ScopeRule
from interlace.verify.field_pairs import CURRENCY, OWNER, fixed, named, same, value_of
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks

_CENTS: Final = 2
_ADDRESS: Final = (
    ("Name", "name"),
    ("Address", "line1"),
    ("Address_2", "line2"),
    ("City", "city"),
    ("County", "stateorprovince"),
    ("Post_Code", "postalcode"),
    ("Country_Region_Code", "country"),
)


def _number(row: Row, field: str) -> Decimal:
    return Decimal(str(row.get(field) or 0))


def _address(erp: str, crm: str) -> tuple[FieldPair, ...]:
    return tuple(same(f"{erp}_{field}", f"{crm}_{column}") for field, column in _ADDRESS)


def _counted(erp_field: str, crm_column: str, expected: Judge) -> FieldPair:
    return FieldPair(
        erp_field=erp_field, crm_column=crm_column, expected=expected, actual=value_of(crm_column)
    )


def _day(erp_field: str, crm_column: str) -> FieldPair:
    return FieldPair(
        erp_field=erp_field,
        crm_column=crm_column,
        expected=lambda row, _books: "" if is_blank(row.get(erp_field)) else as_text(row.get(erp_field)),
        actual=lambda row, _books: as_text(row.get(crm_column)).removesuffix("T00:00:00Z"),
    )


# --- invoices

_STATES: Final = {
    "billed": ("0", "4"),
    "partly": ("2", "100002"),
    "paid": ("2", "100001"),
    "gone": ("3", "100003"),
}


def _standing(row: Row) -> str:
    if row.get("Cancelled"):
        return "gone"
    left, whole = _number(row, "Remaining_Amount"), _number(row, "Amount_Including_VAT")
    if left == 0:
        return "paid"
    return "billed" if left >= whole else "partly"


def _price_list(row: Row, books: ReferenceBooks) -> Comparable:
    group, currency = as_text(row.get("Customer_Price_Group")), as_text(row.get("Currency_Code"))
    if group and (books.find(BookName.GROUP_CURRENCY, group) or "") == currency:
        return group
    return None


def _order(row: Row, books: ReferenceBooks) -> Comparable:
    return books.find(BookName.ORDER_OF_CRM, f"Order\x1f{row.get('Order_No')}") or ""


def _opportunity(row: Row, books: ReferenceBooks) -> Comparable:
    return books.find(BookName.OPPORTUNITY_OF_CRM, row.get("Opportunity_No")) or ""


_INVOICE: Final = Expectation(
    mapping="POSTEDSALESINV-INV",
    erp_service="PostedSalesInvoice",
    erp_columns=(
        "No",
        "Order_No",
        "Opportunity_No",
        "Sell_to_Customer_No",
        "Salesperson_Code",
        "Currency_Code",
        "Customer_Price_Group",
        "Due_Date",
        "Shipment_Date",
        "Work_Description",
        "Invoice_Discount_Amount",
        "Amount",
        "Amount_Including_VAT",
        "Remaining_Amount",
        "Cancelled",
        *(f"{who}_{field}" for who in ("Ship_to", "Bill_to") for field, _ in _ADDRESS),
    ),
    erp_key=("No",),
    crm_set="invoices",
    crm_columns=(
        "invoiceid",
        *OWN_COLUMNS,
        "invoicenumber",
        "name",
        "_customerid_value",
        "_ownerid_value",
        "_transactioncurrencyid_value",
        "_pricelevelid_value",
        "_salesorderid_value",
        "_opportunityid_value",
        "duedate",
        "datedelivered",
        "description",
        "totallineitemamount",
        "discountamount",
        "totalamountlessfreight",
        "freightamount",
        "totaltax",
        "totalamount",
        "statecode",
        "statuscode",
        *(f"{who}_{column}" for who in ("shipto", "billto") for _, column in _ADDRESS),
    ),
    crm_key="invoiceid",
    partner_name=value_of("No"),
    erp_table="Sales_Invoice_Header",
    books=(
        BookName.USER_EMAIL,
        BookName.SALESPERSON_EMAIL,
        BookName.CURRENCY_CODE,
        BookName.ACCOUNT_CUSTOMER,
        BookName.GROUP_CURRENCY,
        BookName.PRICE_LIST_NAME,
        BookName.ORDER_OF_CRM,
        BookName.OPPORTUNITY_OF_CRM,
    ),
    pairs=(
        same("No", "invoicenumber"),
        same("No", "name", at_creation=True),
        FieldPair(
            erp_field="Sell_to_Customer_No",
            crm_column="customerid",
            expected=value_of("Sell_to_Customer_No"),
            actual=named("_customerid_value", BookName.ACCOUNT_CUSTOMER),
        ),
        OWNER,
        CURRENCY,
        FieldPair(
            erp_field="Price_List",
            crm_column="pricelevelid",
            expected=_price_list,
            actual=named("_pricelevelid_value", BookName.PRICE_LIST_NAME),
            at_creation=True,
        ),
        FieldPair(
            erp_field="Order_No",
            crm_column="salesorderid",
            expected=_order,
            actual=value_of("_salesorderid_value"),
            at_creation=True,
        ),
        FieldPair(
            erp_field="Opportunity_No",
            crm_column="opportunityid",
            expected=_opportunity,
            actual=value_of("_opportunityid_value"),
            at_creation=True,
        ),
        _day("Due_Date", "duedate"),
        _day("Shipment_Date", "datedelivered"),
        *_address("Ship_to", "shipto"),
        *_address("Bill_to", "billto"),
        _counted(
            "Work_Description",
            "description",
            lambda row, _books: as_text(row.get("Work_Description"))[:2000].rstrip(),
        ),
        _counted(
            "Line_Amounts",
            "totallineitemamount",
            lambda row, _books: as_amount(
                _number(row, "Amount") + max(Decimal(0), _number(row, "Invoice_Discount_Amount"))
            ),
        ),
        _counted(
            "Discount_Amount",
            "discountamount",
            lambda row, _books: as_amount(max(Decimal(0), _number(row, "Invoice_Discount_Amount"))),
        ),
        same("Amount", "totalamountlessfreight"),
        fixed("freightamount", "0"),
        _counted(
            "Tax_Amount",
            "totaltax",
            lambda row, _books: as_amount(_number(row, "Amount_Including_VAT") - _number(row, "Amount")),
        ),
        same("Amount_Including_VAT", "totalamount"),
        _counted("State", "statecode", lambda row, _books: _STATES[_standing(row)][0]),
        _counted("State_Reason", "statuscode", lambda row, _books: _STATES[_standing(row)][1]),
    ),
)

# --- lines


def _base_unit(row: Row, books: ReferenceBooks) -> str:
    book = {"Item": BookName.ITEM_UNIT, "Resource": BookName.RESOURCE_UNIT}.get(as_text(row.get("Type")))
    return "" if book is None else books.find(book, row.get("No")) or ""


def _units_each(row: Row, books: ReferenceBooks) -> Decimal:
    base = _base_unit(row, books)
    if base in ("", as_text(row.get("Unit_of_Measure_Code"))):
        return Decimal(1)
    return _number(row, "Qty_per_Unit_of_Measure") or Decimal(1)


def _net(row: Row, books: ReferenceBooks, field: str) -> Decimal:
    if books.find(BookName.TAXED_INVOICE, row.get("Document_No")) is None:
        return _number(row, field)
    return _number(row, field) * 100 / (100 + _number(row, "VAT_Percent"))


def _off(row: Row, books: ReferenceBooks, field: str) -> Decimal:
    off = _net(row, books, field)
    if books.find(BookName.TAXED_INVOICE, row.get("Document_No")) is not None:
        off = off.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return max(Decimal(0), off)


def _base_amount(row: Row, books: ReferenceBooks) -> Comparable:
    off = (_off(row, books, field) for field in ("Line_Discount_Amount", "Inv_Discount_Amount"))
    return as_amount(_number(row, "Amount") + sum(off))


def _product_or_text(row: Row, books: ReferenceBooks) -> Comparable:
    """A product by its number, a write-in by its text: what it is was settled when the line was made."""
    number = as_text(row.get("No"))
    if books.facts.write_in_product == f"{row.get('Type')} {number}":
        return as_text(row.get("Description")).strip() or "-"
    book = BookName.BLOCKED_ITEM if row.get("Type") == "Item" else BookName.BLOCKED_RESOURCE
    is_product = bool(_base_unit(row, books)) and books.find(book, number) is None
    return number if is_product else f"{number} {as_text(row.get('Description'))}".strip() or "-"


def _crm_product_or_text(row: Row, books: ReferenceBooks) -> Comparable:
    if is_blank(row.get("_productid_value")):
        return as_text(row.get("productdescription"))
    return books.text(BookName.PRODUCT_NUMBER, row.get("_productid_value"))


def _line_unit(row: Row, books: ReferenceBooks) -> Comparable:
    # Write-ins have no unit.
    number = as_text(row.get("No"))
    return _base_unit(row, books) if _product_or_text(row, books) == number else ""


def _line_text(row: Row, books: ReferenceBooks) -> Comparable:
    text = f"{as_text(row.get('Description'))} {as_text(row.get('Description_2'))}".strip()
    if _units_each(row, books) == 1:
        return text
    unit, price = as_text(row.get("Unit_of_Measure_Code")), _number(row, "Unit_Price")
    return f"{text} ({as_amount(row.get('Quantity'))} {unit} at {price:f})"


def _settled(erp_field: str, crm_column: str, expected: Judge, actual: Judge) -> FieldPair:
    return FieldPair(
        erp_field=erp_field, crm_column=crm_column, expected=expected, actual=actual, at_creation=True
    )


_LINE: Final = Expectation(
    mapping="POSTEDSALESLINE-INV",
    erp_service="PostedSalesInvoiceSalesInvLines",
    erp_columns=(
        "Document_No",
        "Line_No",
        "Type",
        "No",
        "Description",
        "Description_2",
        "Quantity",
        "Unit_of_Measure_Code",
        "Qty_per_Unit_of_Measure",
        "Unit_Price",
        "VAT_Percent",
        "Line_Discount_Amount",
        "Inv_Discount_Amount",
        "Amount",
        "Amount_Including_VAT",
        "Shipment_Date",
    ),
    erp_key=("Document_No", "Line_No"),
    crm_set="invoicedetails",
    crm_columns=(
        "invoicedetailid",
        *OWN_COLUMNS,
        "_invoiceid_value",
        "_productid_value",
        "_uomid_value",
        "isproductoverridden",
        "productdescription",
        "lineitemnumber",
        "description",
        "quantity",
        "ispriceoverridden",
        "priceperunit",
        "manualdiscountamount",
        "tax",
        "baseamount",
        "extendedamount",
        "actualdeliveryon",
    ),
    crm_key="invoicedetailid",
    partner_name=lambda row, _books: f"{row.get('Document_No')}\x1f{row.get('Line_No')}",
    erp_table="Sales_Invoice_Line",
    erp_rules=(
        ScopeRule(
            reason=translatable("the line is a comment"),
            holds=lambda row, _books: as_text(row.get("Type")) not in ("", BLANK_MEMBER),
        ),
    ),
    books=(
        BookName.INVOICE_NUMBER,
        BookName.ITEM_UNIT,
        BookName.RESOURCE_UNIT,
        BookName.BLOCKED_ITEM,
        BookName.BLOCKED_RESOURCE,
        BookName.TAXED_INVOICE,
        BookName.PRODUCT_NUMBER,
        BookName.UNIT_NAME,
    ),
    pairs=(
        FieldPair(
            erp_field="Document_No",
            crm_column="invoiceid",
            expected=value_of("Document_No"),
            actual=named("_invoiceid_value", BookName.INVOICE_NUMBER),
        ),
        _settled("Item", "productid", _product_or_text, _crm_product_or_text),
        _settled("Write_In_Text", "productdescription", _product_or_text, _crm_product_or_text),
        _settled("Product_Unit", "uomid", _line_unit, named("_uomid_value", BookName.UNIT_NAME)),
        _settled(
            "Is_Write_In",
            "isproductoverridden",
            lambda row, books: "true" if _line_unit(row, books) == "" else "false",
            value_of("isproductoverridden"),
        ),
        same("Line_No", "lineitemnumber"),
        _counted("Line_Text", "description", _line_text),
        _counted(
            "Base_Quantity",
            "quantity",
            lambda row, books: rounded(_number(row, "Quantity") * _units_each(row, books), 5),
        ),
        fixed("ispriceoverridden", "true"),
        _counted(
            "Net_Price",
            "priceperunit",
            lambda row, books: rounded(_net(row, books, "Unit_Price") / _units_each(row, books), _CENTS),
        ),
        _counted(
            "Net_Line_Discount",
            "manualdiscountamount",
            lambda row, books: as_amount(_off(row, books, "Line_Discount_Amount")),
        ),
        _counted(
            "Tax_Amount",
            "tax",
            lambda row, _books: as_amount(_number(row, "Amount_Including_VAT") - _number(row, "Amount")),
        ),
        _counted("Base_Amount", "baseamount", _base_amount),
        _counted(
            "Extended_Amount",
            "extendedamount",
            lambda row, books: as_amount(
                _number(row, "Amount_Including_VAT") + _off(row, books, "Inv_Discount_Amount")
            ),
        ),
        _day("Shipment_Date", "actualdeliveryon"),
    ),
)

INVOICE_EXPECTATIONS: Final = (_INVOICE, _LINE)
