"""SALESORDER-ORDER, two-way, from the ERP: a released ERP order becomes a submitted CRM order with its lines.

The keys of the CRM order and its lines follow from the ERP order, so that nothing is made twice. Once the CRM order is
submitted it is an order like any other: `two_way_orders` finds that it names its ERP order and couples both.
"""

import uuid
from typing import Final

from interlace.domain.keys import is_number_of_ours
from interlace.domain.saga import (
    Change,
    Delete,
    Finish,
    FoundRecord,
    Hold,
    Insert,
    Observation,
    Problem,
    Rest,
    Saga,
    Step,
)
from interlace.domain.side import Side
from interlace.domain.table_filter import TableFilter
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash import order_stages as stages
from interlace.lead_to_cash.order_columns import CRM_TABLE, HEADER_TABLE, MARK_FIELD, ORDER_FIELDS
from interlace.lead_to_cash.order_crm import ACTIVE, AS_SUBMITTED, state_of, write_order
from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING
from interlace.lead_to_cash.order_parties import OrderCurrency, check_currency
from interlace.lead_to_cash.order_to_sales_order import check_switches
from interlace.lead_to_cash.order_values import amount_of, is_set, number_of, option_of, text_of
from interlace.lead_to_cash.two_way_crm import header_columns, insert_crm_line, order_name, totals
from interlace.lead_to_cash.two_way_lines import erp_lines
from interlace.lead_to_cash.two_way_looks import RELEASED_ORDER_LOOKS
from interlace.lead_to_cash.two_way_terms import erp_terms
from interlace.locale.translatable import joined, translatable

HANDED_OVER: Final = "Handed Over"
_NAMESPACE: Final = uuid.UUID("3c8e6a52-9a0b-5f43-8b0e-4d6a1f7e2c95")
_TARGETS: Final = (
    ("customerid", "account"),
    ("transactioncurrencyid", "transactioncurrency"),
    ("pricelevelid", "pricelevel"),
    ("ownerid", "systemuser"),
)
_STEPS_MAX: Final = 200


def decide(observation: Observation) -> Step:
    """Return the one thing to do next so that a released ERP order becomes a CRM order."""
    order = observation.document
    excluded = check_switches(observation.settings)
    if excluded is not None:
        return Hold(problems=(excluded,))
    crm = _crm_order(observation)
    if observation.records("coupled order") or (crm is not None and state_of(crm).state != ACTIVE):
        return Finish(stage=HANDED_OVER)
    if order is None:
        return _without_order(crm)
    if observation.partners.get(mapping_names.SALESORDER_ORDER, {}).get(order.key):
        # Its CRM order is gone: that is for people, and not made again.
        return Finish(stage=HANDED_OVER)
    if option_of(order, "Status") not in stages.AGREED_STATES:
        return Rest(stage=stages.OPEN)
    if is_number_of_ours(text_of(order, MARK_FIELD)):
        what = translatable(
            "The ERP order {number} carries the mark {mark}.",
            number=text_of(order, "No"),
            mark=text_of(order, MARK_FIELD),
        )
        return Hold(problems=(problems.MARKED_ORDER.of(what),))
    return _make(observation, order, crm)


def _crm_order(observation: Observation) -> FoundRecord | None:
    """Return the CRM order that names the ERP order of this company."""
    company = observation.settings.get("company_id")
    found = (each for each in observation.records("crm order") if each.values.get("ilc_companyid") == company)
    return next(found, None)


def _without_order(crm: FoundRecord | None) -> Step:
    """Take a CRM order back that was begun for an ERP order that is gone."""
    if crm is None:
        return Finish(stage=stages.GONE)
    tells = translatable("The ERP order is gone: the CRM order that was begun for it was deleted.")
    return Delete(side=Side.CRM, table=CRM_TABLE, key=crm.key, tag=crm.tag, tells=tells)


def _make(observation: Observation, order: FoundRecord, crm: FoundRecord | None) -> Step:
    header = _header(observation, order)
    lines, missing = erp_lines(observation)
    if isinstance(header, tuple):
        missing += header
    currency = _currency(observation, order)
    if isinstance(currency, OrderCurrency):
        name = order_name(observation, order.key)
        steps = [insert_crm_line(observation, "", name, each, currency.precision) for each in lines]
        missing += tuple(each for each in steps if isinstance(each, Problem))
    if not lines and not missing:
        what = translatable("The ERP order {number} has no lines.", number=text_of(order, "No"))
        missing += (problems.NO_LINES.of(what),)
    if missing or isinstance(header, tuple) or isinstance(currency, tuple):
        return Hold(problems=missing)
    if crm is None:
        return Insert(
            side=Side.CRM,
            table=CRM_TABLE,
            key=str(uuid.uuid5(_NAMESPACE, observation.mark)),
            values=header,
            tells=translatable("The CRM order was begun."),
            lookup_targets=_TARGETS,
        )
    return _fill(observation, order, crm, [each for each in steps if isinstance(each, Insert)], header)


def _fill(
    observation: Observation,
    order: FoundRecord,
    crm: FoundRecord,
    lines: list[Insert],
    header: dict[str, Value],
) -> Step:
    """Bring the lines of the Active CRM order to what the ERP order says now, then submit it."""
    for line in lines:
        values = {**line.values, "salesorderid": crm.key}
        found = observation.record("lines", line.key)
        if found is None:
            return Insert(
                side=line.side,
                table=line.table,
                key=line.key,
                values=values,
                tells=line.tells,
                lookup_targets=line.lookup_targets,
            )
        changed = {
            name: values[name]
            for name in ("quantity", "priceperunit", "manualdiscountamount", "baseamount", "extendedamount")
            if name in found.values and values[name] != amount_of(found, name)
        }
        if changed:
            return Change(
                side=line.side,
                table=line.table,
                key=line.key,
                tag=found.tag,
                values=changed,
                tells=joined((line.tells, translatable("It was changed meanwhile."))),
            )
    kept = {name: value for name, value in header.items() if name in crm.values and name not in _NOT_AGAIN}
    tells = translatable(
        "The CRM order of the ERP order {number} was submitted.", number=text_of(order, "No")
    )
    submitted = write_order(observation, crm, kept, tells, to=AS_SUBMITTED)
    assert submitted is not None
    return submitted


_NOT_AGAIN: Final = frozenset(
    {
        "customerid",
        "transactioncurrencyid",
        "pricelevelid",
        "ownerid",
        "name",
        "ilc_companyid",
        "ilc_erptable",
    }
)


def _header(observation: Observation, order: FoundRecord) -> dict[str, Value] | tuple[Problem, ...]:
    number = text_of(order, "No")
    account = next(iter(observation.records("account")), None)
    currency = _crm_currency(observation, order)
    price_list = None if currency is None else _price_list(observation, currency.key)
    missing: list[Problem] = []
    if account is None:
        what = translatable(
            "The ERP order {number}: customer {customer}.",
            number=number,
            customer=text_of(order, "Sell_to_Customer_No"),
        )
        missing.append(problems.CUSTOMER_NOT_COUPLED.of(what))
    if currency is None or price_list is None:
        code = text_of(order, "Currency_Code")
        what = (
            translatable("The ERP order {number}: currency {code}.", number=number, code=code)
            if code
            else translatable("The ERP order {number}: currency of the company.", number=number)
        )
        missing.append(problems.CRM_CURRENCY_UNKNOWN.of(what))
    if is_set(order, "Prices_Including_VAT"):
        missing.append(problems.PRICES_WITH_TAX.of(translatable("The ERP order {number}.", number=number)))
    if account is None or currency is None or price_list is None or missing:
        return tuple(missing)
    tax = amount_of(order, "Amount_Including_VAT") - amount_of(order, "Amount")
    owner = next(iter(observation.records("owner")), None)
    return {
        "name": f"ERP order {number}",
        "customerid": account.key,
        "transactioncurrencyid": currency.key,
        "pricelevelid": price_list.key,
        **({} if owner is None else {"ownerid": owner.key}),
        **header_columns(erp_terms(observation, order)),
        **totals(observation, order, tax),
        "ilc_companyid": observation.settings.get("company_id"),
        "ilc_erptable": HEADER_TABLE,
        "ilc_erpkey": order.key,
    }


def _crm_currency(observation: Observation, order: FoundRecord) -> FoundRecord | None:
    ledger = next(iter(observation.records("ledger setup")), None)
    code = text_of(order, "Currency_Code") or text_of(ledger, "LCY_Code")
    return next(
        (
            each
            for each in observation.records("currency")
            if text_of(each, "isocurrencycode").casefold() == code.casefold()
        ),
        None,
    )


def _price_list(observation: Observation, currency: str) -> FoundRecord | None:
    """Return the default price list if it is in that currency, else the first active one that is."""
    fitting = [
        each
        for each in observation.records("price list")
        if text_of(each, "transactioncurrencyid") == currency and not number_of(each, "statecode")
    ]
    default = observation.settings.get("default_price_list_id")
    return next((each for each in fitting if each.key == default), fitting[0] if fitting else None)


def _currency(observation: Observation, order: FoundRecord) -> OrderCurrency | tuple[Problem, ...]:
    """Return the order's currency as both services round it."""
    crm = _crm_currency(observation, order)
    named = FoundRecord(key="", tag=None, values={"transactioncurrencyid": None if crm is None else crm.key})
    return check_currency(observation, named)


RELEASED_ORDER_SAGA: Final = Saga(
    name=mapping_names.SALESORDER_FROM_ERP,
    caption="Released ERP orders",
    side=Side.ERP,
    table=HEADER_TABLE,
    fields=ORDER_FIELDS,
    new_documents=TableFilter(conditions=SALESORDER_ORDER_MAPPING.table_filter.conditions),
    partner_table=CRM_TABLE,
    looks=RELEASED_ORDER_LOOKS,
    decide=decide,
    title_field="No",
    owner_field="Salesperson_Code",
    begins_once=True,
    steps_max=_STEPS_MAX,
)
