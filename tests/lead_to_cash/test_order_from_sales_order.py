"""A released ERP order becomes a CRM order, or is held with everything that is missing: pure decisions."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.lead_to_cash.order_world import COMPANY, ERP_KEY, ERP_NUMBER, MARK, record, with_found, with_values
from tests.lead_to_cash.two_way_toy import two_way_observation

from interlace.domain.saga import Change, Delete, Finish, FoundRecord, Hold, Insert, Observation, Rest
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_columns import DOCUMENT_FIELDS, ORDER_FIELDS
from interlace.lead_to_cash.order_from_sales_order import RELEASED_ORDER_SAGA
from interlace.lead_to_cash.order_lines import ITEM


def released(**changed: Value) -> Observation:
    """Return a released ERP order of ten chairs of which the CRM knows nothing yet."""
    seen = two_way_observation()
    values: dict[str, Value] = dict.fromkeys(ORDER_FIELDS)
    values |= {
        "Document_Type": "Order",
        "No": ERP_NUMBER,
        "Status": "Released",
        "Sell_to_Customer_No": "10000",
        "Currency_Code": "",
        "Prices_Including_VAT": False,
        "Amount": Decimal(190),
        "Amount_Including_VAT": Decimal("226.1"),
    }
    order = record(ERP_KEY, **{**values, **changed})
    lists = (
        record("old", name="Old", statecode=1, transactioncurrencyid="eur"),
        record("pricelist-1", name="Standard", statecode=0, transactioncurrencyid="eur"),
    )
    found = {
        **seen.found,
        "price list": {each.key: each for each in lists},
        "crm order": {},
        "coupled order": {},
        "owner": {"user-1": record("user-1", fullname="Anna")},
        "lines": {},
    }
    seen = replace(seen, document=order, found=found)
    return with_found(seen, "order lines", chairs())


def chairs(**changed: Value) -> FoundRecord:
    """Return a line of ten chairs at 20 less 10."""
    values: dict[str, Value] = {
        "Document_No": ERP_NUMBER,
        "Line_No": 10_000,
        "Type": ITEM,
        "No": "1000",
        "Description": "Chair",
        "Unit_of_Measure_Code": "PCS",
        "Quantity": Decimal(10),
        "Unit_Price": Decimal(20),
        "Line_Discount_Amount": Decimal(10),
        "Line_Amount": Decimal(190),
    }
    return record(f"{ERP_KEY}\x1f10000", **{**values, **changed})


def no_units(seen: Observation) -> Observation:
    """Return the observation with a product whose group has no units."""
    return with_found(seen, "line units of items")


def without(seen: Observation, look: str) -> Observation:
    """Return the observation without the records of one look."""
    return with_found(seen, look)


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("erp_customer_not_coupled", without(released(), "account")),
        ("crm_currency_unknown", released(Currency_Code="CHF")),
        ("crm_currency_unknown", without(released(), "price list")),
        ("prices_include_tax", released(Prices_Including_VAT=True)),
        ("copied_from_crm_order", released(External_Document_No=MARK)),
        ("erp_line_unsupported", with_found(released(), "order lines", chairs(Type="Fixed Asset"))),
        ("erp_line_not_coupled", without(released(), "line item")),
        ("erp_unit_not_coupled", no_units(released())),
        (
            "amount_too_fine_for_crm",
            with_found(released(), "order lines", chairs(Unit_Price=Decimal("1.2345"))),
        ),
        ("order_without_lines", without(released(), "order lines")),
        ("settings_exclude_each_other", replace(released(), settings={"bidirectional_orders": True})),
    ],
)
def test_what_is_missing_holds_the_order(code: str, seen: Observation) -> None:
    """Before anything is made in the CRM."""
    step = RELEASED_ORDER_SAGA.decide(seen)
    assert isinstance(step, Hold)
    assert code in [each.code for each in step.problems]


def test_the_order_is_begun_filled_and_submitted() -> None:
    """Under keys that follow from the ERP order; what changed meanwhile is written before it is submitted."""
    seen = released()
    begun = RELEASED_ORDER_SAGA.decide(seen)
    assert isinstance(begun, Insert)
    assert begun.values["pricelevelid"] == "pricelist-1"
    assert (begun.values["totalamount"], begun.values["totaltax"]) == (Decimal("226.1"), Decimal("36.1"))
    crm: dict[str, Value] = {
        **dict.fromkeys(DOCUMENT_FIELDS),
        **begun.values,
        "statecode": 0,
        "statuscode": 1,
    }
    seen = with_found(seen, "crm order", record(begun.key, **crm))
    filled = RELEASED_ORDER_SAGA.decide(seen)
    assert isinstance(filled, Insert)
    assert filled.values["salesorderid"] == begun.key
    seen = with_found(seen, "lines", record(filled.key, **filled.values))
    changed = with_found(seen, "order lines", chairs(Quantity=Decimal(11)))
    again = RELEASED_ORDER_SAGA.decide(changed)
    assert isinstance(again, Change)
    assert again.values["quantity"] == 11
    submitted = RELEASED_ORDER_SAGA.decide(seen)
    assert isinstance(submitted, Change)
    assert (submitted.values["statecode"], submitted.values["statuscode"]) == (1, 3)
    handed = with_values(seen, "crm order", begun.key, statecode=1)
    assert isinstance(RELEASED_ORDER_SAGA.decide(handed), Finish)


def test_what_was_begun_for_an_order_that_is_gone_is_taken_back() -> None:
    """Only while it is Active: one that was submitted is an order like any other."""
    begun = record("order-2", ilc_companyid=COMPANY, ilc_erpkey=ERP_KEY, statecode=0)
    seen = with_found(replace(released(), document=None), "crm order", begun)
    assert isinstance(RELEASED_ORDER_SAGA.decide(seen), Delete)
    submitted = with_values(seen, "crm order", "order-2", statecode=1)
    assert isinstance(RELEASED_ORDER_SAGA.decide(submitted), Finish)


def test_what_is_not_ours_to_make_is_left() -> None:
    """An order that is coupled, gone or open, and one of another company that bears the same number."""
    coupled = replace(released(), partners={mapping_names.SALESORDER_ORDER: {ERP_KEY: "order-1"}})
    assert isinstance(RELEASED_ORDER_SAGA.decide(coupled), Finish)
    assert isinstance(RELEASED_ORDER_SAGA.decide(replace(released(), document=None)), Finish)
    assert RELEASED_ORDER_SAGA.decide(released(Status="Open")) == Rest(stage="Open")
    theirs = record("order-9", ilc_companyid=f"not {COMPANY}", ilc_erpkey=ERP_KEY, statecode=1)
    assert isinstance(RELEASED_ORDER_SAGA.decide(with_found(released(), "crm order", theirs)), Insert)
