"""Business rules of single tables: what must hold before and what follows after a record is written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from interlace.sandbox.crm import role_privileges
from interlace.sandbox.crm.document_amounts import amount_of
from interlace.sandbox.crm.document_rules import DOCUMENT_RULES
from interlace.sandbox.crm.errors import INVALID_ARGUMENT, refused
from interlace.sandbox.crm.product_life_cycle import product_changed, product_moves
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.rule_hooks import TableRules
from interlace.sandbox.crm.schema import Table

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Author, Records


# --- units


def _unit_group_complete(records: Records, row: Row) -> None:
    if row["baseuomname"] is None:
        raise refused("0x80043810", "The base unit name of the unit group is missing. Give baseuomname.")


def _create_base_unit(records: Records, row: Row, author: Author) -> None:
    group = f"/uomschedules({row['uomscheduleid']})"
    unit = {"name": row["baseuomname"], "quantity": 1, "uomscheduleid@odata.bind": group}
    records.create(records.schema.tables["uom"], unit, author)


def _unit_complete(records: Records, row: Row) -> None:
    group = row["_uomscheduleid_value"]
    if group is None:
        raise refused("0x80043b0a", "The unit group of the unit is missing. Bind uomscheduleid.")
    # The first unit of a group is the one that the group's own creation makes.
    if not records.has_children("uom", "_uomscheduleid_value", group):
        row["isschedulebaseuom"] = True
        return
    _check_base_unit(records, row)


def _unit_changes(records: Records, before: Row, row: Row) -> None:
    row["_uomscheduleid_value"] = before["_uomscheduleid_value"]
    if not before["isschedulebaseuom"]:
        _check_base_unit(records, row)
    elif row["_baseuom_value"] is not None or row["quantity"] != before["quantity"]:
        raise refused("0x80043b17", "The base unit of a unit group keeps quantity 1 and has no base unit.")


def _check_base_unit(records: Records, row: Row) -> None:
    parent_id = row["_baseuom_value"]
    if parent_id is None:
        raise refused("0x80043b18", f"The base unit of the unit '{row['name']}' is missing. Bind baseuom.")
    seen = {row["uomid"]}
    while parent_id is not None:
        if parent_id in seen:
            raise refused("0x80043b1a", f"The unit '{row['name']}' would be its own base unit.")
        seen.add(parent_id)
        parent = records.required_row("uom", str(parent_id))
        if parent["_uomscheduleid_value"] != row["_uomscheduleid_value"]:
            raise refused("0x80043b0b", "The base unit belongs to another unit group.")
        parent_id = parent["_baseuom_value"]


def _unit_goes(records: Records, row: Row, author: Author) -> None:
    if row["isschedulebaseuom"]:
        raise refused("0x80043b03", "The base unit of a unit group cannot be deleted. Delete the group.")


# --- products


def _product_begins(records: Records, table: Table, row: Row) -> int:
    return 0 if records.organization_value("createproductswithoutparentinactivestate") else 2


def _product_complete(records: Records, row: Row) -> None:
    if row["productnumber"] is None:
        raise refused("0x80043b05", "The product number is missing. Give productnumber.")
    if row["productstructure"] != 2 and row["quantitydecimal"] is None:
        row["quantitydecimal"] = 0
    _check_product_units(records, row)


def _product_changes(records: Records, before: Row, row: Row) -> None:
    _check_product_units(records, row)
    if row["_transactioncurrencyid_value"] != before["_transactioncurrencyid_value"]:
        table = records.schema.tables["product"]
        items = records.members_of(table, str(row["productid"]), "product_price_levels")
        if any(item["pricingmethodcode"] != 1 for item in items):
            raise refused(
                "0x80048cfa",
                "The currency of the product cannot be updated because there are associated price list items "
                "with pricing method percentage.",
            )


def _check_product_units(records: Records, row: Row) -> None:
    group, unit = row["_defaultuomscheduleid_value"], row["_defaultuomid_value"]
    if row["productstructure"] == 2:
        return
    if group is None:
        raise refused("0x80043b0a", "The unit group of the product is missing. Bind defaultuomscheduleid.")
    if unit is None:
        raise refused("0x80043b0d", "The default unit of the product is missing. Bind defaultuomid.")
    if records.unit_group_of(str(unit)) != group:
        raise refused("0x80043b14", "The default unit of the product does not belong to its unit group.")


# --- price lists

_ITEM_REFERENCES = (("pricelevelid", "0x80043b12"), ("productid", "0x80043b11"), ("uomid", "0x80043b0d"))
_PERCENTAGE_MAX = 100_000
_LIST_DEFAULTS = (
    ("account", "_defaultpricelevelid_value"),
    ("contact", "_defaultpricelevelid_value"),
    ("product", "_pricelevelid_value"),
)


def _price_complete(records: Records, row: Row) -> None:
    for name, code in _ITEM_REFERENCES:
        if row[f"_{name}_value"] is None:
            raise refused(code, f"The price list item has no {name}. Bind {name}.")
    product = records.required_row("product", str(row["_productid_value"]))
    if product["productstructure"] == 2:
        raise refused("0x8004f902", "A product family cannot be added to a price list.")
    if product["statecode"] == 1:
        raise refused("0x80061009", f"The product {product['productnumber']} is retired.")
    group = product["_defaultuomscheduleid_value"]
    if records.unit_group_of(str(row["_uomid_value"])) != group:
        raise refused("0x80043b16", "The unit of the price list item is not in the product's unit group.")
    currency = records.required_row("pricelevel", str(row["_pricelevelid_value"]))[
        "_transactioncurrencyid_value"
    ]
    if row["_transactioncurrencyid_value"] is None:
        row["_transactioncurrencyid_value"] = currency
    if row["_transactioncurrencyid_value"] != currency:
        raise refused("0x80048cee", "The currency of the price list item differs from the price list's.")
    row["_uomscheduleid_value"] = group
    row["productnumber"] = product["productnumber"]
    if row["pricingmethodcode"] == 1 and row["amount"] is None:
        raise refused("0x80043b10", "The price list item has no amount. Give amount.")
    if row["pricingmethodcode"] != 1:
        _check_percentage(records, row, product)
    _check_discounts(records, row)


def _check_percentage(records: Records, row: Row, product: Row) -> None:
    percentage = amount_of(row["percentage"])
    if row["percentage"] is not None and not 0 <= percentage < _PERCENTAGE_MAX:
        raise refused(
            "0x80043b0c",
            "The pricing percentage must be greater than or equal to zero and less than 100000.",
        )
    own = product["_transactioncurrencyid_value"] or records.base_currency_id
    if own != row["_transactioncurrencyid_value"]:
        raise refused(
            "0x80048cf9",
            "The currency of the price list needs to match the currency of the product for pricing method "
            "percentage.",
        )


def _check_discounts(records: Records, row: Row) -> None:
    if row["_discounttypeid_value"] is None:
        return
    discounts = records.required_row("discounttype", str(row["_discounttypeid_value"]))
    own = discounts["_transactioncurrencyid_value"]
    if discounts["isamounttype"] and own != row["_transactioncurrencyid_value"]:
        raise refused(
            "0x80048cf8", "The currency of the discount list differs from the currency of the price list."
        )


def _price_changes(records: Records, before: Row, row: Row) -> None:
    _price_complete(records, row)


def _price_list_changes(records: Records, before: Row, row: Row) -> None:
    changed = row["_transactioncurrencyid_value"] != before["_transactioncurrencyid_value"]
    if changed and records.has_children("productpricelevel", "_pricelevelid_value", before["pricelevelid"]):
        raise refused("0x8004480e", "The currency of a price list with items cannot be changed.")


def _price_list_moves(records: Records, before: Row, row: Row) -> None:
    if row["statecode"] != 1:
        return
    for table, column in _LIST_DEFAULTS:
        if records.has_children(table, column, before["pricelevelid"]):
            raise refused("0x80043b04", f"The price list is the default of some {table} and stays active.")


# --- currencies


def _currency_complete(records: Records, row: Row) -> None:
    rate = row["exchangerate"]
    if not isinstance(rate, (Decimal, int)) or rate <= 0:
        raise refused(INVALID_ARGUMENT, "The exchange rate of a currency must be above zero.")


def _currency_changes(records: Records, before: Row, row: Row) -> None:
    _currency_complete(records, row)
    if before["transactioncurrencyid"] == records.base_currency_id and row["exchangerate"] != 1:
        raise refused(INVALID_ARGUMENT, "The exchange rate of the base currency is 1 and stays so.")
    if row["isocurrencycode"] != before["isocurrencycode"]:
        raise refused(INVALID_ARGUMENT, "The ISO code of a currency cannot be changed.")


def _currency_changed(records: Records, before: Row, row: Row) -> None:
    records.forget_rates()


def _currency_goes(records: Records, row: Row, author: Author) -> None:
    if row["transactioncurrencyid"] == records.base_currency_id:
        raise refused(INVALID_ARGUMENT, "The base currency cannot be deleted.")


# --- users and teams

_NON_INTERACTIVE = 4


def _user_complete(records: Records, row: Row) -> None:
    row["ownerid"] = row["systemuserid"]
    if row["applicationid"] is not None and row["domainname"] is None:
        # Users of applications are named by the directory, need no licence and can't be worked as.
        row["firstname"], row["lastname"] = row["firstname"] or "#", row["lastname"] or "Application"
        row["domainname"] = f"{row['applicationid']}@application.invalid"
        row["islicensed"], row["accessmode"] = False, _NON_INTERACTIVE
    _place_in_organization(records, row)


def _team_complete(records: Records, row: Row) -> None:
    row["ownerid"] = row["teamid"]
    _place_in_organization(records, row)


def _place_in_organization(records: Records, row: Row) -> None:
    row["organizationid"] = records.organization_id
    if row["_businessunitid_value"] is None:
        row["_businessunitid_value"] = records.root_business_unit_id


# --- roles and solutions


def _role_gone(records: Records, row: Row, author: Author) -> None:
    role_privileges.replace(records, str(row["roleid"]), {})


def _solution_goes(records: Records, row: Row, author: Author) -> None:
    records.uninstall(row, author)


_NO_RULES = TableRules()
_RULES: Mapping[str, TableRules] = {
    **DOCUMENT_RULES,
    "uomschedule": TableRules(before_create=_unit_group_complete, after_create=_create_base_unit),
    "uom": TableRules(before_create=_unit_complete, before_update=_unit_changes, before_delete=_unit_goes),
    "product": TableRules(
        before_create=_product_complete,
        before_update=_product_changes,
        before_transition=product_moves,
        after_update=product_changed,
        initial_state=_product_begins,
    ),
    "productpricelevel": TableRules(before_create=_price_complete, before_update=_price_changes),
    "pricelevel": TableRules(before_update=_price_list_changes, before_transition=_price_list_moves),
    "transactioncurrency": TableRules(
        before_create=_currency_complete,
        before_update=_currency_changes,
        after_update=_currency_changed,
        before_delete=_currency_goes,
    ),
    "role": TableRules(after_delete=_role_gone),
    "solution": TableRules(before_delete=_solution_goes),
    "systemuser": TableRules(before_create=_user_complete),
    "team": TableRules(before_create=_team_complete),
}


def rules_for(table: Table) -> TableRules:
    """The rules of a table."""
    return _RULES.get(table.logical_name, _NO_RULES)
