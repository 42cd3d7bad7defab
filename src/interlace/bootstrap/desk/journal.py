"""Carries out what is asked about the journal."""

from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.serving import Server
from interlace.domain.values import Value
from interlace.locale.translatable import as_sentence, joined, translatable
from interlace.management import journal
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.journal import (
    FieldWritten,
    JournalVerified,
    ShowJournal,
    VerifyJournal,
    Write,
    Writes,
)
from interlace.store.journal import JournalledWrite, JournalSelection

_LIMIT_MAX = 500


def add_journal(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application = server.application

    async def show(caller: Caller, asked: ShowJournal) -> Writes:
        """Read entries."""
        held = await connection_of(application, caller, asked)
        limit = max(1, min(asked.limit, _LIMIT_MAX))
        selection = JournalSelection(
            key=asked.key or None,
            mapping=asked.mapping or None,
            job_ids=(asked.job_id,) if asked.job_id else None,
            field=asked.field or None,
            after=asked.after,
            before=asked.before,
            newest_first=asked.newest_first,
            limit=limit + 1,
        )
        found = await off_loop(application.state.queries.journalled_writes, held.id, selection)
        return Writes(
            writes=tuple(shown_write(each) for each in found[:limit]),
            next_after=found[limit - 1].sequence if len(found) > limit else None,
        )

    async def verify(caller: Caller, asked: VerifyJournal) -> JournalVerified:
        """Check the chain."""
        held = await connection_of(application, caller, asked)
        verified = await off_loop(application.state.queries.verify_journal, held.id)
        wrong_files = joined(
            (
                translatable("{file}: {reason}", file=each.name, reason=as_sentence(each.reason))
                for each in verified.files
                if not each.holds
            ),
            "; ",
        )
        return JournalVerified(
            holds=verified.holds,
            entries=verified.entries,
            first_wrong=verified.first_wrong,
            reason=verified.reason or wrong_files,
        )

    works.add(journal.SHOW, show)
    works.add(journal.VERIFY, verify)


def shown_write(each: JournalledWrite) -> Write:
    """Return an entry as pages show it."""
    entry = each.entry
    before = entry.before or {}
    names = entry.after or before
    return Write(
        sequence=each.sequence,
        at=each.at,
        mapping=entry.mapping,
        action=entry.action,
        is_erased=each.is_erased,
        side=entry.side.value,
        key=entry.key,
        source_key=entry.source_key,
        job_id=entry.job_id,
        reason="" if entry.certain else translatable("the answer was lost"),
        fields=tuple(
            FieldWritten(name=name, before=_text(before.get(name)), after=_text(entry.after.get(name)))
            for name in names
        ),
    )


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
