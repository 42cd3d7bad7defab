"""Carries a person's decisions on conflicts out, one mapping's lease at a time, and makes them rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import needs_of_writes, require_may_write
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.freezes import freeze_now, writes_to_erp
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.stopped_jobs import finish_stopped
from interlace.domain.conflict import Choice, Conflict, ConflictKind, Decision, DecisionRefused
from interlace.domain.plan import Operation
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.resolve_conflict import Resolution, policies_of, resolve_conflict
from interlace.engine.service import ErpFrozen
from interlace.lead_to_cash.needed_privileges import Needs
from interlace.locale.translatable import text_of, translatable
from interlace.store.encoding import JsonValue
from interlace.store.leases import LeaseLost

_OPERATIONS: Mapping[Choice | None, Operation] = {
    Choice.DELETE: Operation.DELETE,
    Choice.RESTORE: Operation.CREATE,
}


def require_alike(conflict: Conflict, further: Sequence[Conflict]) -> None:
    """Raise DecisionRefused unless one decision may settle all of them: the same mapping, fields and deleted side.

    Who decides hands over the conflicts that were shown: one that came up since is not settled unseen.
    """
    for each in further:
        if each.likeness != conflict.likeness:
            raise DecisionRefused(
                translatable(
                    "{other} ({other_mapping}) is not in conflict in the same fields as {record} ({mapping}): decide "
                    "it by itself. Nothing was settled.",
                    other=each.caption,
                    other_mapping=each.mapping,
                    record=conflict.caption,
                    mapping=conflict.mapping,
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDecisions:
    """Decides conflicts of one connection."""

    application: Application
    connection: Connection

    async def resolve(self, conflicts: Sequence[Conflict], decision: Decision) -> list[Resolution]:
        """Settle conflicts by one decision, each as it was shown; raises MappingBusy while a run holds the mapping.

        In a freeze window it raises ErpFrozen, before anything is written, for a decision that writes to the ERP.
        """
        self._require_thawed(conflicts, decision)
        async with self.application.ends(self.connection) as ends:
            names = tuple(dict.fromkeys(each.mapping for each in conflicts))
            beside = self._needs(conflicts, decision)
            await require_may_write(self.application, self.connection, ends, names, beside)
            results: list[Resolution] = []
            for each in conflicts:
                try:
                    results.append(await self._resolve(ends, each, decision))
                except ErpFrozen as frozen:
                    if not results:
                        raise
                    # The window began in the middle: what is settled by then is told.
                    results.append(Resolution(conflict=each, settled=False, message=text_of(frozen)))
            return results

    def remember(self, conflict: Conflict, decision: Decision) -> dict[str, JsonValue]:
        """Make a decision the policy of the fields, or of deletions; returns the mapping's settings."""
        mapping = self.application.mappings(self.connection)[conflict.mapping]
        known = self.application.state.mapping_settings(self.connection.id).get(mapping.name, {})
        changes: dict[str, JsonValue] = {}
        for name, value in policies_of(mapping, conflict, decision).items():
            earlier = known.get(name)
            if isinstance(value, str):
                changes[name] = value
            else:
                changes[name] = {**(earlier if isinstance(earlier, dict) else {}), **value}
        return change_mapping(self.application, self.connection, mapping, changes)

    def _needs(self, conflicts: Sequence[Conflict], decision: Decision) -> Needs:
        """Return what a decision needs that the mapping by itself may never do: deletions, and creates."""
        if decision.choice not in _OPERATIONS:
            return {}
        operation = _OPERATIONS[decision.choice]
        mappings = self.application.mappings(self.connection)
        writes = []
        for each in conflicts:
            side, mapping = _written_of_deletion(each, decision), mappings[each.mapping]
            if side is not None:
                table = mapping.erp_table if side is Side.ERP else mapping.integration_table
                writes.append((each.mapping, side, table, operation))
        return needs_of_writes(writes)

    def _require_thawed(self, conflicts: Sequence[Conflict], decision: Decision) -> None:
        window = freeze_now(self.connection.settings)
        stopped = next((each for each in conflicts if self._writes_to_erp(each, decision)), None)
        if window is None or stopped is None:
            return
        raise ErpFrozen(
            translatable(
                "{record} can't be settled so now: the decision would write to the ERP of the connection {name}, which "
                "is frozen until {until} ({reason}). Nothing was written on either side, and the conflict stays open. "
                "Decide afterwards, or choose what writes to the CRM alone.",
                record=stopped.caption,
                name=self.connection.settings.name,
                until=window.end,
                reason=window.reason,
            )
        )

    def _writes_to_erp(self, conflict: Conflict, decision: Decision) -> bool:
        """Tell whether a decision by itself writes to the ERP; what its mapping never writes is refused anyway."""
        if not writes_to_erp(self.application.mappings(self.connection)[conflict.mapping]):
            return False
        if conflict.kind is ConflictKind.DELETION:
            return _written_of_deletion(conflict, decision) is Side.ERP
        return any(decision.of_row(each.row) is Choice.CRM for each in conflict.rows)

    async def _resolve(self, ends: Ends, conflict: Conflict, decision: Decision) -> Resolution:
        run_id, state, name = str(uuid4()), self.application.state, conflict.mapping
        fence = state.take_lease(self.connection.id, name, run_id)
        if fence is None:
            raise MappingBusy(name)
        store = self.application.connection_store(self.connection).fenced(name, fence)
        try:
            setup = self.application.run_setup(
                self.connection,
                name,
                run_id=run_id,
                create_new=False,
                compare_all=False,
                retry_skipped=True,
                store=store,
            )
            try:
                return await ends.run(resolve_conflict(setup, conflict, decision))
            except ErpFrozen as frozen:
                jobs = finish_stopped(self.application, self.connection, store, run_id, frozen)
                if not self._is_settled(conflict, decision):
                    raise
                return self._settled_in_part(conflict, jobs)
        except LeaseLost as lost:
            raise MappingBusy(name) from lost
        finally:
            state.release_lease(self.connection.id, name, fence)

    def _is_settled(self, conflict: Conflict, decision: Decision) -> bool:
        """Tell whether a decision was carried out before the run of it met the freeze window.

        1. It wrote to the CRM what was in conflict.
        2. The CRM's record was changed in other fields, too: to carry these over, the run would write to the ERP.
        """
        if self._writes_to_erp(conflict, decision):
            return False
        queries, name = self.application.state.queries, conflict.mapping
        return not queries.conflicts(self.connection.id, mapping=name, erp_key=conflict.erp_key)

    def _settled_in_part(self, conflict: Conflict, jobs: Sequence[SynchJob]) -> Resolution:
        """Let the next run take up what else is new in the CRM's record, though that is still parked as a conflict."""
        self.application.state.errors.retry(
            self.connection.id, mapping=conflict.mapping, keys=[conflict.crm_key]
        )
        message = translatable(
            "{record} is settled. What else was changed in the CRM is carried over after the freeze window.",
            record=conflict.caption,
        )
        return Resolution(conflict=conflict, settled=True, waits=True, message=message, jobs=tuple(jobs))


def _written_of_deletion(conflict: Conflict, decision: Decision) -> Side | None:
    """Return the side on which a decision about a deletion creates or deletes a record; None: on neither."""
    gone = conflict.deleted
    if gone is None or decision.choice not in _OPERATIONS:
        return None
    return gone.other if decision.choice is Choice.DELETE else gone
