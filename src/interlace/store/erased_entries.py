"""What erasures took out of the journal, as their own entries tell: so its chains of digests go on to hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.store.chain import START, EntryRow, next_digest
from interlace.store.entry_text import Erased, decoded
from interlace.store.schema import journal

ERASE: Final = "erase"
"""Action of an entry that tells of an erasure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedKeys:
    """The keys of a record and, where it had one, its partner's; blank: none."""

    erp: str = ""
    crm: str = ""

    @property
    def both(self) -> tuple[str, ...]:
        """Return those there are."""
        return tuple(filter(None, (self.erp, self.crm)))

    def of(self, side: Side) -> str:
        """Return the key on a side."""
        return self.erp if side is Side.ERP else self.crm


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldErasure:
    """An erasure as the journal tells of it."""

    connection_id: str
    mapping: MappingName
    keys: ErasedKeys
    at: datetime
    by: str
    sequence: int
    """Number of the entry that tells of it."""
    entries: int
    lines: int


class ErasedEntries:
    """Entries and lines of journal files whose content was erased."""

    def __init__(self, told: Mapping[str, Erased]) -> None:
        """`told`: by the number of an entry, or `line_name` of a line."""
        self._told = told

    def explain(self, row: EntryRow) -> bool:
        """Tell whether an entry holds exactly what an erasure left in its place."""
        told = self._told.get(str(row.sequence))
        if told is None or told.digest != bytes(row.digest).hex():
            return False
        return told.left == digest_by_itself(row.entry)

    def explain_line(self, file: str, number: int, digest: str) -> bool:
        """Tell whether an erasure emptied a line that had this digest."""
        told = self._told.get(line_name(file, number))
        return told is not None and told.digest == digest


def line_name(file: str, number: int) -> str:
    """Name a line of a journal file, counted from 1."""
    return f"{file}:{number}"


def digest_by_itself(text: str) -> str:
    """Return the digest of an entry that no other one stands before."""
    return next_digest(START, text.encode()).hex()


def read_erasures(connection: sa.Connection) -> list[ToldErasure]:
    """Read the erasures of every connection, in their order."""
    columns = (journal.c.connection_id, journal.c.sequence, journal.c.entry)
    query = sa.select(*columns).where(journal.c.action == ERASE)
    found = []
    for row in connection.execute(query.order_by(journal.c.connection_id, journal.c.sequence)):
        told = decoded(row.entry)
        keys = {Side(told.side): told.key, Side(told.side).other: told.source_key}
        lines = sum(":" in each for each in told.erased)
        found.append(
            ToldErasure(
                connection_id=row.connection_id,
                mapping=MappingName(told.mapping),
                keys=ErasedKeys(erp=keys[Side.ERP], crm=keys[Side.CRM]),
                at=told.moment(),
                by=told.by,
                sequence=row.sequence,
                entries=len(told.erased) - lines,
                lines=lines,
            )
        )
    return found


def read_erased(connection: sa.Connection, connection_id: str | None = None) -> ErasedEntries:
    """Read what was erased of a connection; of all of them, for the files that they share."""
    query = sa.select(journal.c.entry).where(journal.c.action == ERASE)
    if connection_id is not None:
        query = query.where(journal.c.connection_id == connection_id)
    told: dict[str, Erased] = {}
    for row in connection.execute(query):
        told.update(decoded(row.entry).erased)
    return ErasedEntries(told)
