"""Writes to a CRM order what its ERP order says: lines, terms, totals, shipped quantities."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from interlace.domain.saga import Change, Delete, FoundRecord, Insert, Observation, Problem, Step
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_amounts import ZERO, Precision, fits, net_of_line, round_to
from interlace.lead_to_cash.order_columns import CRM_LINE_TABLE, CRM_TABLE
from interlace.lead_to_cash.order_crm import write_order
from interlace.lead_to_cash.order_lines import RESOURCE
from interlace.lead_to_cash.order_reconciliation import goods_lines
from interlace.lead_to_cash.order_values import amount_of, as_text, is_set, number_of, text_of
from interlace.lead_to_cash.two_way_field_rows import (
    DAY,
    DISCOUNT,
    KEPT_TERMS,
    LINE_DISCOUNT,
    QUANTITY,
    UNIT_PRICE,
)
from interlace.lead_to_cash.two_way_lines import ComparedLines, Line, crm_line_key, write_in_of
from interlace.lead_to_cash.two_way_terms import FREIGHT, erp_terms, freight_lines
from interlace.locale.translatable import Amount, as_sentence, translatable

_LINE_TARGETS: Final = (("salesorderid", CRM_TABLE), ("productid", "product"), ("uomid", "uom"))
_PRICE_DIGITS: Final = 2
_OF_TOTALS: Final = frozenset({DISCOUNT, FREIGHT})


def order_name(observation: Observation, erp_key: str) -> str:
    """Name an ERP order for ever: the keys of CRM lines that are made of its lines follow from that."""
    return f"{as_text(observation.settings.get('company_id'))}/{erp_key}"


# --- lines


def write_crm_lines(
    observation: Observation, document: FoundRecord, compared: ComparedLines, precision: Precision
) -> Step | Problem | None:
    """Return the next write that brings the CRM lines to what the ERP says, None if they are there."""
    for line in compared.gone_in_erp:
        return Delete(
            side=Side.CRM,
            table=CRM_LINE_TABLE,
            key=line.key,
            tag=line.record.tag,
            tells=translatable(
                "{line} was deleted in the ERP: the CRM order lost it too.", line=line.caption
            ),
        )
    for pair in compared.pairs:
        if pair.changes.to_crm:
            tax = amount_of(pair.crm.record, "tax")
            values = line_amounts(observation, pair.merged, tax, pair.crm.caption, precision)
            if isinstance(values, Problem):
                return replace(values, line=pair.crm.key)
            return Change(
                side=Side.CRM,
                table=CRM_LINE_TABLE,
                key=pair.crm.key,
                tag=pair.crm.record.tag,
                values=values,
                tells=translatable(
                    "{line} was changed in the ERP: {fields}.",
                    line=pair.crm.caption,
                    fields=_named(pair.changes.to_crm),
                ),
            )
    for line in compared.new_in_erp:
        assert observation.partner is not None
        order = order_name(observation, observation.partner)
        return insert_crm_line(observation, document.key, order, line, precision)
    return None


def insert_crm_line(
    observation: Observation, crm_order: str, order: str, line: Line, precision: Precision
) -> Insert | Problem:
    """Return the step that gives a CRM order a line of its ERP order."""
    goods = _goods(observation, line)
    amounts = line_amounts(observation, line.terms, ZERO, line.caption, precision)
    for outcome in (goods, amounts):
        if isinstance(outcome, Problem):
            return replace(outcome, line=line.record.key)
    assert not isinstance(goods, Problem)
    assert not isinstance(amounts, Problem)
    return Insert(
        side=Side.CRM,
        table=CRM_LINE_TABLE,
        key=crm_line_key(order, line.key, line.goods),
        values={
            "salesorderid": crm_order,
            **goods,
            **amounts,
            "lineitemnumber": min(int(line.key), 1_000_000_000),
        },
        tells=translatable("The CRM order got {line}.", line=line.caption),
        lookup_targets=_LINE_TARGETS,
    )


def line_amounts(
    observation: Observation, terms: Mapping[str, Value], tax: Decimal, caption: str, precision: Precision
) -> dict[str, Value] | Problem:
    """Return what a CRM line holds of quantity, price and amounts; the CRM keeps them as they are written."""
    quantity, price, discount = (Decimal(str(terms[name])) for name in (QUANTITY, UNIT_PRICE, LINE_DISCOUNT))
    organization = next(iter(observation.records("organization")), None)
    digits = number_of(organization, "pricingdecimalprecision")
    price_step = Decimal(1).scaleb(-(_PRICE_DIGITS if digits is None else digits))
    net = net_of_line(quantity=quantity, unit_price=price, discount=discount, step=precision.amount)
    if not fits(price, price_step) or not fits(net, precision.crm) or not fits(discount, precision.crm):
        what = translatable(
            "{line}: {quantity} at {price} less {discount}.",
            line=caption,
            quantity=Amount(quantity),
            price=Amount(price),
            discount=Amount(discount),
        )
        return problems.AMOUNT_TOO_FINE_FOR_CRM.of(what)
    return {
        "quantity": quantity,
        "priceperunit": price,
        "ispriceoverridden": True,
        "manualdiscountamount": discount,
        "baseamount": round_to(quantity * price, precision.amount),
        "extendedamount": net + tax,
    }


def _goods(observation: Observation, line: Line) -> dict[str, Value] | Problem:
    """Return the CRM product and unit that an ERP line is of."""
    kind, _, rest = line.goods.partition(" ")
    number = text_of(line.record, "No")
    if (kind, number) == write_in_of(observation):
        return {
            "isproductoverridden": True,
            "productdescription": text_of(line.record, "Description") or number,
        }
    look, mapping = (
        ("line resource", mapping_names.RESOURCE_PRODUCT)
        if kind == RESOURCE
        else ("line item", mapping_names.ITEM_PRODUCT)
    )
    product = observation.record(look, observation.partners.get(mapping, {}).get(number))
    if product is None:
        what = translatable("{line} is coupled with no product.", line=line.caption)
        return problems.ERP_LINE_NOT_COUPLED.of(what)
    unit = _unit(observation, product, text_of(line.record, "Unit_of_Measure_Code"))
    if unit is None:
        return problems.ERP_UNIT_NOT_COUPLED.of(
            translatable(
                "{line}: the product's unit group has no unit for {unit}.",
                line=line.caption,
                unit=rest.removeprefix(number).strip(),
            )
        )
    return {"productid": product.key, "uomid": unit}


def _unit(observation: Observation, product: FoundRecord, code: str) -> str | None:
    """Return the unit of a product's group that an ERP unit is: the base unit by its coupling, others by name."""
    group = text_of(product, "defaultuomscheduleid")
    base = observation.partners.get(mapping_names.UNIT_OF_MEASURE, {}).get(code)
    for unit in (
        *observation.records("line units of items"),
        *observation.records("line units of resources"),
    ):
        if text_of(unit, "uomscheduleid") != group:
            continue
        is_base = is_set(unit, "isschedulebaseuom")
        if (is_base and base == group) or (not is_base and _is_code(unit, code)):
            return unit.key
    return None


def _is_code(unit: FoundRecord, code: str) -> bool:
    return text_of(unit, "name").casefold() == code.casefold()


# --- the header


def write_crm_terms(
    observation: Observation, document: FoundRecord, to_crm: Mapping[str, Value]
) -> Change | None:
    """Return the write that brings the CRM order's header to what the ERP says."""
    if not to_crm:
        return None
    order = observation.record("order", observation.partner)
    assert order is not None
    values = header_columns(to_crm)
    if _OF_TOTALS & to_crm.keys():
        values |= totals(observation, order, amount_of(document, "totaltax"))
    return write_order(
        observation,
        document,
        values,
        translatable(
            "The ERP order was changed, and the CRM order with it: {fields}.", fields=_named(to_crm)
        ),
    )


def header_columns(terms: Mapping[str, Value]) -> dict[str, Value]:
    """Return the columns that hold terms of a header, but for amounts."""
    values: dict[str, Value] = {}
    for name, value in terms.items():
        if name in _OF_TOTALS:
            continue
        column = KEPT_TERMS[name]
        if name == DAY:
            values[column] = f"{value}T00:00:00Z" if value else None
            continue
        values[column] = value or None
        if column.endswith("_line2"):
            # The ERP has two lines where the CRM has three.
            values[f"{column[:-1]}3"] = None
    return values


def totals(observation: Observation, order: FoundRecord, tax: Decimal) -> dict[str, Value]:
    """Return the amounts of a CRM order's header as its ERP order has them."""
    terms = erp_terms(observation, order)
    freight_keys = {line.key for line in freight_lines(observation)}
    of_lines = sum(
        (amount_of(line, "Line_Amount") for line in goods_lines(observation) if line.key not in freight_keys),
        ZERO,
    )
    discount, freight = Decimal(str(terms[DISCOUNT])), Decimal(str(terms[FREIGHT]))
    return {
        "discountpercentage": None,
        "discountamount": discount or None,
        "freightamount": freight or None,
        "totallineitemamount": of_lines,
        "totalamountlessfreight": of_lines - discount,
        "totaltax": tax,
        "totalamount": of_lines - discount + freight + tax,
    }


def _named(values: Mapping[str, Value]) -> str:
    return ", ".join(name.replace("_", " ") for name in values)


# --- what was shipped


def write_shipped(observation: Observation, shipped: Mapping[str, Decimal]) -> Change | None:
    """Return the next write that tells a CRM line how much of it was shipped."""
    for line in observation.records("lines"):
        quantity = shipped.get(line.key)
        if quantity is not None and amount_of(line, "quantityshipped") != quantity:
            return Change(
                side=Side.CRM,
                table=CRM_LINE_TABLE,
                key=line.key,
                tag=line.tag,
                values={"quantityshipped": quantity},
                tells=translatable(
                    "{line}: {quantity} shipped.",
                    line=text_of(line, "productname") or as_sentence(translatable("A line")),
                    quantity=Amount(quantity),
                ),
            )
    return None
