"""The actions that can be called on a record: those of API v2.0, and those of the page services.

An action returns the record that came of it, to which the answer points, or None.
"""

from collections.abc import Callable, Mapping
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application
from interlace.sandbox.erp.posting.document_conversion import (
    cancel_invoice,
    make_corrective_credit_memo,
    make_invoice,
    make_order,
)
from interlace.sandbox.erp.posting.journal_posting import post_journal
from interlace.sandbox.erp.posting.release import name_of, release, reopen
from interlace.sandbox.erp.posting.sales_posting import post_sales
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import lines_of

Parameters = Mapping[str, object]
Action = Callable[[Application, Record, Parameters], Record | None]


def _ship_and_invoice(erp: Application, record: Record, parameters: Parameters) -> Record:
    if not lines_of(erp, record):
        raise refusals.dialog(f"{name_of(record)} has no lines. Add lines before you post it.")
    return post_sales(erp, record, ship=True, invoice=True)


def _post_order(erp: Application, record: Record, parameters: Parameters) -> Record:
    ship, invoice = _flag(parameters, "ship"), _flag(parameters, "invoice")
    if not ship and not invoice:
        raise refusals.bad_body("The parameters ship and invoice are both false. Set one of them to true.")
    return post_sales(erp, record, ship=ship, invoice=invoice)


def _flag(parameters: Parameters, name: str) -> bool:
    value = parameters.get(name)
    if not isinstance(value, bool):
        raise refusals.parameter_missing(name)
    return value


def _is_draft(record: Record) -> bool:
    return record.table.name == "Sales_Header"


def _post_draft(erp: Application, record: Record, parameters: Parameters) -> Record:
    if not _is_draft(record):
        raise refusals.dialog(f"The document {record.text('No')} has been posted already.")
    return post_sales(erp, record, ship=True, invoice=True)


def _posted_invoice(record: Record) -> Record:
    if _is_draft(record):
        raise refusals.dialog(f"Invoice {record.text('No')} is a draft: delete it instead of cancelling it.")
    return record


def _cancel(erp: Application, record: Record, parameters: Parameters) -> None:
    cancel_invoice(erp, _posted_invoice(record))


def _correct(erp: Application, record: Record, parameters: Parameters) -> Record:
    return make_corrective_credit_memo(erp, _posted_invoice(record))


def _send(erp: Application, record: Record, parameters: Parameters) -> None:
    raise refusals.dialog(
        f"The document {record.text('No')} cannot be sent: this company has no e-mail account set up."
    )


def _make_order(erp: Application, record: Record, parameters: Parameters) -> Record:
    return make_order(erp, record)


def _make_invoice(erp: Application, record: Record, parameters: Parameters) -> Record:
    return make_invoice(erp, record)


def _release(erp: Application, record: Record, parameters: Parameters) -> None:
    release(erp, record)


def _reopen(erp: Application, record: Record, parameters: Parameters) -> None:
    reopen(erp, record)


def _post_journal(erp: Application, record: Record, parameters: Parameters) -> None:
    post_journal(erp, record)


_STATES: Final[Mapping[str, Action]] = {"Release": _release, "Reopen": _reopen}

# Set: action: what it does. The names are the service's own, and case-sensitive.
BOUND_ACTIONS: Final[Mapping[str, Mapping[str, Action]]] = {
    "salesQuotes": {"makeOrder": _make_order, "makeInvoice": _make_invoice, "send": _send},
    "salesOrders": {"shipAndInvoice": _ship_and_invoice},
    "salesInvoices": {
        "post": _post_draft,
        "postAndSend": _send,
        "send": _send,
        "cancel": _cancel,
        "cancelAndSend": _send,
        "makeCorrectiveCreditMemo": _correct,
    },
    "salesCreditMemos": {"post": _post_draft, "postAndSend": _send, "send": _send},
    "journals": {"post": _post_journal},
    "SalesQuote": {"MakeOrder": _make_order, "MakeInvoice": _make_invoice, **_STATES},
    "SalesOrder": {"Post": _post_order, **_STATES},
    "SalesInvoice": {"Post": _post_draft, **_STATES},
    "SalesCreditMemo": {"Post": _post_draft, **_STATES},
    "PostedSalesInvoice": {"Cancel": _cancel, "CreateCorrectiveCreditMemo": _correct},
    "CashReceiptJournalBatches": {"Post": _post_journal},
}
