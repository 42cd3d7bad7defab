"""How far an order has come: its status in one word, its number in the ERP, its timeline."""

from __future__ import annotations

from htpy import Element

from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords, equals
from interlace.sandbox.entity_store import OrderColumn
from interlace.ui.badge import Tone, badge
from interlace.ui.timeline import Event

STATUS_COLUMN = "ilc_orderstatus"
_STATE_TONES = {0: Tone.NEUTRAL, 1: Tone.BUSY, 2: Tone.BAD, 3: Tone.GOOD, 4: Tone.GOOD}
# The ERP's words begin with these.
_STATUS_TONES = (
    ("on hold", Tone.WARN),
    ("cancel", Tone.BAD),
    ("delete", Tone.BAD),
    ("partially", Tone.BUSY),
    ("shipped", Tone.GOOD),
    ("invoiced", Tone.GOOD),
    ("paid", Tone.GOOD),
)
# Parts of a composite ERP key stand behind one another with this between them.
_KEY_SEPARATOR = "\x1f"


def status_badge(order: Shown) -> Element:
    """The status that the ERP reports, or the order's own state before it does."""
    status = order.text(STATUS_COLUMN)
    if not status:
        return badge(order.label("statecode"), _STATE_TONES.get(order.state, Tone.NEUTRAL))
    tones = (tone for begin, tone in _STATUS_TONES if status.lower().startswith(begin))
    return badge(status, next(tones, Tone.BUSY))


def hold_reason(order: Shown) -> str:
    """Why the order waits and what to do; empty when it does not wait."""
    is_held = order.text(STATUS_COLUMN).lower().startswith("on hold")
    return order.text("submitstatusdescription") if is_held else ""


def erp_number(record: Shown) -> str:
    """The number that the ERP gave the record; empty before it has one."""
    return record.text("ilc_erpkey").rpartition(_KEY_SEPARATOR)[2]


def author_of(record: Shown) -> str:
    """Who made a record; the names of programs begin with a sign of their own, which is left out."""
    return record.label("createdby").removeprefix("# ")


def _attached(note: Shown) -> str:
    name = note.text("filename")
    return f"Attached: {name}" if name else ""


def notes_of(shown: ShownRecords, record: Shown) -> list[Event]:
    """The notes on a record, newest first."""
    newest_first = (OrderColumn("createdon", descending=True), OrderColumn("_version", descending=True))
    return [
        Event(
            moment=note.moment("createdon"),
            title=note.text("subject") or "Note",
            text="\n".join(filter(None, (note.text("notetext"), _attached(note)))),
            author=author_of(note),
        )
        for note in shown.listed("annotation", equals("_objectid_value", record.id), newest_first)
    ]


def timeline_of(shown: ShownRecords, order: Shown) -> list[Event]:
    """Everything that happened to an order, newest first."""
    events = notes_of(shown, order)
    steps = (
        ("lastbackofficesubmit", "Taken over by the ERP", Tone.BUSY),
        ("submitdate", "Submitted", Tone.BUSY),
        ("createdon", "Created", Tone.NEUTRAL),
    )
    for column, title, tone in steps:
        moment = order.moment(column)
        if moment is not None:
            author = author_of(order) if column == "createdon" else ""
            events.append(Event(moment=moment, title=title, author=author, tone=tone))
    dated = [(event.moment, event) for event in events if event.moment is not None]
    return [event for _, event in sorted(dated, key=lambda pair: pair[0], reverse=True)]
