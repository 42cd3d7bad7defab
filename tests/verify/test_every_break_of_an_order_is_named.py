"""Break every compared field of orders and their lines on each side in turn, and make doubles: the judge names it."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.verify.small_company import FACTS, SmallCompany, small_company
from tests.verify.small_company_documents import ORDER
from tests.verify.small_company_orders import (
    RELEASED,
    crm_lines,
    crm_order,
    erp_lines,
    erp_order,
    mark_of,
)
from tests.verify.small_company_records import NO_PARTNER, partner_of
from tests.verify.test_every_break_is_named import spoil

from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING
from interlace.lead_to_cash.two_way_field_rows import SOLINE_ORDERDETAIL_MAPPING, TWO_WAY_ORDER_MAPPING
from interlace.verify import End, OpenError, RecordState, VerifyFacts, verify
from interlace.verify.expectations_of_order_lines import LINE_CHECKS
from interlace.verify.expectations_of_orders import HEADER_CHECKS
from interlace.verify.verify_report import MappingVerdict

POSTED_AT, RELEASED_AT, OPEN_AT = 0, 1, 2
"""Places of the CRM orders; ERP orders stand one place before, as the posted one is gone."""
FIRST, WRITE_IN, FREIGHT, LAST_COMMENT = 3, 4, 1, 5
ORDERS, LINES = "SALESORDER-ORDER", "SOLINE-ORDERDETAIL"
HEADERS, DETAILS = "salesorders", "salesorderdetails"
PAGE, LINE_PAGE = "SalesOrder", "SalesOrderSalesLines"
DISCOUNTED = replace(FACTS, payment_discount_from_order=True)
TWO_WAY = replace(FACTS, two_way_orders=True)


def _without(mapping: str) -> VerifyFacts:
    return replace(FACTS, left_out=frozenset({mapping}))


Break = Callable[[SmallCompany], None]

OF_CREATION = {
    "Your_Reference>ordernumber",
    "Work_Description>name",
    "Work_Description>description",
    "Shipment_Method_Code>freighttermscode",
    "Payment_Discount_Percent>discountpercentage",
    "Requested_Delivery_Date>requestdeliveryby",
    "Description>productdescription",
    "Description>description",
}
# Fields that follow from others, and columns whose wire name is another.
ERP_FIELDS = {
    "Tax_Amount": "Amount_Including_VAT",
    "Standing": "Status",
    "Work_Description": "Work_Description",
}
LOOKUPS = {
    "customerid": "_accountid_value",
    "ownerid": "_ownerid_value",
    "transactioncurrencyid": "_transactioncurrencyid_value",
    "productid": "_productid_value",
    "uomid": "_uomid_value",
}


def _change(end: End, set_name: str, place: int, name: str, value: object = None) -> Break:
    """Spoil one value, or set it."""

    def change(company: SmallCompany) -> None:
        row = (company.erp if end is End.ERP else company.crm)[set_name][place]
        row[name] = _spoilt(row[name]) if value is None else None if value == "" else value

    return change


def _spoilt(value: object) -> object:
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return f"2031{value[4:]}"
    return f"x{value}" if isinstance(value, str) and "\n" in value else spoil(value)


def _other_code(company: SmallCompany, service: str, column: str, number: int) -> None:
    company.erp[service].append({"Code": "OTHER"})
    company.labels[column][number] = "OTHER"


def _ship_everything(company: SmallCompany) -> None:
    for line in company.erp[LINE_PAGE]:
        line["Quantity_Shipped"] = line["Quantity"]


# What the names of a check don't say: name, side -> what to break; None: nothing can be broken there.
SPECIAL: dict[tuple[str, End], Break | None] = {
    ("No>ilc_erpkey", End.ERP): None,
    ("No>ilc_erpkey", End.CRM): _change(End.CRM, HEADERS, RELEASED_AT, "ilc_erpkey", ""),
    ("Taken_Over>lastbackofficesubmit", End.ERP): None,
    ("Taken_Over>lastbackofficesubmit", End.CRM): _change(
        End.CRM, HEADERS, RELEASED_AT, "lastbackofficesubmit", ""
    ),
    ("External_Document_No>salesorderid", End.CRM): None,
    ("Prices_Including_VAT>priceperunit", End.CRM): None,
    ("Salesperson_Code>ownerid", End.ERP): _change(End.ERP, PAGE, RELEASED_AT - 1, "Salesperson_Code", "BO"),
    ("No>ordernumber", End.ERP): None,
    ("Work_Description>description", End.ERP): _change(
        End.ERP, PAGE, OPEN_AT - 1, "Work_Description", "Foyer\nx"
    ),
    ("Payment_Terms_Code>paymenttermscode", End.ERP): _change(
        End.ERP, PAGE, RELEASED_AT - 1, "Payment_Terms_Code", "NET 30"
    ),
    ("Payment_Terms_Code>paymenttermscode", End.CRM): _change(
        End.CRM, HEADERS, RELEASED_AT, "paymenttermscode", 1
    ),
    ("Shipment_Method_Code>freighttermscode", End.CRM): lambda company: _other_code(
        company, "ShipmentMethods", "salesorder.freighttermscode", 101
    ),
    ("Shipping_Agent_Code>shippingmethodcode", End.ERP): _change(
        End.ERP, PAGE, RELEASED_AT - 1, "Shipping_Agent_Code", ""
    ),
    ("Shipping_Agent_Code>shippingmethodcode", End.CRM): _change(
        End.CRM, HEADERS, RELEASED_AT, "shippingmethodcode", ""
    ),
    (">totalamount", End.ERP): None,
    (">totalamount", End.CRM): _change(End.CRM, HEADERS, RELEASED_AT, "totalamount"),
    (">totallineitemamount", End.ERP): None,
    ("Invoice_Discount_Amount>discountamount", End.CRM): _change(
        End.CRM, HEADERS, RELEASED_AT, "discountamount"
    ),
    ("Standing>statecode", End.ERP): _ship_everything,
    ("Standing>statecode", End.CRM): _change(End.CRM, HEADERS, RELEASED_AT, "statecode", 3),
    ("Standing>statuscode", End.ERP): _ship_everything,
    ("Standing>statuscode", End.CRM): _change(End.CRM, HEADERS, POSTED_AT, "statuscode"),
    ("Line_Amount>extendedamount", End.ERP): _change(End.ERP, LINE_PAGE, 0, "Line_Amount"),
    ("Description>description", End.ERP): _change(End.ERP, LINE_PAGE, 2, "Description", "Ash"),
    ("Description>productdescription", End.ERP): _change(
        End.ERP, LINE_PAGE, WRITE_IN, "Description", "Paint"
    ),
    ("Description>productdescription", End.CRM): _change(
        End.CRM, DETAILS, WRITE_IN - 1, "productdescription", "Paint"
    ),
    ("Description>description", End.CRM): _change(End.CRM, DETAILS, 1, "description", "Ash"),
    ("Quantity_Shipped>quantityshipped", End.CRM): _change(
        End.CRM, DETAILS, 1, "quantityshipped", Decimal(1)
    ),
}


async def _judge(
    company: SmallCompany, mapping: str, facts: VerifyFacts = FACTS, *errors: OpenError
) -> MappingVerdict:
    report = await verify(company, facts, errors, (), orders=True)
    for each in report.verdicts:
        assert each.erp.adds_up
        assert each.crm.adds_up
    return next(each for each in report.verdicts if each.mapping == mapping)


def _assert_named(verdict: MappingVerdict, name: str) -> None:
    if name in OF_CREATION and not verdict.drifted_fields[name]:
        assert verdict.creation_fields[name] >= 1
        assert any(f"{each.erp_field}>{each.crm_column}" == name for each in verdict.creation_differences)
    else:
        assert not verdict.is_green
        assert verdict.drifted_fields[name] >= 1
        assert any(f"{each.erp_field}>{each.crm_column}" == name for each in verdict.differences)


@pytest.mark.parametrize("end", End)
@pytest.mark.parametrize("name", [each.name for each in HEADER_CHECKS])
async def test_spoilt_field_of_an_order_is_named(name: str, end: End) -> None:
    """Whatever side a field of an order's header was changed on, the judge names the field with both values."""
    erp_field, _, column = name.partition(">")
    place = OPEN_AT if name in OF_CREATION else RELEASED_AT
    change: Break | None = (
        _change(End.ERP, PAGE, place - 1, ERP_FIELDS.get(erp_field, erp_field))
        if end is End.ERP
        else _change(End.CRM, HEADERS, place, LOOKUPS.get(column, column))
    )
    change = SPECIAL.get((name, end), change)
    if change is None:
        return
    company = small_company()
    if name == "Payment_Discount_Percent>discountpercentage":
        company.erp[PAGE][OPEN_AT - 1]["Payment_Discount_Percent"] = Decimal("4.02")
    change(company)
    facts = DISCOUNTED if name.startswith("Payment_Discount") else FACTS
    _assert_named(await _judge(company, ORDERS, facts), name)


@pytest.mark.parametrize("end", End)
@pytest.mark.parametrize("name", [each.name for each in LINE_CHECKS])
async def test_spoilt_field_of_a_line_is_named(name: str, end: End) -> None:
    """Whatever side a field of a line was changed on, the judge names the field with both values."""
    erp_field, _, column = name.partition(">")
    change = (
        _change(End.ERP, LINE_PAGE, 0, erp_field)
        if end is End.ERP
        else _change(End.CRM, DETAILS, 1, LOOKUPS.get(column, column))
    )
    company = small_company()
    (SPECIAL.get((name, end)) or change)(company)
    verdict = await _judge(company, LINES, TWO_WAY if "Shipped" in name else FACTS)
    if name == "Requested_Delivery_Date>requestdeliveryby":
        assert verdict.creation_fields[name] == 1
    else:
        _assert_named(verdict, name)


@pytest.mark.parametrize("field", ["Unit_Price", "Quantity", "Line_Amount", "No"])
async def test_freight_is_a_line_like_any_other(field: str) -> None:
    """The freight's line must be on the account of the set-up, one piece at the CRM's freight."""
    company = small_company()
    _change(End.ERP, LINE_PAGE, FREIGHT, field)(company)
    assert not (await _judge(company, LINES)).is_green


async def test_missing_freight_is_told_at_the_order() -> None:
    """Freight without a line has no CRM line to be counted at: the order itself differs."""
    company = small_company()
    del company.erp[LINE_PAGE][FREIGHT]
    assert (await _judge(company, ORDERS)).crm.states[RecordState.DRIFTED] == 1


@pytest.mark.parametrize(("end", "place"), [(End.ERP, 0), (End.CRM, 1)])
async def test_line_that_only_one_side_has_is_named(end: End, place: int) -> None:
    """What is left over on the other side misses its partner."""
    company = small_company()
    del (company.erp[LINE_PAGE] if end is End.ERP else company.crm[DETAILS])[place]
    verdict = await _judge(company, LINES)
    other = verdict.crm if end is End.ERP else verdict.erp
    assert other.states[RecordState.MISSING] == 1
    assert verdict.findings[0].state is RecordState.MISSING


@pytest.mark.parametrize(
    ("code", "choice"),
    [("NEW", 2), ("", 1)],
    ids=["a code without a choice", "a choice without a code"],
)
async def test_term_that_the_other_side_cannot_say_is_no_drift(code: str, choice: int) -> None:
    """A shipping agent that only one side knows stays where it is."""
    company = small_company()
    company.erp[PAGE][RELEASED_AT - 1]["Shipping_Agent_Code"] = code
    company.crm[HEADERS][RELEASED_AT]["shippingmethodcode"] = choice
    assert (await _judge(company, ORDERS)).is_green


@pytest.mark.parametrize(
    ("line2", "line3", "is_green"), [("Hof", "3. Stock", True), ("Hof, 3. Stock", "3. Stock", False)]
)
async def test_three_address_lines_are_compared_joined(line2: str, line3: str, *, is_green: bool) -> None:
    """The ERP has one line for the CRM's second and third; a third line that was joined already is a difference."""
    company = small_company()
    company.crm[HEADERS][RELEASED_AT].update(shipto_line2=line2, shipto_line3=line3)
    company.erp[PAGE][RELEASED_AT - 1]["Ship_to_Address_2"] = "Hof, 3. Stock"
    verdict = await _judge(company, ORDERS)
    assert verdict.is_green == is_green
    assert is_green or verdict.drifted_fields == {"Ship_to_Address_2>shipto_line2": 1}


@pytest.mark.parametrize("number", [1, None])
async def test_terms_at_the_creation_are_only_shown(number: int | None) -> None:
    """An ERP order that is not released is its people's: what it says else is told and no drift."""
    company = small_company()
    company.crm[HEADERS][OPEN_AT]["shippingmethodcode"] = 2
    company.erp[PAGE][OPEN_AT - 1]["Shipping_Agent_Code"] = "" if number is None else "UPS"
    verdict = await _judge(company, ORDERS)
    assert verdict.is_green
    assert verdict.creation_fields["Shipping_Agent_Code>shippingmethodcode"] == 1


# --- what was posted


@pytest.mark.parametrize(
    ("page", "field", "name", "mapping"),
    [
        ("PostedSalesInvoice", "Sell_to_Customer_No", "Sell_to_Customer_No>customerid", ORDERS),
        ("PostedSalesInvoice", "Currency_Code", "Currency_Code>transactioncurrencyid", ORDERS),
        ("PostedSalesInvoice", "Amount", "Amount>totalamountlessfreight", ORDERS),
        ("PostedSalesShipments", "Posting_Date", "Last_Shipment_Date>datefulfilled", ORDERS),
        ("PostedSalesInvoiceSalesInvLines", "Quantity", "Quantity>quantity", LINES),
        ("PostedSalesInvoiceSalesInvLines", "Line_Amount", "Line_Amount>extendedamount", LINES),
        ("PostedSalesInvoiceSalesInvLines", "No", "Quantity>quantity", LINES),
    ],
)
async def test_spoilt_posting_is_named(page: str, field: str, name: str, mapping: str) -> None:
    """An order that is posted and gone is compared with its shipments and invoices."""
    company = small_company()
    for place in range(len(company.erp[page])):
        _change(End.ERP, page, place, field)(company)
    _assert_named(await _judge(company, mapping), name)


@pytest.mark.parametrize(
    ("values", "shown"), [({"Remaining_Amount": Decimal(0)}, "Paid"), ({"Cancelled": True}, "Cancelled")]
)
async def test_end_of_an_order_is_expected(values: dict[str, object], shown: str) -> None:
    """What became of its invoices is what the CRM order must show."""
    company = small_company()
    company.erp["PostedSalesInvoice"][0].update(values)
    verdict = await _judge(company, ORDERS)
    assert verdict.drifted_fields == {"Standing>ilc_orderstatus": 1}
    assert verdict.differences[0].erp_value == shown


# --- once, and not twice


async def test_submitted_order_without_erp_order_is_missing() -> None:
    """Nobody has said why: it is red."""
    company = small_company()
    company.crm[HEADERS].append(crm_order("91000000-0000-4000-8000-000000000009", lastbackofficesubmit=None))
    verdict = await _judge(company, ORDERS)
    assert verdict.crm.states[RecordState.MISSING] == 1
    assert "no ERP order belongs to it" in verdict.findings[0].reason


async def test_order_that_the_erp_has_lost_is_missing() -> None:
    """It names an ERP order that is neither there nor posted."""
    company = small_company()
    del company.erp[PAGE][RELEASED_AT - 1]
    verdict = await _judge(company, ORDERS)
    assert verdict.crm.states[RecordState.MISSING] == 1
    assert "102 that it names is not there" in verdict.findings[0].reason


async def test_copy_with_the_mark_is_a_double() -> None:
    """The ERP order that the CRM order names is judged; the other one is named."""
    company = small_company()
    company.erp[PAGE].append(erp_order("199", RELEASED))
    company.erp[LINE_PAGE] += erp_lines("199")
    verdict = await _judge(company, ORDERS)
    assert verdict.erp.states[RecordState.DUPLICATE] == 1
    assert verdict.crm.states[RecordState.DUPLICATE] == 0
    assert (verdict.findings[0].key, verdict.findings[0].state) == ("199", RecordState.DUPLICATE)


async def test_two_orders_of_one_mark_are_doubles() -> None:
    """As long as the CRM order names neither, both are."""
    company = small_company()
    company.crm[HEADERS][RELEASED_AT].update(NO_PARTNER)
    company.erp[PAGE].append(erp_order("199", RELEASED))
    verdict = await _judge(company, ORDERS)
    assert (verdict.erp.states[RecordState.DUPLICATE], verdict.crm.states[RecordState.DUPLICATE]) == (2, 1)


async def test_posted_copy_is_a_double_until_it_is_cancelled() -> None:
    """An invoice of another ERP order with the mark bills the same order twice."""
    company = small_company()
    copy = {**company.erp["PostedSalesInvoice"][0], "No": "I9", "Order_No": "199"}
    company.erp["PostedSalesInvoice"].append({**copy, "External_Document_No": mark_of(ORDER)})
    verdict = await _judge(company, ORDERS)
    assert verdict.crm.states[RecordState.DUPLICATE] == 1
    assert "I9" in verdict.findings[0].reason
    company.erp["PostedSalesInvoice"][1]["Cancelled"] = True
    assert (await _judge(company, ORDERS)).is_green


async def test_two_crm_orders_of_one_erp_order_are_doubles() -> None:
    """An ERP order belongs to one CRM order."""
    company = small_company()
    other = "91000000-0000-4000-8000-000000000009"
    company.crm[HEADERS].append(crm_order(other, **partner_of("Sales_Header", "Order\x1f102")))
    verdict = await _judge(company, ORDERS)
    assert (verdict.erp.states[RecordState.DUPLICATE], verdict.crm.states[RecordState.DUPLICATE]) == (1, 2)


@pytest.mark.parametrize(
    ("facts", "name", "field", "value"),
    [
        (replace(FACTS, owned_by_team=True), "Salesperson_Code>ownerid", "Salesperson_Code", "BO"),
        (_without("SALESPEOPLE"), "Salesperson_Code>ownerid", "Salesperson_Code", "BO"),
        (_without("SHIPPING AGENT"), "Shipping_Agent_Code>shippingmethodcode", "Shipping_Agent_Code", ""),
        (_without("PAYMENT TERMS"), "Payment_Terms_Code>paymenttermscode", "Payment_Terms_Code", "NET 30"),
    ],
)
async def test_what_takes_no_part_is_not_judged(
    facts: VerifyFacts, name: str, field: str, value: str
) -> None:
    """A mapping that was left out, or salespeople where a team owns the records, carry nothing to orders."""
    company = small_company()
    company.erp[PAGE][RELEASED_AT - 1][field] = value
    assert (await _judge(company, ORDERS)).drifted_fields == {name: 1}
    assert (await _judge(company, ORDERS, facts)).is_green


async def test_orders_that_take_no_part_are_not_judged() -> None:
    """Who left the orders out is told nothing about them."""
    report = await verify(small_company(), _without(ORDERS), orders=True)
    assert not {each.mapping for each in report.verdicts} & {ORDERS, LINES}


async def test_marked_order_without_crm_order_is_named() -> None:
    """Its CRM order was deleted: nobody follows it."""
    company = small_company()
    company.erp[PAGE].append(erp_order("199", "91000000-0000-4000-8000-000000000009"))
    verdict = await _judge(company, ORDERS)
    assert verdict.erp.states[RecordState.MISSING] == 1
    assert "no CRM order of that mark is there" in verdict.findings[0].reason


async def test_marked_order_of_another_organization_is_left_out() -> None:
    """One ERP company may serve several organizations: whose customer nobody here has, nobody here ordered for."""
    company = small_company()
    company.erp[PAGE].append(
        erp_order("199", "91000000-0000-4000-8000-000000000009", Sell_to_Customer_No="C77")
    )
    company.erp[LINE_PAGE] += erp_lines("199")
    verdict = await _judge(company, ORDERS)
    assert verdict.is_green
    reason = "its mark and its customer are another CRM organization's"
    assert verdict.erp.reasons_of(RecordState.EXCLUDED)[reason] == 1
    assert (await _judge(company, LINES)).is_green


# --- what is held, and what the CRM order tells


async def test_held_order_is_listed_with_its_reason() -> None:
    """What people know of is no drift; the order and its lines are counted as failed."""
    company = small_company()
    held = "91000000-0000-4000-8000-000000000009"
    company.crm[HEADERS].append(crm_order(held, lastbackofficesubmit=None, ordernumber="SO-9"))
    company.crm[DETAILS] += crm_lines(held)
    error = OpenError(
        mapping=ORDERS, end=End.CRM, key=held, code="customer_blocked", message="C1 is blocked."
    )
    verdict = await _judge(company, ORDERS, FACTS, error)
    assert verdict.is_green
    assert verdict.crm.reasons_of(RecordState.FAILED) == {"customer_blocked": 1}
    assert verdict.findings[0].reason == "order SO-9: customer_blocked C1 is blocked."
    lines = await _judge(company, LINES, FACTS, error)
    assert lines.crm.states[RecordState.FAILED] == 3


async def test_change_in_the_erp_that_the_crm_order_tells_has_its_reason() -> None:
    """The CRM order says what differs: listed, and no drift."""
    company = small_company()
    _change(End.ERP, LINE_PAGE, 0, "Quantity")(company)
    company.crm[HEADERS][RELEASED_AT]["submitstatusdescription"] = "The quantity is 9 in the ERP."
    for mapping in (ORDERS, LINES):
        verdict = await _judge(company, mapping)
        assert verdict.is_green
        assert verdict.crm.reasons_of(RecordState.FAILED) == {"told_in_the_crm_order": 1}


@pytest.mark.parametrize(
    ("price", "cents", "reason"),
    [
        (Decimal(60), "0.01", "rounded_in_partial_invoices"),
        (Decimal("59.99"), "0.01", "told_in_the_crm_order"),
        (Decimal(60), "0.09", "told_in_the_crm_order"),
    ],
)
async def test_rounding_of_partial_invoices_is_told_from_a_change(
    price: Decimal, cents: str, reason: str
) -> None:
    """Cents that parts make are named as that; another price, or more than rounding makes, is a change."""
    company = small_company()
    invoices, lines = (
        company.erp[page] for page in ("PostedSalesInvoice", "PostedSalesInvoiceSalesInvLines")
    )
    invoices[0]["Amount"], lines[0]["Line_Amount"], lines[0]["Quantity"] = (
        Decimal(50),
        Decimal("52.5"),
        Decimal(1),
    )
    more = Decimal(cents)
    invoices.append({**invoices[0], "No": "I9", "Amount": Decimal(50) + more})
    changed = {"Document_No": "I9", "Unit_Price": price, "Line_Amount": Decimal("52.5") + more}
    lines.append({**lines[0], **changed})
    company.crm[HEADERS][POSTED_AT]["submitstatusdescription"] = "The invoices come to 100.01."
    for mapping in (ORDERS, LINES):
        verdict = await _judge(company, mapping)
        assert verdict.is_green
        assert verdict.crm.reasons_of(RecordState.FAILED) == {reason: 1}


async def test_words_in_the_crm_order_excuse_no_wrong_address() -> None:
    """Only what the ERP's people may change is excused by what the CRM order says."""
    company = small_company()
    _change(End.ERP, PAGE, RELEASED_AT - 1, "Ship_to_City")(company)
    company.crm[HEADERS][RELEASED_AT]["submitstatusdescription"] = "Line 1 comes to 95.00."
    assert not (await _judge(company, ORDERS)).is_green


# --- two-way orders


async def test_two_way_orders_need_each_other() -> None:
    """With two-way orders a released ERP order must be a CRM order; one that is worked on is left alone."""
    company = small_company()
    company.erp[PAGE][RELEASED_AT - 1]["Work_Description"] = "Two chairs"
    verdict = await _judge(company, ORDERS, TWO_WAY)
    assert verdict.erp.states[RecordState.MISSING] == 1
    assert verdict.erp.reasons_of(RecordState.EXCLUDED) == {
        "its CRM order stays out: somebody works on the order": 1
    }
    company.erp[PAGE][2]["Status"] = "Open"
    verdict = await _judge(company, ORDERS, TWO_WAY)
    assert verdict.is_green
    assert "the ERP order is not released" in verdict.erp.reasons_of(RecordState.EXCLUDED)


@pytest.mark.parametrize(
    "field", ["Ship_to_City", "Bill_to_Post_Code", "Requested_Delivery_Date", "Work_Description"]
)
@pytest.mark.parametrize("mark", [mark_of(RELEASED), "4711"])
async def test_two_way_terms_are_drift_while_both_have_let_go(field: str, mark: str) -> None:
    """Whichever side the order began on, its terms travel both ways."""
    company = small_company()
    company.erp[PAGE][RELEASED_AT - 1].update(
        {"Work_Description": "Two chairs", "External_Document_No": mark}
    )
    company.erp[PAGE][2]["Status"] = "Open"
    assert (await _judge(company, ORDERS, TWO_WAY)).is_green
    _change(End.ERP, PAGE, RELEASED_AT - 1, field)(company)
    verdict = await _judge(company, ORDERS, TWO_WAY)
    assert [name.partition(">")[0] for name in verdict.drifted_fields] == [field]


# --- nothing is forgotten

NOT_COMPARED = {"Line_No>lineitemnumber", "Line_Discount_Amount>manualdiscountamount"}
"""A number is given when a line is made, and a discount may be another one in the CRM: the line's amount counts."""


def test_judge_knows_every_field_row_of_orders() -> None:
    """Every row of both ways is compared, apart from what is deliberately left out."""
    compared = {each.name for each in HEADER_CHECKS} | {each.name for each in LINE_CHECKS} | NOT_COMPARED
    mappings = (SALESORDER_ORDER_MAPPING, TWO_WAY_ORDER_MAPPING, SOLINE_ORDERDETAIL_MAPPING)
    rows = {f"{row.erp_field}>{row.crm_field}" for mapping in mappings for row in mapping.fields}
    assert rows - compared == set()
