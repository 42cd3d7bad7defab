"""Who orders, who sells, and in which currency: checks of what an order's header names."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.domain.saga import FoundRecord, Observation, Problem
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_amounts import Precision, round_to
from interlace.lead_to_cash.order_values import (
    ZERO,
    amount_of,
    digits_of,
    money,
    number_of,
    option_of,
    text_of,
)
from interlace.locale.translatable import Sentence, translatable

_CENT: Final = Decimal("0.01")
_UNIT_PRICE: Final = Decimal("0.00001")
_DIGITS: Final = 2
_ACTIVE: Final = 0


# --- the customer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Party:
    """The account that orders, and how its looks are called."""

    account: str
    caption: str
    prefix: str


def _party(observation: Observation, document: FoundRecord) -> _Party | Problem:
    account = text_of(document, "accountid")
    if account:
        name = text_of(observation.record("account", account), "name") or account
        return _Party(account=account, caption=translatable("Account {name}", name=name), prefix="")
    contact_id = text_of(document, "contactid")
    if not contact_id:
        return problems.NO_CUSTOMER.of(translatable("The order has no customer."))
    contact = observation.record("contact", contact_id)
    name = text_of(contact, "fullname") or contact_id
    account = text_of(contact, "accountid")
    if not account:
        what = translatable("The contact {name} belongs to no account.", name=name)
        return problems.CONTACT_WITHOUT_ACCOUNT.of(what)
    caption = translatable("The account of contact {name}", name=name)
    return _Party(account=account, caption=caption, prefix="contact's ")


def check_customer(observation: Observation, document: FoundRecord) -> str | tuple[Problem, ...]:
    """Return the number of the customer who orders, or what is wrong with the customer."""
    party = _party(observation, document)
    if isinstance(party, Problem):
        return (party,)
    number = observation.partners.get(mapping_names.CUSTOMER, {}).get(party.account)
    if number is None:
        what = translatable("{account} is not coupled with a customer.", account=party.caption)
        return (problems.ACCOUNT_NOT_COUPLED.of(what),)
    customer = observation.record(f"{party.prefix}customer", number)
    if customer is None:
        what = translatable(
            "{account}: the ERP has no customer {number}.", account=party.caption, number=number
        )
        return (problems.CUSTOMER_GONE.of(what),)
    payer = observation.record(f"{party.prefix}payer", text_of(customer, "Bill_to_Customer_No") or None)
    parties = {each.key: each for each in (customer, payer) if each is not None}
    blocked = tuple(
        problems.CUSTOMER_BLOCKED.of(
            translatable(
                "Customer {number} ({name}) is blocked: {blocked}.",
                number=text_of(each, "No"),
                name=text_of(each, "Name"),
                blocked=option_of(each, "Blocked"),
            )
        )
        for each in parties.values()
        if option_of(each, "Blocked")
    )
    return blocked or number


def customer_number(observation: Observation, document: FoundRecord) -> str | None:
    """Return the number of the customer who orders, None if nobody is coupled with one."""
    party = _party(observation, document)
    if isinstance(party, Problem):
        return None
    return observation.partners.get(mapping_names.CUSTOMER, {}).get(party.account)


def check_credit(observation: Observation, document: FoundRecord, total: Decimal) -> tuple[Problem, ...]:
    """Say whether the one who pays would owe more than allowed; the settings must ask for the check."""
    party = _party(observation, document)
    if not observation.settings.get("check_credit_limit") or isinstance(party, Problem):
        return ()
    number = observation.partners.get(mapping_names.CUSTOMER, {}).get(party.account)
    customer = observation.record(f"{party.prefix}customer", number)
    payer = observation.record(f"{party.prefix}payer", text_of(customer, "Bill_to_Customer_No") or None)
    look = "owed" if payer is None else "owed by payer"
    who = customer if payer is None else payer
    limit = amount_of(who, "Credit_Limit_LCY")
    if who is None or not limit:
        return ()
    owed = amount_of(observation.record(f"{party.prefix}{look}", who.key), "Total_LCY")
    new = _in_local_currency(observation, document, total)
    if owed + new <= limit:
        return ()
    return (
        problems.CREDIT_LIMIT_EXCEEDED.of(
            translatable(
                "Customer {number} ({name}) owes {owed}, this order adds {new}, and the limit is {limit}.",
                number=text_of(who, "No"),
                name=text_of(who, "Name"),
                owed=_local(observation, owed),
                new=_local(observation, new),
                limit=_local(observation, limit),
            )
        ),
    )


def _local(observation: Observation, amount: Decimal) -> str:
    """Write an amount in the local currency."""
    ledger = next(iter(observation.records("ledger setup")), None)
    digits = digits_of(amount_of(ledger, "Amount_Rounding_Precision") or _CENT)
    code = text_of(ledger, "LCY_Code")
    return Sentence(
        "{amount} {code}" if code else "{amount}", {"amount": money(amount, digits), "code": code}
    )


# --- the salesperson


def salesperson_of(observation: Observation, document: FoundRecord) -> str | None:
    """Return the code of the salesperson whom the order's owner is coupled with."""
    owner = text_of(document, "ownerid")
    return observation.partners.get(mapping_names.SALESPEOPLE, {}).get(owner) if owner else None


def check_salesperson(observation: Observation, document: FoundRecord) -> tuple[Problem, ...]:
    """Say what is wrong with the order's salesperson; an owner without one is served by the customer's."""
    code = salesperson_of(observation, document)
    if code is None:
        if not observation.settings.get("require_salesperson"):
            return ()
        return (
            problems.SALESPERSON_NOT_COUPLED.of(
                translatable("The order's owner is coupled with no salesperson.")
            ),
        )
    record = observation.record("salesperson", code)
    if record is None:
        return (problems.SALESPERSON_GONE.of(translatable("The ERP has no salesperson {code}.", code=code)),)
    if record.values.get("Blocked") is True:
        return (
            problems.SALESPERSON_BLOCKED.of(translatable("The salesperson {code} is blocked.", code=code)),
        )
    return ()


# --- currency and prices


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCurrency:
    """The order's currency as both services know it."""

    code: str
    """ISO code."""
    is_local: bool
    precision: Precision

    @property
    def digits(self) -> int:
        """How many decimals its amounts have."""
        return digits_of(self.precision.amount)

    @property
    def erp_code(self) -> str:
        """The code as the ERP's pages show it: blank is the local currency."""
        return "" if self.is_local else self.code


def check_currency(observation: Observation, document: FoundRecord) -> OrderCurrency | tuple[Problem, ...]:
    """Return the order's currency, or what is wrong with it."""
    crm = observation.record("currency", text_of(document, "transactioncurrencyid") or None)
    ledger = next(iter(observation.records("ledger setup")), None)
    local = text_of(ledger, "LCY_Code")
    code = text_of(crm, "isocurrencycode") or local
    digits = number_of(crm, "currencyprecision")
    if code.casefold() == local.casefold():
        return OrderCurrency(code=local, is_local=True, precision=_precision(ledger, digits))
    erp = next((each for each in observation.records("erp currency") if _is_code(each, code)), None)
    if erp is None:
        return (problems.CURRENCY_UNKNOWN.of(translatable("The ERP has no currency {code}.", code=code)),)
    if not amount_of(erp, "Exchange_Rate"):
        return (
            problems.CURRENCY_WITHOUT_RATE.of(
                translatable("The ERP has no exchange rate for {code}.", code=code)
            ),
        )
    return OrderCurrency(code=text_of(erp, "Code"), is_local=False, precision=_precision(erp, digits))


def money_digits(observation: Observation, document: FoundRecord) -> int:
    """Return how many decimals the amounts of an order have, as people write them."""
    currency = check_currency(observation, document)
    if isinstance(currency, OrderCurrency):
        return currency.digits
    crm = observation.record("currency", text_of(document, "transactioncurrencyid") or None)
    digits = number_of(crm, "currencyprecision")
    return _DIGITS if digits is None else digits


def currency_differs(observation: Observation, document: FoundRecord, order: FoundRecord) -> bool:
    """Tell whether an ERP order is in another currency than its CRM order, so that no amount of it means the same."""
    currency = check_currency(observation, document)
    if not isinstance(currency, OrderCurrency):
        return False
    known = (currency.erp_code.casefold(), currency.code.casefold())
    return text_of(order, "Currency_Code").casefold() not in known


def _is_code(record: FoundRecord, code: str) -> bool:
    return text_of(record, "Code").casefold() == code.casefold()


def _precision(setup: FoundRecord | None, digits: int | None) -> Precision:
    return Precision(
        amount=amount_of(setup, "Amount_Rounding_Precision") or _CENT,
        unit_price=amount_of(setup, "Unit_Amount_Rounding_Precision") or _UNIT_PRICE,
        crm=Decimal(1).scaleb(-(_DIGITS if digits is None else digits)),
    )


def _in_local_currency(observation: Observation, document: FoundRecord, total: Decimal) -> Decimal:
    currency = check_currency(observation, document)
    if not isinstance(currency, OrderCurrency) or currency.is_local:
        return total
    erp = observation.record("erp currency", currency.code)
    rate = amount_of(erp, "Exchange_Rate")
    return round_to(total / rate, _CENT) if rate else ZERO


def check_price_list(observation: Observation, document: FoundRecord) -> Iterator[Problem]:
    """Say whether the order's price list is closed; an order may have none."""
    key = text_of(document, "pricelevelid")
    if not key:
        return
    price_list = observation.record("price list", key)
    if price_list is None:
        yield problems.PRICE_LIST_CLOSED.of(translatable("The CRM does not show the order's price list."))
    elif number_of(price_list, "statecode") != _ACTIVE:
        name = text_of(price_list, "name")
        yield problems.PRICE_LIST_CLOSED.of(translatable("The price list {name} is inactive.", name=name))
