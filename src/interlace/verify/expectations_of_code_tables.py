"""What must hold between currencies, units of measure, and the codes that are choices of accounts."""

from typing import Final

from interlace.locale.translatable import translatable
from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import Comparable, as_text
from interlace.verify.expectation import Expectation, FieldPair, ScopeRule
from interlace.verify.field_pairs import fixed, named, same, value_of
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks


def _rate(row: Row, books: ReferenceBooks) -> Comparable:
    entry = books.find(BookName.RATE, row.get("Code"))
    # Without a rate there is nothing to expect; the record fails and stands on the error list.
    return None if entry is None else entry.split(" ")[1]


_CURRENCY: Final = Expectation(
    mapping="CURRENCY",
    erp_service="Currencies",
    erp_columns=("Code", "Symbol", "Description"),
    erp_key=("Code",),
    crm_set="transactioncurrencies",
    crm_columns=(
        "transactioncurrencyid",
        *OWN_COLUMNS,
        "isocurrencycode",
        "currencysymbol",
        "currencyname",
        "exchangerate",
        "currencyprecision",
    ),
    crm_key="transactioncurrencyid",
    partner_name=value_of("Code"),
    erp_table="Currency",
    natural_name=value_of("isocurrencycode"),
    books=(BookName.RATE,),
    pairs=(
        same("Code", "isocurrencycode"),
        FieldPair(
            erp_field="Symbol",
            crm_column="currencysymbol",
            expected=lambda row, _books: as_text(row.get("Symbol")) or as_text(row.get("Code")),
            actual=value_of("currencysymbol"),
        ),
        same("Description", "currencyname"),
        FieldPair(
            erp_field="Exchange_Rate",
            crm_column="exchangerate",
            expected=_rate,
            actual=value_of("exchangerate"),
        ),
        fixed("currencyprecision", "2", at_creation=True),
    ),
)


def _choices(mapping: str, service: str, column: str) -> Expectation:
    return Expectation(
        mapping=mapping,
        erp_service=service,
        erp_columns=("Code",),
        erp_key=("Code",),
        crm_set=f"account.{column}",
        crm_columns=("value", "label"),
        crm_key="value",
        partner_name=value_of("Code"),
        natural_name=value_of("label"),
        erp_rules=(
            ScopeRule(
                reason=translatable("the code contains a comma"),
                holds=lambda row, _books: "," not in str(row.get("Code")),
            ),
        ),
        choice_column=("account", column),
        pairs=(same("Code", "label"),),
    )


def _unit_of_group(row: Row, _books: ReferenceBooks) -> Comparable:
    name = as_text(row.get("name"))
    return name.removeprefix("NAV ") if name.startswith("NAV ") else None


_UNIT_OF_MEASURE: Final = Expectation(
    mapping="UNIT OF MEASURE",
    erp_service="UnitsOfMeasure",
    erp_columns=("Code",),
    erp_key=("Code",),
    crm_set="uomschedules",
    crm_columns=("uomscheduleid", *OWN_COLUMNS, "name"),
    crm_key="uomscheduleid",
    partner_name=value_of("Code"),
    erp_table="Unit_of_Measure",
    natural_name=_unit_of_group,
    books=(BookName.BASE_UNIT_OF_GROUP,),
    pairs=(
        FieldPair(
            erp_field="Code",
            crm_column="name",
            expected=lambda row, _books: f"NAV {row.get('Code')}",
            actual=value_of("name"),
        ),
        FieldPair(
            erp_field="Code",
            crm_column="baseuomname",
            expected=value_of("Code"),
            actual=named("uomscheduleid", BookName.BASE_UNIT_OF_GROUP),
        ),
    ),
)

CODE_TABLE_EXPECTATIONS: Final = (
    _CURRENCY,
    _choices("PAYMENT TERMS", "PaymentTerms", "paymenttermscode"),
    _choices("SHIPMENT METHOD", "ShipmentMethods", "address1_freighttermscode"),
    _choices("SHIPPING AGENT", "ShippingAgents", "address1_shippingmethodcode"),
    _UNIT_OF_MEASURE,
)
