"""Notes on the CRM order: one for each thing that happened to the ERP order, each written once."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from interlace.domain.saga import FoundRecord, Insert, Observation
from interlace.domain.side import Side
from interlace.lead_to_cash import order_stages as stages
from interlace.lead_to_cash.order_columns import CRM_TABLE, NOTE_MARK, NOTE_MARK_COLUMN, NOTE_TABLE
from interlace.lead_to_cash.order_parties import money_digits
from interlace.lead_to_cash.order_stages import (
    ErpState,
    invoices_of,
    invoices_of_copies,
    is_paid,
    number_of_order,
)
from interlace.lead_to_cash.order_values import amount_of, day_of, is_set, money, shown_day, text_of
from interlace.locale.translatable import as_sentence, translatable

_NAMESPACE: Final = uuid.UUID("0f0fc0de-6d5b-5a1c-9f57-2f3a0c9d1e42")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that happened to an ERP order."""

    event: str
    """Tells the event from all others of the order."""
    subject: str
    text: str


def missing_note(observation: Observation, document: FoundRecord, state: ErpState) -> Insert | None:
    """Return the first note that the CRM order lacks, None if it has all."""
    for note in _notes(observation, document, state):
        missing = insert_note(observation, document, note)
        if missing is not None:
            return missing
    return None


def insert_note(
    observation: Observation, document: FoundRecord, note: Note, *, tells: str = ""
) -> Insert | None:
    """Return the step that adds a note, None if it is there; the timeline says its subject, or what is given."""
    key = str(uuid.uuid5(_NAMESPACE, f"{document.key}/{number_of_order(observation)}/{note.event}"))
    if key in observation.found["notes"]:
        return None
    return Insert(
        side=Side.CRM,
        table=NOTE_TABLE,
        key=key,
        values={
            # As plain text: the CRM shows one language to everybody.
            "subject": str(note.subject),
            "notetext": str(note.text),
            "objectid": document.key,
            NOTE_MARK_COLUMN: NOTE_MARK,
        },
        tells=tells or translatable("A note was added: {subject}.", subject=as_sentence(note.subject)),
        lookup_targets=(("objectid", CRM_TABLE),),
    )


def _notes(observation: Observation, document: FoundRecord, state: ErpState) -> Iterator[Note]:
    number = number_of_order(observation)
    digits = money_digits(observation, document)
    if state.stage == stages.RELEASED:
        yield Note(
            event="released",
            subject=translatable("ERP order {number} released", number=number),
            text=translatable("The ERP order {number} was released: it can be shipped.", number=number),
        )
    for shipment in observation.records("shipments"):
        yield _shipment(shipment, number)
    for invoice in invoices_of(observation):
        yield from _invoice(invoice, number, digits)
    for invoice in invoices_of_copies(observation):
        yield _invoice_of_copy(invoice)
    if state.stage == stages.DELETED:
        yield Note(
            event="deleted",
            subject=translatable("ERP order {number} deleted", number=number),
            text=translatable(
                "The ERP order {number} was deleted without being shipped. Submit the order again to have it "
                "created anew.",
                number=number,
            ),
        )


def _shipment(shipment: FoundRecord, number: str) -> Note:
    name = text_of(shipment, "No")
    return Note(
        event=f"shipment {name}",
        subject=translatable("Shipment {name} posted", name=name),
        text=translatable(
            "Shipment {name} of ERP order {number} was posted on {day}.",
            name=name,
            number=number,
            day=shown_day(day_of(shipment, "Posting_Date")),
        ),
    )


def _invoice(invoice: FoundRecord, number: str, digits: int) -> Iterator[Note]:
    name = text_of(invoice, "No")
    net, gross = amount_of(invoice, "Amount"), amount_of(invoice, "Amount_Including_VAT")
    yield Note(
        event=f"invoice {name}",
        subject=translatable("Invoice {name} posted", name=name),
        text=translatable(
            "Invoice {name} of ERP order {number} was posted on {day}: {net} without tax, {gross} with tax.",
            name=name,
            number=number,
            day=shown_day(day_of(invoice, "Posting_Date")),
            net=money(net, digits),
            gross=money(gross, digits),
        ),
    )
    if is_set(invoice, "Cancelled"):
        yield Note(
            event=f"cancelled {name}",
            subject=translatable("Invoice {name} cancelled", name=name),
            text=translatable(
                "Invoice {name} of ERP order {number} was cancelled in the ERP.", name=name, number=number
            ),
        )
    elif is_paid(invoice):
        yield Note(
            event=f"paid {name}",
            subject=translatable("Invoice {name} paid", name=name),
            text=translatable(
                "Nothing remains to be paid of invoice {name} of ERP order {number}.",
                name=name,
                number=number,
            ),
        )


def _invoice_of_copy(invoice: FoundRecord) -> Note:
    name, order = text_of(invoice, "No"), text_of(invoice, "Order_No")
    return Note(
        event=f"copy {name}",
        subject=translatable("Invoice {name} is of another order", name=name),
        text=translatable(
            "Invoice {name} of ERP order {number} carries this order's mark, as ERP order {number} was copied. It is "
            "not counted as this order's.",
            name=name,
            number=order,
        ),
    )
