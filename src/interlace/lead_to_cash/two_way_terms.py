"""What an order's header says in each service, in the ERP's words, and which side has changed which of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from interlace.domain.saga import FoundRecord, Observation, Problem
from interlace.domain.values import Value
from interlace.lead_to_cash.order_addresses import bill_to_fields, ship_to_fields
from interlace.lead_to_cash.order_lines import ACCOUNT
from interlace.lead_to_cash.order_reconciliation import goods_lines
from interlace.lead_to_cash.order_values import ZERO, amount_of, as_text, cut, day_of, option_of, text_of
from interlace.lead_to_cash.two_way_field_rows import DAY, DESCRIPTION, DISCOUNT, KEPT_TERMS
from interlace.locale.translatable import Amount, as_sentence, translatable

FREIGHT: Final = "Freight"
CRM_DESCRIPTION_LENGTH: Final = 2000
Terms = Mapping[str, Value]


@dataclass(slots=True, kw_only=True)
class Changes:
    """What each side must take over from the other, and what both have changed."""

    to_erp: dict[str, Value] = field(default_factory=dict)
    to_crm: dict[str, Value] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


def crm_terms(observation: Observation, document: FoundRecord) -> Terms | tuple[Problem, ...]:
    """Return what the CRM order says, without an address that it leaves to the ERP; or what is wrong with it."""
    ship_to, bill_to = ship_to_fields(observation, document), bill_to_fields(observation, document)
    if isinstance(ship_to, tuple) or isinstance(bill_to, tuple):
        return (
            *(ship_to if isinstance(ship_to, tuple) else ()),
            *(bill_to if isinstance(bill_to, tuple) else ()),
        )
    lines, rest = amount_of(document, "totallineitemamount"), amount_of(document, "totalamountlessfreight")
    return {
        **ship_to,
        **bill_to,
        DAY: day_of(document, "requestdeliveryby"),
        DESCRIPTION: cut(text_of(document, "description"), CRM_DESCRIPTION_LENGTH),
        DISCOUNT: lines - rest,
        FREIGHT: amount_of(document, "freightamount"),
    }


def erp_terms(observation: Observation, order: FoundRecord) -> Terms:
    """Return what the ERP order says."""
    terms: dict[str, Value] = {name: text_of(order, name) for name in KEPT_TERMS}
    return terms | {
        DAY: day_of(order, DAY),
        DESCRIPTION: cut(text_of(order, DESCRIPTION), CRM_DESCRIPTION_LENGTH),
        DISCOUNT: amount_of(order, DISCOUNT),
        FREIGHT: sum((amount_of(each, "Line_Amount") for each in freight_lines(observation)), ZERO),
    }


def freight_lines(observation: Observation) -> tuple[FoundRecord, ...]:
    """Return the ERP order's lines that are the CRM order's freight."""
    setup = next(iter(observation.records("sales setup")), None)
    account = text_of(setup, "Freight_G_L_Acc_No")
    return tuple(
        line
        for line in goods_lines(observation)
        if account and option_of(line, "Type") == ACCOUNT and text_of(line, "No") == account
    )


def same(one: Value, other: Value) -> bool:
    """Tell whether two values say the same: services spell blanks, letter case and line breaks in their own way."""
    if isinstance(one, str | None) and isinstance(other, str | None):
        return " ".join(as_text(one).split()).casefold() == " ".join(as_text(other).split()).casefold()
    return one == other


def is_blank(value: Value) -> bool:
    """Tell whether a value says nothing."""
    return value is None or value in ("", ZERO)


def compare(name: str, caption: str, base: Terms | None, erp: Terms, crm: Terms, changes: Changes) -> None:
    """Find out who changed one term since both agreed; without a memory of that a blank gives way."""
    in_erp = erp[name]
    if name not in crm:
        # An address that the CRM leaves to the ERP.
        if not is_blank(in_erp):
            changes.to_crm[name] = in_erp
        return
    in_crm = crm[name]
    if same(in_erp, in_crm):
        return
    known = base is not None and name in base
    if (known and base is not None and same(in_erp, base[name])) or (not known and is_blank(in_erp)):
        changes.to_erp[name] = in_crm
    elif (known and base is not None and same(in_crm, base[name])) or (not known and is_blank(in_crm)):
        changes.to_crm[name] = in_erp
    else:
        changes.conflicts.append(_conflict(caption, in_erp, in_crm, base if known else None, name))


def _conflict(caption: str, erp: Value, crm: Value, base: Terms | None, name: str) -> str:
    of_now = {"field": caption, "erp": _or_blank(erp), "crm": _or_blank(crm)}
    if base is None:
        return translatable("{field} is {erp} in the ERP and {crm} in the CRM.", **of_now)
    return translatable(
        "{field} is {erp} in the ERP and {crm} in the CRM, and was {before}.",
        **of_now,
        before=_or_blank(base[name]),
    )


def _or_blank(value: Value) -> str | Amount:
    return as_sentence(translatable("blank")) if is_blank(value) else shown(value)


def shown(value: Value) -> str | Amount:
    """Return a term as texts for people hold it."""
    return Amount(value) if isinstance(value, Decimal) else f"{value}"


def compare_terms(base: Terms | None, erp: Terms, crm: Terms) -> Changes:
    """Find out who changed what of a header."""
    changes = Changes()
    for name in erp:
        compare(name, name.replace("_", " "), base, erp, crm, changes)
    return changes
