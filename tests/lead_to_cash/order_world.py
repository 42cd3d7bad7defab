"""A small world for orders: an observation in which everything is there, and ways to take things out of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.saga import Creation, FoundRecord, Observation
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_columns import DOCUMENT_FIELDS
from interlace.lead_to_cash.order_looks import ORDER_LOOKS
from interlace.lead_to_cash.order_terms import TERMS

AT: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MARK: Final = "CRMAAAABBBBCCCCD"
ORDER: Final = "order-1"
COMPANY: Final = "company-1"
ERP_NUMBER: Final = "101001"
ERP_KEY: Final = f"Order{KEY_SEPARATOR}{ERP_NUMBER}"

Records = dict[str, FoundRecord]


def record(key: str, **values: Value) -> FoundRecord:
    """Return a record as it was looked at."""
    return FoundRecord(key=key, tag=f"tag of {key}", values=values)


def amount(text: str) -> Decimal:
    """Write an amount."""
    return Decimal(text)


def document(**changed: Value) -> FoundRecord:
    """Return a submitted CRM order of one line, with the changes asked for."""
    values: dict[str, Value] = dict.fromkeys(DOCUMENT_FIELDS)
    values |= {
        "ordernumber": "ORD-01000-A1B2C3",
        "name": "Chairs for the hall",
        "statecode": 1,
        "statuscode": 3,
        "pricingerrorcode": 0,
        "totallineitemamount": amount("190"),
        "totalamountlessfreight": amount("190"),
        "totaltax": amount("0"),
        "totalamount": amount("190"),
        "customerid": "account-1",
        "accountid": "account-1",
        "pricelevelid": "pricelist-1",
        "transactioncurrencyid": "eur",
        "ownerid": "user-1",
    }
    return record(ORDER, **(values | changed))


def line(key: str = "line-1", **changed: Value) -> FoundRecord:
    """Return a line of ten chairs at 20 less 10."""
    values: dict[str, Value] = {
        "salesorderid": ORDER,
        "productid": "product-1",
        "uomid": "uom-pcs",
        "productname": "Chair",
        "productdescription": None,
        "description": None,
        "quantity": amount("10"),
        "priceperunit": amount("20"),
        "tax": None,
        "extendedamount": amount("190"),
        "pricingerrorcode": 0,
        "sequencenumber": None,
        "lineitemnumber": 1,
        "requestdeliveryby": None,
    }
    return record(key, **(values | changed))


CHOICES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "paymenttermscode": (("1", "Net 30"), ("4", "Net 60")),
    "freighttermscode": (("1", "FOB"), ("2", "No Charge")),
    "shippingmethodcode": (("2", "DHL"), ("3", "FedEx")),
}


def _found() -> dict[str, Records]:
    everything: dict[str, tuple[FoundRecord, ...]] = {
        "lines": (line(),),
        "currency": (
            record("eur", isocurrencycode="EUR", currencyprecision=2),
            record("usd", isocurrencycode="USD", currencyprecision=2),
            record("jpy", isocurrencycode="JPY", currencyprecision=0),
        ),
        "price list": (record("pricelist-1", name="Standard", statecode=0),),
        "account": (record("account-1", name="Adatum"),),
        "contact": (record("contact-1", fullname="Eva Corets", accountid="account-1"),),
        "customer": (_customer("10000"),),
        "contact's customer": (_customer("10000"),),
        "payer": (_customer("20000"),),
        "owed": (record("10000", No="10000", Total_LCY=amount("500")),),
        "owed by payer": (record("20000", No="20000", Total_LCY=amount("900")),),
        "product": (
            record("product-1", productnumber="1000", name="Chair", statecode=0, producttypecode=1),
            record("product-2", productnumber="LIFT", name="Lift", statecode=0, producttypecode=3),
        ),
        "unit": (
            record(
                "uom-pcs", name="PCS", quantity=amount("1"), isschedulebaseuom=True, uomscheduleid="s-pcs"
            ),
            record(
                "uom-box", name="Box", quantity=amount("6"), isschedulebaseuom=False, uomscheduleid="s-pcs"
            ),
            record(
                "uom-hour", name="HOUR", quantity=amount("1"), isschedulebaseuom=True, uomscheduleid="s-hour"
            ),
        ),
        "erp unit": (record("PCS", Code="PCS"), record("HOUR", Code="HOUR")),
        "item": (_item("1000"),),
        "resource": (record("LIFT", No="LIFT", Name="Lift", Blocked=False, Base_Unit_of_Measure="HOUR"),),
        "item units": (
            record("1000/PCS", Item_No="1000", Code="PCS", Qty_per_Unit_of_Measure=amount("1")),
            record("1000/BOX", Item_No="1000", Code="BOX", Qty_per_Unit_of_Measure=amount("6")),
        ),
        "salesperson": (record("JR", Code="JR", Name="John Roberts", Blocked=False),),
        "erp currency": (
            _currency("USD", "0.01", "0.001", "1.08731"),
            _currency("JPY", "1", "0.01", "163.277"),
        ),
        "ledger setup": (
            record(
                "",
                LCY_Code="EUR",
                Amount_Rounding_Precision=amount("0.01"),
                Unit_Amount_Rounding_Precision=amount("0.00001"),
            ),
        ),
        "sales setup": (record("", Freight_G_L_Acc_No="8720"),),
        "freight account": (record("8720", No="8720", Name="Freight", Blocked=False, Direct_Posting=True),),
        "countries": (
            record("DE", Code="DE", Name="Germany", ISO_Code="DE"),
            record("USA", Code="USA", Name="United States", ISO_Code="US"),
        ),
        "organization": (record("org", issopintegrationenabled=True),),
        "write-in item": (_item("EXTRA"),),
        **{
            name: tuple(record(key, label=label) for key, label in CHOICES[each.column])
            for each in TERMS
            for name in (each.order_choices, each.account_choices)
        },
        "write-in resource": (
            record("HAND", No="HAND", Name="Hand", Blocked=False, Base_Unit_of_Measure="HOUR"),
        ),
    }
    return {look.name: {each.key: each for each in everything.get(look.name, ())} for look in ORDER_LOOKS}


def _customer(number: str) -> FoundRecord:
    return record(
        number,
        No=number,
        Name=f"Customer {number}",
        Blocked="_x0020_",
        Bill_to_Customer_No="",
        Credit_Limit_LCY=amount("0"),
    )


def _item(number: str) -> FoundRecord:
    return record(
        number,
        No=number,
        Description="Chair",
        Blocked=False,
        Sales_Blocked=False,
        Base_Unit_of_Measure="PCS",
        Allow_Invoice_Disc=True,
    )


def _currency(code: str, amounts: str, prices: str, rate: str) -> FoundRecord:
    return record(
        code,
        Code=code,
        Amount_Rounding_Precision=amount(amounts),
        Unit_Amount_Rounding_Precision=amount(prices),
        Exchange_Rate=amount(rate),
    )


PARTNERS: Final[Mapping[MappingName, Mapping[str, str]]] = {
    mapping_names.CUSTOMER: {"account-1": "10000"},
    mapping_names.ITEM_PRODUCT: {"product-1": "1000"},
    mapping_names.RESOURCE_PRODUCT: {"product-2": "LIFT"},
    mapping_names.UNIT_OF_MEASURE: {"s-pcs": "PCS", "s-hour": "HOUR"},
    mapping_names.SALESPEOPLE: {"user-1": "JR"},
    mapping_names.PAYMENT_TERMS: {"1": "30 DAYS"},
    mapping_names.SHIPMENT_METHOD: {"2": "FREE"},
    mapping_names.SHIPPING_AGENT: {"3": "FEDEX"},
}


def observation(order: FoundRecord | None = None, **changed: object) -> Observation:
    """Return an observation in which nothing is missing, with another document or other facts."""
    whole = Observation(
        document=document() if order is None else order,
        found=_found(),
        partners=PARTNERS,
        mark=MARK,
        creation=Creation.NOT_SENT,
        partner=None,
        stage="",
        settings={"company_id": COMPANY},
        at=AT,
    )
    return replace(whole, **changed)  # type: ignore[arg-type]


def with_found(seen: Observation, look: str, *records: FoundRecord) -> Observation:
    """Return the observation with other records under one look."""
    return replace(seen, found={**seen.found, look: {each.key: each for each in records}})


def with_values(seen: Observation, look: str, key: str, **values: Value) -> Observation:
    """Return the observation with other values of one record found."""
    records = dict(seen.found[look])
    old = records[key]
    records[key] = replace(old, values={**old.values, **values})
    return replace(seen, found={**seen.found, look: records})


def without_partner(seen: Observation, mapping: MappingName) -> Observation:
    """Return the observation without any coupling of a mapping."""
    return replace(seen, partners={name: each for name, each in seen.partners.items() if name != mapping})


def with_settings(seen: Observation, **settings: Value) -> Observation:
    """Return the observation with further settings."""
    return replace(seen, settings={**seen.settings, **settings})
