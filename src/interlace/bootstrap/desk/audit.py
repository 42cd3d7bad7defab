"""Carries out what is asked about the audit log."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import msgspec

from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.carry_out import off_loop
from interlace.bootstrap.desk.walked_list import Stretch, WalkedList
from interlace.bootstrap.desk.wanted_rows import Wanted, wanted_rows
from interlace.domain.filter_nodes import Equal, Filter
from interlace.management import audit
from interlace.management.audit import (
    AUDIT_COLUMNS,
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
from interlace.management.audit_words import done, meant
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.listing import HeldValue, held_values
from interlace.store.audit import AuditSelection, StoredEntry
from interlace.store.encoding import time_from_text
from interlace.ui.words import words_of


def add_audit(works: Works, accounts: StoredAccounts) -> None:
    """Let these operations be carried out."""
    log = accounts.state.audit_log

    async def list_entries(caller: Caller, asked: ListEntries) -> AuditEntries:
        """Read a page of entries."""
        say = words_of(caller.language).t
        wanted: Wanted[AuditEntry] = wanted_rows(
            caller, asked, AUDIT_COLUMNS, lambda row, name: _values(row, name, say)
        )
        selected = AuditSelection(
            user=asked.user or _exactly(wanted.filters.get("user")),
            operation=asked.operation,
            operations=meant(asked.operation, say),
            refused_only=asked.refused_only,
            since=asked.since,
            until=asked.until,
        )

        def rows(stretch: Stretch) -> list[AuditEntry]:
            """Read entries beyond one."""
            beyond = stretch.beyond or None
            selection = replace(
                selected,
                newest_first=stretch.newest_first,
                before=beyond if stretch.newest_first else None,
                after=None if stretch.newest_first else beyond,
                limit=stretch.limit,
            )
            return [_entry(each) for each in log.entries(selection)]

        listed: WalkedList[AuditEntry, AuditEntries] = WalkedList(read=rows, answer=AuditEntries)
        return await off_loop(listed.page, asked, wanted)

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
        # Each page that is exported adds an entry: one by one, the end would never be reached.
        limit = min(max(2, asked.limit), EXPORT_ROWS)
        found = await asyncio.to_thread(log.exported, asked.after, limit)
        entries = tuple(
            ExportedEntry(sequence=each.sequence, digest=each.digest.hex(), text=each.text) for each in found
        )
        return ExportedEntries(entries=entries, after=found[-1].sequence if len(found) == limit else None)

    works.add(audit.LIST, list_entries)
    works.add(audit.VERIFY, verify)
    works.add(audit.EXPORT, export)


def _values(row: AuditEntry, name: str, say: Callable[[str], str]) -> tuple[HeldValue, ...]:
    """Find an action by its technical name, and by the words of its page and button."""
    if name != "operation":
        return held_values(row, name)
    told = done(row.operation)
    return row.operation, told, say(told)


def _exactly(node: Filter | None) -> str:
    """Let the index find what a filter names exactly."""
    is_exact = isinstance(node, Equal) and not node.negated and not node.ignore_case
    return str(node.value) if is_exact and isinstance(node, Equal) else ""


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
