"""What must hold between price groups, prices and the CRM's price lists and their items.

A price list item is known by its price list, its product's number and its unit, as the CRM itself knows it.
"""

from typing import Final

from interlace.locale.translatable import translatable
from interlace.verify.book_sources import OWN_COLUMNS, PRICE_GROUP_TYPE
from interlace.verify.comparable import Comparable, as_amount, as_text
from interlace.verify.expectation import Expectation, FieldPair, Judge, ScopeRule
from interlace.verify.expectations_of_products import MONEY_DECIMALS, unit_group_of
from interlace.verify.field_pairs import (
    BASE_CURRENCY,
    CURRENCY,
    amount,
    currency_code,
    equals,
    filled,
    fixed,
    named,
    no_write_in_product,
    same,
    unfilled,
    value_of,
)
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks

_ITEM_COLUMNS: Final = (
    "productpricelevelid",
    *OWN_COLUMNS,
    "_pricelevelid_value",
    "_productid_value",
    "_uomid_value",
    "_uomscheduleid_value",
    "_transactioncurrencyid_value",
    "pricingmethodcode",
    "amount",
)

_PRICE_GROUP: Final = Expectation(
    mapping="CUSTPRCGRP-PRICE",
    erp_service="CustomerPriceGroups",
    erp_columns=("Code", "Description"),
    erp_key=("Code",),
    crm_set="pricelevels",
    crm_columns=("pricelevelid", *OWN_COLUMNS, "name", "description", "_transactioncurrencyid_value"),
    crm_key="pricelevelid",
    partner_name=value_of("Code"),
    erp_table="Customer_Price_Group",
    books=(BookName.GROUP_CURRENCY, BookName.CURRENCY_CODE),
    pairs=(
        same("Code", "name"),
        same("Description", "description", at_creation=True),
        FieldPair(
            erp_field="Price_Currency",
            crm_column="transactioncurrencyid",
            expected=lambda row, books: books.find(BookName.GROUP_CURRENCY, row.get("Code")) or "",
            actual=currency_code,
        ),
    ),
)


def _item_unit(row: Row, books: ReferenceBooks) -> str:
    return books.text(BookName.ITEM_UNIT, row.get("Item_No"))


def _price_name(row: Row, books: ReferenceBooks) -> Comparable:
    unit = as_text(row.get("Unit_of_Measure_Code")) or _item_unit(row, books)
    return f"{row.get('Sales_Code')}|{row.get('Item_No')}|{unit}"


def _list_item_name(row: Row, books: ReferenceBooks) -> Comparable:
    if row.get("_pricelevelid_value") == books.facts.default_price_list_id:
        return None
    price_list = books.text(BookName.PRICE_LIST_NAME, row.get("_pricelevelid_value"))
    product = books.text(BookName.PRODUCT_NUMBER, row.get("_productid_value"))
    return f"{price_list}|{product}|{books.text(BookName.UNIT_NAME, row.get('_uomid_value'))}"


_UNIT_GROUP_OF_PRICE: Final = FieldPair(
    erp_field="Item_Base_Unit",
    crm_column="uomscheduleid",
    expected=lambda row, books: f"NAV {_item_unit(row, books)}",
    actual=named("_uomscheduleid_value", BookName.UNIT_GROUP_NAME),
)

_SALES_PRICE: Final = Expectation(
    mapping="SALESPRC-PRODPRICE",
    erp_service="SalesPrices",
    erp_columns=(
        "Item_No",
        "Sales_Type",
        "Sales_Code",
        "Starting_Date",
        "Ending_Date",
        "Currency_Code",
        "Variant_Code",
        "Unit_of_Measure_Code",
        "Minimum_Quantity",
        "Unit_Price",
    ),
    erp_key=(
        "Item_No",
        "Sales_Type",
        "Sales_Code",
        "Starting_Date",
        "Currency_Code",
        "Variant_Code",
        "Unit_of_Measure_Code",
        "Minimum_Quantity",
    ),
    crm_set="productpricelevels",
    crm_columns=_ITEM_COLUMNS,
    crm_key="productpricelevelid",
    partner_name=_price_name,
    erp_table="Sales_Price",
    natural_name=_list_item_name,
    natural_first=True,
    erp_rules=(
        equals(
            "Sales_Type", PRICE_GROUP_TYPE, translatable("the price is not that of a customer price group")
        ),
        filled("Sales_Code", translatable("the price names no customer price group")),
        ScopeRule(
            reason=translatable("the price has a minimum quantity"),
            holds=lambda row, _books: as_amount(row.get("Minimum_Quantity")) in ("", "0"),
        ),
        unfilled("Variant_Code", translatable("the price is that of a variant")),
        unfilled("Starting_Date", translatable("the price has a starting date")),
        unfilled("Ending_Date", translatable("the price has an ending date")),
        ScopeRule(
            reason=translatable("the price is in another currency than the group's first price"),
            holds=lambda row, books: (
                as_text(row.get("Currency_Code"))
                == books.find(BookName.GROUP_CURRENCY, row.get("Sales_Code"))
            ),
        ),
    ),
    books=(
        BookName.ITEM_UNIT,
        BookName.GROUP_CURRENCY,
        BookName.PRICE_LIST_NAME,
        BookName.PRODUCT_NUMBER,
        BookName.UNIT_NAME,
        BookName.UNIT_GROUP_NAME,
        BookName.CURRENCY_CODE,
    ),
    pairs=(
        CURRENCY,
        _UNIT_GROUP_OF_PRICE,
        fixed("pricingmethodcode", "1"),
        amount("Unit_Price", "amount", MONEY_DECIMALS),
    ),
)


def _default_list_name(erp_table: str) -> Judge:
    def name(row: Row, books: ReferenceBooks) -> Comparable:
        if row.get("_pricelevelid_value") != books.facts.default_price_list_id:
            return None
        if books.find(BookName.PRODUCT_TABLE, row.get("_productid_value")) != erp_table:
            return None
        return books.text(BookName.PRODUCT_NUMBER, row.get("_productid_value"))

    return name


_DEFAULT_LIST: Final = FieldPair(
    erp_field="",
    crm_column="pricelevelid",
    expected=lambda _row, books: books.facts.default_price_list_id,
    actual=value_of("_pricelevelid_value"),
)


def _unit_price(mapping: str, service: str, erp_table: str) -> Expectation:
    return Expectation(
        mapping=mapping,
        erp_service=service,
        erp_columns=("No", "Blocked", "Unit_Price", "Base_Unit_of_Measure"),
        erp_key=("No",),
        crm_set="productpricelevels",
        crm_columns=_ITEM_COLUMNS,
        crm_key="productpricelevelid",
        partner_name=value_of("No"),
        erp_table=erp_table,
        natural_name=_default_list_name(erp_table),
        erp_rules=(
            equals("Blocked", False, translatable("the record is blocked")),
            no_write_in_product(erp_table),
        ),
        books=(
            BookName.PRODUCT_TABLE,
            BookName.PRODUCT_NUMBER,
            BookName.UNIT_NAME,
            BookName.UNIT_GROUP_NAME,
            BookName.CURRENCY_CODE,
        ),
        pairs=(
            _DEFAULT_LIST,
            FieldPair(
                erp_field="No",
                crm_column="productid",
                expected=value_of("No"),
                actual=named("_productid_value", BookName.PRODUCT_NUMBER),
            ),
            BASE_CURRENCY,
            FieldPair(
                erp_field="Base_Unit_of_Measure",
                crm_column="uomid",
                expected=value_of("Base_Unit_of_Measure"),
                actual=named("_uomid_value", BookName.UNIT_NAME),
            ),
            FieldPair(
                erp_field="Base_Unit_of_Measure",
                crm_column="uomscheduleid",
                expected=unit_group_of("Base_Unit_of_Measure"),
                actual=named("_uomscheduleid_value", BookName.UNIT_GROUP_NAME),
            ),
            fixed("pricingmethodcode", "1"),
            amount("Unit_Price", "amount", MONEY_DECIMALS),
        ),
    )


PRICE_EXPECTATIONS: Final = (
    _unit_price("ITEM-PRODPRICE", "ItemCard", "Item"),
    _unit_price("RESOURCE-PRODPRICE", "ResourceCard", "Resource"),
    _PRICE_GROUP,
    _SALES_PRICE,
)
