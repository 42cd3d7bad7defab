"""What must hold between items, resources and CRM products."""

from typing import Final

from interlace.locale.translatable import translatable
from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import is_blank
from interlace.verify.expectation import Expectation, FieldPair, Judge, ScopeRule
from interlace.verify.field_pairs import (
    BASE_CURRENCY,
    amount,
    equals,
    fixed,
    named,
    no_write_in_product,
    same,
    value_of,
)
from interlace.verify.reference_book import BookName

MONEY_DECIMALS: Final = 4
QUANTITY_DECIMALS: Final = 5

_PRODUCT_COLUMNS: Final = (
    "productid",
    *OWN_COLUMNS,
    "productnumber",
    "name",
    "price",
    "standardcost",
    "currentcost",
    "stockvolume",
    "stockweight",
    "vendorid",
    "vendorpartnumber",
    "quantityonhand",
    "_defaultuomscheduleid_value",
    "_defaultuomid_value",
    "description",
    "statecode",
    "producttypecode",
    "_transactioncurrencyid_value",
    "quantitydecimal",
)
_PRODUCT_BOOKS: Final = (BookName.UNIT_GROUP_NAME, BookName.UNIT_NAME, BookName.CURRENCY_CODE)


def unit_group_of(erp_field: str) -> Judge:
    """Expect the unit group that is named after a unit's code."""
    return lambda row, _books: "" if is_blank(row.get(erp_field)) else f"NAV {row.get(erp_field)}"


_UNIT_GROUP: Final = FieldPair(
    erp_field="Base_Unit_of_Measure",
    crm_column="defaultuomscheduleid",
    expected=unit_group_of("Base_Unit_of_Measure"),
    actual=named("_defaultuomscheduleid_value", BookName.UNIT_GROUP_NAME),
)
_UNIT: Final = FieldPair(
    erp_field="Base_Unit_of_Measure",
    crm_column="defaultuomid",
    expected=value_of("Base_Unit_of_Measure"),
    actual=named("_defaultuomid_value", BookName.UNIT_NAME),
)
_STATE: Final = FieldPair(
    erp_field="Blocked",
    crm_column="statecode",
    expected=lambda row, _books: "1" if row.get("Blocked") is True else "0",
    actual=value_of("statecode"),
)


def _shared_pairs(product_type: str) -> tuple[FieldPair, ...]:
    return (
        same("No", "productnumber"),
        amount("Unit_Price", "price", MONEY_DECIMALS),
        amount("Unit_Cost", "standardcost", MONEY_DECIMALS),
        amount("Unit_Cost", "currentcost", MONEY_DECIMALS),
        same("Vendor_No", "vendorid"),
        _UNIT_GROUP,
        _UNIT,
        _STATE,
        fixed("producttypecode", product_type),
        BASE_CURRENCY,
        fixed("quantitydecimal", "2", at_creation=True),
    )


def _product_rules(product_type: int, reason: str) -> tuple[ScopeRule, ...]:
    return (
        equals("producttypecode", product_type, reason),
        ScopeRule(
            reason=translatable("the product names a record of another company or table"),
            holds=lambda row, _books: is_blank(row.get("ilc_erpkey")),
        ),
    )


_ITEM: Final = Expectation(
    mapping="ITEM-PRODUCT",
    erp_service="ItemCard",
    erp_columns=(
        "No",
        "Description",
        "Description_2",
        "Blocked",
        "Base_Unit_of_Measure",
        "Unit_Price",
        "Unit_Cost",
        "Unit_Volume",
        "Gross_Weight",
        "Vendor_No",
        "Vendor_Item_No",
        "Inventory",
    ),
    erp_key=("No",),
    crm_set="products",
    crm_columns=_PRODUCT_COLUMNS,
    crm_key="productid",
    partner_name=value_of("No"),
    erp_table="Item",
    erp_rules=(no_write_in_product("Item"),),
    unclaimed_rules=_product_rules(1, translatable("the product's type is not Sales Inventory")),
    reaches_erp=True,
    books=_PRODUCT_BOOKS,
    pairs=(
        *_shared_pairs("1"),
        same("Description", "name"),
        same("Description_2", "description"),
        amount("Unit_Volume", "stockvolume", QUANTITY_DECIMALS),
        amount("Gross_Weight", "stockweight", QUANTITY_DECIMALS),
        same("Vendor_Item_No", "vendorpartnumber"),
        amount("Inventory", "quantityonhand", QUANTITY_DECIMALS),
    ),
)

_RESOURCE: Final = Expectation(
    mapping="RESOURCE-PRODUCT",
    erp_service="ResourceCard",
    erp_columns=(
        "No",
        "Name",
        "Blocked",
        "Base_Unit_of_Measure",
        "Unit_Price",
        "Unit_Cost",
        "Vendor_No",
        "Capacity",
    ),
    erp_key=("No",),
    crm_set="products",
    crm_columns=_PRODUCT_COLUMNS,
    crm_key="productid",
    partner_name=value_of("No"),
    erp_table="Resource",
    erp_rules=(no_write_in_product("Resource"),),
    unclaimed_rules=_product_rules(3, translatable("the product's type is not Services")),
    reaches_erp=True,
    books=_PRODUCT_BOOKS,
    pairs=(
        *_shared_pairs("3"),
        same("Name", "name"),
        amount("Capacity", "quantityonhand", QUANTITY_DECIMALS),
    ),
)

PRODUCT_EXPECTATIONS: Final = (_ITEM, _RESOURCE)
