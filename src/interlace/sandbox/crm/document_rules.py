"""Rules of sales documents: states, what may be edited in which, currency, totals; and of closing activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from interlace.sandbox.crm.discount_rules import DISCOUNT_RULES
from interlace.sandbox.crm.document_kinds import (
    INVOICE,
    KINDS,
    OPPORTUNITY,
    ORDER,
    QUOTE,
    DocumentKind,
)
from interlace.sandbox.crm.document_line_rules import LINE_RULES, OWNER_COLUMNS, may_edit, mirror_of
from interlace.sandbox.crm.document_pricing import (
    lines_of,
    price_new_document,
    round_header,
    settle_document,
)
from interlace.sandbox.crm.errors import INVALID_ARGUMENT, INVALID_STATE_STATUS, refused
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.rule_hooks import TableRules
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.entity_store import SqlClause, quoted

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records

_CURRENCY_CODES = {
    "opportunity": "0x80048cef",
    "quote": "0x80048cee",
    "salesorder": "0x80048cee",
    "invoice": "0x80048ced",
}
# What may be changed in a document that is closed for editing: its state and its owner.
_ALWAYS_OPEN = frozenset(
    {
        "statecode",
        "statuscode",
        "modifiedon",
        "_modifiedby_value",
        "_modifiedonbehalfby_value",
        *OWNER_COLUMNS,
    }
)
# A change of one of these makes the totals anew.
_TOTALS_FROM = (
    "discountamount",
    "discountpercentage",
    "freightamount",
    "totallineitemamount",
    "totallineitemdiscountamount",
    "totaldiscountamount",
    "totalamountlessfreight",
    "totaltax",
    "totalamount",
    "pricingerrorcode",
    "skippricecalculation",
)

# --- states

_BY_MESSAGE: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "opportunity": {1: ("0x80100005", "WinOpportunity"), 2: ("0x80100005", "LoseOpportunity")},
    "quote": {2: (INVALID_ARGUMENT, "WinQuote"), 3: (INVALID_ARGUMENT, "CloseQuote")},
    "salesorder": {2: (INVALID_ARGUMENT, "CancelSalesOrder"), 3: (INVALID_ARGUMENT, "FulfillSalesOrder")},
    "invoice": {},
}
_MOVES: Mapping[str, frozenset[tuple[int, int]]] = {
    "opportunity": frozenset({(1, 0), (2, 0)}),
    "quote": frozenset({(0, 1)}),
    # An ERP sets Invoiced when it has posted the order.
    "salesorder": frozenset({(0, 1), (1, 0), (0, 4), (1, 4), (3, 4)}),
    "invoice": frozenset({(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)}),
}


def _moves(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    """States that an update may set; others have a message of their own or cannot be reached."""
    by_message, moves = _BY_MESSAGE[kind.header], _MOVES[kind.header]

    def check(records: Records, before: Row, row: Row) -> None:
        old, new = before["statecode"], row["statecode"]
        assert isinstance(old, int)
        assert isinstance(new, int)
        if new in by_message:
            code, message = by_message[new]
            raise refused(code, f"This state is not set by an update. Use the {message} message.")
        if (old, new) not in moves:
            raise refused(
                _move_code(kind, old, new), f"The {kind.header} cannot go from state {old} to state {new}."
            )
        if kind is ORDER and new == 1 and row["submitdate"] == before["submitdate"]:
            row["submitdate"] = records.moment()

    return check


def _move_code(kind: DocumentKind, old: int, new: int) -> str:
    if kind is QUOTE and new == 1:
        return "0x80100003"
    if kind is INVOICE:
        return "0x80100000" if new == 2 else "0x80100001"
    return INVALID_STATE_STATUS


def _header_edit(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    def check(records: Records, before: Row, row: Row) -> None:
        changed = [name for name in before if name not in _ALWAYS_OPEN and row[name] != before[name]]
        if changed and not may_edit(records, kind, before, row["_modifiedby_value"]):
            raise refused(kind.read_only_code, f"{kind.read_only_reason} ({', '.join(changed)})")

    return check


# --- headers


def _header_begins(kind: DocumentKind) -> Callable[[Records, Row], None]:
    def complete(records: Records, row: Row) -> None:
        if kind.number is not None and row[kind.number] is None:
            row[kind.number] = records.next_number(kind.header)
        if kind is QUOTE and row["revisionnumber"] is None:
            row["revisionnumber"] = 0
        if row["_transactioncurrencyid_value"] is None:
            row["_transactioncurrencyid_value"] = records.base_currency_id
        _check_currency(records, kind, row)
        price_new_document(records, kind, row, row["_createdby_value"])

    return complete


def _check_currency(records: Records, kind: DocumentKind, row: Row) -> None:
    price_list = row["_pricelevelid_value"]
    if price_list is None:
        return
    currency = records.required_row("pricelevel", str(price_list))["_transactioncurrencyid_value"]
    if currency != row["_transactioncurrencyid_value"]:
        raise refused(
            _CURRENCY_CODES[kind.header],
            "The currency of the record does not match the currency of the price list.",
        )


def _header_changes(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    def check(records: Records, before: Row, row: Row) -> None:
        if row["_transactioncurrencyid_value"] is None:
            row["_transactioncurrencyid_value"] = records.base_currency_id
        if row["_transactioncurrencyid_value"] != before["_transactioncurrencyid_value"]:
            if records.has_children(kind.line, kind.parent_value, row[kind.parent]):
                raise refused("0x80048479", f"The currency of a {kind.header} with lines cannot be changed.")
            _check_currency(records, kind, row)
        elif row["_pricelevelid_value"] != before["_pricelevelid_value"]:
            _check_currency(records, kind, row)
        round_header(records, row)

    return check


def _header_changed(kind: DocumentKind) -> Callable[[Records, Row, Row], None]:
    def follow(records: Records, before: Row, row: Row) -> None:
        header_id, user_id = str(row[kind.parent]), row["_modifiedby_value"]
        unlocked = bool(before.get("ispricelocked")) and not row.get("ispricelocked")
        anew = unlocked or row["_pricelevelid_value"] != before["_pricelevelid_value"]
        touched = any(row[name] != before[name] for name in _TOTALS_FROM)
        if kind is OPPORTUNITY and row["isrevenuesystemcalculated"]:
            touched = touched or row["estimatedvalue"] != before["estimatedvalue"]
            touched = touched or not before["isrevenuesystemcalculated"]
        if anew or touched:
            settle_document(records, kind, header_id, user_id, prices_anew=anew)
        if mirror_of(kind, row) != mirror_of(kind, before):
            _mirror_lines(records, kind, header_id, mirror_of(kind, row))

    return follow


def _mirror_lines(records: Records, kind: DocumentKind, header_id: str, mirror: Row) -> None:
    table = records.schema.tables[kind.line]
    for line in lines_of(records, kind, header_id):
        line.update(mirror)
        records.rewrite(table, line)


def _customer_assigned(table: str) -> Callable[[Records, Row, Row], None]:
    """The documents of a customer go to the customer's new owner, closed ones as well."""

    def follow(records: Records, before: Row, row: Row) -> None:
        if row["_ownerid_value"] != before["_ownerid_value"]:
            _assign_documents(records, str(row[f"{table}id"]), row)

    return follow


def _assign_documents(records: Records, customer_id: str, row: Row) -> None:
    for kind in KINDS:
        where = SqlClause(f"{quoted('_customerid_value')} = ?", (customer_id,))
        for (key,) in records.store.find_keys(kind.header, where):
            header = records.required_row(kind.header, str(key))
            header.update({name: row[name] for name in OWNER_COLUMNS})
            header["modifiedon"], header["_modifiedby_value"] = records.moment(), row["_modifiedby_value"]
            records.rewrite(records.schema.tables[kind.header], header)
            _mirror_lines(records, kind, str(key), mirror_of(kind, header))


def _closed_at_once(records: Records, table: Table, row: Row) -> int:
    """Activities that close a document are done when they are made."""
    return 1


def _document_rules() -> Mapping[str, TableRules]:
    found: dict[str, TableRules] = {**LINE_RULES, "discount": DISCOUNT_RULES}
    for kind in KINDS:
        found[kind.header] = TableRules(
            before_create=_header_begins(kind),
            before_edit=_header_edit(kind),
            before_transition=_moves(kind),
            before_update=_header_changes(kind),
            after_update=_header_changed(kind),
        )
    for activity in ("opportunityclose", "quoteclose", "orderclose"):
        found[activity] = TableRules(initial_state=_closed_at_once)
    for customer in ("account", "contact"):
        found[customer] = TableRules(after_update=_customer_assigned(customer))
    return found


DOCUMENT_RULES = _document_rules()
