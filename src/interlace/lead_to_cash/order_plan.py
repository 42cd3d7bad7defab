"""Plans the ERP order of a CRM order: all bodies and amounts, or one list of everything that keeps it from being."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.domain.saga import CreateDocument, FoundRecord, Observation, Problem
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_addresses import bill_to_fields, ship_to_fields
from interlace.lead_to_cash.order_amounts import LinePrice, Precision, fits, price_line
from interlace.lead_to_cash.order_columns import HEADER_TABLE, MARK_FIELD
from interlace.lead_to_cash.order_digest import order_digest
from interlace.lead_to_cash.order_lines import ACCOUNT, Goods, PlannedLine, plan_lines
from interlace.lead_to_cash.order_parties import (
    OrderCurrency,
    check_currency,
    check_customer,
    check_price_list,
    check_salesperson,
    money_digits,
    salesperson_of,
)
from interlace.lead_to_cash.order_terms import TERMS, erp_code
from interlace.lead_to_cash.order_values import (
    ZERO,
    amount_of,
    cut,
    day_of,
    digits_of,
    is_set,
    money,
    shown_quantity,
    text_of,
)
from interlace.locale.translatable import Amount, as_sentence, translatable

_ONE: Final = Decimal(1)
_REFERENCE_LENGTH: Final = 35
_WORK_DESCRIPTION_LENGTH: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """An ERP order as it must become."""

    header: Mapping[str, Value]
    """What it is created with."""
    page: Mapping[str, Value]
    """What is written to its page afterwards: the creating request takes none of it."""
    lines: tuple[PlannedLine, ...]
    currency: OrderCurrency
    invoice_discount: Decimal
    total: Decimal
    """Without tax, with freight."""

    @property
    def bodies(self) -> tuple[Mapping[str, Value], ...]:
        """The lines as they are sent, each followed by its comments."""
        return tuple(body for line in self.lines for body in line.bodies())

    def money(self, amount: Decimal) -> Amount:
        """Return an amount of the order as texts for people hold it."""
        return money(amount, self.currency.digits)


def create_step(observation: Observation, document: FoundRecord, plan: OrderPlan) -> CreateDocument:
    """Return the step that creates the ERP order of a plan; it rests on all that the CRM order says."""
    return CreateDocument(
        side=Side.ERP,
        table=HEADER_TABLE,
        values=plan.header,
        lines=plan.bodies,
        tells=translatable(
            "The ERP order was created. Lines: {lines}; total without tax: {total} {currency}.",
            lines=len(plan.lines),
            total=plan.money(plan.total),
            currency=plan.currency.code,
        ),
        basis=order_digest(observation, document),
    )


def plan_order(observation: Observation, document: FoundRecord) -> OrderPlan | tuple[Problem, ...]:
    """Plan the ERP order; the problems, if there are any, are all there are."""
    customer = check_customer(observation, document)
    currency = check_currency(observation, document)
    precision = currency.precision if isinstance(currency, OrderCurrency) else None
    lines, missing_of_lines = plan_lines(observation, precision)
    freight = _freight(observation, document, precision)
    ship_to, bill_to = ship_to_fields(observation, document), bill_to_fields(observation, document)
    missing = [
        *(customer if isinstance(customer, tuple) else ()),
        *check_salesperson(observation, document),
        *(currency if isinstance(currency, tuple) else ()),
        *check_price_list(observation, document),
        *missing_of_lines,
        *(freight if isinstance(freight, tuple) else ()),
        *(ship_to if isinstance(ship_to, tuple) else ()),
        *(bill_to if isinstance(bill_to, tuple) else ()),
    ]
    # Totals can only be judged once every line has its price.
    if isinstance(currency, OrderCurrency) and not missing_of_lines:
        missing += _check_totals(document, lines, currency.precision)
    if missing:
        return tuple(missing)
    assert isinstance(customer, str)
    assert isinstance(currency, OrderCurrency)
    assert not isinstance(freight, tuple)
    assert not isinstance(ship_to, tuple)
    assert not isinstance(bill_to, tuple)
    discount = _invoice_discount(document)
    return OrderPlan(
        header={
            **_header(observation, document, customer, currency),
            **ship_to,
            "Invoice_Discount_Amount": discount,
        },
        page={**_page(observation, document), **bill_to},
        lines=lines if freight is None else (*lines, freight),
        currency=currency,
        invoice_discount=discount,
        total=amount_of(document, "totalamountlessfreight") + amount_of(document, "freightamount"),
    )


def _header(
    observation: Observation, document: FoundRecord, customer: str, currency: OrderCurrency
) -> dict[str, Value]:
    values: dict[str, Value] = {
        "Sell_to_Customer_No": customer,
        MARK_FIELD: observation.mark,
        # The local currency is named, or the customer's own currency would be taken.
        "Currency_Code": currency.code,
        "Prices_Including_VAT": False,
    }
    salesperson = salesperson_of(observation, document)
    if salesperson is not None:
        values["Salesperson_Code"] = salesperson
    requested = day_of(document, "requestdeliveryby")
    if requested is not None:
        values["Requested_Delivery_Date"] = requested
    return values


def _page(observation: Observation, document: FoundRecord) -> dict[str, Value]:
    values: dict[str, Value] = {}
    number = text_of(document, "ordernumber")
    if number:
        values["Your_Reference"] = cut(number, _REFERENCE_LENGTH).rstrip()
    for term in TERMS:
        code = erp_code(observation, document, term)
        if code:
            values[term.erp_field] = code
    percent = amount_of(document, "discountpercentage")
    if percent and observation.settings.get("payment_discount_from_order"):
        values["Payment_Discount_Percent"] = percent
    texts = [text_of(document, "description")]
    if not observation.settings.get("bidirectional_orders"):
        texts.insert(0, text_of(document, "name"))
    description = "\n".join(text for text in texts if text)
    if description:
        values["Work_Description"] = cut(description, _WORK_DESCRIPTION_LENGTH).rstrip()
    return values


# --- freight


def _freight(
    observation: Observation, document: FoundRecord, precision: Precision | None
) -> PlannedLine | tuple[Problem, ...] | None:
    freight = amount_of(document, "freightamount")
    if not freight:
        return None
    setup = next(iter(observation.records("sales setup")), None)
    number = text_of(setup, "Freight_G_L_Acc_No")
    if not number:
        said = money(freight, money_digits(observation, document))
        return (
            problems.FREIGHT_ACCOUNT_NOT_SET.of(
                translatable("The order has {freight} freight.", freight=said)
            ),
        )
    account = observation.record("freight account", number)
    if account is None or is_set(account, "Blocked") or not is_set(account, "Direct_Posting"):
        what = translatable("G/L account {number} cannot be used for freight.", number=number)
        return (problems.FREIGHT_ACCOUNT_UNUSABLE.of(what),)
    if precision is None:
        return None
    price = price_line(quantity=_ONE, unit_price=freight, net=freight, precision=precision)
    if not isinstance(price, LinePrice):
        said = money(freight, digits_of(precision.amount))
        what = translatable(
            "The freight is {freight}; the ERP rounds to {step}.",
            freight=said,
            step=shown_quantity(precision.amount),
        )
        return (problems.AMOUNT_TOO_FINE.of(what),)
    return PlannedLine(
        caption=as_sentence(translatable("Freight")),
        goods=Goods(kind=ACCOUNT, number=number, unit="", takes_invoice_discount=False),
        quantity=_ONE,
        price=price,
        asked_price=freight,
        texts=(),
        has_own_description=False,
    )


# --- totals


def _invoice_discount(document: FoundRecord) -> Decimal:
    return amount_of(document, "totallineitemamount") - amount_of(document, "totalamountlessfreight")


def _check_totals(
    document: FoundRecord, lines: tuple[PlannedLine, ...], precision: Precision
) -> list[Problem]:
    of_lines = sum((line.price.net for line in lines), ZERO)
    stated = amount_of(document, "totallineitemamount")
    tax = amount_of(document, "totaltax")
    freight = amount_of(document, "freightamount")
    less_freight, total = (amount_of(document, each) for each in ("totalamountlessfreight", "totalamount"))

    def said(amount: Decimal) -> Amount:
        return money(amount, digits_of(precision.amount))

    missing: list[Problem] = []
    if stated != of_lines or total != less_freight + freight + tax:
        missing.append(
            problems.TOTALS_INCONSISTENT.of(
                translatable(
                    "The lines come to {of_lines} and tax {tax}; the order says {stated} for its lines, "
                    "{less_freight} after its discount and {total} in all.",
                    of_lines=said(of_lines),
                    tax=said(tax),
                    stated=said(stated),
                    less_freight=said(less_freight),
                    total=said(total),
                )
            )
        )
    discount = _invoice_discount(document)
    open_to_discount = sum((line.price.net for line in lines if line.goods.takes_invoice_discount), ZERO)
    if discount < ZERO:
        what = translatable("The discount is {discount}.", discount=said(discount))
        missing.append(problems.INVOICE_DISCOUNT_NEGATIVE.of(what))
    elif not fits(discount, precision.amount):
        missing.append(
            problems.AMOUNT_TOO_FINE.of(
                translatable(
                    "The order's discount is {discount}; the ERP rounds to {step}.",
                    discount=said(discount),
                    step=shown_quantity(precision.amount),
                )
            )
        )
    elif discount > max(open_to_discount, ZERO):
        missing.append(
            problems.INVOICE_DISCOUNT_TOO_HIGH.of(
                translatable(
                    "The order's discount is {discount}; the lines that allow one come to {lines}.",
                    discount=said(discount),
                    lines=said(open_to_discount),
                )
            )
        )
    if less_freight + freight < ZERO:
        what = translatable("The order comes to {total}.", total=said(less_freight + freight))
        missing.append(problems.TOTAL_NEGATIVE.of(what))
    return missing
