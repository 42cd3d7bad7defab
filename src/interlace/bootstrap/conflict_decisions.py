"""Carries a person's decisions on conflicts out, one mapping's lease at a time, and makes them rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import needs_of_writes, require_may_write
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.domain.conflict import Choice, Conflict, Decision, DecisionRefused
from interlace.domain.plan import Operation
from interlace.domain.side import Side
from interlace.engine.resolve_conflict import Resolution, policies_of, resolve_conflict
from interlace.lead_to_cash.needed_privileges import Needs
from interlace.locale.translatable import translatable
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
        """Settle conflicts by one decision, each as it was shown; raises MappingBusy while a run holds the mapping."""
        async with self.application.ends(self.connection) as ends:
            names = tuple(dict.fromkeys(each.mapping for each in conflicts))
            beside = self._needs(conflicts, decision)
            await require_may_write(self.application, self.connection, ends, names, beside)
            return [await self._resolve(ends, each, decision) for each in conflicts]

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
            side, mapping = each.deleted, mappings[each.mapping]
            if side is not None:
                side = side.other if operation is Operation.DELETE else side
                table = mapping.erp_table if side is Side.ERP else mapping.integration_table
                writes.append((each.mapping, side, table, operation))
        return needs_of_writes(writes)

    async def _resolve(self, ends: Ends, conflict: Conflict, decision: Decision) -> Resolution:
        run_id, state, name = str(uuid4()), self.application.state, conflict.mapping
        fence = state.take_lease(self.connection.id, name, run_id)
        if fence is None:
            raise MappingBusy(name)
        try:
            setup = self.application.run_setup(
                self.connection,
                name,
                run_id=run_id,
                create_new=False,
                compare_all=False,
                retry_skipped=True,
                store=self.application.connection_store(self.connection).fenced(name, fence),
            )
            return await ends.run(resolve_conflict(setup, conflict, decision))
        except LeaseLost as lost:
            raise MappingBusy(name) from lost
        finally:
            state.release_lease(self.connection.id, name, fence)
