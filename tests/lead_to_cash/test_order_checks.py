"""Checks before creation: each thing that may be missing is named with its code, all in one list."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.lead_to_cash.order_world import (
    amount,
    document,
    line,
    observation,
    with_found,
    with_settings,
    with_values,
    without_partner,
)

from interlace.domain.saga import Change, CreateDocument, Hold, Observation
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA
from interlace.locale.languages import TRANSLATED
from interlace.locale.translatable import as_sentence
from interlace.ui.words import words_of

Alter = Callable[[Observation], Observation]


def no_flag(seen: Observation) -> Observation:
    """Return the observation in an organization whose CRM orders are not told that they are held."""
    return with_values(seen, "organization", "org", issopintegrationenabled=False)


def held_for(seen: Observation) -> list[str]:
    """Return the codes for which an order is held; empty when it is created."""
    step = ORDER_SAGA.decide(no_flag(seen))
    if isinstance(step, CreateDocument):
        return []
    assert isinstance(step, Hold)
    assert all(each.what and each.remedy for each in step.problems)
    return [each.code for each in step.problems]


def header(**changed: Value) -> Alter:
    """Change the CRM order."""
    return lambda seen: replace(seen, document=document(**changed))


def lines(*changes: dict[str, Value]) -> Alter:
    """Replace the lines; the document's total follows."""

    def alter(seen: Observation) -> Observation:
        made = [line(f"line-{place}", **each) for place, each in enumerate(changes, start=1)]
        total = sum((amount(str(each.values["extendedamount"])) for each in made), amount("0"))
        totals = dict.fromkeys(("totallineitemamount", "totalamountlessfreight", "totalamount"), total)
        return with_found(replace(seen, document=document(**totals)), "lines", *made)

    return alter


def values(look: str, key: str, **changed: Value) -> Alter:
    """Change a record that is looked at."""
    return lambda seen: with_values(seen, look, key, **changed)


def absent(look: str) -> Alter:
    """Let a look find nothing."""
    return lambda seen: with_found(seen, look)


def uncoupled(mapping: str) -> Alter:
    """Take a mapping's couplings away."""
    return lambda seen: without_partner(seen, getattr(mapping_names, mapping))


def after_discount(total: str) -> Alter:
    """Take the whole order's discount off."""
    return header(totalamountlessfreight=amount(total), totalamount=amount(total))


def both(*alterations: Alter) -> Alter:
    """Alter several things."""

    def alter(seen: Observation) -> Observation:
        for each in alterations:
            seen = each(seen)
        return seen

    return alter


def settings(**changed: Value) -> Alter:
    """Change what the connection says."""
    return lambda seen: with_settings(seen, **changed)


CONTACT = header(accountid=None, contactid="contact-1", customerid="contact-1")
WRITE_IN: dict[str, Value] = {
    "productid": None,
    "uomid": None,
    "productdescription": "Engraving",
    "productname": "Engraving",
}
SERVICE: dict[str, Value] = {"productid": "product-2", "uomid": "uom-hour", "productname": "Lift"}
FREIGHT = header(freightamount=amount("9"), totalamount=amount("199"))
WHOLE_EUROS = values("ledger setup", "", Amount_Rounding_Precision=amount("1"))
AS_ITEM = settings(write_in_product_type="item", write_in_product_number="EXTRA")
COUPLED_EXTRA = lambda seen: replace(  # noqa: E731
    seen,
    partners={**seen.partners, mapping_names.ITEM_PRODUCT: {"product-1": "1000", "EXTRA": "product-9"}},
)

CASES: list[tuple[str, Alter]] = [
    ("order_without_customer", header(accountid=None, customerid=None)),
    ("contact_without_account", both(CONTACT, values("contact", "contact-1", accountid=None))),
    ("contact_without_account", both(CONTACT, absent("contact"))),
    ("account_not_coupled", uncoupled("CUSTOMER")),
    ("account_not_coupled", both(CONTACT, uncoupled("CUSTOMER"))),
    ("customer_gone", absent("customer")),
    ("customer_gone", both(CONTACT, absent("contact's customer"))),
    ("customer_blocked", values("customer", "10000", Blocked="Ship")),
    ("customer_blocked", both(CONTACT, values("contact's customer", "10000", Blocked="All"))),
    (
        "customer_blocked",
        both(
            values("customer", "10000", Bill_to_Customer_No="20000"),
            values("payer", "20000", Blocked="Invoice"),
        ),
    ),
    (
        "credit_limit_exceeded",
        both(
            settings(check_credit_limit=True), values("customer", "10000", Credit_Limit_LCY=amount("689.99"))
        ),
    ),
    (
        "credit_limit_exceeded",
        both(
            settings(check_credit_limit=True),
            values("customer", "10000", Bill_to_Customer_No="20000"),
            values("payer", "20000", Credit_Limit_LCY=amount("1000")),
        ),
    ),
    ("salesperson_not_coupled", both(settings(require_salesperson=True), uncoupled("SALESPEOPLE"))),
    ("salesperson_gone", absent("salesperson")),
    ("salesperson_blocked", values("salesperson", "JR", Blocked=True)),
    ("currency_unknown", both(header(transactioncurrencyid="usd"), absent("erp currency"))),
    (
        "currency_without_rate",
        both(header(transactioncurrencyid="usd"), values("erp currency", "USD", Exchange_Rate=None)),
    ),
    ("price_list_closed", values("price list", "pricelist-1", statecode=1)),
    ("price_list_closed", absent("price list")),
    ("line_not_priced", lines({"pricingerrorcode": 11})),
    ("order_without_lines", absent("lines")),
    ("product_gone", absent("product")),
    ("product_not_active", values("product", "product-1", statecode=1)),
    ("product_type_unsupported", values("product", "product-1", producttypecode=4)),
    ("item_not_coupled", uncoupled("ITEM_PRODUCT")),
    ("item_gone", absent("item")),
    ("item_blocked", values("item", "1000", Sales_Blocked=True)),
    ("resource_not_coupled", both(lines(SERVICE), uncoupled("RESOURCE_PRODUCT"))),
    ("resource_gone", both(lines(SERVICE), absent("resource"))),
    ("resource_blocked", both(lines(SERVICE), values("resource", "LIFT", Blocked=True))),
    ("write_in_not_set_up", lines(WRITE_IN)),
    ("write_in_not_set_up", both(lines(WRITE_IN), settings(write_in_product_number="EXTRA"))),
    ("write_in_product_gone", both(lines(WRITE_IN), AS_ITEM, absent("write-in item"))),
    (
        "write_in_product_blocked",
        both(lines(WRITE_IN), AS_ITEM, values("write-in item", "EXTRA", Blocked=True)),
    ),
    ("write_in_product_coupled", both(lines(WRITE_IN), AS_ITEM, COUPLED_EXTRA)),
    ("unit_missing", lines({"uomid": None})),
    ("unit_not_coupled", uncoupled("UNIT_OF_MEASURE")),
    ("unit_not_of_product", absent("item units")),
    ("unit_not_of_product", lines({**SERVICE, "uomid": "uom-pcs"})),
    (
        "unit_quantity_differs",
        both(
            lines({"uomid": "uom-box"}),
            values("item units", "1000/BOX", Qty_per_Unit_of_Measure=amount("12")),
        ),
    ),
    ("quantity_missing", lines({"quantity": None, "extendedamount": amount("0")})),
    ("freight_account_not_set", both(FREIGHT, values("sales setup", "", Freight_G_L_Acc_No=""))),
    ("freight_account_unusable", both(FREIGHT, values("freight account", "8720", Direct_Posting=False))),
    ("freight_account_unusable", both(FREIGHT, absent("freight account"))),
    ("country_unknown", header(shipto_line1="Hall 3", shipto_country="Atlantis")),
    ("country_unknown", header(billto_country="Atlantis")),
    ("address_too_long", header(shipto_line1="x" * 101)),
    ("address_too_long", header(billto_city="y" * 31)),
    ("address_too_long", header(shipto_name="z" * 101)),
    ("amount_too_fine", both(WHOLE_EUROS, lines({"extendedamount": amount("189.5")}))),
    ("amount_too_fine", both(WHOLE_EUROS, header(freightamount=amount("0.5"), totalamount=amount("190.5")))),
    ("amount_too_fine", both(WHOLE_EUROS, after_discount("189.5"))),
    ("line_above_price", lines({"extendedamount": amount("200.02")})),
    ("line_discount_too_high", lines({"extendedamount": amount("-1")}, {"extendedamount": amount("150")})),
    ("invoice_discount_negative", after_discount("191")),
    (
        "invoice_discount_too_high",
        both(after_discount("180"), values("item", "1000", Allow_Invoice_Disc=False)),
    ),
    (
        "totals_inconsistent",
        header(
            totallineitemamount=amount("180"), totalamountlessfreight=amount("180"), totalamount=amount("180")
        ),
    ),
    ("totals_inconsistent", header(totalamount=amount("226.1"))),
    (
        "total_negative",
        lines({"quantity": amount("-1"), "priceperunit": amount("10"), "extendedamount": amount("-10")}),
    ),
]


@pytest.mark.parametrize(
    ("code", "alter"), [pytest.param(*case, id=f"{case[0]}-{place}") for place, case in enumerate(CASES)]
)
def test_what_is_missing_is_named_alone(code: str, alter: Alter) -> None:
    """One thing is wrong: the order is held for that and nothing else."""
    assert held_for(alter(observation())) == [code]


def test_what_is_missing_is_said_in_the_readers_language() -> None:
    """Each problem is held as a sentence that is another one in every language."""
    for _, alter in CASES:
        step = ORDER_SAGA.decide(no_flag(alter(observation())))
        assert isinstance(step, Hold)
        for problem in step.problems:
            for language in TRANSLATED:
                said = words_of(language).t(as_sentence(problem.what))
                assert said != words_of("en_US").t(as_sentence(problem.what)), (language, problem.what)


@pytest.mark.parametrize(
    "alter",
    [
        lambda seen: seen,
        CONTACT,
        uncoupled("SALESPEOPLE"),
        header(pricelevelid=None),
        both(header(transactioncurrencyid="usd")),
        header(transactioncurrencyid=None),
        both(lines(WRITE_IN), AS_ITEM),
        both(lines(WRITE_IN), settings(write_in_product_type="resource", write_in_product_number="HAND")),
        lines(SERVICE),
        lines({"uomid": "uom-box"}),
        header(totaltax=amount("36.1"), totalamount=amount("226.1")),
        values("customer", "10000", Credit_Limit_LCY=amount("1")),
        both(settings(check_credit_limit=True), values("customer", "10000", Credit_Limit_LCY=amount("690"))),
        FREIGHT,
        lines({"quantity": amount("-1"), "priceperunit": amount("10"), "extendedamount": amount("-10")}, {}),
    ],
)
def test_nothing_is_missing(alter: Alter) -> None:
    """What looks odd and is in order goes through."""
    assert held_for(alter(observation())) == []


def test_one_list_names_everything() -> None:
    """All that is wrong with an order is said at once, in the order of its parts."""
    seen = both(
        lines({"uomid": None}, {**SERVICE}, WRITE_IN),
        values("customer", "10000", Blocked="All"),
        values("price list", "pricelist-1", statecode=1),
        uncoupled("RESOURCE_PRODUCT"),
        absent("salesperson"),
    )(observation())
    assert held_for(seen) == [
        "customer_blocked",
        "salesperson_gone",
        "price_list_closed",
        "unit_missing",
        "resource_not_coupled",
        "write_in_not_set_up",
    ]


def test_crm_order_is_told_once_what_is_missing() -> None:
    """Where the CRM lets us write the order, its people read there why it is held; then it is only held."""
    seen = absent("salesperson")(observation())
    told = ORDER_SAGA.decide(seen)
    assert isinstance(told, Change)
    assert told.values["ilc_orderstatus"] == "On Hold"
    assert "JR" in str(told.values["submitstatusdescription"])
    assert seen.document is not None
    after = replace(seen, document=replace(seen.document, values={**seen.document.values, **told.values}))
    assert isinstance(ORDER_SAGA.decide(after), Hold)


def test_problems_name_the_line_that_they_are_about() -> None:
    """By its key, so that it is found whatever it is called; what is about the whole order names none."""
    seen = lines({"pricingerrorcode": 1}, {}, {"quantity": amount("0"), "pricingerrorcode": 1})(observation())
    step = ORDER_SAGA.decide(no_flag(header(customerid=None, accountid=None)(seen)))
    assert isinstance(step, Hold)
    about = {(each.code, each.line) for each in step.problems}
    assert ("line_not_priced", "line-1") in about
    assert ("line_not_priced", "line-3") in about
    assert not [code for code, where in about if where == "line-2"]
    assert ("order_without_customer", "") in about
