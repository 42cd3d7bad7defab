"""Carries out what is asked about erasing."""

from collections.abc import Sequence

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.erasing import Erasable, Eraser, Erasure
from interlace.bootstrap.serving import Server
from interlace.domain.keys import key_text
from interlace.locale.translatable import translatable
from interlace.management import erasing
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.erasing import (
    ErasableRecord,
    Erasables,
    Erase,
    Erased,
    Erasures,
    ErasureShown,
    FindErasable,
    ListErasures,
)


def add_erasing(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Erasing(server.application)
    works.add(erasing.FIND, work.find)
    works.add(erasing.LIST, work.list_erasures)
    works.add(erasing.ERASE, work.erase)


class _Erasing:
    """Erasing on the connections of a server."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def find(self, caller: Caller, asked: FindErasable) -> Erasables:
        held = await connection_of(self._application, caller, asked)

        async def look() -> Erasables:
            """Find it, or say why not."""
            try:
                found = await self._found(held, asked)
            except ConnectionProblem as problem:
                return Erasables(why_not=str(problem))
            return Erasables(records=tuple(_shown(each) for each in found))

        return await in_own_loop(look)

    async def list_erasures(self, caller: Caller, asked: ListErasures) -> Erasures:
        held = await connection_of(self._application, caller, asked)
        told = await off_loop(self._application.state.erasures)
        own = [each for each in reversed(told) if each.connection_id == held.id]
        return Erasures(
            erasures=tuple(
                ErasureShown(
                    mapping=each.mapping,
                    erp_key=key_text(each.keys.erp),
                    crm_key=key_text(each.keys.crm),
                    erased_at=each.at,
                    erased_by=each.by,
                    entries=each.entries,
                    lines=each.lines,
                    journal_entry=each.sequence,
                )
                for each in own
            )
        )

    async def erase(self, caller: Caller, asked: Erase) -> Erased:
        held = await connection_of(self._application, caller, asked)
        found = await in_own_loop(lambda: self._found(held, asked))
        eraser = Eraser(application=self._application, connection=held)
        erased = await off_loop(eraser.erase, found, caller.name)
        return Erased(erasures=tuple(_told(each) for each in erased), message=_message(erased))

    async def _found(self, held: Connection, asked: FindErasable) -> list[Erasable]:
        mapping = self._application.known_mappings(held, [asked.mapping])[0] if asked.mapping else None
        eraser = Eraser(application=self._application, connection=held)
        return await eraser.find(asked.key, mapping)


def _shown(each: Erasable) -> ErasableRecord:
    return ErasableRecord(
        mapping=each.mapping,
        erp_key=key_text(each.keys.erp),
        crm_key=key_text(each.keys.crm),
        entries=each.entries,
    )


def _told(each: Erasure) -> ErasureShown:
    return ErasureShown(
        mapping=each.mapping,
        erp_key=key_text(each.erp_key),
        crm_key=key_text(each.crm_key),
        erased_at=each.erased_at,
        erased_by=each.erased_by,
        entries=each.entries,
        lines=each.lines,
        journal_entry=each.journal_entry,
    )


def _message(erased: Sequence[Erasure]) -> str:
    entries = sum(each.entries for each in erased)
    if all(each.is_overwritten for each in erased):
        return translatable(
            "The record is erased: {entries} entries of the journal lost its values. Backups made before still "
            "hold it: run `interlace backup erase` on each of them.",
            entries=entries,
        )
    return translatable(
        "The record is erased: {entries} entries of the journal lost its values. It may still stand in free space of "
        "the database, and in backups made before: run `interlace backup erase` on each of them.",
        entries=entries,
    )
