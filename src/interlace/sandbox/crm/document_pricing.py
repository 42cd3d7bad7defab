"""Prices lines and adds up documents, in the same transaction as the write that calls for it.

The organization may switch the engine off; with the order processing integration it leaves orders and
invoices to the ERP: those that an integration user writes, and orders that are submitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from interlace.sandbox.crm.document_amounts import (
    ZERO,
    HeaderTerms,
    Line,
    LineShare,
    amount_of,
    document_totals,
    line_amounts,
    line_discount,
    rounded,
)
from interlace.sandbox.crm.document_kinds import BY_HEADER, OPEN_STATE, OPPORTUNITY, DocumentKind
from interlace.sandbox.crm.price_determination import (
    DiscountStep,
    PriceMissing,
    PricingError,
    unit_price,
    volume_discount,
)
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.entity_store import SqlClause, quoted
from interlace.sandbox.json_codec import decode_object

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records

_LINES_MAX = 100_000
_HEADER_AMOUNTS = ("discountamount", "freightamount")
_LINE_AMOUNTS = ("manualdiscountamount", "tax")


class PricingSession:
    """What of the running request is put off (totals), or taken over from a document that is copied."""

    __slots__ = ("base_before_volume_discount", "numbers", "put_off", "settings", "source")

    def __init__(self) -> None:
        self.base_before_volume_discount = False
        self.settings: PricingSettings | None = None
        self.numbers: dict[str, int] = {}
        self.put_off: dict[tuple[str, str], str] | None = None
        self.source: Row | None = None

    def begin_request(self) -> None:
        """Takes the settings anew."""
        self.settings = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingSettings:
    """What the organization decides about prices."""

    price_digits: int
    per_unit_discount: bool
    engine_on: bool
    erp_keeps_orders: bool


def settings_of(records: Records) -> PricingSettings:
    """The settings as they are in this request."""
    session = records.pricing
    if session.settings is None:
        session.settings = _read_settings(records)
    return session.settings


def _read_settings(records: Records) -> PricingSettings:
    row = records.required_row("organization", records.organization_id)
    digits = row["pricingdecimalprecision"]
    return PricingSettings(
        price_digits=digits if isinstance(digits, int) else 2,
        per_unit_discount=row["discountcalculationmethod"] == 1,
        engine_on=bool(row["oobpricecalculationenabled"]),
        erp_keeps_orders=bool(row["issopintegrationenabled"]),
    )


def is_integration_user(records: Records, user_id: object) -> bool:
    """Whether the user is the one through whom an ERP writes."""
    user = records.row("systemuser", str(user_id))
    return user is not None and bool(user["isintegrationuser"])


def calculates(records: Records, kind: DocumentKind, header: Row, user_id: object) -> bool:
    """Whether the service prices this document when that user changes it."""
    settings = settings_of(records)
    if not settings.engine_on or header["skippricecalculation"] == 1:
        return False
    if header["statecode"] != OPEN_STATE:
        return False
    exempt = kind.skips_for_integration and settings.erp_keeps_orders
    return not (exempt and is_integration_user(records, user_id))


def currency_digits(records: Records, currency_id: object) -> int:
    """The digits after the point of amounts in a currency."""
    digits = records.required_row("transactioncurrency", str(currency_id))["currencyprecision"]
    return digits if isinstance(digits, int) else 2


def _round_columns(row: Row, names: tuple[str, ...], digits: int) -> None:
    for name in names:
        if row[name] is not None:
            row[name] = rounded(amount_of(row[name]), digits)


# --- lines


def next_line_number(records: Records, kind: DocumentKind, header_id: str) -> int:
    """The number of the next line of a document, also of lines that are about to be stored together."""
    numbers = records.pricing.numbers
    last = numbers.get(header_id)
    if last is None:
        where = SqlClause(f"{quoted(kind.parent_value)} = ?", (header_id,))
        last = records.store.count(kind.line, where)
    if records.pricing.put_off is not None:
        numbers[header_id] = last + 1
    return last + 1


def lines_of(records: Records, kind: DocumentKind, header_id: str) -> list[Row]:
    """The lines of a document in the order in which they were made."""
    where = SqlClause(f"{quoted(kind.parent_value)} = ?", (header_id,))
    layout = records.layouts[kind.line]
    found = records.store.page(kind.line, where=where, limit=_LINES_MAX)
    return [layout.complete(decode_object(record.body)) for record in found]


def price_line(
    records: Records, kind: DocumentKind, header: Row, line: Row, before: Row | None, user_id: object
) -> None:
    """Settles the prices and amounts of a line that is about to be saved."""
    settings = settings_of(records)
    digits = currency_digits(records, header["_transactioncurrencyid_value"])
    _round_columns(line, ("priceperunit",), settings.price_digits)
    _round_columns(line, _LINE_AMOUNTS, digits)
    if line["skippricecalculation"] == 1 or not calculates(records, kind, header, user_id):
        return
    source = records.pricing.source
    if source is not None:
        line["volumediscountamount"] = source["volumediscountamount"]
        error = PricingError(int(str(line["pricingerrorcode"] or 0)))
    elif _keeps_price(header, line, before):
        error = PricingError.NONE if line["priceperunit"] is not None else PricingError.MISSING_UNIT_PRICE
        if not header.get("ispricelocked"):
            line["volumediscountamount"] = ZERO
    else:
        error = _determine_price(records, header, line, settings.price_digits, digits)
    if line["quantity"] is None:
        error = PricingError.MISSING_QUANTITY
    line["pricingerrorcode"] = int(error)
    facts = _line_facts(line)
    amounts = line_amounts(facts, digits, per_unit=settings.per_unit_discount)
    line["baseamount"], line["extendedamount"] = amounts.base, amounts.extended
    if records.pricing.base_before_volume_discount:
        line["baseamount"] = rounded(facts.quantity * facts.price, digits)


def _keeps_price(header: Row, line: Row, before: Row | None) -> bool:
    if line["ispriceoverridden"] or line["isproductoverridden"]:
        return True
    same = before is not None and all(
        line[name] == before[name] for name in ("_productid_value", "_uomid_value")
    )
    if header.get("ispricelocked") and same:
        assert before is not None
        line["priceperunit"] = before["priceperunit"]
        return True
    return False


def _determine_price(
    records: Records, header: Row, line: Row, price_digits: int, digits: int
) -> PricingError:
    line["priceperunit"], line["volumediscountamount"] = None, ZERO
    try:
        item, price = _list_price(records, header, line, price_digits)
    except PriceMissing as missing:
        return missing.code
    line["priceperunit"] = price
    if item["_discounttypeid_value"] is not None:
        discounts = records.required_row("discounttype", str(item["_discounttypeid_value"]))
        if discounts["statecode"] != 0:
            return PricingError.INACTIVE_DISCOUNT_TYPE
        steps = _discount_steps(records, str(discounts["discounttypeid"]))
        quantity = amount_of(line["quantity"])
        line["volumediscountamount"] = volume_discount(steps, quantity, price, digits)
    return PricingError.NONE


def _list_price(records: Records, header: Row, line: Row, digits: int) -> tuple[Row, Decimal]:
    price_list = header["_pricelevelid_value"]
    if price_list is None:
        raise PriceMissing(PricingError.MISSING_PRICE_LEVEL)
    if records.required_row("pricelevel", str(price_list))["statecode"] != 0:
        raise PriceMissing(PricingError.INACTIVE_PRICE_LEVEL)
    # A line of the catalogue has product and unit: its rules have seen to that.
    values = {
        "_pricelevelid_value": price_list,
        "_productid_value": line["_productid_value"],
        "_uomid_value": line["_uomid_value"],
    }
    item_id = records.find_by_key(records.schema.tables["productpricelevel"], values)
    if item_id is None:
        raise PriceMissing(PricingError.PRODUCT_NOT_IN_PRICE_LEVEL)
    item = records.required_row("productpricelevel", item_id)
    product = records.required_row("product", str(line["_productid_value"]))
    return item, unit_price(item, product, digits)


def _discount_steps(records: Records, discounts_id: str) -> list[DiscountStep]:
    table = records.schema.tables["discounttype"]
    return [
        DiscountStep(
            low=amount_of(row["lowquantity"]),
            high=amount_of(row["highquantity"]),
            amount=None if row["amount"] is None else amount_of(row["amount"]),
            percentage=None if row["percentage"] is None else amount_of(row["percentage"]),
        )
        for row in records.members_of(table, discounts_id, "discount_type_discounts")
    ]


def _line_facts(line: Row) -> Line:
    return Line(
        quantity=amount_of(line["quantity"]),
        price=amount_of(line["priceperunit"]),
        volume_discount=amount_of(line["volumediscountamount"]),
        manual_discount=amount_of(line["manualdiscountamount"]),
        tax=amount_of(line["tax"]),
    )


# --- documents


def add_up(
    records: Records, kind: DocumentKind, header: Row, lines: list[Row], *, per_unit: bool, digits: int
) -> None:
    """Writes the totals over these lines into the row of a document."""
    shares = [
        LineShare(
            extended=amount_of(line["extendedamount"]),
            tax=amount_of(line["tax"]),
            discount=line_discount(_line_facts(line), digits, per_unit=per_unit),
        )
        for line in lines
    ]
    terms = HeaderTerms(
        discount=amount_of(header["discountamount"]),
        discount_percent=amount_of(header["discountpercentage"]),
        freight=amount_of(header["freightamount"]),
    )
    header.update(asdict(document_totals(shares, terms, digits)))
    failed = any(line["pricingerrorcode"] for line in lines)
    header["pricingerrorcode"] = int(PricingError.DETAIL_ERROR if failed else PricingError.NONE)
    if kind is OPPORTUNITY and header["isrevenuesystemcalculated"]:
        header["estimatedvalue"] = header["totalamount"]


def price_new_document(records: Records, kind: DocumentKind, header: Row, user_id: object) -> None:
    """Settles the amounts of a document that is about to be created and has no lines yet."""
    digits = currency_digits(records, header["_transactioncurrencyid_value"])
    _round_columns(header, _HEADER_AMOUNTS, digits)
    if calculates(records, kind, header, user_id):
        add_up(records, kind, header, [], per_unit=False, digits=digits)


def round_header(records: Records, header: Row) -> None:
    """Rounds what people agreed on to the currency of the document."""
    digits = currency_digits(records, header["_transactioncurrencyid_value"])
    _round_columns(header, _HEADER_AMOUNTS, digits)


def settle_document(
    records: Records, kind: DocumentKind, header_id: str, user_id: object, *, prices_anew: bool = False
) -> None:
    """Adds a document up again, after pricing its lines where asked; writes only what differs."""
    session = records.pricing
    if session.put_off is not None and not prices_anew:
        session.put_off[(kind.header, header_id)] = str(user_id)
        return
    stored = records.row(kind.header, header_id)
    if stored is None or not calculates(records, kind, stored, user_id):
        return
    settings = settings_of(records)
    digits = currency_digits(records, stored["_transactioncurrencyid_value"])
    lines = lines_of(records, kind, header_id)
    if prices_anew:
        for line in lines:
            line_before = line.copy()
            price_line(records, kind, stored, line, None, user_id)
            _save(records, kind.line, line_before, line, user_id)
    header = stored.copy()
    add_up(records, kind, header, lines, per_unit=settings.per_unit_discount, digits=digits)
    _save(records, kind.header, stored, header, user_id)


def _save(records: Records, table: str, before: Row, row: Row, user_id: object) -> None:
    if all(row[name] == before[name] for name in before):
        return
    row["modifiedon"], row["_modifiedby_value"] = records.moment(), user_id
    records.rewrite(records.schema.tables[table], row)


@contextmanager
def totals_put_off(records: Records) -> Iterator[None]:
    """Adds documents up once at the end instead of after each of their lines."""
    session = records.pricing
    if session.put_off is not None:
        yield
        return
    session.put_off = {}
    try:
        yield
        waiting, session.put_off = session.put_off, None
        for (header, header_id), user_id in waiting.items():
            settle_document(records, BY_HEADER[header], header_id, user_id)
    finally:
        session.put_off = None
        session.numbers.clear()
