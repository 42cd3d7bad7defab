"""Erases a person, or any other record, for good: once both services hold it no more, our memory does not either."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.kept_matches import DIRECTORY as MATCHES
from interlace.bootstrap.kept_plans import DIRECTORY as PLANS
from interlace.bootstrap.kept_verdicts import DIRECTORY as VERDICTS
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.domain.keys import MappingName, key_text
from interlace.domain.side import Side
from interlace.engine.ports import ReadKeys, Record
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import translatable
from interlace.store.erased_entries import ErasedKeys
from interlace.store.journal import JournalSelection
from interlace.store.leases import LeaseLost
from interlace.store.record_erasing import RecordErasing


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased of a record: the certificate that is kept. It names keys, and tells none of the values."""

    connection: str
    mapping: str
    erp_key: str
    crm_key: str
    erased_at: datetime
    erased_by: str
    entries: int
    """Entries of the journal that lost their values."""
    lines: int
    """Lines of the journal files that did."""
    rows: dict[str, int]
    """Rows that were deleted, by table."""
    files: int
    """Plans, verdicts and lists of matches that were deleted because the record stood in them."""
    journal_entry: int
    """Number of the journal's entry that tells of the erasure."""
    is_overwritten: bool
    """Whether the database's file was written anew, so that nothing is left in its free pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """A record of one mapping that is gone from both services, as far as the memory tells of it."""

    mapping: MappingName
    keys: ErasedKeys
    entries: int
    """Entries of the journal that hold its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Erases records of one connection."""

    application: Application
    connection: Connection

    async def find(self, key: str, mapping: MappingName | None) -> list[Erasable]:
        """Find what a key on either side names, by mapping; raises ConnectionProblem where it can't be erased."""
        known = self.application.known_mappings(self.connection, ())
        names = [mapping] if mapping is not None else known
        found = [each for name in names if (each := self._remembered(name, key)) is not None]
        if not found:
            raise ConnectionProblem(
                translatable(
                    "The journal tells of no record '{key}' whose values could be erased. Name its key on either side "
                    "as the journal shows it (`interlace journal show`).",
                    key=key,
                )
            )
        async with self.application.ends(self.connection) as ends:
            for each in found:
                run = self.application.run_setup(
                    self.connection, each.mapping, run_id="", create_new=False, compare_all=False
                )
                for side in Side:
                    if await ends.run(_is_there(run, side, each.keys.of(side))):
                        raise _still_there(each, side)
        for each in found:
            if self._memory(each.mapping, None).is_at_work(each.mapping, each.keys):
                raise ConnectionProblem(
                    translatable(
                        "{key} ({mapping}) is gone from both services, but its coupling or an unfinished write is "
                        "still remembered. Let its mapping run once (`interlace synch {mapping}`), then erase it.",
                        key=key_text(key),
                        mapping=each.mapping,
                    )
                )
        return found

    def erase(self, found: Sequence[Erasable], person: str) -> list[Erasure]:
        """Erase what was found; raises MappingBusy while a run holds a mapping."""
        erased = [self._erase(each, person) for each in found]
        is_overwritten = self.application.state.forget_deleted()
        return [msgspec.structs.replace(each, is_overwritten=is_overwritten) for each in erased]

    def _erase(self, each: Erasable, person: str) -> Erasure:
        state = self.application.state
        fence = state.take_lease(self.connection.id, each.mapping, f"erase-{uuid4()}")
        if fence is None:
            raise MappingBusy(each.mapping)
        try:
            told = self._memory(each.mapping, fence).erase(each.mapping, each.keys, person)
        except LeaseLost as lost:
            raise MappingBusy(each.mapping) from lost
        finally:
            state.release_lease(self.connection.id, each.mapping, fence)
        return Erasure(
            connection=self.connection.settings.name,
            mapping=each.mapping,
            erp_key=each.keys.erp,
            crm_key=each.keys.crm,
            erased_at=state.clock(),
            erased_by=person,
            entries=told.entries,
            lines=told.lines,
            rows=dict(told.rows),
            files=_forget_kept(self.application.config.state_directory, each.keys),
            journal_entry=told.sequence,
            is_overwritten=False,
        )

    def _memory(self, mapping: MappingName, fence: int | None) -> RecordErasing:
        return self.application.state.erasing(self.connection.id, {} if fence is None else {mapping: fence})

    def _remembered(self, mapping: MappingName, key: str) -> Erasable | None:
        selection = JournalSelection(key=key, mapping=mapping, newest_first=True)
        queries = self.application.state.queries
        entries = [
            each for each in queries.journalled_writes(self.connection.id, selection) if each.has_values
        ]
        if not entries:
            return None
        if any(":" in each.entry.action for each in entries):
            raise ConnectionProblem(
                translatable(
                    "{key} ({mapping}) is a document. Documents are kept as long as the law wants it; erase persons.",
                    key=key_text(key),
                    mapping=mapping,
                )
            )
        newest = entries[0].entry
        keys = {newest.side: newest.key, newest.side.other: newest.source_key}
        return Erasable(
            mapping=mapping,
            keys=ErasedKeys(erp=keys[Side.ERP], crm=keys[Side.CRM]),
            entries=len(entries),
        )


async def _is_there(run: RunSetup, side: Side, key: str) -> bool:
    if not key:
        return False
    found: list[Record | None] = await ReadKeys(view=run.view(side), keys=(key,))
    return found[0] is not None


def _still_there(each: Erasable, side: Side) -> ConnectionProblem:
    return ConnectionProblem(
        translatable(
            "{key} ({mapping}) is still in the {end}. Delete it there first: the {end} itself knows whether it may be "
            "deleted. Then let the mapping run (`interlace synch {mapping}`), and erase it.",
            key=key_text(each.keys.of(side)),
            mapping=each.mapping,
            end=side.value.upper(),
        )
    )


def _forget_kept(state_directory: Path, keys: ErasedKeys) -> int:
    """Delete what was kept beside the database and names the record; returns how many things that were."""
    places = list(_kept_places(state_directory))
    wanted = [each.encode() for each in keys.both]
    gone = [each for each in places if any(_holds(file, wanted) for file in _files_of(each))]
    for each in gone:
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    return len(gone)


def _kept_places(state_directory: Path) -> Iterator[Path]:
    """Yield the directory of each plan, and the single files of verdicts and matches."""
    yield from (state_directory / PLANS).glob("*")
    for directory in (VERDICTS, MATCHES):
        yield from (each for each in (state_directory / directory).rglob("*") if each.is_file())


def _files_of(place: Path) -> list[Path]:
    return [each for each in place.rglob("*") if each.is_file()] if place.is_dir() else [place]


def _holds(file: Path, wanted: Sequence[bytes]) -> bool:
    content = file.read_bytes()
    return any(each in content for each in wanted)
