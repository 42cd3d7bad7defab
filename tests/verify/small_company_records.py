"""Records of the small company as the services would send them: one builder a table, fields overridable."""

from decimal import Decimal

COMPANY_ID = "11111111-1111-4111-8111-111111111111"
EURO = "e0000000-0000-4000-8000-000000000001"
DOLLAR = "e0000000-0000-4000-8000-000000000002"
ANNA = "a0000000-0000-4000-8000-000000000001"
BORIS = "a0000000-0000-4000-8000-000000000002"
DEFAULT_LIST = "d0000000-0000-4000-8000-000000000001"
WHOLESALE = "d0000000-0000-4000-8000-000000000002"
PIECE_GROUP = "f0000000-0000-4000-8000-000000000001"
HOUR_GROUP = "f0000000-0000-4000-8000-000000000002"
PIECE = "f1000000-0000-4000-8000-000000000001"
HOUR = "f1000000-0000-4000-8000-000000000002"
ACCOUNT = "c0000000-0000-4000-8000-000000000001"
DOLLAR_ACCOUNT = "c0000000-0000-4000-8000-000000000002"
PERSON = "c1000000-0000-4000-8000-000000000001"
CHAIR = "b0000000-0000-4000-8000-000000000001"
OLD_CHAIR = "b0000000-0000-4000-8000-000000000002"
ASSEMBLY = "b0000000-0000-4000-8000-000000000003"
PRICE_GROUP_TYPE = "Customer_x0020_Price_x0020_Group"
NO_DATE = "0001-01-01"


def partner_of(table: str, key: str) -> dict[str, object]:
    """Return the columns in which a CRM record names its ERP record."""
    return {"ilc_companyid": COMPANY_ID, "ilc_erptable": table, "ilc_erpkey": key}


NO_PARTNER: dict[str, object] = {"ilc_companyid": None, "ilc_erptable": None, "ilc_erpkey": None}


def customer(number: str, **fields: object) -> dict[str, object]:
    """Return a customer's card."""
    return {
        "No": number,
        "Salesperson_Code": "AN",
        "Name": "Möbelhaus Süd",
        "Contact": "Jörg Groß",
        "Address": "Hauptstraße 1",
        "Address_2": "",
        "Post_Code": "80331",
        "City": "München",
        "Country_Region_Code": "DE",
        "County": "",
        "Currency_Code": "",
        "E_Mail": "info@sued.example",
        "Fax_No": "",
        "Home_Page": "https://sued.example",
        "Phone_No": "+49 89 1",
        "Shipment_Method_Code": "EXW",
        "Shipping_Agent_Code": "DHL",
        "Payment_Terms_Code": "30D",
        "Credit_Limit_LCY": Decimal("1000.50"),
        "Primary_Contact_No": "CT2",
        **fields,
    }


def account(key: str, number: str, **columns: object) -> dict[str, object]:
    """Return the account that belongs to `customer`."""
    return {
        "accountid": key,
        **partner_of("Customer", number),
        "statecode": 0,
        "customertypecode": 3,
        "_ownerid_value": ANNA,
        "name": "Möbelhaus Süd",
        "address1_primarycontactname": "Jörg Groß",
        "address1_line1": "Hauptstraße 1",
        "address1_line2": None,
        "address1_postalcode": "80331",
        "address1_city": "München",
        "address1_country": "DE",
        "address1_stateorprovince": None,
        "_transactioncurrencyid_value": EURO,
        "emailaddress1": "info@sued.example",
        "fax": None,
        "websiteurl": "https://sued.example",
        "telephone1": "+49 89 1",
        "address1_freighttermscode": 101,
        "address1_shippingmethodcode": 2,
        "paymenttermscode": 102,
        "creditlimit": Decimal("1000.5000"),
        "_primarycontactid_value": PERSON,
        **columns,
    }


def contact_card(number: str, **fields: object) -> dict[str, object]:
    """Return a contact's card."""
    return {
        "No": number,
        "Type": "Person",
        "Company_No": "CT1",
        "Salesperson_Code": "BO",
        "Currency_Code": "USD",
        "Address": "Hauptstraße 1",
        "Address_2": "Hof",
        "Post_Code": "80331",
        "City": "München",
        "Country_Region_Code": "DE",
        "County": "BY",
        "E_Mail": "joerg@sued.example",
        "Fax_No": "+49 89 9",
        "First_Name": "Jörg",
        "Middle_Name": "E.",
        "Surname": "Groß",
        "Home_Page": "https://joerg.example",
        "Mobile_Phone_No": "+49 170 1",
        "Pager": "7",
        "Phone_No": "+49 89 2",
        **fields,
    }


def crm_contact(key: str, number: str, **columns: object) -> dict[str, object]:
    """Return the CRM contact that belongs to `contact_card`."""
    return {
        "contactid": key,
        **partner_of("Contact", number),
        "_parentcustomerid_value": ACCOUNT,
        "_accountid_value": ACCOUNT,
        "_ownerid_value": BORIS,
        "_transactioncurrencyid_value": DOLLAR,
        "address1_line1": "Hauptstraße 1",
        "address1_line2": "Hof",
        "address1_postalcode": "80331",
        "address1_city": "München",
        "address1_country": "DE",
        "address1_stateorprovince": "BY",
        "emailaddress1": "joerg@sued.example",
        "fax": "+49 89 9",
        "firstname": "Jörg",
        "middlename": "E.",
        "lastname": "Groß",
        "websiteurl": "https://joerg.example",
        "mobilephone": "+49 170 1",
        "pager": "7",
        "telephone1": "+49 89 2",
        **columns,
    }


def item(number: str, **fields: object) -> dict[str, object]:
    """Return an item's card."""
    return {
        "No": number,
        "Description": "Stuhl Björn",
        "Description_2": "Buche",
        "Blocked": False,
        "Base_Unit_of_Measure": "PCS",
        "Unit_Price": Decimal("99.90"),
        "Unit_Cost": Decimal("40.123456"),
        "Unit_Volume": Decimal("0.25"),
        "Gross_Weight": Decimal("7.5"),
        "Vendor_No": "V1",
        "Vendor_Item_No": "BJ-1",
        "Inventory": Decimal(-3),
        **fields,
    }


def product(key: str, table: str, number: str, **columns: object) -> dict[str, object]:
    """Return the product that belongs to `item`."""
    return {
        "productid": key,
        **partner_of(table, number),
        "productnumber": number,
        "name": "Stuhl Björn",
        "price": Decimal("99.9000"),
        "standardcost": Decimal("40.1235"),
        "currentcost": Decimal("40.1235"),
        "stockvolume": Decimal("0.25000"),
        "stockweight": Decimal("7.50000"),
        "vendorid": "V1",
        "vendorpartnumber": "BJ-1",
        "quantityonhand": Decimal(0),
        "_defaultuomscheduleid_value": PIECE_GROUP,
        "_defaultuomid_value": PIECE,
        "description": "Buche",
        "statecode": 0,
        "producttypecode": 1,
        "_transactioncurrencyid_value": EURO,
        "quantitydecimal": 2,
        **columns,
    }


def sales_price(**fields: object) -> dict[str, object]:
    """Return a price of the price group WHOLESALE."""
    return {
        "Item_No": "1000",
        "Sales_Type": PRICE_GROUP_TYPE,
        "Sales_Code": "WHOLESALE",
        "Starting_Date": NO_DATE,
        "Ending_Date": NO_DATE,
        "Currency_Code": "USD",
        "Variant_Code": "",
        "Unit_of_Measure_Code": "",
        "Minimum_Quantity": Decimal(0),
        "Unit_Price": Decimal("88.50"),
        **fields,
    }


def list_item(number: int, **columns: object) -> dict[str, object]:
    """Return the price list item that belongs to `sales_price`."""
    return {
        "productpricelevelid": f"dd000000-0000-4000-8000-{number:012}",
        **partner_of("Sales_Price", "whatever the engine writes"),
        "_pricelevelid_value": WHOLESALE,
        "_productid_value": CHAIR,
        "_uomid_value": PIECE,
        "_uomscheduleid_value": PIECE_GROUP,
        "_transactioncurrencyid_value": DOLLAR,
        "pricingmethodcode": 1,
        "amount": Decimal("88.5"),
        **columns,
    }
