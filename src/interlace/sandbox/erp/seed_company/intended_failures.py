"""The demo company's intended troublemakers: which records have something wrong, and which mapping will say
so.

This is the only place that names them; the generator looks here, and so may whoever judges a
synchronization.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from interlace.sandbox.erp.seed_company.numbering import (
    customer_number,
    item_number,
    person_number,
    persons_of_customer,
)
from interlace.sandbox.erp.seed_company.salespeople import AGENT_WITHOUT_USER


class Outcome(Enum):
    """What becomes of a troublemaker in a synchronization."""

    FAILS = "fails"
    """The record stands on the list of errors until a person has corrected it."""
    LEFT_OUT = "left out"
    """A filter of the mapping keeps the record out and says why; that is no error."""
    SYNCHRONIZED = "synchronized"
    """The record looks like trouble but must arrive on the other side like any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntendedFailure:
    """One troublemaker as one mapping meets it; `key` holds the parts of the record's primary key."""

    table: str
    key: tuple[str, ...]
    mapping: str
    outcome: Outcome
    wrong: str


# Customers by their place in the company, from zero.
CUSTOMERS_OF_AGENT: Final = (2, 12, 20)
CUSTOMER_BLOCKED: Final = 9
CUSTOMER_WITH_LONG_HOME_PAGE: Final = 18
CUSTOMER_WITH_NEGATIVE_CREDIT: Final = 28

ITEM_WITHOUT_UNIT: Final = 37
ITEM_PRICED_IN_WRONG_CURRENCY: Final = 123
GROUP_WITH_WRONG_CURRENCY: Final = "OBJEKT"
WRONG_CURRENCY: Final = "USD"

TERMS_WITH_COMMA: Final = "2,5%10T"

LONG_HOME_PAGE_PATH: Final = "/" + "unsere-standorte-und-ausstellungen/" * 5 + "index.html"

_FAILING_CUSTOMERS: Final[Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            CUSTOMERS_OF_AGENT,
            f"the salesperson {AGENT_WITHOUT_USER} is no user of the CRM, so there is no owner",
        ),
        CUSTOMER_WITH_LONG_HOME_PAGE: "the home page is longer than the 200 characters that the CRM takes",
        CUSTOMER_WITH_NEGATIVE_CREDIT: "the credit limit is below zero, which the CRM refuses",
    }
)


def _customers(customers: int) -> list[IntendedFailure]:
    failures = []
    for index, wrong in _FAILING_CUSTOMERS.items():
        if index >= customers:
            continue
        number = customer_number(index)
        failures.append(
            IntendedFailure(
                table="Customer", key=(number,), mapping="CUSTOMER", outcome=Outcome.FAILS, wrong=wrong
            )
        )
        failures.extend(
            IntendedFailure(
                table="Contact",
                key=(person_number(index, person),),
                mapping="CONTACT",
                outcome=Outcome.FAILS,
                wrong=f"the company is customer {number}, which fails itself: {wrong}",
            )
            for person in range(persons_of_customer(index))
        )
    if customers > CUSTOMER_BLOCKED:
        failures.append(
            IntendedFailure(
                table="Customer",
                key=(customer_number(CUSTOMER_BLOCKED),),
                mapping="CUSTOMER",
                outcome=Outcome.SYNCHRONIZED,
                wrong="the customer is blocked for everything; the block stays in the ERP",
            )
        )
    return failures


def _products_and_prices() -> list[IntendedFailure]:
    unit = "the item has no base unit of measure, which a CRM product must have"
    item = item_number(ITEM_WITHOUT_UNIT)
    return [
        IntendedFailure(table="Item", key=(item,), mapping="ITEM-PRODUCT", outcome=Outcome.FAILS, wrong=unit),
        IntendedFailure(
            table="Item",
            key=(item,),
            mapping="ITEM-PRODPRICE",
            outcome=Outcome.FAILS,
            wrong=f"its product fails itself: {unit}",
        ),
        IntendedFailure(
            table="Sales_Price",
            key=(
                item_number(ITEM_PRICED_IN_WRONG_CURRENCY),
                "Customer Price Group",
                GROUP_WITH_WRONG_CURRENCY,
                "0001-01-01",
                WRONG_CURRENCY,
                "",
                "",
                "0",
            ),
            mapping="SALESPRC-PRODPRICE",
            outcome=Outcome.LEFT_OUT,
            wrong="the price is in another currency than the other prices of its group",
        ),
        IntendedFailure(
            table="Payment_Terms",
            key=(TERMS_WITH_COMMA,),
            mapping="PAYMENT TERMS",
            outcome=Outcome.LEFT_OUT,
            wrong="the code contains a comma, which a CRM choice may not; no customer uses it",
        ),
    ]


def intended_failures(customers: int = 1000) -> tuple[IntendedFailure, ...]:
    """Return the troublemakers of a company with that many customers, as each mapping meets them."""
    return (*_customers(customers), *_products_and_prices())
