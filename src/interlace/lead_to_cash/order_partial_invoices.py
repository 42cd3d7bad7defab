"""Tells the rounding of partial invoices from a change in the ERP: both make an order come to another amount."""

from collections import defaultdict
from decimal import Decimal

from interlace.domain.saga import FoundRecord, Observation
from interlace.lead_to_cash.order_amounts import LinePrice, price_line
from interlace.lead_to_cash.order_lines import lines_in_order
from interlace.lead_to_cash.order_parties import OrderCurrency, check_currency
from interlace.lead_to_cash.order_stages import invoices_of
from interlace.lead_to_cash.order_values import ZERO, amount_of, is_set

_ONE = Decimal(1)
# The ERP keeps discounts of parts as a percentage of five digits.
_PERCENT_STEP = Decimal("0.0000001")
Asked = defaultdict[Decimal, Decimal]


def rounding_of_parts(observation: Observation, document: FoundRecord) -> bool:
    """Tell whether what was invoiced in parts differs by no more than the parts' rounding.

    At each unit price as much must have been invoiced as was ordered: a price or quantity that somebody changed
    shows there, however little it comes to.
    """
    invoices, currency = invoices_of(observation), check_currency(observation, document)
    if len(invoices) < 2 or any(is_set(each, "Cancelled") for each in invoices):
        return False
    if not isinstance(currency, OrderCurrency):
        return False
    posted = [line for line in observation.records("invoice lines") if amount_of(line, "Quantity")]
    ordered = _ordered(observation, document, currency)
    invoiced: Asked = defaultdict(Decimal)
    for line in posted:
        invoiced[amount_of(line, "Unit_Price")] += amount_of(line, "Quantity")
    if ordered is None or invoiced != ordered:
        return False
    gross = sum((abs(price * quantity) for price, quantity in invoiced.items()), ZERO)
    # A part's amount and its discount are each off by half a step at most; so is the whole line.
    bound = currency.precision.amount * (len(posted) + len(ordered)) + gross * _PERCENT_STEP
    wanted = amount_of(document, "totalamountlessfreight") + amount_of(document, "freightamount")
    return abs(sum((amount_of(each, "Amount") for each in invoices), ZERO) - wanted) <= bound


def _ordered(observation: Observation, document: FoundRecord, currency: OrderCurrency) -> Asked | None:
    """Return how much the CRM order orders at which unit price of the ERP."""
    asked = [
        (
            amount_of(line, "quantity"),
            amount_of(line, "priceperunit"),
            amount_of(line, "extendedamount") - amount_of(line, "tax"),
        )
        for line in lines_in_order(observation)
    ]
    freight = amount_of(document, "freightamount")
    if freight:
        asked.append((_ONE, freight, freight))
    found: Asked = defaultdict(Decimal)
    for quantity, price, net in asked:
        line_price = price_line(quantity=quantity, unit_price=price, net=net, precision=currency.precision)
        if not isinstance(line_price, LinePrice):
            return None
        found[line_price.unit_price] += quantity
    return found
