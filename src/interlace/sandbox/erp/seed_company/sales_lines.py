"""Lines of the demo company's sales documents: what is sold for how much; whole cents, rounded as the ERP
rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record, divide, money, quantity
from interlace.sandbox.erp.seed_company.customers import Customer
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.exchange_rates import ExchangeRates
from interlace.sandbox.erp.seed_company.items import Item
from interlace.sandbox.erp.seed_company.resources import Resource
from interlace.sandbox.erp.seed_company.sales_prices import PriceList

VAT_PERCENT: Final = {"DOMESTIC": 19, "EU": 0, "EXPORT": 0}

_LINE_STEP: Final = 10_000
_BIG_COST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a document; quantity in hundredths, amounts in cents of the document's currency."""

    product: Item | Resource
    unit: str
    quantity: int
    unit_price: int
    vat_percent: int
    number: int = 0
    variant: str = ""
    pieces: int = 1
    discount_percent: int = 0
    discount: int = 0
    line_amount: int = 0
    invoice_discount: int = 0
    amount: int = 0
    amount_including_vat: int = 0

    @property
    def base_quantity(self) -> int:
        """The quantity in the product's base unit."""
        return self.quantity * self.pieces


class Assortment:
    """Draws what customers order."""

    def __init__(
        self, items: list[Item], resources: list[Resource], prices: PriceList, rates: ExchangeRates
    ) -> None:
        self._items = [item for item in items if item.is_sold]
        self._resources = [resource for resource in resources if not resource.blocked]
        self._prices = prices
        self._rates = rates

    def draw_lines(self, dice: Dice, customer: Customer, day: date) -> list[Line]:
        """Return the lines of an order of a customer, without amounts."""
        lines = []
        for place in range(1 + min(dice.below(6), dice.below(6))):
            draw = self._draw_service if dice.chance(9) else self._draw_item
            lines.append(replace(draw(dice, customer, day), number=(place + 1) * _LINE_STEP))
        return lines

    def _draw_service(self, dice: Dice, customer: Customer, day: date) -> Line:
        resource = dice.pick(self._resources)
        hundredths = dice.between(10, 320) * 100 if resource.unit == "KM" else dice.between(2, 32) * 50
        return Line(
            product=resource,
            unit=resource.unit,
            vat_percent=VAT_PERCENT[customer.pack.vat_group],
            quantity=hundredths,
            unit_price=self._rates.from_local(resource.unit_price, customer.currency, day),
        )

    def _draw_item(self, dice: Dice, customer: Customer, day: date) -> Line:
        # Some articles sell better than others: the lower of two draws.
        item = self._items[min(dice.below(len(self._items)), dice.below(len(self._items)))]
        price = self._prices.price(customer.price_group, item.number)
        if price is None:
            price = self._rates.from_local(item.unit_price, customer.currency, day)
        unit, pieces = item.unit, 1
        if item.kind.other_units and dice.chance(15):
            unit, pieces = item.kind.other_units[0]
        if pieces > 1:
            hundredths = dice.between(1, 3) * 100
        elif item.unit in {"M²", "M", "KG"}:
            hundredths = dice.between(20, 900) * 10
        else:
            hundredths = dice.between(1, 6 if item.unit_cost > _BIG_COST else 24) * 100
        return Line(
            product=item,
            vat_percent=VAT_PERCENT[customer.pack.vat_group],
            variant=dice.pick(item.kind.variants)[0] if item.kind.variants else "",
            unit=unit,
            pieces=pieces,
            quantity=hundredths,
            unit_price=price * pieces,
            discount_percent=dice.pick((0, 0, 0, 0, 3, 5, 5, 10)),
        )


def price_lines(lines: Sequence[Line], invoice_discount_percent: int) -> list[Line]:
    """Return the lines with amounts, an invoice discount spread over them, VAT rounded for the document."""
    priced = []
    for line in lines:
        gross = divide(line.quantity * line.unit_price, 100)
        discount = divide(gross * line.discount_percent, 100)
        priced.append(replace(line, discount=discount, line_amount=gross - discount))
    total = sum(line.line_amount for line in priced)
    return _add_vat(_spread_discount(priced, divide(total * invoice_discount_percent, 100)))


def _spread_discount(lines: list[Line], discount: int) -> list[Line]:
    """Spread it by amount; what the rounding of one share leaves goes on to the next. All lines have one VAT rate."""
    total = sum(line.line_amount for line in lines)
    reached = taken = 0
    spread = []
    for line in lines:
        reached += line.line_amount
        share = divide(discount * reached - taken * total, total) if total else 0
        taken += share
        spread.append(replace(line, invoice_discount=share, amount=line.line_amount - share))
    return spread


def _add_vat(lines: list[Line]) -> list[Line]:
    # VAT is rounded for the sum so far: each line takes what rounding left over from the lines before it.
    base = including = 0
    taxed = []
    for line in lines:
        base += line.amount
        new_including = base + divide(base * line.vat_percent, 100)
        taxed.append(replace(line, amount_including_vat=new_including - including))
        including = new_including
    return taxed


def line_record(line: Line, customer: Customer, day: date) -> Record:
    """Return the fields that lines of orders, shipments and invoices share."""
    product = line.product
    is_item = isinstance(product, Item)
    return {
        "Line_No": line.number,
        "Type": "Item" if is_item else "Resource",
        "No": product.number,
        "Variant_Code": line.variant,
        "Description": product.description if isinstance(product, Item) else product.name,
        "Quantity": quantity(line.quantity),
        "Unit_of_Measure_Code": line.unit,
        "Qty_per_Unit_of_Measure": line.pieces,
        "Unit_Cost_LCY": money(product.unit_cost * line.pieces),
        "Unit_Price": money(line.unit_price),
        "VAT_Percent": Decimal(line.vat_percent),
        "VAT_Identifier": f"VAT{line.vat_percent}",
        "VAT_Prod_Posting_Group": "STANDARD",
        "Gen_Prod_Posting_Group": "HANDEL" if is_item else "DIENST",
        "Line_Discount_Percent": line.discount_percent,
        "Line_Discount_Amount": money(line.discount),
        "Shipment_Date": day.isoformat(),
        "Sell_to_Customer_No": customer.number,
    }


def amount_fields(line: Line) -> Record:
    """Return the amounts of a line of an order or invoice."""
    return {
        "Line_Amount": money(line.line_amount),
        "Allow_Invoice_Disc": True,
        "Inv_Discount_Amount": money(line.invoice_discount),
        "Amount": money(line.amount),
        "Amount_Including_VAT": money(line.amount_including_vat),
    }
