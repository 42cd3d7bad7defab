"""Short spellings for the parts of expectations."""

from interlace.locale.translatable import translatable
from interlace.verify.comparable import Comparable, as_text, is_blank, not_negative
from interlace.verify.expectation import FieldPair, Judge, ScopeRule
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks


def value_of(field: str) -> Judge:
    """Judge a field by its text."""
    return lambda row, _books: as_text(row.get(field))


def named(field: str, book: BookName) -> Judge:
    """Judge a reference by the name that a book gives its key."""
    return lambda row, books: books.text(book, row.get(field))


def always(text: str) -> Judge:
    """Expect one and the same value."""
    return lambda _row, _books: text


def same(erp_field: str, crm_column: str, *, at_creation: bool = False) -> FieldPair:
    """Expect equal texts or numbers."""
    return FieldPair(
        erp_field=erp_field,
        crm_column=crm_column,
        expected=value_of(erp_field),
        actual=value_of(crm_column),
        at_creation=at_creation,
    )


def amount(erp_field: str, crm_column: str, decimals: int) -> FieldPair:
    """Expect the ERP's number, rounded and never below zero."""
    return FieldPair(
        erp_field=erp_field,
        crm_column=crm_column,
        expected=lambda row, _books: not_negative(row.get(erp_field), decimals),
        actual=value_of(crm_column),
    )


def fixed(crm_column: str, text: str, *, at_creation: bool = False) -> FieldPair:
    """Expect one and the same value in a CRM column."""
    return FieldPair(
        erp_field="",
        crm_column=crm_column,
        expected=always(text),
        actual=value_of(crm_column),
        at_creation=at_creation,
    )


def _owner_expected(row: Row, books: ReferenceBooks) -> Comparable:
    code = row.get("Salesperson_Code")
    # A blank salesperson leaves the CRM's owner as it is, and so does one where a team owns the records.
    return (
        None if books.facts.owned_by_team or is_blank(code) else books.text(BookName.SALESPERSON_EMAIL, code)
    )


OWNER = FieldPair(
    erp_field="Salesperson_Code",
    crm_column="ownerid",
    expected=_owner_expected,
    actual=named("_ownerid_value", BookName.USER_EMAIL),
)


def currency_code(row: Row, books: ReferenceBooks) -> Comparable:
    """Judge a CRM record by its currency's code, blank for the base currency as in the ERP."""
    key = row.get("_transactioncurrencyid_value")
    return "" if key == books.facts.base_currency_id else books.text(BookName.CURRENCY_CODE, key)


CURRENCY = FieldPair(
    erp_field="Currency_Code",
    crm_column="transactioncurrencyid",
    expected=value_of("Currency_Code"),
    actual=currency_code,
)

BASE_CURRENCY = FieldPair(
    erp_field="", crm_column="transactioncurrencyid", expected=always(""), actual=currency_code
)


def equals(field: str, value: object, reason: str) -> ScopeRule:
    """Require a value."""
    return ScopeRule(reason=reason, holds=lambda row, _books: row.get(field) == value)


def filled(field: str, reason: str) -> ScopeRule:
    """Require some value."""
    return ScopeRule(reason=reason, holds=lambda row, _books: not is_blank(row.get(field)))


def no_write_in_product(table: str) -> ScopeRule:
    """Leave out the item or resource that stands for write-in products."""
    return ScopeRule(
        reason=translatable("the record stands for write-in products"),
        holds=lambda row, books: books.facts.write_in_product.upper() != f"{table} {row.get('No')}".upper(),
    )


def unfilled(field: str, reason: str) -> ScopeRule:
    """Require no value."""
    return ScopeRule(reason=reason, holds=lambda row, _books: is_blank(row.get(field)))
