"""The arithmetic of orders: the ERP's amounts equal the CRM's to the last digit, or a reason is named."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.lead_to_cash.order_amounts import (
    LinePrice,
    Mismatch,
    Precision,
    fits,
    net_of_line,
    price_line,
    round_to,
)
from interlace.lead_to_cash.order_values import digits_of, money

EURO = Precision(amount=Decimal("0.01"), unit_price=Decimal("0.00001"), crm=Decimal("0.01"))
PRECISIONS = (
    EURO,
    Precision(amount=Decimal("0.01"), unit_price=Decimal("0.01"), crm=Decimal("0.01")),
    Precision(amount=Decimal("0.01"), unit_price=Decimal("0.001"), crm=Decimal("0.0001")),
    Precision(amount=Decimal(1), unit_price=Decimal("0.01"), crm=Decimal(1)),
    Precision(amount=Decimal(1), unit_price=Decimal(1), crm=Decimal("0.01")),
    Precision(amount=Decimal("0.001"), unit_price=Decimal("0.00001"), crm=Decimal("0.001")),
    Precision(amount=Decimal("0.001"), unit_price=Decimal("0.001"), crm=Decimal("0.01")),
    Precision(amount=Decimal("0.05"), unit_price=Decimal("0.01"), crm=Decimal("0.01")),
)


def crm_rounded(value: Decimal, step: Decimal) -> Decimal:
    """Round as the CRM does: to digits, half away from zero."""
    return value.quantize(step, ROUND_HALF_UP)


def crm_net(
    quantity: Decimal, price: Decimal, volume: Decimal, manual: Decimal, step: Decimal, *, per_unit: bool
) -> Decimal:
    """Return what the CRM makes of a line without tax, by its documented formulas."""
    base = crm_rounded(quantity * (price - volume), step)
    return base - crm_rounded(manual * quantity if per_unit else manual, step)


def amounts(digits: int, most: str) -> st.SearchStrategy[Decimal]:
    """Generate amounts from nothing to `most` with that many decimals."""
    return st.decimals(min_value=0, max_value=Decimal(most), places=digits, allow_nan=False)


@given(
    quantity=amounts(5, "10000").filter(bool),
    price=amounts(4, "99999"),
    share=amounts(4, "1"),
    manual=amounts(2, "50"),
    per_unit=st.booleans(),
    precision=st.sampled_from(PRECISIONS),
)
def test_amounts_are_equal_or_a_reason_is_named(
    quantity: Decimal,
    price: Decimal,
    share: Decimal,
    manual: Decimal,
    *,
    per_unit: bool,
    precision: Precision,
) -> None:
    """Whatever the CRM's discounts are, the ERP comes to the CRM's net, by a price and a discount that it takes."""
    volume = (price * share).quantize(Decimal("0.0001"))
    net = crm_net(quantity, price, volume, manual, precision.crm, per_unit=per_unit)
    outcome = price_line(quantity=quantity, unit_price=price, net=net, precision=precision)
    if isinstance(outcome, Mismatch):
        if outcome is Mismatch.TOO_FINE:
            assert round_to(net, precision.amount) != net
        elif outcome is Mismatch.BELOW_ZERO:
            assert net < 0
        else:
            raise AssertionError("no discount of the CRM makes a line dearer than its price")
        return
    step = precision.amount
    assert fits(outcome.unit_price, precision.unit_price)
    assert (
        net_of_line(quantity=quantity, unit_price=outcome.unit_price, discount=outcome.discount, step=step)
        == net
    )
    gross = round_to(quantity * outcome.unit_price, step)
    assert 0 <= outcome.discount <= gross
    # The ERP keeps the percentage as well and refuses one above a hundred.
    assert not gross or round_to(outcome.discount * 100 / gross, Decimal("0.00001")) <= 100


@given(quantity=amounts(5, "10000").filter(bool), price=amounts(4, "99999"), discount=amounts(2, "500"))
def test_lines_in_euro_keep_price_and_discount(quantity: Decimal, price: Decimal, discount: Decimal) -> None:
    """Where both services keep the same digits, price and discount are the CRM's own."""
    net = crm_net(quantity, price, Decimal(0), discount, EURO.crm, per_unit=False)
    outcome = price_line(quantity=quantity, unit_price=price, net=net, precision=EURO)
    if net < 0:
        assert outcome is Mismatch.BELOW_ZERO
    else:
        assert outcome == LinePrice(unit_price=price, discount=discount, net=net)


@pytest.mark.parametrize(
    ("quantity", "price", "net", "precision", "unit_price", "discount"),
    [
        ("10", "20", "190", EURO, "20", "10"),
        ("1.23456", "0.3333", "0.41", EURO, "0.3333", "0"),
        ("3", "1.2345", "3.70", PRECISIONS[1], "1.24", "0.02"),
        ("3", "10.40", "31", PRECISIONS[3], "10.4", "0"),
        ("3", "10.50", "32", PRECISIONS[3], "10.5", "0"),
        ("1", "1.005", "1.01", PRECISIONS[6], "1.01", "0"),
        ("200", "0.0001", "0.01", PRECISIONS[1], "0.01", "1.99"),
        ("-2", "10", "-15", EURO, "10", "-5"),
        ("0", "10", "0", EURO, "10", "0"),
    ],
)
def test_chosen_prices(
    quantity: str, price: str, net: str, precision: Precision, unit_price: str, discount: str
) -> None:
    """Prices and discounts as reckoned by hand: rounded up where the ERP keeps fewer digits, the rest is discount."""
    outcome = price_line(
        quantity=Decimal(quantity), unit_price=Decimal(price), net=Decimal(net), precision=precision
    )
    assert outcome == LinePrice(unit_price=Decimal(unit_price), discount=Decimal(discount), net=Decimal(net))


@pytest.mark.parametrize(
    ("quantity", "price", "net", "precision", "why"),
    [
        ("1", "10.55", "10.55", PRECISIONS[4], Mismatch.TOO_FINE),
        ("1", "10.52", "10.52", PRECISIONS[7], Mismatch.TOO_FINE),
        ("1", "10", "10.02", EURO, Mismatch.ABOVE_PRICE),
        ("1", "0", "5", EURO, Mismatch.ABOVE_PRICE),
        ("0", "10", "5", EURO, Mismatch.ABOVE_PRICE),
        ("2", "10", "-0.01", EURO, Mismatch.BELOW_ZERO),
        ("-2", "10", "0.01", EURO, Mismatch.BELOW_ZERO),
        ("1", "0", "-5", EURO, Mismatch.BELOW_ZERO),
    ],
)
def test_named_mismatches(quantity: str, price: str, net: str, precision: Precision, why: Mismatch) -> None:
    """What no discount of 0 to 100 percent can express is named before anything is created."""
    assert (
        price_line(
            quantity=Decimal(quantity), unit_price=Decimal(price), net=Decimal(net), precision=precision
        )
        is why
    )


@given(
    quantity=st.decimals(min_value=-1000, max_value=1000, places=5),
    price=st.decimals(min_value=-1000, max_value=1000, places=4),
    net=st.decimals(min_value=-100000, max_value=100000, places=3),
    precision=st.sampled_from(PRECISIONS),
)
def test_any_figures_get_an_answer(
    quantity: Decimal, price: Decimal, net: Decimal, precision: Precision
) -> None:
    """Figures of any sign give an exact answer or a reason, and never an error."""
    outcome = price_line(quantity=quantity, unit_price=price, net=net, precision=precision)
    if isinstance(outcome, LinePrice):
        gross = round_to(quantity * outcome.unit_price, precision.amount)
        assert gross - outcome.discount == net
        assert abs(outcome.discount) <= abs(gross)
        assert outcome.discount * gross >= 0


@pytest.mark.parametrize(
    ("amount", "step", "written"),
    [
        ("777.7", "0.01", "777.70"),
        ("36.1000", "0.01", "36.10"),
        ("3332", "1", "3332"),
        ("24.15", "0.001", "24.150"),
        ("0", "0.01", "0.00"),
        ("-5", "0.01", "-5.00"),
        ("33.3333", "0.01", "33.3333"),
        ("1.05", "0.05", "1.05"),
        ("1200", "10", "1200"),
    ],
)
def test_amounts_for_people_have_the_digits_of_their_currency(amount: str, step: str, written: str) -> None:
    """Two digits for euros, none for yen, three for dinars; a figure that has more keeps them."""
    assert f"{money(Decimal(amount), digits_of(Decimal(step)))}" == written
