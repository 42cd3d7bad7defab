"""The one text of a journal entry: in the journal, in an intent, in a journal file; equal entries, equal text."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import JournalEntry
from interlace.store.encoding import time_from_text, time_to_text, to_canonical_json


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


def entry_to_text(entry: JournalEntry, moment: datetime | None = None) -> str:
    """Write an entry down, with the moment at which the journal takes it up."""
    return to_canonical_json(
        EntryText(
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
        )
    )


def decoded(text: str) -> EntryText:
    """Decode what entry_to_text wrote."""
    return _decoder.decode(text)


def entry_from_text(text: str) -> JournalEntry:
    """Decode an entry, leaving its moment out."""
    return decoded(text).entry()
