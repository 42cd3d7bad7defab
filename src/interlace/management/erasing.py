"""Erasing a person for good, once both services have deleted the record."""

from datetime import datetime
from typing import Annotated

import msgspec

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class FindErasable(OfConnection, frozen=True, kw_only=True):
    """Asks what is remembered of a record that both services have deleted."""

    key: Annotated[str, msgspec.Meta(max_length=400)]
    """On either side, as the journal shows it."""
    mapping: str = ""


class Erase(FindErasable, frozen=True, kw_only=True):
    """Asks to erase it."""


class ErasableRecord(Answer, frozen=True, kw_only=True):
    """A record that can be erased."""

    mapping: str
    erp_key: str
    crm_key: str
    entries: int
    """Entries of the journal that hold its values."""


class Erasables(Answer, frozen=True, kw_only=True):
    """What would be erased."""

    records: tuple[ErasableRecord, ...] = ()
    why_not: str = ""
    """Why nothing can be erased, and what to do first."""


class ErasureShown(Answer, frozen=True, kw_only=True):
    """An erasure as the journal tells of it."""

    mapping: str
    erp_key: str
    crm_key: str
    erased_at: datetime
    erased_by: str
    entries: int
    """Entries of the journal that lost their values."""
    lines: int
    """Lines of the journal files that did."""
    journal_entry: int
    """Number of the journal's entry that tells of it."""


class Erasures(Answer, frozen=True, kw_only=True):
    """Every erasure of a connection, the newest first."""

    erasures: tuple[ErasureShown, ...]


class ListErasures(OfConnection, frozen=True, kw_only=True):
    """Asks for them."""


class Erased(Erasures, frozen=True, kw_only=True):
    """What was erased."""

    message: str


FIND = Operation(
    name="erasing.find",
    asked=FindErasable,
    answer=Erasables,
    permission=Permission.ADMINISTER,
    caption=translatable("Look"),
    tooltip=translatable("Show what is remembered of the record; nothing is erased."),
    command="erase",
)
LIST = Operation(
    name="erasing.list",
    asked=ListErasures,
    answer=Erasures,
    permission=Permission.ADMINISTER,
    caption=translatable("Erasures"),
    tooltip=translatable("Show what was erased, by whom and when."),
    command="journal show",
)
ERASE = Operation(
    name="erasing.erase",
    asked=Erase,
    answer=Erased,
    permission=Permission.ADMINISTER,
    caption=translatable("Erase for Good"),
    tooltip=translatable(
        "Take every value of the record out of the journal, errors, plans and messages. Nothing brings it back."
    ),
    effect=Effect.WRITES,
    command="erase",
    needs_fresh_sign_in=True,
)

OPERATIONS = (FIND, LIST, ERASE)
