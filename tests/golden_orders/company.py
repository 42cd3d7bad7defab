"""The company and the organization in which the golden orders are placed: every difference that money can make.

Rows are the ERP's; what people keep in the CRM alone (units, price lists, discount lists) is made there.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tests.golden_orders.people import Clerk

from interlace.domain.values import Value
from interlace.sandbox.erp.row_loading import Row

RATES: Final = {"USD": "1.08731", "GBP": "0.85473", "CHF": "0.94327", "JPY": "163.277", "KWD": "0.336129"}
"""How many of a currency one euro buys: odd on purpose."""
PRECISIONS: Final = {"USD": "0.01", "GBP": "0.01", "CHF": "0.01", "JPY": "1", "KWD": "0.001"}

# Number: VAT percentage at home, what else is odd about it.
ITEMS: Final[Mapping[str, Mapping[str, object]]] = {
    "CHAIR": {"Unit_Price": "19.99", "VAT_Prod_Posting_Group": "STANDARD", "Sales_Unit_of_Measure": "BOX"},
    "DESK": {"Unit_Price": "100", "VAT_Prod_Posting_Group": "STANDARD"},
    "LAMP": {"Unit_Price": "33.3333", "VAT_Prod_Posting_Group": "STANDARD"},
    "SCREW": {"Unit_Price": "0.0375", "VAT_Prod_Posting_Group": "STANDARD"},
    "BOOK": {"Unit_Price": "24.90", "VAT_Prod_Posting_Group": "REDUCED"},
    "STAMP": {"Unit_Price": "0.85", "VAT_Prod_Posting_Group": "ZERO"},
    "CABLE": {"Unit_Price": "2.4567", "VAT_Prod_Posting_Group": "STANDARD", "Base_Unit_of_Measure": "M"},
    "VOUCHER": {"Unit_Price": "50", "VAT_Prod_Posting_Group": "ZERO", "Allow_Invoice_Disc": False},
    "TRAVEL": {"Unit_Price": "80", "VAT_Prod_Posting_Group": "STANDARD", "Type": "Service"},
    "OLD": {"Unit_Price": "12", "VAT_Prod_Posting_Group": "STANDARD"},
    "GONE": {"Unit_Price": "13", "VAT_Prod_Posting_Group": "STANDARD"},
    "STOPPED": {"Unit_Price": "14", "VAT_Prod_Posting_Group": "STANDARD"},
}
RESOURCES: Final[Mapping[str, Mapping[str, object]]] = {
    "FITTER": {"Name": "Montage", "Unit_Price": "61.50", "VAT_Prod_Posting_Group": "STANDARD"},
    "COACH": {"Name": "Einweisung", "Unit_Price": "88.8888", "VAT_Prod_Posting_Group": "REDUCED"},
}
CUSTOMERS: Final[Mapping[str, Mapping[str, object]]] = {
    "HOME": {"VAT_Bus_Posting_Group": "DOMESTIC", "Payment_Terms_Code": "30 DAYS"},
    "GROSS": {"VAT_Bus_Posting_Group": "DOMESTIC", "Prices_Including_VAT": True},
    "EUROPE": {"VAT_Bus_Posting_Group": "EU"},
    "OVERSEAS": {"VAT_Bus_Posting_Group": "EXPORT", "Currency_Code": "USD"},
    "PARTNER": {
        "VAT_Bus_Posting_Group": "DOMESTIC",
        "Customer_Price_Group": "PARTNER",
        "Invoice_Disc_Code": "PARTNER",
        "Allow_Line_Disc": True,
    },
    "LIMITED": {"VAT_Bus_Posting_Group": "DOMESTIC", "Credit_Limit_LCY": 1000},
    "SHUT": {"VAT_Bus_Posting_Group": "DOMESTIC"},
    "HALTED": {"VAT_Bus_Posting_Group": "DOMESTIC"},
}
WRITE_IN_ITEM: Final = "EXTRA"
WRITE_IN_GROUP: Final = "STANDARD"
FREIGHT_ACCOUNT: Final = "8720"
FREIGHT_GROUP: Final = "STANDARD"
CRM_DIGITS: Final = {"JPY": 0, "KWD": 3}
"""Digits of currencies that people set in the CRM: its own default is two."""


def rows() -> list[Row]:
    """Return everything that the ERP holds before the two are connected."""
    return [
        ("General_Ledger_Setup", {"Primary_Key": "", "LCY_Code": "EUR"}),
        ("Country_Region", {"Code": "DE", "Name": "Deutschland"}),
        ("Payment_Terms", {"Code": "30 DAYS", "Description": "30 Tage", "Due_Date_Calculation": "30D"}),
        ("Shipment_Method", {"Code": "EXW", "Description": "Ab Werk"}),
        ("Shipping_Agent", {"Code": "DHL", "Name": "DHL"}),
        *_currencies(),
        *(("Unit_of_Measure", {"Code": code, "Description": code}) for code in ("PCS", "BOX", "M", "HOUR")),
        *(("Tax_Group", {"Code": code}) for code in ("STANDARD", "REDUCED", "ZERO")),
        ("Customer_Price_Group", {"Code": "PARTNER", "Description": "Partners"}),
        ("Cust_Invoice_Disc", {"Code": "PARTNER", "Discount_Percent": 3}),
        (
            "G_L_Account",
            {
                "No": FREIGHT_ACCOUNT,
                "Name": "Fracht",
                "Direct_Posting": True,
                "VAT_Prod_Posting_Group": FREIGHT_GROUP,
            },
        ),
        *_products(),
        *_agreements(),
        *_customers(),
    ]


def _currencies() -> list[Row]:
    found: list[Row] = []
    for code, rate in RATES.items():
        values: dict[str, object] = {"Code": code, "Description": code}
        found.append(("Currency", {**values, "Amount_Rounding_Precision": PRECISIONS[code]}))
        found.append(
            (
                "Currency_Exchange_Rate",
                {
                    "Currency_Code": code,
                    "Starting_Date": "2026-01-01",
                    "Exchange_Rate_Amount": rate,
                    "Relational_Exch_Rate_Amount": 1,
                },
            )
        )
    return found


def item_row(number: str, values: Mapping[str, object]) -> Row:
    """Return the row of an item in pieces, unless it says otherwise."""
    usual = {"Base_Unit_of_Measure": "PCS", "Allow_Invoice_Disc": True, "Unit_Cost": 10}
    return ("Item", {"No": number, "Description": number.title(), **usual, **values})


def _products() -> list[Row]:
    found: list[Row] = []
    for number, values in ITEMS.items():
        row = item_row(number, values)
        unit = row[1]["Base_Unit_of_Measure"]
        found += [
            row,
            ("Item_Unit_of_Measure", {"Item_No": number, "Code": unit, "Qty_per_Unit_of_Measure": 1}),
        ]
    box = {"Code": "BOX", "Qty_per_Unit_of_Measure": 12}
    found += [("Item_Unit_of_Measure", {"Item_No": number, **box}) for number in ("CHAIR", "SCREW")]
    for number, values in RESOURCES.items():
        found.append(("Resource", {"No": number, "Base_Unit_of_Measure": "HOUR", **values}))
    return found


def _agreements() -> list[Row]:
    """Prices and discounts that the ERP would give by itself: the CRM's order says otherwise."""
    return [
        (
            "Sales_Price",
            {
                "Item_No": "DESK",
                "Sales_Type": "Customer Price Group",
                "Sales_Code": "PARTNER",
                "Unit_Price": 90,
                "Allow_Line_Disc": True,
            },
        ),
        (
            "Sales_Line_Discount",
            {"Type": "Item", "Code": "DESK", "Sales_Type": "All Customers", "Line_Discount_Percent": 20},
        ),
    ]


def _customers() -> list[Row]:
    return [
        (
            "Customer",
            {"No": number, "Name": f"{number.title()} GmbH", "Salesperson_Code": "", "E_Mail": "", **values},
        )
        for number, values in CUSTOMERS.items()
    ]


CRM_UNITS: Final = {"BOX": 12, "PALLET": 144}
"""Units that people add to the group of pieces in the CRM; the ERP knows a box, and no pallet."""
VOLUME_DISCOUNTS: Final[Mapping[str, tuple[int, int, Mapping[str, object]]]] = {
    "LAMP": (10, 1000, {"percentage": Decimal("7.5")}),
    "BOOK": (5, 1000, {"amount": Decimal("1.15")}),
}
"""By product: from and to which quantity, and the discount for each unit."""


def set_up(clerk: Clerk, settings: dict[str, Value]) -> None:
    """Set up what orders need besides master records: the freight account, and what write-ins become."""
    clerk.page("PATCH", "SalesReceivablesSetup('')", {"Freight_G_L_Acc_No": FREIGHT_ACCOUNT})
    clerk.page("POST", "ItemCard", {**item_row(WRITE_IN_ITEM, {"VAT_Prod_Posting_Group": WRITE_IN_GROUP})[1]})
    settings |= {"write_in_product_type": "item", "write_in_product_number": WRITE_IN_ITEM}
