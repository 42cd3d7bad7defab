"""Carries a person's decisions on conflicts out, one mapping's lease at a time, and makes them rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.fingerprint import confirm_ends
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.domain.conflict import Conflict, Decision
from interlace.engine.resolve_conflict import Resolution, policies_of, resolve_conflict
from interlace.store.encoding import JsonValue
from interlace.store.leases import LeaseLost


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDecisions:
    """Decides conflicts of one connection."""

    application: Application
    connection: Connection

    async def resolve(self, conflicts: Sequence[Conflict], decision: Decision) -> list[Resolution]:
        """Settle conflicts by one decision, each as it was shown; raises MappingBusy while a run holds the mapping."""
        async with self.application.ends(self.connection) as ends:
            await confirm_ends(self.connection.settings, ends)
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
