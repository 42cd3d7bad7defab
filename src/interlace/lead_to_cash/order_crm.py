"""Writes to the CRM order: what of it differs, and how a locked order is opened for it.

A submitted order is locked for everybody but the integration user of an organization with sales order processing
integration. Without that, it is set Active (Pending), written, and submitted again: each step leads on from what the
one before left behind, and nobody else sets that reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from interlace.domain.saga import Change, FoundRecord, Observation, Problem
from interlace.domain.side import Side
from interlace.domain.values import Value, same_value
from interlace.lead_to_cash.order_columns import CRM_TABLE, DIGEST_COLUMN, HEADER_TABLE
from interlace.lead_to_cash.order_digest import order_digest
from interlace.lead_to_cash.order_values import as_text, is_set, moment_text, number_of, text_of
from interlace.locale.translatable import translatable

ACTIVE: Final = 0
SUBMITTED: Final = 1
CANCELLED: Final = 2
INVOICED: Final = 4
LOOKUP_TARGETS: Final = (("ownerid", "systemuser"),)
DAY_COLUMNS: Final = frozenset({"datefulfilled", "requestdeliveryby"})
_DAY: Final = len("2000-01-01")
_DESCRIPTION_LENGTH: Final = 2000
ON_HOLD: Final = "On Hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a CRM order with its reason."""

    state: int
    reason: int


BEING_WRITTEN: Final = State(state=ACTIVE, reason=2)
"""Active, Pending."""
AS_SUBMITTED: Final = State(state=SUBMITTED, reason=3)
AS_INVOICED: Final = State(state=INVOICED, reason=100003)


def state_of(document: FoundRecord) -> State:
    """Return where a CRM order stands."""
    return State(
        state=number_of(document, "statecode") or ACTIVE, reason=number_of(document, "statuscode") or 0
    )


def is_writable(observation: Observation) -> bool:
    """Tell whether the organization lets the integration user write submitted orders."""
    return any(is_set(each, "issopintegrationenabled") for each in observation.records("organization"))


def is_active_for_us(observation: Observation, document: FoundRecord) -> bool:
    """Tell whether an Active order is one that we opened for writing, not one that its user took back."""
    return not is_writable(observation) and state_of(document) == BEING_WRITTEN


def differing(document: FoundRecord, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return those of the values that the CRM order does not hold already."""
    return {name: value for name, value in values.items() if not _is_held(document, name, value)}


def _is_held(document: FoundRecord, name: str, value: Value) -> bool:
    held = document.values.get(name)
    if name in DAY_COLUMNS:
        return as_text(held)[:_DAY] == as_text(value)[:_DAY]
    if isinstance(held, str) and isinstance(value, str):
        return held.strip() == value.strip()
    return same_value(held, value)


def write_order(
    observation: Observation,
    document: FoundRecord,
    values: Mapping[str, Value],
    tells: str,
    *,
    to: State | None = None,
) -> Change | None:
    """Return the next write that brings the CRM order to hold these values, in state `to` if one is named.

    None: it does. A locked order goes through its Active state; one that can't be opened any more keeps its values.
    """
    changed = differing(document, values)
    now = state_of(document)
    goal = to or (AS_SUBMITTED if is_active_for_us(observation, document) else now)
    of_state: dict[str, Value] = {"statecode": goal.state, "statuscode": goal.reason}
    moves = goal.state != now.state
    if is_writable(observation) or now.state == ACTIVE:
        # Without the integration only values may be written first: the state locks them.
        if is_writable(observation) or not changed:
            changed |= of_state if moves else {}
        return _change(document, changed, tells) if changed else None
    if changed and now.state == SUBMITTED:
        opened: dict[str, Value] = {"statecode": BEING_WRITTEN.state, "statuscode": BEING_WRITTEN.reason}
        return _change(document, opened, translatable("The CRM order was opened for writing."))
    return _change(document, of_state, tells) if moves else None


def _change(document: FoundRecord, values: Mapping[str, Value], tells: str) -> Change:
    return Change(
        side=Side.CRM,
        table=CRM_TABLE,
        key=document.key,
        tag=document.tag,
        values=values,
        tells=tells,
        lookup_targets=LOOKUP_TARGETS,
    )


# --- the mark


def is_marked(observation: Observation, document: FoundRecord) -> bool:
    """Tell whether the CRM order says that it became the ERP order it is coupled with."""
    return bool(text_of(document, "lastbackofficesubmit")) and (
        text_of(document, "ilc_erpkey") == observation.partner
    )


def names_an_erp_order(document: FoundRecord) -> bool:
    """Tell whether the CRM order bears a mark of ours, of whatever ERP order."""
    return bool(text_of(document, "ilc_erpkey"))


def mark_values(observation: Observation, document: FoundRecord, status: str) -> dict[str, Value]:
    """Return what marks a CRM order as handed to the ERP."""
    return {
        "lastbackofficesubmit": moment_text(observation.at),
        "ilc_companyid": observation.settings.get("company_id"),
        "ilc_erptable": HEADER_TABLE,
        "ilc_erpkey": observation.partner,
        "ilc_orderstatus": status,
        DIGEST_COLUMN: order_digest(observation, document),
        "submitstatusdescription": None,
    }


def tell_hold(observation: Observation, document: FoundRecord, missing: tuple[Problem, ...]) -> Change | None:
    """Tell who looks at an order in the CRM what holds it; None: it says so, or can't be written."""
    if not is_writable(observation):
        return None
    text = cut_description(" ".join(f"{each.what} {each.remedy}" for each in missing))
    values = {"ilc_orderstatus": ON_HOLD, "submitstatusdescription": text}
    return write_order(observation, document, values, translatable("The CRM order was told what is missing."))


def unmark_values(status: str | None) -> dict[str, Value]:
    """Return what makes a CRM order one that was never handed over."""
    return {
        "lastbackofficesubmit": None,
        "ilc_companyid": None,
        "ilc_erptable": None,
        "ilc_erpkey": None,
        "ilc_orderstatus": status,
        DIGEST_COLUMN: None,
        "submitstatusdescription": None,
    }


def cut_description(text: str) -> str:
    """Return as much as the CRM's description of a submission holds."""
    return text[:_DESCRIPTION_LENGTH].strip()
