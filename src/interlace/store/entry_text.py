"""The one text of a journal entry: in the journal, in an intent, in a journal file."""

from datetime import datetime
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

import msgspec

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import JournalEntry
from interlace.store.encoding import time_from_text, time_to_text, to_canonical_json


class Erased(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What shows of an entry, or a line of a journal file, that an erasure took its content and nothing else."""

    digest: str
    """Its digest in its chain, which the next one's covers."""
    left: str = ""
    """Digest of what was left in its place by itself; a line of a file leaves nothing."""


class EntryText(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A journal entry as it is written down; entries of older versions lack what came later.

    Values are decoded untyped: a type of text and Decimal together is one that the decoder can't tell apart.
    """

    mapping: str
    side: str
    key: str
    action: str
    job_id: str
    before: dict[str, Any] | None
    after: dict[str, Any]
    lost: dict[str, Any]
    at: str = ""
    """When the journal took it up; an intent's entry has no time yet."""
    source_key: str = ""
    agreed_before: dict[str, tuple[Any, Any] | None] = {}
    certain: bool = True
    salt: str = ""
    """Drawn for this entry: once its values are erased, nobody finds them again by trying which ones fit its digest."""
    is_erased: bool = False
    """Its values were erased; what is left names the record."""
    erased: dict[str, Erased] = {}
    """Of an erasure: entries by their numbers, and lines by file and number, that lost their content."""
    by: str = ""
    """Who had it erased."""

    def entry(self) -> JournalEntry:
        """Return the entry."""
        return JournalEntry(
            mapping=MappingName(self.mapping),
            side=Side(self.side),
            key=self.key,
            action=self.action,
            job_id=self.job_id,
            before=self.before,
            after=self.after,
            lost=self.lost,
            source_key=self.source_key,
            agreed_before=self.agreed_before,
            certain=self.certain,
        )

    def moment(self) -> datetime:
        """Return when the journal took the entry up."""
        return time_from_text(self.at)


_decoder = msgspec.json.Decoder(EntryText, float_hook=Decimal)


def entry_text(entry: JournalEntry, moment: datetime | None = None, salt: str = "") -> EntryText:
    """Return an entry as it is written down: when the journal takes it up, with the salt that is drawn for it there."""
    return EntryText(
        mapping=entry.mapping,
        side=entry.side.value,
        key=entry.key,
        action=entry.action,
        job_id=entry.job_id,
        before=entry.before,
        after=entry.after,
        lost=entry.lost,
        at="" if moment is None else time_to_text(moment),
        source_key=entry.source_key,
        agreed_before=entry.agreed_before,
        certain=entry.certain,
        salt=salt,
    )


def entry_to_text(entry: JournalEntry, moment: datetime | None = None, salt: str = "") -> str:
    """Write an entry down, as `entry_text` returns it."""
    return to_canonical_json(entry_text(entry, moment, salt))


def has_values(entry: EntryText | JournalEntry) -> bool:
    """Tell whether an entry tells any value of its record."""
    return bool(entry.before or entry.after or entry.lost or entry.agreed_before)


def drawn_salt() -> str:
    """Draw a salt for an entry: 96 bits, more than can be tried."""
    return token_urlsafe(12)


def decoded(text: str) -> EntryText:
    """Decode what entry_to_text wrote."""
    return _decoder.decode(text)


def entry_from_text(text: str) -> JournalEntry:
    """Decode an entry, leaving its moment out."""
    return decoded(text).entry()
