"""One record's part in an undo: what is to be written, and what both sides agree on afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from interlace.domain.coupling import AgreedValues, Coupling, row_names
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.plan import Operation, PlannedAction, PlannedKind, PlannedWrite
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters
from interlace.domain.values import Value, same_value
from interlace.engine.announced import UNDO
from interlace.engine.hold_after_undo import Undone
from interlace.engine.memory import Intent, JournalEntry
from interlace.engine.ports import Outcome, Precondition, Write, WriteResult
from interlace.engine.undo import Journalled
from interlace.locale.translatable import translatable


@dataclass(slots=True, kw_only=True, eq=False)
class UndoStep:
    """One action on its way."""

    mapping: IntegrationTableMapping
    action: PlannedAction
    entries: Sequence[Journalled]
    """What is undone, newest first."""
    coupling: Coupling | None = None
    held: dict[str, Value] | None = None
    tag: str | None = None
    intent: Intent | None = None
    in_doubt: bool = False
    """An answer was lost: the write may have taken effect whatever the next answer says."""
    followed_up: list[JournalEntry] = field(default_factory=list)

    @property
    def write(self) -> PlannedWrite:
        """The write to the record that the undone ones were about."""
        return self.action.writes[0]

    @property
    def ends_pair(self) -> bool:
        """Tell whether the pair was not coupled before what is undone."""
        oldest = self.entries[-1].entry
        return oldest.action in {"insert", "couple"} or (
            self.write.operation is Operation.DELETE and oldest.action == UNDO
        )

    @property
    def request(self) -> Write:
        """The write as the service is asked for it."""
        write = self.write
        precondition = Precondition.ABSENT if write.operation is Operation.CREATE else Precondition.UNCHANGED
        return Write(key=write.key, precondition=precondition, values=dict(write.after), tag=self.tag)

    def moved(self, deleted: Collection[str]) -> str:
        """Say why the planned write can't be made any more; blank: it can."""
        write = self.write
        if write.operation is Operation.CREATE:
            return "" if self.held is None else translatable("the record is there again")
        if self.held is None:
            return translatable("the record was deleted since the plan was made")
        changed = [
            name
            for name, value in (write.before or {}).items()
            if not same_value(self.held.get(name), value)
            and not (self.held.get(name) is None and isinstance(value, str) and value in deleted)
        ]
        if not changed:
            return ""
        return translatable("changed since the plan was made: {fields}", fields=", ".join(changed))

    def announce(self, job_id: str) -> Intent:
        """Make the intent of the write."""
        write, mapping, coupling = self.write, self.mapping, self.coupling
        pairs = None if coupling is None or coupling.agreed is None else self._agreed_after()
        entry = JournalEntry(
            mapping=mapping.name,
            side=write.side,
            key=write.key,
            action="delete" if write.operation is Operation.DELETE else UNDO,
            job_id=job_id,
            before=None if write.operation is Operation.CREATE else dict(write.before or {}),
            after=dict(write.after),
            source_key=self.action.source_key,
            agreed_before=self._agreed_now(),
        )
        self.intent = Intent(
            mapping=mapping.name,
            side=write.side,
            source_key=self.action.source_key,
            key=write.key,
            creates=write.operation is Operation.CREATE,
            job_id=job_id,
            entry=entry,
            agreed=pairs,
        )
        return self.intent

    def took_effect(self, result: WriteResult) -> bool:
        """Tell whether an answer says that the record is now as the undo wants it."""
        return result.outcome is Outcome.DONE or (
            result.outcome is Outcome.GONE and self.write.operation is Operation.DELETE
        )

    def coupling_after(self) -> Coupling | None:
        """Return the pair as it is once the write has taken effect; None: it is coupled no more."""
        if self.ends_pair:
            return None
        agreed = self._agreed_after()
        if agreed is None and self.coupling is None:
            return None
        crm = self.write.side is Side.CRM
        source, key = self.action.source_key, self.write.key
        return Coupling(
            mapping=self.mapping.name,
            erp_key=ErpKey(source if crm else key),
            crm_key=CrmKey(key if crm else source),
            agreed=agreed,
        )

    def undone(self) -> Undone:
        """Say what must not be done again by itself."""
        return Undone(
            direction=self.action.direction,
            source_key=self.action.source_key,
            write=self.write,
            would_return=self.write.operation is Operation.CREATE
            or self.entries[-1].entry.action == "couple",
            of_undo=all(each.of_undo for each in self.entries),
        )

    def count(self, counters: Counters) -> None:
        """Count the write."""
        match self.write.operation:
            case Operation.CREATE:
                counters.inserted += 1
            case Operation.CHANGE:
                counters.modified += 1
            case Operation.DELETE:
                counters.deleted += 1

    def _agreed_now(self) -> dict[str, tuple[Value, Value] | None]:
        """Return what is agreed now in the rows that the undo moves: undoing it in turn restores that."""
        coupling, names = self.coupling, self._row_names()
        if coupling is None or coupling.agreed is None:
            return {}
        moved = self._moved_rows()
        whole = self.ends_pair or self.write.operation is Operation.DELETE
        pairs = zip(names, coupling.agreed.pairs, strict=True)
        return {name: pair for name, pair in pairs if whole or name in moved}

    def _row_names(self) -> Sequence[str]:
        return row_names([row.row_id for row in self.mapping.fields])

    def _moved_rows(self) -> dict[str, tuple[Value, Value] | None]:
        """Return the agreed values to go back to, by row: the oldest undone write's."""
        rows: dict[str, tuple[Value, Value] | None] = {}
        for each in self.entries:
            rows.update(each.entry.agreed_before)
        if self.action.kind is not PlannedKind.CHANGE or self.coupling is None:
            return rows
        crm = self.write.side is Side.CRM
        written = {
            name
            for name, row in zip(self._row_names(), self.mapping.fields, strict=True)
            if (row.crm_field if crm else row.erp_field) in self.write.after
        }
        return {name: pair for name, pair in rows.items() if name in written}

    def _agreed_after(self) -> AgreedValues | None:
        moved, names = self._moved_rows(), self._row_names()
        if self.coupling is not None and self.coupling.agreed is not None:
            before: Sequence[tuple[Value, Value] | None] = self.coupling.agreed.pairs
        elif moved.keys() >= {*names}:
            before = [None] * len(names)
        else:
            return None
        pairs = tuple(moved.get(name, pair) for name, pair in zip(names, before, strict=True))
        return AgreedValues(layout=self.mapping.layout, pairs=pairs)
