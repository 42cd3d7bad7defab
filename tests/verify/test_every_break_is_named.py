"""Break each field on each side in turn, and leave records out by each rule: the judge names it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.verify.follows_from import FOLLOWS_FROM
from tests.verify.small_company import FACTS, SmallCompany, small_company
from tests.verify.small_company_records import (
    HOUR,
    sales_price,
)

from interlace.verify import End, RecordState, verify
from interlace.verify.expectation import Expectation
from interlace.verify.expectations import EXPECTATIONS
from interlace.verify.verify_report import MappingVerdict

_WRITE_IN = "the record stands for write-in products"
_PARTNERS = ("PRODUCT", "PRODPRICE")
UNKNOWN_KEY = "99999999-9999-4999-8999-999999999999"

Break = Callable[[SmallCompany], None]


def spoil(value: object) -> object:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 7
    text = str(value or "")
    return UNKNOWN_KEY if len(text) == 36 else f"{text}x"


def spoil_row(end: End, set_name: str, place: int, name: str) -> Break:
    """Spoil one value of one row."""

    def change(company: SmallCompany) -> None:
        row = (company.erp if end is End.ERP else company.crm)[set_name][place]
        row[name] = spoil(row[name])

    return change


def _spoil_label(column: str) -> Break:
    def change(company: SmallCompany) -> None:
        number = max(company.labels[column])
        company.labels[column][number] = "other"

    return change


def _price_list_of_another_group(company: SmallCompany) -> None:
    company.erp["SalesPrices"].append(sales_price(Sales_Code="RETAIL"))
    company.erp["PostedSalesInvoice"][0]["Customer_Price_Group"] = "RETAIL"


def _nothing_is_due(company: SmallCompany) -> None:
    company.erp["CustomerStatistics"][0]["Balance_Due_LCY"] = Decimal(0)


# Where the pair's own names do not say which value to spoil: mapping, field, side -> what to spoil.
SPECIAL: dict[tuple[str, str, End], Break] = {
    ("CURRENCY", "Exchange_Rate", End.ERP): spoil_row(
        End.ERP, "CurrencyExchangeRates", 1, "Exchange_Rate_Amount"
    ),
    ("UNIT OF MEASURE", "baseuomname", End.CRM): spoil_row(End.CRM, "uoms", 0, "name"),
    ("CONTACT", "Company_No", End.ERP): spoil_row(End.ERP, "ContactBusinessRelations", 0, "No"),
    ("CUSTPRCGRP-PRICE", "Price_Currency", End.ERP): spoil_row(End.ERP, "SalesPrices", 1, "Currency_Code"),
    ("SALESPRC-PRODPRICE", "Item_Base_Unit", End.ERP): spoil_row(
        End.ERP, "ItemCard", 0, "Base_Unit_of_Measure"
    ),
    ("OPPORTUNITY", "Customer_No", End.ERP): spoil_row(End.ERP, "ContactBusinessRelations", 0, "No"),
    ("POSTEDSALESINV-INV", "Price_List", End.ERP): _price_list_of_another_group,
    ("POSTEDSALESLINE-INV", "productdescription", End.CRM): spoil_row(
        End.CRM, "invoicedetails", 0, "_productid_value"
    ),
    **{
        ("POSTEDSALESLINE-INV", name, End.ERP): spoil_row(End.ERP, "ItemCard", 0, "Blocked")
        for name in ("Item", "Write_In_Text", "Product_Unit", "Is_Write_In")
    },
    ("STATISTICS", "Overdue_As_Of", End.ERP): _nothing_is_due,
    ("STATISTICS", "ilc_overdueasof", End.CRM): spoil_row(
        End.CRM, "ilc_accountstatisticses", 1, "ilc_overdueasof"
    ),
    ("PAYMENT TERMS", "label", End.CRM): _spoil_label("paymenttermscode"),
    ("SHIPMENT METHOD", "label", End.CRM): _spoil_label("address1_freighttermscode"),
    ("SHIPPING AGENT", "label", End.CRM): _spoil_label("address1_shippingmethodcode"),
}

# A record is found by these, so that spoiling them parts the pair: told as a missing partner or as left out.
FOUND_BY = {
    ("SALESPEOPLE", "E_Mail>internalemailaddress"),
    ("PAYMENT TERMS", "Code>label"),
    ("SHIPMENT METHOD", "Code>label"),
    ("SHIPPING AGENT", "Code>label"),
}
ERP_KEYS = {"Code", "No", "Item_Base_Unit", "Document_No", "Line_No"}

PAIRS = [
    pytest.param(expectation, place, id=f"{expectation.mapping}: {pair.erp_field}>{pair.crm_column}")
    for expectation in EXPECTATIONS
    for place, pair in enumerate(expectation.pairs)
]

# A constant has no ERP field to spoil.
ERP_PAIRS = [each for each in PAIRS if ": >" not in str(each.id)]


def _wire_name(expectation: Expectation, column: str) -> str:
    return column if column in expectation.crm_columns else f"_{column}_value"


async def _judge(company: SmallCompany, mapping: str) -> MappingVerdict:
    report = await verify(company, FACTS)
    for each in report.verdicts:
        assert each.erp.adds_up
        assert each.crm.adds_up
    return next(each for each in report.verdicts if each.mapping == mapping)


def _first_partner_place(company: SmallCompany, expectation: Expectation) -> int:
    """Return the place of the first CRM row that belongs to the expectation's mapping."""
    if expectation.mapping == "RESOURCE-PRODPRICE":
        return 2
    if expectation.erp_table is None:
        return 0
    rows = company.crm[expectation.crm_set]
    return next(i for i, row in enumerate(rows) if row["ilc_erptable"] == expectation.erp_table)


@pytest.mark.parametrize(("expectation", "place"), PAIRS)
async def test_field_spoilt_in_the_crm_is_named(expectation: Expectation, place: int) -> None:
    """A CRM value that no longer fits its ERP record is named, whatever the field's direction."""
    pair = expectation.pairs[place]
    company = small_company()
    change = SPECIAL.get((expectation.mapping, pair.crm_column, End.CRM))
    if change is None:
        row = _first_partner_place(company, expectation)
        change = spoil_row(End.CRM, expectation.crm_set, row, _wire_name(expectation, pair.crm_column))
    change(company)
    verdict = await _judge(company, expectation.mapping)
    _assert_named(verdict, f"{pair.erp_field}>{pair.crm_column}", at_creation=pair.at_creation)


@pytest.mark.parametrize(("expectation", "place"), ERP_PAIRS)
async def test_field_spoilt_in_the_erp_is_named(expectation: Expectation, place: int) -> None:
    """An ERP value that no longer fits its CRM record is named, whatever the field's direction."""
    pair = expectation.pairs[place]
    company = small_company()
    change = SPECIAL.get((expectation.mapping, pair.erp_field, End.ERP))
    if change is None:
        row = 1 if expectation.mapping in {"CONTACT", "SALESPRC-PRODPRICE"} else 0
        name = FOLLOWS_FROM.get((expectation.mapping, pair.erp_field), pair.erp_field)
        change = spoil_row(End.ERP, expectation.erp_service, row, name)
    change(company)
    verdict = await _judge(company, expectation.mapping)
    if pair.erp_field in ERP_KEYS:
        assert not verdict.is_green
        assert verdict.erp.states[RecordState.MISSING] == 1
    else:
        _assert_named(verdict, f"{pair.erp_field}>{pair.crm_column}", at_creation=pair.at_creation)


def _assert_named(verdict: MappingVerdict, name: str, *, at_creation: bool) -> None:
    if (verdict.mapping, name) in FOUND_BY:
        missing = verdict.erp.states[RecordState.MISSING] + verdict.crm.states[RecordState.MISSING]
        assert missing == 1
        assert verdict.findings
    elif at_creation:
        assert verdict.creation_fields[name] == 1
        assert any(f"{each.erp_field}>{each.crm_column}" == name for each in verdict.creation_differences)
    else:
        assert not verdict.is_green
        assert verdict.drifted_fields[name] == 1
        assert any(f"{each.erp_field}>{each.crm_column}" == name for each in verdict.differences)


@pytest.mark.parametrize("column", ["_pricelevelid_value", "_productid_value", "_uomid_value"])
async def test_list_item_of_another_list_product_or_unit_is_named(column: str) -> None:
    """A price list item that was moved no longer is the partner of its price: both sides miss one."""
    company = small_company()
    company.crm["productpricelevels"][0][column] = HOUR
    verdict = await _judge(company, "SALESPRC-PRODPRICE")
    assert verdict.erp.states[RecordState.MISSING] == verdict.crm.states[RecordState.MISSING] == 1
    assert len(verdict.findings) == 2


async def test_every_rule_that_leaves_records_out_is_named() -> None:
    """The small company holds a record for every scope rule, and the judge counts it under that rule."""
    report = await verify(small_company(), FACTS)
    untold = set()
    for expectation, verdict in zip(EXPECTATIONS, report.verdicts, strict=False):
        erp = verdict.erp.reasons_of(RecordState.EXCLUDED)
        crm = verdict.crm.reasons_of(RecordState.EXCLUDED)
        untold |= {
            (expectation.mapping, rule.reason) for rule in expectation.erp_rules if rule.reason not in erp
        }
        rules = (*expectation.crm_rules, *expectation.unclaimed_rules)
        untold |= {(expectation.mapping, rule.reason) for rule in rules if rule.reason not in crm}
    assert untold == {
        ("SHIPMENT METHOD", "the code contains a comma"),
        ("SHIPPING AGENT", "the code contains a comma"),
        ("CUSTOMER", "the account is inactive"),
        ("RESOURCE-PRODUCT", "the product names a record of another company or table"),
        ("RESOURCE-PRODPRICE", "the record is blocked"),
        *(
            (f"{table.upper()}-{partner}", _WRITE_IN)
            for table in ("Item", "Resource")
            for partner in _PARTNERS
        ),
    }


@pytest.mark.parametrize(("table", "page"), [("Item", "ItemCard"), ("Resource", "ResourceCard")])
async def test_write_in_product_is_named(table: str, page: str) -> None:
    """What the set-up lets stand for write-in products is left out by a rule of its own."""
    company = small_company()
    facts = replace(FACTS, write_in_product=f"{table} {company.erp[page][0]['No']}")
    report = await verify(company, facts)
    told = {
        expectation.mapping
        for expectation, verdict in zip(EXPECTATIONS, report.verdicts, strict=False)
        if _WRITE_IN in verdict.erp.reasons_of(RecordState.EXCLUDED)
    }
    assert told == {f"{table.upper()}-{partner}" for partner in _PARTNERS}
