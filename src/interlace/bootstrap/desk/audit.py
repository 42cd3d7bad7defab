"""Carries out what is asked about the audit log."""

import asyncio

import msgspec

from interlace.bootstrap.accounts import StoredAccounts
from interlace.management import audit
from interlace.management.audit import (
    EXPORT_ROWS,
    AuditChange,
    AuditEntries,
    AuditEntry,
    AuditVerification,
    ExportedEntries,
    ExportedEntry,
    ExportEntries,
    ListEntries,
    VerifyEntries,
)
from interlace.management.audit_words import meant
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.store.audit import AuditSelection, StoredEntry
from interlace.store.encoding import time_from_text
from interlace.ui.words import words_of

_ROWS_MAX = 500


def add_audit(works: Works, accounts: StoredAccounts) -> None:
    """Let these operations be carried out."""
    log = accounts.state.audit_log

    async def list_entries(caller: Caller, asked: ListEntries) -> AuditEntries:
        """Read entries."""
        limit = min(max(1, asked.limit), _ROWS_MAX)
        selection = AuditSelection(
            user=asked.user,
            operation=asked.operation,
            operations=meant(asked.operation, words_of(caller.language).t),
            refused_only=asked.refused_only,
            since=asked.since,
            until=asked.until,
            before=asked.before,
            limit=limit + 1,
        )
        found = await asyncio.to_thread(log.entries, selection)
        shown = found[:limit]
        return AuditEntries(
            entries=tuple(_entry(each) for each in shown),
            before=shown[-1].sequence if len(found) > limit else None,
        )

    async def verify(_caller: Caller, _asked: VerifyEntries) -> AuditVerification:
        """Check the chain."""
        end = await asyncio.to_thread(log.verify)
        return AuditVerification(
            holds=not end.reason,
            entries=end.sequence,
            head=end.digest.hex(),
            first_wrong=end.first_wrong,
            reason=end.reason,
        )

    async def export(_caller: Caller, asked: ExportEntries) -> ExportedEntries:
        """Write entries as lines."""
        limit = min(max(1, asked.limit), EXPORT_ROWS)
        found = await asyncio.to_thread(log.exported, asked.after, limit)
        entries = tuple(
            ExportedEntry(sequence=each.sequence, digest=each.digest.hex(), text=each.text) for each in found
        )
        return ExportedEntries(entries=entries, after=found[-1].sequence if len(found) == limit else None)

    works.add(audit.LIST, list_entries)
    works.add(audit.VERIFY, verify)
    works.add(audit.EXPORT, export)


def _shown(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def _entry(held: StoredEntry) -> AuditEntry:
    told = held.told
    return AuditEntry(
        sequence=held.sequence,
        at=time_from_text(told.at),
        user=told.user,
        door=told.door,
        address=told.address,
        key=told.key,
        operation=told.operation,
        outcome=told.outcome,
        details=msgspec.json.encode(told.details).decode() if told.details else "",
        changes=tuple(
            AuditChange(what=what, before=_shown(before), after=_shown(after))
            for what, (before, after) in told.changes.items()
        ),
    )
