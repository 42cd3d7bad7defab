"""Whatever is edited in whatever order: a document says what its lines say, and both say it to the cent."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal

import pytest
from tests.sandbox.crm.conftest import Client
from tests.sandbox.crm.shop import DOCUMENTS, Shop

CENT = Decimal("0.01")


def number(value: object) -> Decimal:
    """A column as a decimal."""
    return Decimal(str(value or 0))


def cents(value: Decimal) -> Decimal:
    """A value in whole cents."""
    return value.quantize(CENT, ROUND_HALF_UP)


def check(shop: Shop, kind: str, document: str) -> None:
    """Recomputes the document from its lines by the written formulas."""
    header, lines = shop.read(kind, document), shop.lines(kind, document)
    for line in lines:
        base = cents(number(line["quantity"]) * number(line["priceperunit"]))
        assert number(line["baseamount"]) == base
        assert number(line["extendedamount"]) == base - number(line["manualdiscountamount"]) + number(
            line["tax"]
        )
    detail = sum((number(line["extendedamount"]) - number(line["tax"]) for line in lines), Decimal(0))
    percent = detail * number(header["discountpercentage"]) / 100
    discount = cents(number(header["discountamount"]) + percent)
    tax = sum((number(line["tax"]) for line in lines), Decimal(0))
    by_hand = sum((number(line["manualdiscountamount"]) for line in lines), Decimal(0))
    assert number(header["totallineitemamount"]) == detail
    assert number(header["totaldiscountamount"]) == discount + by_hand
    assert number(header["totalamountlessfreight"]) == detail - discount
    assert number(header["totalamount"]) == detail - discount + number(header["freightamount"]) + tax
    assert number(header["totaltax"]) == tax


def edit(shop: Shop, kind: str, document: str, dice: random.Random) -> None:
    """One random edit of the document or its lines."""
    header, lines = DOCUMENTS[kind]
    made = [line[f"{lines.removesuffix('s')}id"] for line in shop.lines(kind, document)]
    amount = dice.randint(0, 9_999) / 100
    change: dict[str, object]
    match dice.randint(0, 6):
        case 0 | 1:
            shop.line(document, kind, quantity=dice.randint(1, 999) / 100, tax=amount)
        case 2:
            shop.write_in(document, kind, quantity=dice.randint(1, 99999) / 1000, priceperunit=amount)
        case 3 if made:
            assert shop.client.send("DELETE", f"{lines}({dice.choice(made)})").status == 204
        case 4 if made:
            change = {"manualdiscountamount": amount, "quantity": dice.randint(1, 99)}
            assert shop.client.patch(f"{lines}({dice.choice(made)})", change).status == 204
        case 5 if made:
            change = {"ispriceoverridden": dice.random() < 0.5, "priceperunit": amount}
            assert shop.client.patch(f"{lines}({dice.choice(made)})", change).status == 204
        case _:
            change = {
                "discountpercentage": dice.randint(0, 10_000) / 100,
                "discountamount": dice.choice([None, amount]),
                "freightamount": amount,
                "totalamount": 1,
            }
            assert shop.client.patch(f"{header}({document})", change).status == 204


@pytest.mark.parametrize("kind", list(DOCUMENTS))
@pytest.mark.parametrize("seed", range(4))
def test_the_header_is_the_sum_of_its_lines_after_any_edits(client: Client, kind: str, seed: int) -> None:
    """Random edits, checked after each by formulas of the test's own."""
    shop = Shop(client)
    document = shop.document(kind)
    dice = random.Random(seed)
    for _ in range(25):
        edit(shop, kind, document, dice)
        check(shop, kind, document)
