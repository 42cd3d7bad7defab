"""Carries out what is done with single records."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import quote

from interlace.bootstrap.application import Connection
from interlace.bootstrap.chosen_synch import ChosenEnd, ChosenSynch
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.record_table import RecordTable, record_table
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.hand_couplings import (
    couple_by_hand,
    couple_instead_by_hand,
    uncouple_all,
    uncouple_by_hand,
)
from interlace.bootstrap.match_settings import matching_of
from interlace.domain.coupling import Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName, key_text
from interlace.domain.side import Side
from interlace.engine.explain_texts import direction_text
from interlace.engine.observe import partner_key_of
from interlace.jobs.job_client import BegunRun
from interlace.jobs.ports import SynchMode
from interlace.lead_to_cash.mapping_names import CUSTOMER, STATISTICS
from interlace.management import record_changes
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.operation import OfConnection
from interlace.management.record_changes import (
    AddCoupling,
    CreateRecords,
    MatchBegun,
    OfMapping,
    RecordsChanged,
    RemoveAllCouplings,
    RemoveCouplings,
    SynchronizeRecords,
    UpdateStatistics,
    Way,
)
from interlace.management.refusal import NextStep, RefusalKind, Refused
from interlace.management.translatable import translatable

_DIRECTIONS = {"send": Direction.TO_INTEGRATION_TABLE, "get": Direction.FROM_INTEGRATION_TABLE}
_PATIENCE_SECONDS = 4.0
"""How long a page waits for what may take longer."""
_WAY_FROM = {Side.ERP: Direction.TO_INTEGRATION_TABLE, Side.CRM: Direction.FROM_INTEGRATION_TABLE}


class RunningPlace(ListingPlace, Protocol):
    """Somewhere mappings run in the background."""

    def begin_run(self, connection: Connection, mapping: MappingName, mode: SynchMode) -> BegunRun:
        """Have a mapping run as soon as possible."""
        ...


def add_record_changes(works: Works, place: RunningPlace) -> None:
    """Let these operations be carried out."""
    work = RecordChanges(place)
    works.add(record_changes.COUPLE, work.couple)
    works.add(record_changes.UNCOUPLE, work.uncouple)
    works.add(record_changes.UNCOUPLE_ALL, work.uncouple_all)
    works.add(record_changes.MATCH, work.match)
    works.add(record_changes.SYNCHRONIZE, work.synchronize)
    works.add(record_changes.CREATE, work.create)
    works.add(record_changes.STATISTICS, work.update_statistics)


class RecordChanges:
    """Changes of single records of a place's connections."""

    def __init__(self, place: RunningPlace) -> None:
        self._place = place
        self._application = place.application
        self._uncoupling: dict[tuple[str, MappingName], asyncio.Task[int]] = {}

    async def couple(self, caller: Caller, asked: AddCoupling) -> RecordsChanged:
        """Couple two records, and synchronize them if that is asked."""
        held, table = await self._table(caller, asked, asked.mapping)
        _require_way(table, asked.synchronize)
        coupling = Coupling(
            mapping=table.mapping.name,
            erp_key=ErpKey(table.key(Side.ERP, asked.erp_key)),
            crm_key=CrmKey(table.key(Side.CRM, asked.crm_key)),
            agreed=None,
        )
        if asked.replaces:
            replaced = await off_loop(_replaced, table, coupling, asked.replaces)
            await in_own_loop(
                lambda: couple_instead_by_hand(self._application, held, table.mapping, coupling, replaced)
            )
        else:
            await in_own_loop(lambda: couple_by_hand(self._application, held, table.mapping, coupling))
        if not asked.synchronize:
            return RecordsChanged(
                message=translatable(
                    "{key} is coupled; the next run compares both records", key=key_text(coupling.erp_key)
                ),
                done=1,
            )
        way = _DIRECTIONS[asked.synchronize]
        key = coupling.erp_key if way.source_side is Side.ERP else coupling.crm_key
        end = await self._carry(held, table, {way: [key]}, overwrites=True)
        if end.errors:
            return RecordsChanged(
                message=translatable(
                    "{key} is coupled, but it could not be synchronized: {problem}",
                    key=key_text(coupling.erp_key),
                    problem=end.errors[0].error.message,
                ),
                done=1,
                failed=1,
            )
        return RecordsChanged(
            message=translatable("{key} is coupled and synchronized", key=key_text(coupling.erp_key)), done=1
        )

    async def uncouple(self, caller: Caller, asked: RemoveCouplings) -> RecordsChanged:
        """Remove couplings; both records stay."""
        held, table = await self._table(caller, asked, asked.mapping)
        pairs = await off_loop(_pairs, table, Side(asked.side), asked.keys)
        erp_keys = [each.erp_key for each in pairs]
        skipped = len(set(asked.keys)) - len(pairs)
        if not pairs:
            raise _none_is_coupled(asked.keys)
        removed = await in_own_loop(
            lambda: uncouple_by_hand(self._application, held, table.mapping, erp_keys)
        )
        message = (
            translatable("The coupling of {key} is deleted", key=key_text(erp_keys[0]))
            if removed == 1
            else translatable("{count} couplings are deleted", count=removed)
        )
        return RecordsChanged(message=message, done=removed, skipped=skipped)

    async def uncouple_all(self, caller: Caller, asked: RemoveAllCouplings) -> RecordsChanged:
        """Remove every coupling of a mapping; what takes longer than a page may goes on by itself."""
        held, table = await self._table(caller, asked, asked.mapping)
        mapping = table.mapping
        store = self._application.connection_store(held)
        count = await off_loop(store.count_couplings, mapping.name)
        if count != asked.count or not count:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("{mapping} has {count} couplings by now", mapping=mapping.name, count=count),
                why=translatable("There were {count} when they were shown.", count=asked.count),
                next_step=translatable("Look at them again, then decide."),
            )
        known = (str(held.id), mapping.name)
        task = self._uncoupling.get(known)
        if task is None or task.done():
            task = self._uncoupling[known] = asyncio.create_task(
                in_own_loop(lambda: uncouple_all(self._application, held, mapping))
            )
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if not task.done():
            return RecordsChanged(
                message=translatable("The couplings of {mapping} are being deleted.", mapping=mapping.name)
            )
        removed = task.result()
        return RecordsChanged(
            message=translatable("{count} couplings are deleted", count=removed), done=removed
        )

    async def synchronize(self, caller: Caller, asked: SynchronizeRecords) -> RecordsChanged:
        """Bring coupled records in line."""
        held, table = await self._table(caller, asked, asked.mapping)
        _require_way(table, asked.way)
        pairs = await off_loop(_pairs, table, Side(asked.side), asked.keys)
        if not pairs:
            raise _none_is_coupled(asked.keys)
        ways = (_DIRECTIONS[asked.way],) if asked.way else table.mapping.passes
        keys = {
            way: [each.erp_key if way.source_side is Side.ERP else each.crm_key for each in pairs]
            for way in ways
        }
        end = await self._carry(held, table, keys, overwrites=asked.overwrite and bool(asked.way))
        return _told(end, len(pairs), skipped=len(set(asked.keys)) - len(pairs))

    async def create(self, caller: Caller, asked: CreateRecords) -> RecordsChanged:
        """Create partners."""
        held, table = await self._table(caller, asked, asked.mapping)
        side = Side(asked.side)
        way = _WAY_FROM[side]
        if way not in table.mapping.passes:
            raise _wrong_way(table, side.other)
        wanted = [table.key(side, key) for key in dict.fromkeys(asked.keys)]
        coupled = await off_loop(table.run.couplings_by_key, side, wanted)
        keys = [key for key in wanted if key not in coupled]
        if not keys:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The records are coupled already"),
                next_step=translatable("Synchronize them instead."),
            )
        end = await self._carry(held, table, {way: keys}, creates=True)
        now = await off_loop(table.run.couplings_by_key, side, keys)
        if not now:
            raise _not_created(end, keys[0])
        failed = len(keys) - len(now)
        key = key_text(next(iter(now)))
        message = (
            translatable("{key} has a partner now", key=key)
            if len(keys) == 1
            else translatable("{count} of {all} records have a partner now", count=len(now), all=len(keys))
        )
        return RecordsChanged(message=message, done=len(now), failed=failed, skipped=len(coupled))

    async def match(self, caller: Caller, asked: OfMapping) -> MatchBegun:
        """Begin a job that couples by rules or criteria."""
        held, table = await self._table(caller, asked, asked.mapping)
        mapping = table.mapping
        changes = (await off_loop(self._application.state.mapping_settings, held.id)).get(mapping.name, {})
        by_criteria = bool(matching_of(changes, mapping).criteria)
        if not mapping.match_rules and not by_criteria:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The mapping has no match rules"),
                why=translatable(
                    "Nothing says by which fields records of {mapping} match.", mapping=mapping.name
                ),
                next_step=translatable("Choose criteria, or couple records one by one."),
                steps=(
                    NextStep(
                        caption=translatable("Match-Based Coupling"),
                        page=f"/mappings/{quote(mapping.name)}/matching",
                    ),
                ),
            )
        mode = SynchMode.MATCH if by_criteria else SynchMode.COUPLE
        begun = await off_loop(self._begin, held, mapping.name, mode)
        return MatchBegun(
            run_id=begun, message=translatable("Records of {mapping} are being matched", mapping=mapping.name)
        )

    async def update_statistics(self, caller: Caller, asked: UpdateStatistics) -> MatchBegun:
        """Bring accounts' figures up to date."""
        held, table = await self._table(caller, asked, STATISTICS)
        if asked.customers:
            return await self._statistics_of(held, table, asked.customers)
        begun = await off_loop(self._begin, held, STATISTICS, SynchMode.INCREMENTAL)
        return MatchBegun(
            run_id=begun, message=translatable("The account statistics are being brought up to date")
        )

    async def _statistics_of(self, held: Connection, table: RecordTable, keys: Sequence[str]) -> MatchBegun:
        """Compare the figures of some customers with the books, and write those that moved."""
        customers = list(dict.fromkeys(table.key(Side.ERP, key) for key in keys))
        store = self._application.connection_store(held)
        coupled = await off_loop(store.partner_keys, CUSTOMER, Side.ERP, customers)
        if not coupled:
            raise _none_is_coupled(keys)
        end = await self._carry(held, table, {Direction.TO_INTEGRATION_TABLE: list(coupled)}, creates=True)
        if end.errors:
            raise Refused(
                RefusalKind.NOT_READY,
                translatable("The account statistics could not be brought up to date"),
                why=end.errors[0].error.message,
                code=end.errors[0].error.code.value,
                next_step=translatable("It stands on the error list, with what helps."),
            )
        written = end.counters.modified + end.counters.inserted
        return MatchBegun(
            message=translatable("The account statistics are up to date now")
            if written
            else translatable("The account statistics were up to date already")
        )

    def _begin(self, held: Connection, name: str, mode: SynchMode) -> str:
        """Have a mapping run in the background."""
        [mapping] = self._application.known_mappings(held, [name])
        require_home(held.settings, self._application.config)
        return self._place.begin_run(held, mapping, mode).run_id

    async def _carry(
        self,
        held: Connection,
        table: RecordTable,
        keys: Mapping[Direction, Sequence[str]],
        *,
        overwrites: bool = False,
        creates: bool = False,
    ) -> ChosenEnd:
        synch = ChosenSynch(application=self._application, connection=held)
        chosen = {way: tuple(each) for way, each in keys.items()}
        end = await in_own_loop(
            lambda: synch.carry(table.mapping.name, chosen, overwrites=overwrites, creates=creates)
        )
        if end.stopped:
            raise Refused(
                RefusalKind.NOT_READY,
                translatable("The mapping is halted"),
                why=end.stopped,
                steps=(NextStep(caption=translatable("Safety Halts"), page="/halts"),),
            )
        return end

    async def _table(self, caller: Caller, asked: OfConnection, name: str) -> tuple[Connection, RecordTable]:
        held = await connection_of(self._application, caller, asked)
        return held, await off_loop(record_table, self._application, held, name)


def _pairs(table: RecordTable, side: Side, keys: Sequence[str]) -> list[Coupling]:
    wanted = [table.key(side, key) for key in dict.fromkeys(keys)]
    return list(table.run.couplings_by_key(side, wanted).values())


def _replaced(table: RecordTable, coupling: Coupling, partner: str) -> Coupling:
    """Return the coupling that was shown; raises Refused if it has changed since."""
    for side, key in ((Side.ERP, coupling.erp_key), (Side.CRM, coupling.crm_key)):
        held = table.run.couplings_by_key(side, [key]).get(key)
        if held is not None and partner_key_of(held, side.other) == table.key(side.other, partner):
            return held
    raise Refused(
        RefusalKind.CHANGED_MEANWHILE,
        translatable("The record is not coupled with {key} any more", key=key_text(partner)),
        next_step=translatable("Look at the record again, then decide."),
    )


def _require_way(table: RecordTable, way: Way) -> None:
    if way and _DIRECTIONS[way] not in table.mapping.passes:
        raise _wrong_way(table, Side.CRM if way == "send" else Side.ERP)


def _wrong_way(table: RecordTable, written: Side) -> Refused:
    return Refused(
        RefusalKind.INVALID,
        translatable("The mapping never writes to the {side}", side=written.value.upper()),
        why=direction_text(table.mapping.name, table.mapping.direction),
        next_step=translatable("Choose the other direction, or change the mapping's."),
    )


def _none_is_coupled(keys: Sequence[str]) -> Refused:
    return Refused(
        RefusalKind.INVALID,
        translatable("Nothing is coupled of what was chosen") if keys else translatable("Nothing was chosen"),
        next_step=translatable("Choose coupled records, or set up couplings first."),
    )


def _not_created(end: ChosenEnd, key: str) -> Refused:
    if end.errors:
        return Refused(
            RefusalKind.NOT_READY,
            translatable("{key} could not be created on the other side", key=key_text(key)),
            why=end.errors[0].error.message,
            code=end.errors[0].error.code.value,
            next_step=translatable("It stands on the error list, with what helps."),
        )
    return Refused(
        RefusalKind.INVALID,
        translatable("{key} was not created on the other side", key=key_text(key)),
        why=translatable("The mapping's filter leaves it out, or it is not there any more."),
        next_step=translatable("“Why not?” on the record's page says which condition it fails."),
    )


def _told(end: ChosenEnd, count: int, *, skipped: int) -> RecordsChanged:
    failed = len({each.source_key for each in end.errors})
    written = end.counters.modified + end.counters.inserted
    if failed and count == 1:
        raise Refused(
            RefusalKind.NOT_READY,
            translatable("The record could not be synchronized"),
            why=end.errors[0].error.message,
            code=end.errors[0].error.code.value,
            next_step=translatable("It stands on the error list, with what helps."),
        )
    if count == 1:
        message = (
            translatable("The record is synchronized")
            if written
            else translatable("The record is synchronized: nothing had to be written")
        )
    else:
        message = translatable(
            "{count} records are synchronized: {written} written, {failed} failed, {skipped} not coupled",
            count=count,
            written=written,
            failed=failed,
            skipped=skipped,
        )
    return RecordsChanged(message=message, done=count - failed, failed=failed, skipped=skipped)
