"""Carries out what is done with several records of the error list at once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from interlace.bootstrap.application import Connection
from interlace.bootstrap.conflict_decisions import ConflictDecisions
from interlace.bootstrap.connection_settings import require_enabled
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.desk.record_changes import RecordChanges, RunningPlace
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.job_starts import StartedJustNow
from interlace.domain.conflict import Choice, Conflict, Decision
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.jobs.ports import SynchMode
from interlace.locale.translatable import joined
from interlace.management import error_actions
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.error_actions import ActionName, FindDeleted, SettleErrors, place_parts
from interlace.management.record_changes import RecordsChanged, RemoveCouplings, SynchronizeRecords
from interlace.management.records import SideName
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WAY_FROM: Final = {Side.ERP: Direction.TO_INTEGRATION_TABLE, Side.CRM: Direction.FROM_INTEGRATION_TABLE}
_CHOICES: Final[Mapping[ActionName, Choice]] = {
    "remove-coupling": Choice.REMOVE_COUPLING,
    "restore": Choice.RESTORE,
    "delete": Choice.DELETE,
}
_TOLD: Final[Mapping[ActionName, str]] = {
    "retry": translatable("Tried again: {done} of {all} records; passed over: {skipped}; failed: {failed}"),
    "synchronize": translatable(
        "Synchronized: {done} of {all} records; passed over: {skipped}; failed: {failed}"
    ),
    "remove-coupling": translatable(
        "Uncoupled: {done} of {all} records; passed over: {skipped}; failed: {failed}"
    ),
    "restore": translatable("Restored: {done} of {all} records; passed over: {skipped}; failed: {failed}"),
    "delete": translatable("Deleted: {done} of {all} records; passed over: {skipped}; failed: {failed}"),
}
_Group = tuple[SideName, str]


def add_error_actions(works: Works, place: RunningPlace) -> None:
    """Let these operations be carried out."""
    work = _ErrorActions(place)
    works.add(error_actions.SETTLE, work.settle)
    works.add(error_actions.FIND_DELETED, work.find_deleted)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What came of the records so far."""

    done: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list)

    def count(self, changed: RecordsChanged) -> None:
        """Add what came of some."""
        self.done += changed.done
        self.failed += changed.failed


class _ErrorActions:
    """Acts on the error lists of a place's connections."""

    def __init__(self, place: RunningPlace) -> None:
        self._place = place
        self._application = place.application
        self._changes = RecordChanges(place)

    async def settle(self, caller: Caller, asked: SettleErrors) -> RecordsChanged:
        """Take mapping by mapping; what fails in one holds up no other."""
        held = await connection_of(self._application, caller, asked)
        groups = _groups(asked.records)
        tally, known = _Tally(), set(await off_loop(self._application.mappings, held))
        for (side, mapping), keys in groups.items():
            if mapping not in known:
                raise _unfit()
            try:
                await self._settle(caller, held, asked.action, (side, mapping), keys, tally)
            except Refused as refused:
                if refused.kind is RefusalKind.FORBIDDEN or len(groups) == 1:
                    raise
                tally.failed += len(keys)
                tally.reasons.append(refused.why or refused.title)
        number = sum(map(len, groups.values()))
        return _told(asked.action, tally, number)

    async def _settle(
        self,
        caller: Caller,
        held: Connection,
        action: ActionName,
        group: _Group,
        keys: Sequence[str],
        tally: _Tally,
    ) -> None:
        side, mapping = group
        if action == "retry":
            tally.done += await off_loop(self._retry, held, MappingName(mapping), keys)
            return
        if action == "synchronize":
            coupled = await off_loop(self._coupled, held, group, keys)
            if coupled:
                wanted = SynchronizeRecords(connection=held.id, mapping=mapping, keys=coupled, side=side)
                tally.count(await self._changes.synchronize(caller, wanted))
            return
        gone = await off_loop(self._deletions, held, group, keys)
        if gone:
            decision = Decision(conflict_id="", by=caller.name, choice=_CHOICES[action])
            decisions = ConflictDecisions(application=self._application, connection=held)
            results = await in_own_loop(lambda: decisions.resolve(list(gone.values()), decision))
            tally.done += sum(each.settled for each in results)
            tally.failed += sum(not each.settled for each in results)
            tally.reasons += [each.message for each in results if not each.settled]
        if action == "remove-coupling":
            left = [key for key in keys if key not in gone]
            coupled = await off_loop(self._coupled, held, group, left)
            if coupled:
                removed = RemoveCouplings(connection=held.id, mapping=mapping, keys=coupled, side=side)
                tally.count(await self._changes.uncouple(caller, removed))

    def _coupled(self, held: Connection, group: _Group, keys: Sequence[str]) -> tuple[str, ...]:
        """Return the keys of records that are coupled."""
        side, mapping = group
        store = self._application.connection_store(held)
        return tuple(store.partner_keys(MappingName(mapping), Side(side), list(keys)))

    def _deletions(self, held: Connection, group: _Group, keys: Sequence[str]) -> dict[str, Conflict]:
        side, mapping = group
        known = self._application.state.known_records
        return known.deletions(held.id, MappingName(mapping), _WAY_FROM[Side(side)], keys)

    def _retry(self, held: Connection, mapping: MappingName, keys: Sequence[str]) -> int:
        count = self._application.state.errors.retry(held.id, mapping=mapping, keys=keys)
        if count and held.settings.enabled and mapping in self._application.taking_part(held):
            self._begin(held, mapping)
        return min(count, len(keys))

    def _begin(self, held: Connection, mapping: MappingName) -> None:
        require_home(held.settings, self._application.config)
        # What was started just now takes them, or the next run does.
        with suppress(StartedJustNow):
            self._place.begin_run(held, mapping, SynchMode.INCREMENTAL)

    async def find_deleted(self, caller: Caller, asked: FindDeleted) -> RecordsChanged:
        """Make the sweep of mappings due, and have them run."""
        held = await connection_of(self._application, caller, asked)
        begun = await off_loop(self._find_deleted, held, asked.mapping)
        return RecordsChanged(
            message=translatable(
                "The keys of both sides are being looked through. Coupled records that are gone appear in this "
                "list, unless a rule of their mapping settles them."
            ),
            done=begun,
        )

    def _find_deleted(self, held: Connection, mapping: str) -> int:
        require_enabled(held.settings)
        mappings = self._application.mappings(held)
        named = self._application.known_mappings(held, [mapping]) if mapping else mappings
        taking_part = set(self._application.taking_part(held))
        names = [each for each in named if each in taking_part and not mappings[each].run_by_saga]
        store = self._application.connection_store(held)
        for name in names:
            # A sweep is due when the last one is long ago; the run does the rest.
            store.store_sweep(name, _LONG_AGO)
            self._begin(held, name)
        return len(names)


def _told(action: ActionName, tally: _Tally, number: int) -> RecordsChanged:
    """Say what came of so many records; raises Refused if nothing did."""
    if not tally.done and not tally.failed:
        raise _nothing_fits(action)
    skipped = max(0, number - tally.done - tally.failed)
    counted = {"done": tally.done, "all": number, "skipped": skipped, "failed": tally.failed}
    told = translatable(_TOLD[action], **counted)
    reasons = joined(dict.fromkeys(tally.reasons)) if tally.reasons else ""
    if reasons and not tally.done:
        raise Refused(
            RefusalKind.NOT_READY,
            told,
            why=reasons,
            next_step=translatable("Look at the records again, then decide."),
        )
    message = joined([told, reasons])
    return RecordsChanged(message=message, done=tally.done, failed=tally.failed, skipped=skipped)


def _groups(records: Sequence[str]) -> dict[_Group, list[str]]:
    """Return the keys of named records by side and mapping."""
    groups: dict[_Group, list[str]] = {}
    for text in dict.fromkeys(records):
        parts = place_parts(text)
        if parts is None:
            raise _unfit()
        side, mapping, key = parts
        groups.setdefault((side, mapping), []).append(key)
    if not groups:
        raise Refused(
            RefusalKind.INVALID,
            translatable("Nothing was chosen"),
            next_step=translatable("Tick the records first."),
        )
    return groups


def _unfit() -> Refused:
    return Refused(
        RefusalKind.INVALID,
        translatable("A chosen record can't be understood"),
        why=translatable("Records are named by side, mapping and key, such as erp/CUSTOMER/C00010."),
        next_step=translatable("Choose records of the list."),
    )


def _nothing_fits(action: ActionName) -> Refused:
    if action in ("restore", "delete"):
        return Refused(
            RefusalKind.INVALID,
            translatable("Of the chosen pairs no record is known to be deleted"),
            next_step=translatable("Find for Deleted looks for deleted records; then choose again."),
        )
    return Refused(
        RefusalKind.INVALID,
        translatable("None of the chosen records is coupled")
        if action != "retry"
        else translatable("No record of the error list was meant"),
        next_step=translatable("They may have gone through meanwhile: look at the list again."),
    )
