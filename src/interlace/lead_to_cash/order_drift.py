"""Puts into words where an ERP order is not equal to its CRM order any more, and whether somebody changed it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Final

from interlace.domain.saga import FoundRecord, Observation
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_lines import caption_of, lines_in_order
from interlace.lead_to_cash.order_partial_invoices import rounding_of_parts
from interlace.lead_to_cash.order_parties import currency_differs, customer_number, money_digits
from interlace.lead_to_cash.order_reconciliation import goods_lines
from interlace.lead_to_cash.order_stages import invoices_of, order_record
from interlace.lead_to_cash.order_values import (
    ZERO,
    amount_of,
    is_set,
    money,
    plain,
    shown_quantity,
    text_of,
)
from interlace.locale.translatable import as_sentence, joined, translatable

_ONE: Final = Decimal(1)
_ROUNDED: Final = translatable(
    "It was invoiced in parts, and each part was rounded for itself; quantities and prices are as ordered."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What differs now, and a name for it that stays while the ERP order does."""

    words: tuple[str, ...]
    event: str
    is_rounding: bool = False
    """Nobody changed anything: parts were invoiced, and each was rounded for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ordered:
    """One line as one of the services has it."""

    caption: str
    goods: str
    """Blank: not known."""
    quantity: Decimal
    net: Decimal


def drift_of(observation: Observation, document: FoundRecord) -> Drift | None:
    """Return where the ERP order, or what was invoiced of it, differs from the CRM order; None: nowhere.

    With two-way orders a change of the ERP order is one that the CRM order takes over.
    """
    digits = money_digits(observation, document)
    order = order_record(observation)
    if order is None:
        rounding = rounding_of_parts(observation, document)
        words = tuple(_of_invoices(observation, document, digits, is_rounding=rounding))
        return replace(_drift(words, words), is_rounding=rounding) if words else None
    if observation.settings.get("bidirectional_orders"):
        return None
    of_lines = tuple(_of_lines(observation, document, digits))
    words = (*_of_header(observation, document, order), *of_lines, *_of_totals(document, order, digits))
    if not words:
        return None
    # Not the CRM's totals: they become the ERP's, and the difference in the lines is told already.
    totals = (amount_of(order, "Amount"), amount_of(order, "Invoice_Discount_Amount"))
    return _drift(words, (*of_lines, *map(plain, totals), text_of(order, "Sell_to_Customer_No")))


def _drift(words: tuple[str, ...], names: tuple[str, ...]) -> Drift:
    digest = hashlib.blake2b("\n".join(names).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Drift(words=words, event=f"drift {digest}")


# --- lines


def _of_lines(observation: Observation, document: FoundRecord, digits: int) -> Iterator[str]:
    crm, erp = _of_crm(observation, document), _of_erp(observation)
    matcher = SequenceMatcher(
        None, [each.goods for each in crm], [each.goods for each in erp], autojunk=False
    )
    alike = len(crm) == len(erp) and all(map(_is_alike, crm, erp))
    for _, start, end, other, last in () if alike else matcher.get_opcodes():
        paired = min(end - start, last - other)
        for place in range(paired):
            yield from _of_pair(crm[start + place], erp[other + place], digits)
        for missing in crm[start + paired : end]:
            yield translatable("{line} is not in the ERP order.", line=missing.caption)
        for further in erp[other + paired : last]:
            if further.quantity or further.net:
                yield translatable(
                    "The ERP order has a further line: {line}, {quantity} for {net} without tax.",
                    line=further.caption,
                    quantity=shown_quantity(further.quantity),
                    net=money(further.net, digits),
                )


def _is_alike(crm: _Ordered, erp: _Ordered) -> bool:
    return (not crm.goods or crm.goods == erp.goods) and (crm.quantity, crm.net) == (erp.quantity, erp.net)


def _of_pair(crm: _Ordered, erp: _Ordered, digits: int) -> Iterator[str]:
    if crm.goods and crm.goods != erp.goods:
        yield translatable("{line} is {other} in the ERP.", line=crm.caption, other=erp.caption)
    if crm.quantity != erp.quantity:
        yield translatable(
            "{line}: the quantity is {erp} in the ERP and {crm} by the CRM order.",
            line=crm.caption,
            erp=shown_quantity(erp.quantity),
            crm=shown_quantity(crm.quantity),
        )
    if crm.net != erp.net:
        yield translatable(
            "{line} comes to {erp} without tax in the ERP and to {crm} in the CRM.",
            line=crm.caption,
            erp=money(erp.net, digits),
            crm=money(crm.net, digits),
        )


def _of_crm(observation: Observation, document: FoundRecord) -> list[_Ordered]:
    lines = [
        _Ordered(
            caption=caption_of(place, line),
            goods=_goods(observation, text_of(line, "productid")),
            quantity=amount_of(line, "quantity"),
            net=amount_of(line, "extendedamount") - amount_of(line, "tax"),
        )
        for place, line in enumerate(lines_in_order(observation), start=1)
    ]
    freight = amount_of(document, "freightamount")
    if freight:
        lines.append(
            _Ordered(caption=as_sentence(translatable("Freight")), goods="", quantity=_ONE, net=freight)
        )
    return lines


def _goods(observation: Observation, product: str) -> str:
    for mapping in (mapping_names.ITEM_PRODUCT, mapping_names.RESOURCE_PRODUCT):
        number = observation.partners.get(mapping, {}).get(product)
        if product and number:
            return number.casefold()
    return ""


def _of_erp(observation: Observation) -> list[_Ordered]:
    return [
        _Ordered(
            caption=text_of(line, "No") or as_sentence(translatable("a line without a number")),
            goods=text_of(line, "No").casefold(),
            quantity=amount_of(line, "Quantity"),
            net=amount_of(line, "Line_Amount"),
        )
        for line in goods_lines(observation)
    ]


# --- header and totals


def _of_header(observation: Observation, document: FoundRecord, order: FoundRecord) -> Iterator[str]:
    customer, wanted = text_of(order, "Sell_to_Customer_No"), customer_number(observation, document)
    if wanted is not None and customer != wanted:
        yield translatable(
            "The customer is {erp} in the ERP and {crm} by the CRM order.", erp=customer, crm=wanted
        )
    if currency_differs(observation, document, order):
        code = text_of(order, "Currency_Code") or as_sentence(translatable("the local one"))
        yield translatable(
            "The currency is {erp} in the ERP and another one in the CRM: its amounts are not taken over.",
            erp=code,
        )


def _of_totals(document: FoundRecord, order: FoundRecord, digits: int) -> Iterator[str]:
    net, wanted = amount_of(order, "Amount"), net_of(document)
    if net == wanted:
        return
    discount = amount_of(document, "totallineitemamount") - amount_of(document, "totalamountlessfreight")
    found = amount_of(order, "Invoice_Discount_Amount")
    if found != discount:
        yield translatable(
            "The discount of the whole order is {erp} in the ERP and {crm} by the CRM order.",
            erp=money(found, digits),
            crm=money(discount, digits),
        )
    yield translatable(
        "The total without tax is {erp} in the ERP and {crm} by the CRM order.",
        erp=money(net, digits),
        crm=money(wanted, digits),
    )


def net_of(document: FoundRecord) -> Decimal:
    """Return what a CRM order comes to without tax."""
    return amount_of(document, "totalamountlessfreight") + amount_of(document, "freightamount")


def _of_invoices(
    observation: Observation, document: FoundRecord, digits: int, *, is_rounding: bool
) -> Iterator[str]:
    """What was changed and posted between two looks shows in the invoices alone."""
    invoices = invoices_of(observation)
    if not invoices or any(is_set(each, "Cancelled") for each in invoices):
        return
    posted, wanted = sum((amount_of(each, "Amount") for each in invoices), ZERO), net_of(document)
    if posted != wanted:
        differ = translatable(
            "The invoices of the ERP order come to {erp} without tax, the CRM order to {crm}.",
            erp=money(posted, digits),
            crm=money(wanted, digits),
        )
        yield joined((differ, _ROUNDED if is_rounding else ""))
