"""Reference books: small dictionaries, read afresh, that translate ids into names that both services know.

They replace the couplings: owners are told by e-mail address, currencies by ISO code, units by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import TypeAlias

from interlace.verify.comparable import as_text
from interlace.verify.plain_reader import End, PlainReader, Row


class BookName(Enum):
    """The books that expectations look things up in."""

    USER_EMAIL = auto()
    SALESPERSON_EMAIL = auto()
    CURRENCY_CODE = auto()
    ACCOUNT_CUSTOMER = auto()
    CONTACT_NUMBER = auto()
    CONTACT_IN_CRM = auto()
    CUSTOMER_OF_COMPANY = auto()
    RATE = auto()
    UNIT_GROUP_NAME = auto()
    UNIT_NAME = auto()
    BASE_UNIT_OF_GROUP = auto()
    PRODUCT_NUMBER = auto()
    PRODUCT_TABLE = auto()
    PRICE_LIST_NAME = auto()
    ITEM_UNIT = auto()
    RESOURCE_UNIT = auto()
    BLOCKED_ITEM = auto()
    BLOCKED_RESOURCE = auto()
    GROUP_CURRENCY = auto()
    ORDER_OF_CRM = auto()
    OPPORTUNITY_OF_CRM = auto()
    INVOICE_NUMBER = auto()
    TAXED_INVOICE = auto()
    PAYMENT_TERMS_LABEL = auto()
    FREIGHT_TERMS_LABEL = auto()
    SHIPPING_METHOD_LABEL = auto()
    ORDER_PAYMENT_TERMS_LABEL = auto()
    ORDER_FREIGHT_TERMS_LABEL = auto()
    ORDER_SHIPPING_METHOD_LABEL = auto()
    PAYMENT_TERMS_CODE = auto()
    SHIPMENT_METHOD_CODE = auto()
    SHIPPING_AGENT_CODE = auto()
    ACCOUNT_OF_CONTACT = auto()
    PRODUCT_PARTNER = auto()
    USER_OF_EMAIL = auto()
    SALESPERSON_OF_EMAIL = auto()
    CURRENCY_DIGITS = auto()
    CURRENCY_STEPS = auto()
    LEDGER_STEPS = auto()
    LEDGER_CURRENCY = auto()
    FREIGHT_ACCOUNT = auto()
    COUNTRY_OF_CODE = auto()
    COUNTRY_OF_ISO_CODE = auto()
    COUNTRY_OF_NAME = auto()
    WRITES_SUBMITTED_ORDERS = auto()


BookKey: TypeAlias = BookName | str
"""A book that we know, or by its name the mapping that references of users' own lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFacts:
    """What the judge must be told about the connection."""

    erp_company_id: str
    base_currency_id: str
    """The CRM organization's base currency: what a blank ERP currency code means."""
    default_price_list_id: str
    work_date: date
    """Day whose exchange rates count."""
    write_in_product: str = ""
    """Kind and number of what stands for write-ins of CRM orders in the ERP, such as `Item EXTRA`."""
    crm_organization_id: str = ""
    two_way_orders: bool = False
    """Orders begin on either side and are edited on both."""
    payment_discount_from_order: bool = False
    """The discount in percent of a CRM order is the ERP order's payment discount as well."""
    left_out: frozenset[str] = frozenset()
    """Mappings that take no part."""
    owned_by_team: bool = False
    """A team owns what is created in the CRM: salespeople say nothing about owners."""


Entry: TypeAlias = Callable[[Row, VerifyFacts], "tuple[str, str] | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSource:
    """Where a book's entries come from; of several entries with one key the first or the greatest counts."""

    end: End
    set_name: str
    select: tuple[str, ...]
    entry: Entry
    greatest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSource:
    """A book of the labels of a column's choices, by number."""

    table: str
    column: str


def _compact(key: str) -> str | bytes:
    # A GUID as 16 bytes takes half the memory; books of accounts and contacts are as long as their tables.
    if len(key) == 36 and key[8] == "-":
        return bytes.fromhex(key.replace("-", ""))
    return key


class ReferenceBooks:
    """The books of one expectation, with the facts of the connection."""

    def __init__(self, facts: VerifyFacts, books: Mapping[BookKey, Mapping[str | bytes, str]]) -> None:
        """Keep the books that `load_books` filled."""
        self.facts = facts
        self._books = books

    def find(self, book: BookKey, key: object) -> str | None:
        """Return the entry of a key, or None."""
        return self._books[book].get(_compact(as_text(key)))

    def entries(self, book: BookName) -> frozenset[str]:
        """Return all entries of a book."""
        return frozenset(self._books[book].values())

    def has_label(self, book: BookName, label: str) -> bool:
        """Tell whether a book of choices has one of a label, in whatever case."""
        return any(each.casefold() == label.casefold() for each in self._books[book].values())

    def text(self, book: BookKey, key: object) -> str:
        """Return the entry of a key; blank for a blank key, the key itself in brackets if there is none."""
        if key is None or key == "":
            return ""
        found = self.find(book, key)
        return f"<{key}>" if found is None else found


async def load_books(
    reader: PlainReader,
    facts: VerifyFacts,
    names: Iterable[BookKey],
    sources: Mapping[BookKey, BookSource | ChoiceSource],
) -> ReferenceBooks:
    """Read the named books now."""
    books: dict[BookKey, Mapping[str | bytes, str]] = {}
    for name in names:
        source = sources[name]
        if isinstance(source, ChoiceSource):
            labels = await reader.choices(source.table, source.column)
            books[name] = {str(number): label for number, label in labels.items()}
        else:
            books[name] = await _read_book(reader, facts, source)
    return ReferenceBooks(facts, books)


async def _read_book(reader: PlainReader, facts: VerifyFacts, source: BookSource) -> dict[str | bytes, str]:
    book: dict[str | bytes, str] = {}
    async for row in reader.rows(source.end, source.set_name, source.select):
        found = source.entry(row, facts)
        if found is None:
            continue
        key, value = _compact(found[0]), found[1]
        held = book.get(key)
        if held is None or (source.greatest and value > held):
            book[key] = value
    return book
