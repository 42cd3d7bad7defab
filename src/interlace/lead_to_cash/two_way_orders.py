"""SALESORDER-ORDER, two-way: a CRM order and its ERP order are kept in step until the ERP order is shipped.

Changes travel while both sides have let go: the CRM order is submitted, the ERP order released. What somebody works on
(Active, Open) is left alone. Who changed what follows from what both sides last agreed on; what both changed is for
people. Beginning, cancelling and following an order are those of `order_to_sales_order`.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from interlace.domain.saga import Agree, FoundRecord, Hold, Observation, Problem, Rest, Step
from interlace.domain.values import Value
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_amounts import ZERO
from interlace.lead_to_cash.order_columns import MARK_FIELD
from interlace.lead_to_cash.order_crm import (
    ACTIVE,
    CANCELLED,
    SUBMITTED,
    is_marked,
    is_writable,
    mark_values,
    state_of,
    tell_hold,
    write_order,
)
from interlace.lead_to_cash.order_follow_up import follow
from interlace.lead_to_cash.order_parties import OrderCurrency, check_currency, check_customer
from interlace.lead_to_cash.order_stages import AGREED_STATES, ErpState, erp_state, order_is, order_record
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA, check_switches, hold_for_copies
from interlace.lead_to_cash.order_to_sales_order import decide as decide_one_way
from interlace.lead_to_cash.order_values import amount_of, is_set, number_of, option_of, text_of
from interlace.lead_to_cash.two_way_crm import (
    order_name,
    totals,
    write_crm_lines,
    write_crm_terms,
    write_shipped,
)
from interlace.lead_to_cash.two_way_erp import RELEASE, REOPEN, needs_erp_writes, perform, write_erp
from interlace.lead_to_cash.two_way_field_rows import DISCOUNT
from interlace.lead_to_cash.two_way_lines import (
    ComparedLines,
    compare_lines,
    crm_lines,
    erp_lines,
    remembered_of_lines,
    remembered_pairs,
)
from interlace.lead_to_cash.two_way_looks import TWO_WAY_LOOKS
from interlace.lead_to_cash.two_way_terms import (
    FREIGHT,
    Changes,
    Terms,
    compare_terms,
    crm_terms,
    erp_terms,
    shown,
)
from interlace.locale.translatable import as_sentence, translatable

BEING_EDITED: Final = "Being Edited"
_OPEN: Final = "Open"
_OURS: Final = "open for us"
_WRITING: Final = "writing"
_RELEASING: Final = "releasing"
_OF_HEADER: Final = "header "
_STEPS_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A pair of orders and everything in which they differ."""

    currency: OrderCurrency
    terms: Changes
    lines: ComparedLines
    in_erp: Terms


def decide(observation: Observation) -> Step:
    """Return the one thing to do next for an order that travels both ways."""
    return hold_for_copies(observation, _decide(observation))


def _decide(observation: Observation) -> Step:
    document = observation.document
    if document is None or observation.partner is None or check_switches(observation.settings) is not None:
        return decide_one_way(observation)
    if state_of(document).state == CANCELLED:
        return _cancelled(observation)
    if not is_marked(observation, document) and (_was_made_by_us(observation) or _is_gone(observation)):
        return decide_one_way(observation)
    state = erp_state(observation)
    order = order_record(observation)
    if order is None:
        return _tell_posted(observation, document) or follow(observation, document, state)
    if state_of(document).state == ACTIVE and not state.is_begun:
        return Rest(stage=BEING_EDITED)
    if state_of(document).state != SUBMITTED:
        return follow(observation, document, state)
    if not is_writable(observation):
        return Hold(
            problems=(problems.NEEDS_PROCESSING_INTEGRATION.of(translatable("Submitted orders are locked.")),)
        )
    if option_of(order, "Status") == _OPEN and not _is_open_for_us(observation):
        return follow(observation, document, state)
    return _keep_in_step(observation, document, order, state)


def _is_gone(observation: Observation) -> bool:
    return order_record(observation) is None


def _was_made_by_us(observation: Observation) -> bool:
    """Tell whether the ERP order was made of the CRM order, not the other way round."""
    order = order_record(observation)
    return order is not None and text_of(order, MARK_FIELD) == observation.mark


def _cancelled(observation: Observation) -> Step:
    order = order_record(observation)
    if order is None or _was_made_by_us(observation):
        return decide_one_way(observation)
    what = translatable("The ERP order {number} is there.", number=text_of(order, "No"))
    return Hold(problems=(problems.NOT_OURS_TO_DELETE.of(what),))


def _is_open_for_us(observation: Observation) -> bool:
    """Tell whether the ERP order is open because we opened it: made it, or reopened it to write to it."""
    if observation.agreed is None:
        return _was_made_by_us(observation)
    return observation.agreed.get(_OURS) in (_WRITING, _RELEASING)


def _is_written_to(observation: Observation, order: FoundRecord) -> bool:
    """Tell whether the ERP order is open for our writes, so that what it reckons anew is nobody's wish."""
    agreed = observation.agreed or {}
    return option_of(order, "Status") == _OPEN and agreed.get(_OURS) == _WRITING


# --- both have let go


def _keep_in_step(
    observation: Observation, document: FoundRecord, order: FoundRecord, state: ErpState
) -> Step:
    compared = _compare(observation, document, order)
    if isinstance(compared, tuple):
        return _hold(observation, document, compared)
    step = _write_crm(observation, document, compared)
    if isinstance(step, Problem):
        return _hold(observation, document, (step,))
    if step is not None:
        return step
    if needs_erp_writes(compared.lines, compared.terms.to_erp):
        return _write_erp(observation, document, order, state, compared)
    return _in_step(observation, document, order, state, compared)


def _hold(observation: Observation, document: FoundRecord, found: tuple[Problem, ...]) -> Step:
    """Hold the order, and tell who looks at it in the CRM."""
    return tell_hold(observation, document, found) or Hold(problems=found)


def _compare(
    observation: Observation, document: FoundRecord, order: FoundRecord
) -> _Compared | tuple[Problem, ...]:
    currency, customer = check_currency(observation, document), check_customer(observation, document)
    in_crm = crm_terms(observation, document)
    missing = tuple(
        problem for each in (currency, customer, in_crm) if isinstance(each, tuple) for problem in each
    )
    if isinstance(currency, tuple) or isinstance(in_crm, tuple) or missing:
        return missing
    of_erp, unsupported = erp_lines(observation)
    of_crm, missing = crm_lines(observation, currency.precision)
    if unsupported or missing:
        return (*unsupported, *missing)
    pinned = _pinned(order, customer, currency)
    if pinned:
        return pinned
    assert observation.partner is not None
    in_erp = erp_terms(observation, order)
    name = order_name(observation, observation.partner)
    is_written_to = _is_written_to(observation, order)
    lines = compare_lines(name, observation.agreed, of_erp, of_crm, crm_prices=is_written_to)
    terms = compare_terms(_base(observation), in_erp, in_crm)
    if is_written_to:
        terms = _with_discount(terms, in_erp, in_crm)
    if FREIGHT in terms.to_erp:
        what = translatable(
            "The freight is {crm} in the CRM and {erp} in the ERP.",
            crm=shown(in_crm[FREIGHT]),
            erp=shown(in_erp[FREIGHT]),
        )
        return (problems.ONE_SIDE_ONLY.of(what),)
    found = (*terms.conflicts, *lines.conflicts)
    if found:
        return tuple(problems.BOTH_CHANGED.of(each) for each in found)
    return _Compared(currency=currency, terms=terms, lines=lines, in_erp=in_erp)


def _pinned(
    order: FoundRecord, customer: str | tuple[Problem, ...], currency: OrderCurrency
) -> tuple[Problem, ...]:
    """Say what of the header can't be carried to an order that exists."""
    found = []
    has, wanted = text_of(order, "Sell_to_Customer_No"), str(customer)
    if has.casefold() != wanted.casefold():
        what = translatable("The customer is {erp} in the ERP and {crm} by the CRM.", erp=has, crm=wanted)
        found.append(problems.ONE_SIDE_ONLY.of(what))
    code = text_of(order, "Currency_Code")
    if code not in (currency.erp_code, currency.code):
        what = translatable(
            "The currency is {erp} in the ERP and {crm} in the CRM.",
            erp=code or as_sentence(translatable("the local one")),
            crm=currency.code,
        )
        found.append(problems.ONE_SIDE_ONLY.of(what))
    if is_set(order, "Prices_Including_VAT"):
        what = translatable("ERP order {number}.", number=text_of(order, "No"))
        found.append(problems.PRICES_WITH_TAX.of(what))
    return tuple(found)


def _base(observation: Observation) -> Terms | None:
    if observation.agreed is None:
        return None
    return {
        name.removeprefix(_OF_HEADER): value
        for name, value in observation.agreed.items()
        if name.startswith(_OF_HEADER)
    }


def _with_discount(terms: Changes, in_erp: Terms, in_crm: Terms) -> Changes:
    """While the order is open for our writes, a discount that the ERP took off with a line is nobody's wish."""
    to_crm = {name: value for name, value in terms.to_crm.items() if name != DISCOUNT}
    to_erp = {name: value for name, value in terms.to_erp.items() if name != DISCOUNT}
    conflicts = [each for each in terms.conflicts if not each.startswith(DISCOUNT.replace("_", " "))]
    if in_erp[DISCOUNT] != in_crm[DISCOUNT]:
        to_erp[DISCOUNT] = in_crm[DISCOUNT]
    return Changes(to_erp=to_erp, to_crm=to_crm, conflicts=conflicts)


def _write_crm(observation: Observation, document: FoundRecord, compared: _Compared) -> Step | Problem | None:
    precision = compared.currency.precision
    return write_crm_lines(observation, document, compared.lines, precision) or write_crm_terms(
        observation, document, compared.terms.to_crm
    )


def _write_erp(
    observation: Observation, document: FoundRecord, order: FoundRecord, state: ErpState, compared: _Compared
) -> Step:
    number = text_of(order, "No")
    if state.is_begun:
        what = order_is(number, state.stage)
        return _hold(observation, document, (problems.CHANGED_AFTER_SHIPMENT.of(what),))
    if observation.agreed is None or observation.agreed.get(_OURS) != _WRITING:
        # Said before it is done: an order that is found open then is not one that somebody works on.
        return Agree(values={**(observation.agreed or {}), _OURS: _WRITING})
    if option_of(order, "Status") != _OPEN:
        tells = translatable("The ERP order {number} was reopened for what the CRM changed.", number=number)
        return perform(order, REOPEN, tells)
    step = write_erp(order, compared.lines, compared.terms.to_erp)
    assert step is not None
    return step


def _in_step(
    observation: Observation, document: FoundRecord, order: FoundRecord, state: ErpState, compared: _Compared
) -> Step:
    """Remember that both are the same, release what we opened, and follow the order."""
    is_open = option_of(order, "Status") == _OPEN
    remembered: dict[str, Value] = {
        **{f"{_OF_HEADER}{name}": value for name, value in compared.in_erp.items()},
        **remembered_of_lines(compared.lines),
        _OURS: _RELEASING if is_open and _is_open_for_us(observation) else None,
    }
    if observation.agreed != remembered:
        return Agree(values=remembered, tells=_told(observation, remembered))
    if not is_marked(observation, document):
        number = text_of(order, "No")
        marked = write_order(
            observation,
            document,
            mark_values(observation, document, state.stage),
            translatable(
                "The CRM order was made of the ERP order {number} and is kept in step with it.", number=number
            ),
        )
        assert marked is not None
        return marked
    if is_open:
        tells = translatable(
            "The ERP order {number} was released: both are the same.", number=text_of(order, "No")
        )
        return perform(order, RELEASE, tells)
    return (
        _tell_totals(observation, document, order)
        or write_shipped(observation, _shipped(observation, order))
        or follow(observation, document, state)
    )


def _told(observation: Observation, remembered: dict[str, Value]) -> str:
    """Say that both agree, unless only our own opening has ended."""
    old = {name: value for name, value in (observation.agreed or {}).items() if name != _OURS}
    new = {name: value for name, value in remembered.items() if name != _OURS}
    return "" if old == new else translatable("Both orders say the same.")


# --- amounts and quantities


def _tell_totals(observation: Observation, document: FoundRecord, order: FoundRecord) -> Step | None:
    """Bring the CRM's totals to the ERP's, and take off what held the order."""
    if option_of(order, "Status") not in AGREED_STATES:
        return None
    gross, net = amount_of(order, "Amount_Including_VAT"), amount_of(order, "Amount")
    values = totals(observation, order, gross - net)
    if amount_of(document, "discountpercentage"):
        # A discount in percent that comes to the same stays one.
        del values["discountpercentage"], values["discountamount"]
    told = {name: value for name, value in values.items() if (value or ZERO) != amount_of(document, name)}
    if text_of(document, "submitstatusdescription"):
        told["submitstatusdescription"] = None
    return (
        write_order(
            observation, document, told, translatable("The CRM order got the totals of its ERP order.")
        )
        if told
        else None
    )


def _shipped(observation: Observation, order: FoundRecord) -> dict[str, Decimal]:
    """Return what was shipped of each CRM line, as the lines of the ERP order say."""
    quantities = {
        str(number_of(line, "Line_No")): amount_of(line, "Quantity_Shipped")
        for line in observation.records("order lines")
    }
    pairs = remembered_pairs(observation.agreed or {})
    return {key: quantities[number] for key, number in pairs if number in quantities}


def _tell_posted(observation: Observation, document: FoundRecord) -> Step | None:
    """Tell the CRM lines of an ERP order that was posted whole what its shipments say."""
    if state_of(document).state != SUBMITTED or not is_writable(observation):
        return None
    shipped: dict[str, Decimal] = {}
    for line in observation.records("shipped lines"):
        number = str(number_of(line, "Order_Line_No"))
        shipped[number] = shipped.get(number, ZERO) + amount_of(line, "Quantity")
    pairs = remembered_pairs(observation.agreed or {})
    return write_shipped(observation, {key: shipped[number] for key, number in pairs if number in shipped})


TWO_WAY_ORDER_SAGA: Final = replace(
    ORDER_SAGA,
    caption="Two-way orders",
    looks=TWO_WAY_LOOKS,
    decide=decide,
    steps_max=_STEPS_MAX,
)
