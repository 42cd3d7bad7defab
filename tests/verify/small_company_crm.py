"""What the small company's CRM holds: the partners of its ERP records, and records without partner."""

from decimal import Decimal

from tests.verify.small_company_records import (
    ACCOUNT,
    ANNA,
    ASSEMBLY,
    BORIS,
    CHAIR,
    DEFAULT_LIST,
    DOLLAR,
    DOLLAR_ACCOUNT,
    EURO,
    HOUR,
    HOUR_GROUP,
    NO_PARTNER,
    OLD_CHAIR,
    PERSON,
    PIECE,
    PIECE_GROUP,
    WHOLESALE,
    account,
    crm_contact,
    list_item,
    partner_of,
    product,
)

DOZEN = "f1000000-0000-4000-8000-000000000003"


def _user(key: str, email: str, name: str, **columns: object) -> dict[str, object]:
    return {
        "systemuserid": key,
        "internalemailaddress": email,
        "fullname": name,
        "mobilephone": None,
        "isdisabled": False,
        "islicensed": True,
        "isintegrationuser": False,
        **columns,
    }


def _currency(key: str, code: str, **columns: object) -> dict[str, object]:
    return {
        "transactioncurrencyid": key,
        **NO_PARTNER,
        "isocurrencycode": code,
        "currencysymbol": "$",
        "currencyname": "US dollar",
        "exchangerate": Decimal("1.111111111100"),
        "currencyprecision": 2,
        **columns,
    }


def _parties() -> dict[str, list[dict[str, object]]]:
    return {
        "systemusers": [
            _user(ANNA, "Anna@nordlicht.example", "Anna Öst", mobilephone="1"),
            _user(BORIS, "boris@nordlicht.example", "Борис"),
            _user("a0000000-0000-4000-8000-000000000003", "gone@nordlicht.example", "Gone", isdisabled=True),
            _user("a0000000-0000-4000-8000-000000000004", "free@nordlicht.example", "Free", islicensed=False),
            _user("a0000000-0000-4000-8000-000000000005", "", "Interlace", isintegrationuser=True),
        ],
        "accounts": [
            account(ACCOUNT, "C1"),
            account(
                DOLLAR_ACCOUNT,
                "C2",
                _transactioncurrencyid_value=DOLLAR,
                _ownerid_value=BORIS,
                _primarycontactid_value=None,
                address1_shippingmethodcode=None,
            ),
            account("c0000000-0000-4000-8000-000000000003", "", customertypecode=8, **NO_PARTNER),
            account(
                "c0000000-0000-4000-8000-000000000004",
                "",
                ilc_companyid="another company",
                ilc_erptable="Customer",
                ilc_erpkey="C1",
            ),
        ],
        "contacts": [
            crm_contact(PERSON, "CT2"),
            crm_contact(
                "c1000000-0000-4000-8000-000000000002", "", _parentcustomerid_value=None, **NO_PARTNER
            ),
            crm_contact("c1000000-0000-4000-8000-000000000004", "", _accountid_value=None, **NO_PARTNER),
            crm_contact(
                "c1000000-0000-4000-8000-000000000003", "", ilc_companyid="another company", ilc_erpkey="CT2"
            ),
        ],
    }


def _units_and_products() -> dict[str, list[dict[str, object]]]:
    return {
        "uomschedules": [
            {"uomscheduleid": PIECE_GROUP, **partner_of("Unit_of_Measure", "PCS"), "name": "NAV PCS"},
            {"uomscheduleid": HOUR_GROUP, **NO_PARTNER, "name": "NAV HOUR"},
            {"uomscheduleid": "f0000000-0000-4000-8000-000000000003", **NO_PARTNER, "name": "Default Unit"},
        ],
        "uoms": [
            {
                "uomid": PIECE,
                "name": "PCS",
                "_uomscheduleid_value": PIECE_GROUP,
                "isschedulebaseuom": True,
            },
            {"uomid": HOUR, "name": "HOUR", "_uomscheduleid_value": HOUR_GROUP, "isschedulebaseuom": True},
            {
                "uomid": DOZEN,
                "name": "DOZEN",
                "_uomscheduleid_value": PIECE_GROUP,
                "isschedulebaseuom": False,
            },
        ],
        "products": [
            product(CHAIR, "Item", "1000"),
            product(OLD_CHAIR, "Item", "1001", statecode=1),
            product(
                ASSEMBLY,
                "Resource",
                "R1",
                name="Montage",
                producttypecode=3,
                price=60,
                standardcost=35,
                currentcost=35,
                vendorid=None,
                quantityonhand=8,
                _defaultuomscheduleid_value=HOUR_GROUP,
                _defaultuomid_value=HOUR,
            ),
            product("b0000000-0000-4000-8000-000000000004", "", "BUNDLE", producttypecode=4, **NO_PARTNER),
            product("b0000000-0000-4000-8000-000000000005", "Item", "1000", ilc_companyid="another company"),
        ],
    }


def _prices() -> dict[str, list[dict[str, object]]]:
    return {
        "transactioncurrencies": [
            _currency(EURO, "EUR"),
            _currency(DOLLAR, "USD", **partner_of("Currency", "USD")),
        ],
        "pricelevels": [
            {
                "pricelevelid": DEFAULT_LIST,
                **NO_PARTNER,
                "name": "Interlace Default Price List",
                "description": None,
                "_transactioncurrencyid_value": EURO,
            },
            {
                "pricelevelid": WHOLESALE,
                **partner_of("Customer_Price_Group", "WHOLESALE"),
                "name": "WHOLESALE",
                "description": "Großhandel",
                "_transactioncurrencyid_value": DOLLAR,
            },
        ],
        "productpricelevels": [
            list_item(1),
            list_item(
                2,
                **partner_of("Item", "1000"),
                _pricelevelid_value=DEFAULT_LIST,
                _transactioncurrencyid_value=EURO,
                amount=Decimal("99.9"),
            ),
            list_item(
                3,
                **partner_of("Resource", "R1"),
                _pricelevelid_value=DEFAULT_LIST,
                _productid_value=ASSEMBLY,
                _uomid_value=HOUR,
                _uomscheduleid_value=HOUR_GROUP,
                _transactioncurrencyid_value=EURO,
                amount=Decimal(60),
            ),
            list_item(4, _uomid_value=DOZEN),
        ],
    }


def crm_rows() -> dict[str, list[dict[str, object]]]:
    """Return the rows of every entity set."""
    return {**_parties(), **_units_and_products(), **_prices()}
