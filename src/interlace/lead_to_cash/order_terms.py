"""Payment terms, shipment method and shipping agent of an order: choices in the CRM, codes in the ERP.

Couplings are of the choices of accounts. An order's column has choices of its own, with numbers of its own once an
administrator has added some; the label joins the two.
"""

from dataclasses import dataclass
from typing import Final

from interlace.domain.keys import MappingName
from interlace.domain.saga import FoundRecord, Look, Observation
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash.order_columns import CRM_TABLE
from interlace.lead_to_cash.order_values import text_of
from interlace.lead_to_cash.terms_to_choices import (
    PAYMENT_TERMS_MAPPING,
    SHIPMENT_METHOD_MAPPING,
    SHIPPING_AGENT_MAPPING,
)

_LABEL: Final = "label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing that both an order in the ERP and one in the CRM state by a code or choice."""

    erp_field: str
    column: str
    account_column: str
    erp_table: str
    mapping: MappingName

    @property
    def order_choices(self) -> str:
        """Name of the look at the choices of the order's column."""
        return f"{self.column} choices"

    @property
    def account_choices(self) -> str:
        """Name of the look at the choices of the account's column, which are coupled with codes."""
        return f"account's {self.account_column} choices"


TERMS: Final = tuple(
    Term(
        erp_field=erp_field,
        column=column,
        account_column=str(mapping.choice_column),
        erp_table=mapping.erp_table,
        mapping=mapping.name,
    )
    for erp_field, column, mapping in (
        ("Payment_Terms_Code", "paymenttermscode", PAYMENT_TERMS_MAPPING),
        ("Shipment_Method_Code", "freighttermscode", SHIPMENT_METHOD_MAPPING),
        ("Shipping_Agent_Code", "shippingmethodcode", SHIPPING_AGENT_MAPPING),
    )
)
TERM_OF_COLUMN: Final = {each.column: each for each in TERMS}


def _choices(name: str, table: str, column: str) -> Look:
    return Look(
        name=name, side=Side.CRM, table=table, fields=(_LABEL,), choice_column=column, whole_table=True
    )


TERM_LOOKS: Final = (
    *(_choices(each.order_choices, CRM_TABLE, each.column) for each in TERMS),
    *(_choices(each.account_choices, "account", each.account_column) for each in TERMS),
    *(
        Look(
            name=each.mapping,
            side=Side.ERP,
            table=each.erp_table,
            fields=("Code",),
            start=each.account_choices,
            partner_of=each.mapping,
            steady=True,
        )
        for each in TERMS
    ),
)


def erp_code(observation: Observation, document: FoundRecord, term: Term) -> str | None:
    """Return the ERP's code for what a CRM order states, None for nothing or what is coupled with no code."""
    choice = observation.record(term.order_choices, text_of(document, term.column))
    label = text_of(choice, _LABEL).casefold()
    return _codes(observation, term).get(label) if label else None


def carried_term(
    observation: Observation, document: FoundRecord, order: FoundRecord, term: Term
) -> dict[str, Value]:
    """Return what an ERP order's code makes of its CRM order's choice; nothing where the CRM has no word for it."""
    code = text_of(order, term.erp_field).casefold()
    held = erp_code(observation, document, term)
    if code == (held or "").casefold():
        return {}
    if not code:
        return {term.column: None}
    labels = {label for label, known in _codes(observation, term).items() if known.casefold() == code}
    for choice in observation.records(term.order_choices):
        if text_of(choice, _LABEL).casefold() in labels:
            return {term.column: int(choice.key)}
    return {}


def _codes(observation: Observation, term: Term) -> dict[str, str]:
    """Return the ERP's codes by the labels of the account's choices."""
    known = observation.partners.get(term.mapping, {})
    return {
        text_of(choice, _LABEL).casefold(): known[choice.key]
        for choice in observation.records(term.account_choices)
        if choice.key in known
    }
