"""One order in both ends: what was read of it, and where it stands by the ERP's own account."""

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Final

from interlace.verify.comparable import BLANK_MEMBER, as_text, is_blank
from interlace.verify.field_pairs import currency_code
from interlace.verify.order_arithmetic import NOTHING, number
from interlace.verify.order_books import ONLY
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks

ACTIVE: Final = 0
SUBMITTED: Final = 1
CANCELLED: Final = 2
FULFILLED: Final = 3
INVOICED: Final = 4
_LET_GO: Final = ("Released", "Pending_x0020_Prepayment")
_LAST: Final = 2**31
_DEFAULT_DIGITS: Final = 2


class Binding(Enum):
    """How a difference counts."""

    DRIFT = auto()
    AT_CREATION = auto()
    """Taken over when the ERP order was made, and the ERP's people's to change afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCase:
    """A CRM order with its ERP order, or with what was posted of that."""

    crm: Row
    crm_lines: tuple[Row, ...]
    """In the order in which the CRM shows them."""
    erp: Row | None
    """None: posted and gone."""
    erp_lines: tuple[Row, ...]
    invoices: tuple[Row, ...]
    invoice_lines: tuple[Row, ...]
    last_shipment: str
    erp_number: str
    mark: str
    number_is_taken: bool
    """Another CRM order has the ERP order's number."""
    books: ReferenceBooks

    @property
    def is_marked(self) -> bool:
        """Tell whether the ERP order was made of the CRM order, not the other way round."""
        return self.erp is not None and as_text(self.erp.get("External_Document_No")) == self.mark

    @property
    def is_two_way(self) -> bool:
        """Tell whether both sides edit orders."""
        return self.books.facts.two_way_orders

    @property
    def is_released(self) -> bool:
        """Tell whether the ERP's people have let go of the ERP order."""
        return self.erp is not None and as_text(self.erp.get("Status")) in _LET_GO

    @property
    def is_in_step(self) -> bool:
        """Tell whether both sides of a two-way order have let go of it."""
        return self.is_two_way and self.is_released and self.state == SUBMITTED

    @property
    def writes_submitted(self) -> bool:
        """Tell whether totals can be written to submitted CRM orders."""
        return self.books.find(BookName.WRITES_SUBMITTED_ORDERS, ONLY) is not None

    @property
    def state(self) -> int:
        """The CRM order's state."""
        return int(str(self.crm.get("statecode") or 0))

    @property
    def goods(self) -> tuple[Row, ...]:
        """The ERP order's lines without comments."""
        return tuple(line for line in self.erp_lines if not is_comment(line))

    @property
    def valid_invoices(self) -> tuple[Row, ...]:
        """Posted invoices that were not cancelled."""
        return tuple(each for each in self.invoices if each.get("Cancelled") is not True)

    # --- where it stands

    @property
    def is_shipped(self) -> bool:
        """Tell whether everything was shipped."""
        if self.erp is None:
            return True
        return self._all("Quantity_Shipped")

    @property
    def is_begun(self) -> bool:
        """Tell whether something was shipped or invoiced."""
        return (
            self.erp is None
            or bool(self.invoices)
            or any(number(line.get(each)) for line in self.goods for each in _DONE)
        )

    def _all(self, field: str) -> bool:
        lines = [line for line in self.goods if number(line.get("Quantity"))]
        return bool(lines) and all(
            abs(number(line.get(field))) >= abs(number(line.get("Quantity"))) for line in lines
        )

    @property
    def standing(self) -> str:
        """The word for where the ERP order is, as the CRM order must show it."""
        if self.erp is None or self._all("Quantity_Invoiced"):
            return self._standing_of_invoices()
        if self.invoices or any(number(line.get("Quantity_Invoiced")) for line in self.goods):
            return "Partially Invoiced"
        if self.is_shipped:
            return "Shipped"
        if any(number(line.get("Quantity_Shipped")) for line in self.goods):
            return "Partially Shipped"
        return "Released" if self.is_released else "Open"

    def _standing_of_invoices(self) -> str:
        if not self.invoices:
            return "Invoiced"
        if not self.valid_invoices:
            return "Cancelled"
        paid = all(number(each.get("Remaining_Amount")) == NOTHING for each in self.valid_invoices)
        return "Paid" if paid else "Invoiced"

    # --- money

    @property
    def currency(self) -> str:
        """The CRM order's currency, blank for the local one as in the ERP."""
        return currency_code(self.crm, self.books) or ""

    @property
    def steps(self) -> tuple[Fraction, Fraction]:
        """What the ERP rounds amounts and unit prices to in the order's currency."""
        book, key = (
            (BookName.CURRENCY_STEPS, self.currency) if self.currency else (BookName.LEDGER_STEPS, ONLY)
        )
        cent, price = (self.books.find(book, key) or "0.01 0.00001").split(" ")
        return number(cent), number(price)

    @property
    def crm_cent(self) -> Fraction:
        """The last digit of the CRM's amounts in the order's currency."""
        digits = self.books.find(BookName.CURRENCY_DIGITS, self.crm.get("_transactioncurrencyid_value"))
        return Fraction(1, 10 ** int(digits or _DEFAULT_DIGITS))

    @property
    def is_same_currency(self) -> bool:
        """Tell whether the ERP order is in the CRM order's currency, so that amounts mean the same."""
        return self.erp is not None and erp_currency(self.erp, self.books) == self.currency


_DONE: Final = ("Quantity_Shipped", "Quantity_Invoiced")


def is_comment(line: Row) -> bool:
    """Tell whether an ERP line is text only."""
    return as_text(line.get("Type")) in ("", BLANK_MEMBER)


def erp_currency(row: Row, books: ReferenceBooks) -> str:
    """Return an ERP document's currency, blank for the local one."""
    code = as_text(row.get("Currency_Code"))
    return "" if code == (books.find(BookName.LEDGER_CURRENCY, ONLY) or "") else code


def net_of(line: Row) -> Fraction:
    """Return what a CRM line comes to without tax."""
    return number(line.get("extendedamount")) - number(line.get("tax"))


def as_shown(line: Row) -> tuple[int, int]:
    """Return a CRM line's place on the order's form."""
    sequence, item = (line.get(each) for each in ("sequencenumber", "lineitemnumber"))
    return int(str(sequence or _LAST)), int(str(item or _LAST))


def day_of(row: Row, field: str) -> str:
    """Return the day of a date or a moment, blank for none."""
    return "" if is_blank(row.get(field)) else as_text(row.get(field))[:10]


def folded(text: str) -> str:
    """Return a text without what services spell in their own way: blanks, line breaks, letter case."""
    return " ".join(text.split()).casefold()
