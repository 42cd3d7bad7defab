"""The audit log: append-only, each entry chained to the one before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from interlace.locale.translatable import translatable
from interlace.store.account_tables import audit_entry, audit_head
from interlace.store.audit_heads import AuditHeads
from interlace.store.chain import START, ChainEnd, EntryRow, follow, next_digest
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import time_to_text

_VERIFY_BATCH = 5000
_HEAD = sa.select(audit_head.c.sequence, audit_head.c.digest)


class AuditText(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is written; control characters are escaped by the encoding."""

    at: str
    user: str
    door: str
    address: str
    operation: str
    outcome: str = ""
    key: str = ""
    details: Mapping[str, object] = {}
    changes: Mapping[str, tuple[object, object]] = {}
    """Value before and after, by what was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry with its place."""

    sequence: int
    text: str
    digest: bytes

    @property
    def told(self) -> AuditText:
        """What it tells."""
        return _decoder.decode(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSelection:
    """Which entries are asked for; everything given must hold."""

    user: str = ""
    operation: str = ""
    """An operation's name, or an area."""
    operations: Sequence[str] = ()
    """Further names: what is one of them fits, too."""
    refused_only: bool = False
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None
    newest_first: bool = True
    limit: int = 100


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=str, decimal_format="string")
_decoder = msgspec.json.Decoder(AuditText)


class AuditLog:
    """Every entry."""

    def __init__(self, database: Database, clock: Clock, heads: AuditHeads | None = None) -> None:
        self._database = database
        self._clock = clock
        self._heads = heads or AuditHeads(None)
        self.appended: set[str] = set()
        """Names of what was appended through this one."""

    def now(self) -> str:
        """Return the time as entries tell it."""
        return time_to_text(self._clock())

    def append(self, told: AuditText) -> None:
        """Append an entry."""
        text = _encoder.encode(told).decode()
        with self._database.write() as connection:
            connection.execute(_FIRST_HEAD, {"digest": START})
            head = connection.execute(_HEAD.with_for_update()).one()
            sequence, digest = int(head.sequence) + 1, next_digest(bytes(head.digest), text.encode())
            connection.execute(
                sa.insert(audit_entry).values(
                    sequence=sequence,
                    entry=text,
                    digest=digest,
                    at=told.at,
                    user_name=told.user,
                    operation=told.operation,
                    refused=bool(told.outcome),
                )
            )
            connection.execute(sa.update(audit_head).values(sequence=sequence, digest=digest))
        self.appended.add(told.operation)
        self._heads.note(told.at, int(head.sequence), bytes(head.digest))

    def entries(self, selection: AuditSelection) -> list[StoredEntry]:
        """Return selected entries in the order of the selection."""
        terms: list[sa.ColumnElement[bool]] = []
        if selection.user:
            terms.append(audit_entry.c.user_name == selection.user)
        if selection.operation:
            named = audit_entry.c.operation == selection.operation
            area = audit_entry.c.operation.startswith(f"{selection.operation}.", autoescape=True)
            terms.append(sa.or_(named, area, audit_entry.c.operation.in_(selection.operations)))
        if selection.refused_only:
            terms.append(audit_entry.c.refused.is_(True))
        if selection.since is not None:
            terms.append(audit_entry.c.at >= time_to_text(selection.since))
        if selection.until is not None:
            terms.append(audit_entry.c.at < time_to_text(selection.until))
        if selection.before is not None:
            terms.append(audit_entry.c.sequence < selection.before)
        if selection.after is not None:
            terms.append(audit_entry.c.sequence > selection.after)
        place = audit_entry.c.sequence
        order = place.desc() if selection.newest_first else place.asc()
        query = sa.select(audit_entry).where(*terms).order_by(order)
        return self._read(query.limit(selection.limit))

    def exported(self, after: int, limit: int) -> list[StoredEntry]:
        """Return entries in order, beginning after one."""
        query = sa.select(audit_entry).where(audit_entry.c.sequence > after)
        return self._read(query.order_by(audit_entry.c.sequence).limit(limit))

    def verify(self) -> ChainEnd:
        """Compute every digest anew and compare, with the heads that were noted elsewhere, too."""
        with self._database.read() as connection:

            def rows_after(sequence: int) -> Sequence[EntryRow]:
                query = sa.select(audit_entry).where(audit_entry.c.sequence > sequence)
                return connection.execute(query.order_by(audit_entry.c.sequence).limit(_VERIFY_BATCH)).all()

            head = connection.execute(_HEAD).first()
            if head is None:
                head = connection.execute(sa.select(sa.literal(0).label("sequence"), _NO_DIGEST)).one()
            end = follow(rows_after, head, _filed_wrong)
            return end if end.reason else self._held_against_heads(connection, end)

    def _held_against_heads(self, connection: sa.Connection, end: ChainEnd) -> ChainEnd:
        """Look for a head that the log no longer leads to: the chain holds, but it is another one."""
        for head in self._heads.every():
            query = sa.select(audit_entry.c.digest).where(audit_entry.c.sequence == head.sequence)
            digest = connection.execute(query).scalar()
            if digest is None or bytes(digest).hex() != head.digest:
                reason = translatable(
                    "entry {entry} is not the one that was noted on {day}: the log was written anew, or the database "
                    "is an older copy",
                    entry=head.sequence,
                    day=head.at[:10],
                )
                return ChainEnd(sequence=head.sequence - 1, digest=end.digest, reason=reason)
        return end

    def _read(self, query: sa.Select[*tuple[object, ...]]) -> list[StoredEntry]:
        with self._database.read() as connection:
            return [
                StoredEntry(sequence=int(row.sequence), text=row.entry, digest=bytes(row.digest))
                for row in connection.execute(query)
            ]


_NO_DIGEST = sa.literal(START, sa.LargeBinary).label("digest")
_FIRST_HEAD = sa.text(
    "INSERT INTO audit_head (id, sequence, digest) VALUES (1, 0, :digest) ON CONFLICT DO NOTHING"
)


def _filed_wrong(row: EntryRow) -> str:
    told = _decoder.decode(row.entry)
    held = (row.at, row.user_name, row.operation, bool(row.refused))
    is_right = held == (told.at, told.user, told.operation, bool(told.outcome))
    if is_right:
        return ""
    return translatable(
        "entry {entry} is filed under another time, user or operation than it tells of",
        entry=int(row.sequence),
    )
