"""The small company's orders: a released one, an open one, one that was posted, and some that stay out."""

from decimal import Decimal
from typing import Final

from tests.verify.small_company_documents import ORDER
from tests.verify.small_company_records import (
    ACCOUNT,
    ANNA,
    ASSEMBLY,
    CHAIR,
    COMPANY_ID,
    DOLLAR,
    EURO,
    HOUR,
    NO_PARTNER,
    PERSON,
    PIECE,
    partner_of,
)

from interlace.domain.keys import CrmKey, MappingName, erp_number_of, key_namespace

ORGANIZATION: Final = "22222222-2222-4222-8222-222222222222"
RELEASED: Final = "91000000-0000-4000-8000-000000000001"
OPEN: Final = "91000000-0000-4000-8000-000000000002"
DRAFT: Final = "91000000-0000-4000-8000-000000000003"
DISCARDED: Final = "91000000-0000-4000-8000-000000000004"
_DAY: Final = "2026-12-01"
_ADDRESS: Final = (
    ("Name", "name", "Süd"),
    ("Address", "line1", "Weg 1"),
    ("Address_2", "line2", "Hof"),
    ("City", "city", "München"),
    ("County", "stateorprovince", "BY"),
    ("Post_Code", "postalcode", "80331"),
    ("Country_Region_Code", "country", "DE"),
)


def mark_of(key: str) -> str:
    """Return what the ERP order of a CRM order carries."""
    return erp_number_of(
        key_namespace(COMPANY_ID, ORGANIZATION, MappingName("SALESORDER-ORDER")), CrmKey(key)
    )


def crm_order(key: str, **columns: object) -> dict[str, object]:
    """Return a submitted order of two chairs, an hour and something written in, with freight: 258.75 without tax."""
    order: dict[str, object] = {
        "salesorderid": key,
        "ordernumber": "102",
        "name": "Foyer",
        "description": "Two chairs",
        "statecode": 1,
        "statuscode": 3,
        "lastbackofficesubmit": "2026-11-19T00:00:00Z",
        "submitstatusdescription": None,
        "ilc_orderstatus": "Released",
        "requestdeliveryby": f"{_DAY}T00:00:00Z",
        "datefulfilled": "2026-11-20T00:00:00Z",
        "freightamount": Decimal(20),
        "discountamount": Decimal("10.0000"),
        "discountpercentage": None,
        "totallineitemamount": Decimal("248.75"),
        "totalamountlessfreight": Decimal("238.7500"),
        "totaltax": Decimal("49.16"),
        "totalamount": Decimal("307.91"),
        "paymenttermscode": 102,
        "freighttermscode": 101,
        "shippingmethodcode": 2,
        "_accountid_value": ACCOUNT,
        "_contactid_value": None,
        "_ownerid_value": ANNA,
        "_transactioncurrencyid_value": EURO,
    }
    for who in ("shipto", "billto"):
        order |= {f"{who}_{column}": value for _, column, value in _ADDRESS} | {f"{who}_line3": None}
    return {**order, **NO_PARTNER, **columns}


def erp_order(number: str, key: str, **fields: object) -> dict[str, object]:
    """Return the ERP order of `crm_order`."""
    order: dict[str, object] = {
        "No": number,
        "Status": "Released",
        "External_Document_No": mark_of(key),
        "Your_Reference": "SO-1",
        "Sell_to_Customer_No": "C1",
        "Salesperson_Code": "AN",
        "Currency_Code": "",
        "Prices_Including_VAT": False,
        "Payment_Terms_Code": "30D",
        "Payment_Discount_Percent": Decimal(0),
        "Shipment_Method_Code": "EXW",
        "Shipping_Agent_Code": "DHL",
        "Requested_Delivery_Date": _DAY,
        "Last_Shipment_Date": "2026-11-20",
        "Work_Description": "Foyer\r\nTwo chairs",
        "Invoice_Discount_Amount": Decimal(10),
        "Amount": Decimal("258.75"),
        "Amount_Including_VAT": Decimal("307.91"),
    }
    for who in ("Ship_to", "Bill_to"):
        order |= {f"{who}_{field}": value for field, _, value in _ADDRESS}
    return {**order, **fields}


def _crm_line(key: str, order: str, place: int, **columns: object) -> dict[str, object]:
    return {
        "salesorderdetailid": f"{key[:-2]}{place:02}",
        "_salesorderid_value": order,
        "_productid_value": CHAIR,
        "_uomid_value": PIECE,
        "productdescription": None,
        "description": None,
        "quantity": Decimal(2),
        "priceperunit": Decimal("99.9000"),
        "tax": Decimal(0),
        "extendedamount": Decimal("189.8000"),
        "sequencenumber": place,
        "lineitemnumber": place,
        "requestdeliveryby": None,
        "quantityshipped": None,
        **columns,
    }


def crm_lines(order: str) -> list[dict[str, object]]:
    """Return the lines of `crm_order`."""
    key = f"92{order[2:]}"
    return [
        _crm_line(key, order, 1, requestdeliveryby="2026-12-24T00:00:00Z", description="Beech, please"),
        _crm_line(
            key,
            order,
            2,
            _productid_value=ASSEMBLY,
            _uomid_value=HOUR,
            quantity=Decimal("0.75"),
            priceperunit=Decimal(60),
            tax=Decimal(5),
            extendedamount=Decimal(50),
        ),
        _crm_line(
            key,
            order,
            3,
            _productid_value=None,
            _uomid_value=None,
            productdescription="Engraving\nof a name",
            description="in gold",
            quantity=Decimal(3),
            priceperunit=Decimal("4.65"),
            extendedamount=Decimal("13.95"),
        ),
    ]


def _erp_line(number: str, place: int, **fields: object) -> dict[str, object]:
    return {
        "Document_No": number,
        "Line_No": place * 10000,
        "Type": "Item",
        "No": "1000",
        "Description": "Stuhl Björn",
        "Unit_of_Measure_Code": "PCS",
        "Quantity": Decimal(2),
        "Unit_Price": Decimal("99.90"),
        "Line_Discount_Amount": Decimal(10),
        "Line_Amount": Decimal("189.80"),
        "Quantity_Shipped": Decimal(0),
        "Quantity_Invoiced": Decimal(0),
        "Requested_Delivery_Date": _DAY,
        **fields,
    }


def _erp_comment(number: str, place: int, text: str) -> dict[str, object]:
    nothing = {"Type": "_x0020_", "No": "", "Unit_of_Measure_Code": ""}
    figures = ("Quantity", "Unit_Price", "Line_Discount_Amount", "Line_Amount")
    return _erp_line(number, place, **nothing, **dict.fromkeys(figures, Decimal(0)), Description=text)


def erp_lines(number: str) -> list[dict[str, object]]:
    """Return the lines of `erp_order`, in no order."""
    return [
        _erp_line(number, 1, Requested_Delivery_Date="2026-12-24"),
        _erp_line(
            number,
            6,
            Type="G_x002F_L_x0020_Account",
            No="8720",
            Unit_of_Measure_Code="",
            Quantity=Decimal(1),
            Unit_Price=Decimal(20),
            Line_Discount_Amount=Decimal(0),
            Line_Amount=Decimal(20),
        ),
        _erp_comment(number, 2, "Beech, please"),
        _erp_line(
            number,
            3,
            Type="Resource",
            No="R1",
            Unit_of_Measure_Code="HOUR",
            Quantity=Decimal("0.75"),
            Unit_Price=Decimal(60),
            Line_Discount_Amount=Decimal(0),
            Line_Amount=Decimal(45),
        ),
        _erp_line(
            number,
            4,
            No="EXTRA",
            Description="Engraving",
            Quantity=Decimal(3),
            Unit_Price=Decimal("4.65"),
            Line_Discount_Amount=Decimal(0),
            Line_Amount=Decimal("13.95"),
        ),
        _erp_comment(number, 5, "of a name in gold"),
    ]


def _posted_order() -> dict[str, object]:
    """Order 101, which became invoice I1."""
    return crm_order(
        ORDER,
        **partner_of("Sales_Header", "Order\x1f101"),
        ordernumber="101",
        statecode=4,
        statuscode=100003,
        ilc_orderstatus="Invoiced",
        datefulfilled="2026-11-02T00:00:00Z",
        _transactioncurrencyid_value=DOLLAR,
        freightamount=None,
        discountamount=Decimal(5),
        totallineitemamount=Decimal(105),
        totalamountlessfreight=Decimal(100),
        totaltax=Decimal(0),
        totalamount=Decimal(100),
    )


def _open_order() -> dict[str, object]:
    """Order 103, of a contact, in whose address the country is a name."""
    return crm_order(
        OPEN,
        **partner_of("Sales_Header", "Order\x1f103"),
        ordernumber="SO-1",
        ilc_orderstatus="Open",
        datefulfilled=None,
        discountpercentage=Decimal("4.02"),
        totaltax=Decimal(5),
        totalamount=Decimal("263.75"),
        _accountid_value=None,
        _contactid_value=PERSON,
        shipto_country="Deutschland",
        billto_country="Deutschland",
    )


def erp_orders() -> dict[str, list[dict[str, object]]]:
    """Return the rows of the ERP's pages."""
    return {
        "SalesOrder": [
            erp_order("102", RELEASED),
            erp_order("103", OPEN, Status="Open", Last_Shipment_Date="0001-01-01"),
            erp_order("104", DRAFT, External_Document_No="4711"),
        ],
        "SalesOrderSalesLines": [*erp_lines("102"), *erp_lines("103"), _erp_line("104", 1)],
        "PostedSalesShipments": [
            {"Order_No": "101", "Posting_Date": "2026-11-01"},
            {"Order_No": "101", "Posting_Date": "2026-11-02"},
        ],
        "CountriesRegions": [{"Code": "DE", "ISO_Code": "DE", "Name": "Deutschland"}],
        "GeneralLedgerSetup": [
            {
                "LCY_Code": "EUR",
                "Amount_Rounding_Precision": Decimal("0.01"),
                "Unit_Amount_Rounding_Precision": Decimal("0.00001"),
            }
        ],
        "SalesReceivablesSetup": [{"Freight_G_L_Acc_No": "8720"}],
    }


def crm_orders() -> dict[str, list[dict[str, object]]]:
    """Return the rows of the CRM's sets."""
    key = f"92{ORDER[2:]}"
    posted = _crm_line(
        key,
        ORDER,
        1,
        priceperunit=Decimal(60),
        extendedamount=Decimal(105),
    )
    return {
        "organizations": [{"issopintegrationenabled": True}],
        "salesorders": [
            _posted_order(),
            crm_order(RELEASED, **partner_of("Sales_Header", "Order\x1f102")),
            _open_order(),
            crm_order(DRAFT, statecode=0, ordernumber="SO-2"),
            crm_order(DISCARDED, statecode=2, ordernumber="SO-3"),
        ],
        "salesorderdetails": [posted, *crm_lines(RELEASED), *crm_lines(OPEN), *crm_lines(DRAFT)],
    }
