"""Carries the notes that people write on a CRM order to its ERP order, as comment lines; each note once.

The first comment line of a note is written last, and its code says that the whole note is there. What becomes of
comment lines afterwards is up to the ERP's people, and what becomes of the note to the CRM's.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import Change, Changes, Delete, FoundRecord, Insert, Observation, Step
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.lead_to_cash.note_text import note_lines
from interlace.lead_to_cash.order_columns import COMMENT_TABLE, NOTE_MARK, NOTE_MARK_COLUMN
from interlace.lead_to_cash.order_notes import Note, insert_note
from interlace.lead_to_cash.order_stages import order_record
from interlace.lead_to_cash.order_values import as_text, cut, day_of, number_of, option_of, text_of
from interlace.locale.translatable import translatable

COMMENTS: Final = "comment lines"
"""Name of the look that holds the comment lines of the ERP order."""

_ORDER: Final = "Order"
_OF_HEADER: Final = 0
_FIRST: Final = 100_000_000
"""People's own comment lines are numbered below."""
_STEP: Final = 64
_SLOTS: Final = (2**31 - _FIRST) // _STEP - 10_000
_AT_ONCE: Final = 200
_TOLD_LENGTH: Final = 60
_CONTINUED: Final = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A note with the place of its comment lines."""

    note: FoundRecord
    code: str
    start: int
    lines: tuple[str, ...]


def is_of_people(note: FoundRecord) -> bool:
    """Tell whether a note on a CRM order is not one of ours."""
    return text_of(note, NOTE_MARK_COLUMN) != NOTE_MARK


def carry_notes(observation: Observation, document: FoundRecord) -> Step | None:
    """Return the next write that brings notes to the ERP order; None: they are there, or there is no order."""
    order = order_record(observation)
    notes = {
        note.key: lines
        for note in observation.records("notes")
        if is_of_people(note) and (lines := note_lines(note))
    }
    if order is None or not notes:
        return None
    number = text_of(order, "No")
    lacking = observation.lacking.get(COMMENTS)
    if lacking is not None:
        return _say_lacking(observation, document, number, lacking)
    there = _comments(observation, number)
    placed = _place(observation, document, notes, there)
    return (
        _write_bodies(number, placed, there)
        or _clear_leavings(placed, there)
        or _write_first_lines(number, placed)
    )


def _say_lacking(observation: Observation, document: FoundRecord, number: str, lacking: str) -> Insert | None:
    text = translatable(
        "The notes on this order did not go to the ERP order {number}. {lacking} In the ERP, publish the page "
        "Sales Comment Sheet as web service SalesCommentLines, and let Interlace's user read and write it. The notes "
        "go there with the next look at the order then; the order itself does not wait for it.",
        number=number,
        lacking=" ".join(lacking.split()),
    )
    subject = translatable("Notes are not in the ERP order {number}", number=number)
    note = Note(event="notes not carried", subject=subject, text=text)
    return insert_note(observation, document, note, tells=text)


# --- where the lines of a note stand


def _comments(observation: Observation, number: str) -> dict[int, FoundRecord]:
    """Return the comment lines of the order's header by their number."""
    return {
        number_of(line, "Line_No") or 0: line
        for line in observation.found.get(COMMENTS, {}).values()
        if option_of(line, "Document_Type") == _ORDER
        and text_of(line, "No") == number
        and (number_of(line, "Document_Line_No") or 0) == _OF_HEADER
    }


def _code(note: FoundRecord) -> str:
    """Return the code of a note's first comment line: it tells the note from all others."""
    digest = hashlib.blake2b(note.key.casefold().encode(), digest_size=5).digest()
    return f"N{base64.b32encode(digest).decode()}"


def _place(
    observation: Observation,
    document: FoundRecord,
    notes: Mapping[str, tuple[str, ...]],
    there: Mapping[int, FoundRecord],
) -> list[_Placed]:
    """Give each note that is not there yet its place, oldest first.

    A note's place follows from its own age alone, unless somebody's lines are in the way: so a write that
    takes effect late meets the very line that was written instead.
    """
    codes = {text_of(line, "Code") for line in there.values()}
    missing = [
        note for note in observation.records("notes") if note.key in notes and _code(note) not in codes
    ]
    missing.sort(key=lambda note: (as_text(note.values.get("createdon")), note.key))
    continued = {_code(note) + _CONTINUED for note in missing}
    taken = {number for number, line in there.items() if text_of(line, "Code") not in continued}
    placed = []
    for note in missing:
        start, size = _FIRST + _STEP * _slot(document, note), len(notes[note.key])
        while not taken.isdisjoint(range(start, start + size)):
            start += _STEP
        taken |= set(range(start, start + size))
        placed.append(_Placed(note=note, code=_code(note), start=start, lines=notes[note.key]))
    return placed


def _slot(document: FoundRecord, note: FoundRecord) -> int:
    """Return how many seconds younger than its order a note is."""
    born, written = (as_text(each.values.get("createdon")) for each in (document, note))
    if not born or not written:
        return 0
    seconds = (datetime.fromisoformat(written) - datetime.fromisoformat(born)).total_seconds()
    return min(max(int(seconds), 0), _SLOTS)


# --- writing


def _write_bodies(number: str, placed: list[_Placed], there: Mapping[int, FoundRecord]) -> Changes | None:
    """Write all lines but the first ones; a note that was changed while it was carried is carried as it is now."""
    writes: list[Change | Insert] = []
    for each in placed:
        for place, text in enumerate(each.lines[1:], start=each.start + 1):
            line = there.get(place)
            if line is None:
                writes.append(_insert(number, each, place, text, tells=""))
            elif text_of(line, "Comment") != text:
                writes.append(
                    Change(
                        side=Side.ERP,
                        table=COMMENT_TABLE,
                        key=line.key,
                        tag=line.tag,
                        values={"Comment": text},
                        tells="",
                    )
                )
    return Changes(changes=tuple(writes[:_AT_ONCE])) if writes else None


def _clear_leavings(placed: list[_Placed], there: Mapping[int, FoundRecord]) -> Delete | None:
    """Delete lines of a note that became shorter, or stands elsewhere now, before all of it was carried."""
    wanted = {place for each in placed for place in range(each.start, each.start + len(each.lines))}
    codes = {each.code + _CONTINUED for each in placed}
    for place, line in there.items():
        if text_of(line, "Code") in codes and place not in wanted:
            return Delete(side=Side.ERP, table=COMMENT_TABLE, key=line.key, tag=line.tag, tells="")
    return None


def _write_first_lines(number: str, placed: list[_Placed]) -> Changes | None:
    writes = [
        _insert(
            number,
            each,
            each.start,
            each.lines[0],
            tells=translatable(
                "A note went to the ERP order {number}: {text}",
                number=number,
                text=cut(each.lines[0], _TOLD_LENGTH),
            ),
        )
        for each in placed[:_AT_ONCE]
    ]
    return Changes(changes=tuple(writes)) if writes else None


def _insert(number: str, placed: _Placed, place: int, text: str, *, tells: str) -> Insert:
    is_first = place == placed.start
    values: dict[str, Value] = {
        "Code": placed.code if is_first else placed.code + _CONTINUED,
        "Comment": text,
    }
    day = day_of(placed.note, "createdon")
    if day is not None:
        values["Date"] = day
    return Insert(
        side=Side.ERP,
        table=COMMENT_TABLE,
        key=KEY_SEPARATOR.join((_ORDER, number, str(_OF_HEADER), str(place))),
        values=values,
        tells=tells,
    )
