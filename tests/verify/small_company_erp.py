"""What the small company's ERP holds: records in scope, and some for each rule that leaves records out."""

from decimal import Decimal

from tests.verify.small_company_records import (
    contact_card,
    customer,
    item,
    sales_price,
)


def _rate(start: str, amount: int, relational: int) -> dict[str, object]:
    return {
        "Currency_Code": "USD",
        "Starting_Date": start,
        "Exchange_Rate_Amount": Decimal(amount),
        "Relational_Exch_Rate_Amount": Decimal(relational),
    }


def _sales_prices() -> list[dict[str, object]]:
    return [
        sales_price(Item_No="1000", Sales_Type="Customer", Sales_Code="C1", Currency_Code=""),
        sales_price(),
        sales_price(Sales_Code=""),
        sales_price(Minimum_Quantity=Decimal(10)),
        sales_price(Variant_Code="RED"),
        sales_price(Starting_Date="2026-01-01"),
        sales_price(Ending_Date="2026-01-01"),
        sales_price(Unit_of_Measure_Code="DOZEN"),
        sales_price(Currency_Code=""),
    ]


def erp_rows() -> dict[str, list[dict[str, object]]]:
    """Return the rows of every page service."""
    return {
        "SalespersonCard": [
            {"Code": "AN", "E_Mail": "Anna@nordlicht.example", "Name": "Anna Öst", "Phone_No": "1"},
            {"Code": "BO", "E_Mail": "boris@nordlicht.example", "Name": "Борис", "Phone_No": ""},
            {"Code": "X", "E_Mail": "", "Name": "Nobody", "Phone_No": ""},
        ],
        "Currencies": [
            {
                "Code": "USD",
                "Symbol": "$",
                "Description": "US dollar",
                "Amount_Rounding_Precision": Decimal("0.01"),
                "Unit_Amount_Rounding_Precision": Decimal("0.001"),
            }
        ],
        "CurrencyExchangeRates": [
            _rate("2026-01-01", 100, 95),
            _rate("2026-11-01", 100, 90),
            _rate("2026-12-01", 100, 1),
            _rate("2026-11-19", 100, 0),
        ],
        "PaymentTerms": [{"Code": "30D"}, {"Code": "1,5"}],
        "ShipmentMethods": [{"Code": "EXW"}],
        "ShippingAgents": [{"Code": "DHL"}],
        "CustomerCard": [
            customer("C1"),
            customer(
                "C2",
                Currency_Code="USD",
                Salesperson_Code="",
                Primary_Contact_No="CT1",
                Shipping_Agent_Code="",
            ),
        ],
        "ContactCard": [
            contact_card("CT1", Type="Company"),
            contact_card("CT2"),
            contact_card("CT3", Company_No=""),
            contact_card("CT4", Company_No="CT9"),
        ],
        "ContactBusinessRelations": [
            {"Contact_No": "CT1", "Link_to_Table": "Customer", "No": "C1"},
            {"Contact_No": "CT9", "Link_to_Table": "Vendor", "No": "V1"},
        ],
        "UnitsOfMeasure": [{"Code": "PCS"}, {"Code": "HOUR"}],
        "ItemCard": [item("1000"), item("1001", Blocked=True)],
        "ResourceCard": [
            {
                "No": "R1",
                "Name": "Montage",
                "Blocked": False,
                "Base_Unit_of_Measure": "HOUR",
                "Unit_Price": Decimal(60),
                "Unit_Cost": Decimal(35),
                "Vendor_No": "",
                "Capacity": Decimal(8),
            }
        ],
        "CustomerPriceGroups": [{"Code": "WHOLESALE", "Description": "Großhandel"}],
        "SalesPrices": _sales_prices(),
    }
