"""What the small company sold: an opportunity, a posted invoice with its lines, and its customers' statistics."""

from decimal import Decimal

from tests.verify.small_company_records import (
    ACCOUNT,
    ANNA,
    CHAIR,
    DOLLAR,
    DOLLAR_ACCOUNT,
    EURO,
    NO_PARTNER,
    PERSON,
    PIECE,
    WHOLESALE,
    partner_of,
)

ORDER = "90000000-0000-4000-8000-000000000001"
INVOICE = "90000000-0000-4000-8000-000000000002"
FOYER = "90000000-0000-4000-8000-000000000003"
_ADDRESS = (
    ("Name", "name", "Süd"),
    ("Address", "line1", "Weg 1"),
    ("Address_2", "line2", "Hof"),
    ("City", "city", "München"),
    ("County", "stateorprovince", "BY"),
    ("Post_Code", "postalcode", "80331"),
    ("Country_Region_Code", "country", "DE"),
)
_FIGURES = (
    ("Balance_LCY", "ilc_balance", 119),
    ("Balance_Due_LCY", "ilc_overdueamounts", 0),
    ("Sales_LCY", "ilc_totalsales", 1000),
    ("Sales_This_Year_LCY", "ilc_salesthisyear", 100),
    ("Outstanding_Orders_LCY", "ilc_outstandingorders", 20),
    ("Shipped_Not_Invoiced_LCY", "ilc_shippednotinvoiced", 30),
    ("Outstanding_Invoices_LCY", "ilc_outstandinginvoices", 40),
    ("Total_LCY", "ilc_total", 209),
    ("Credit_Limit_LCY", "ilc_creditlimit", 5000),
)


def _opportunity_card(number: str, **fields: object) -> dict[str, object]:
    return {
        "No": number,
        "Description": "Foyer",
        "Status": "In_x0020_Progress",
        "Contact_No": "CT2",
        "Contact_Company_No": "CT1",
        "Salesperson_Code": "AN",
        "Estimated_Value_LCY": Decimal(900),
        "Estimated_Closing_Date": "2026-12-24",
        **fields,
    }


def _opportunity(key: str, **columns: object) -> dict[str, object]:
    return {
        "opportunityid": key,
        **partner_of("Opportunity", "OP1"),
        "name": "Foyer",
        "statecode": 0,
        "_customerid_value": ACCOUNT,
        "_accountid_value": ACCOUNT,
        "_parentaccountid_value": ACCOUNT,
        "_parentcontactid_value": PERSON,
        "_ownerid_value": ANNA,
        "_transactioncurrencyid_value": EURO,
        "estimatedvalue": Decimal("900.0000"),
        "estimatedclosedate": "2026-12-24",
        **columns,
    }


def _line(number: int, **fields: object) -> dict[str, object]:
    """Two boxes of four chairs each."""
    return {
        "Document_No": "I1",
        "Line_No": number,
        "Type": "Item",
        "No": "1000",
        "Description": "Stuhl",
        "Description_2": "Buche",
        "Quantity": Decimal(2),
        "Unit_of_Measure_Code": "BOX",
        "Qty_per_Unit_of_Measure": Decimal(4),
        "Unit_Price": Decimal(60),
        "VAT_Percent": Decimal(19),
        "Line_Discount_Amount": Decimal(15),
        "Line_Amount": Decimal(105),
        "Inv_Discount_Amount": Decimal(5),
        "Amount": Decimal(100),
        "Amount_Including_VAT": Decimal(119),
        "Shipment_Date": "2026-11-02",
        **fields,
    }


def _statistics(number: str, **figures: object) -> dict[str, object]:
    return {"No": number, "Name": "Süd", **{erp: Decimal(value) for erp, _, value in _FIGURES}, **figures}


def _crm_statistics(account: str, number: str, **columns: object) -> dict[str, object]:
    return {
        "ilc_accountstatisticsid": f"9a000000-0000-4000-8000-00000000000{number[-1]}",
        **partner_of("Customer_Statistics", number),
        "ilc_name": "Süd",
        "ilc_customernumber": number,
        "_ilc_accountid_value": account,
        "_transactioncurrencyid_value": EURO,
        "ilc_overdueasof": None,
        **{crm: Decimal(value) for _, crm, value in _FIGURES},
        **columns,
    }


def erp_documents() -> dict[str, list[dict[str, object]]]:
    """Return the rows of the ERP's pages."""
    invoice: dict[str, object] = {
        "No": "I1",
        "Order_No": "101",
        "External_Document_No": "",
        "Opportunity_No": "OP1",
        "Sell_to_Customer_No": "C1",
        "Salesperson_Code": "AN",
        "Currency_Code": "USD",
        "Customer_Price_Group": "WHOLESALE",
        "Prices_Including_VAT": False,
        "Due_Date": "2026-12-01",
        "Shipment_Date": "2026-11-02",
        "Work_Description": "By lift",
        "Invoice_Discount_Amount": Decimal(5),
        "Amount": Decimal(100),
        "Amount_Including_VAT": Decimal(119),
        "Remaining_Amount": Decimal(119),
        "Cancelled": False,
    }
    for who in ("Ship_to", "Bill_to"):
        invoice |= {f"{who}_{field}": value for field, _, value in _ADDRESS}
    return {
        "OpportunityCard": [
            _opportunity_card("OP1"),
            _opportunity_card("OP2", Status="Won"),
            _opportunity_card("OP3", Contact_Company_No="CT9"),
        ],
        "PostedSalesInvoice": [invoice],
        "PostedSalesInvoiceSalesInvLines": [_line(10000), _line(20000, Type="_x0020_", No="")],
        "CustomerStatistics": [_statistics("C1", Balance_Due_LCY=Decimal(9)), _statistics("C2")],
    }


def crm_documents() -> dict[str, list[dict[str, object]]]:
    """Return the rows of the CRM's sets."""
    invoice: dict[str, object] = {
        "invoiceid": INVOICE,
        **partner_of("Sales_Invoice_Header", "I1"),
        "invoicenumber": "I1",
        "name": "I1",
        "_customerid_value": ACCOUNT,
        "_ownerid_value": ANNA,
        "_transactioncurrencyid_value": DOLLAR,
        "_pricelevelid_value": WHOLESALE,
        "_salesorderid_value": ORDER,
        "_opportunityid_value": FOYER,
        "duedate": "2026-12-01",
        "datedelivered": "2026-11-02T00:00:00Z",
        "description": "By lift",
        "totallineitemamount": Decimal(105),
        "discountamount": Decimal(5),
        "totalamountlessfreight": Decimal(100),
        "freightamount": Decimal(0),
        "totaltax": Decimal(19),
        "totalamount": Decimal(119),
        "statecode": 0,
        "statuscode": 4,
    }
    for who in ("shipto", "billto"):
        invoice |= {f"{who}_{column}": value for _, column, value in _ADDRESS}
    line: dict[str, object] = {
        "invoicedetailid": "90000000-0000-4000-8000-000000000009",
        **partner_of("Sales_Invoice_Line", "I1\x1f10000"),
        "_invoiceid_value": INVOICE,
        "_productid_value": CHAIR,
        "_uomid_value": PIECE,
        "isproductoverridden": False,
        "productdescription": None,
        "lineitemnumber": 10000,
        "description": "Stuhl Buche (2 BOX at 60)",
        "quantity": Decimal(8),
        "ispriceoverridden": True,
        "priceperunit": Decimal(15),
        "manualdiscountamount": Decimal(15),
        "tax": Decimal(19),
        "baseamount": Decimal(120),
        "extendedamount": Decimal(124),
        "actualdeliveryon": "2026-11-02T00:00:00Z",
    }
    others = (f"90000000-0000-4000-8000-00000000001{number}" for number in range(3))
    return {
        "opportunities": [
            _opportunity(FOYER),
            _opportunity(next(others), statecode=1, **NO_PARTNER),
            _opportunity(next(others), _accountid_value=None, **NO_PARTNER),
            _opportunity(next(others), ilc_companyid="another company"),
        ],
        "invoices": [invoice],
        "invoicedetails": [line],
        "ilc_accountstatisticses": [
            _crm_statistics(ACCOUNT, "C1", ilc_overdueamounts=Decimal(9), ilc_overdueasof="2026-11-20"),
            _crm_statistics(DOLLAR_ACCOUNT, "C2"),
        ],
    }
