"""One run of one mapping in this process, under the same lease as the background jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.freezes import require_may_run
from interlace.bootstrap.item_register import ItemRegisterUpkeep
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.orders import Orders, saga_of
from interlace.connectors.markers import MappingLacks
from interlace.domain.keys import MappingName
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import ErpFrozen, ServiceUnavailable
from interlace.engine.synch_mapping import StepBudget, StepResult, synch_step
from interlace.locale.translatable import text_of
from interlace.store.leases import LeaseLost

_UNANSWERED_MAX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchNow:
    """Runs mappings of one connection over ends that are open already."""

    application: Application
    connection: Connection
    ends: Ends

    async def run_each(
        self, mappings: Sequence[MappingName], *, full: bool
    ) -> tuple[list[tuple[MappingName, StepResult]], MappingBusy | ServiceUnavailable | None]:
        """Run mappings one after the other, and those once more that wait for records coupled by a later one.

        What holds one mapping up does not hold up the others; the first such failure is given with the results. When
        no service answers two mappings in a row, the rest is not tried.
        """
        results: list[tuple[MappingName, StepResult]] = []
        failures: list[MappingBusy | ServiceUnavailable] = []
        unanswered = 0

        async def run(name: MappingName, *, full: bool) -> None:
            """Run one mapping, and note what came of it."""
            nonlocal unanswered
            try:
                results.append((name, await self.run(name, full=full)))
                unanswered = 0
            except MappingLacks as lack:
                results.append((name, StepResult(more=False, jobs=(), stopped=str(lack))))
            except ErpFrozen as frozen:
                results.append((name, StepResult(more=False, jobs=(), stopped=text_of(frozen))))
            except (MappingBusy, ServiceUnavailable) as failure:
                failures.append(failure)
                unanswered += isinstance(failure, ServiceUnavailable)

        for name in mappings:
            if unanswered < _UNANSWERED_MAX:
                await run(name, full=full)
        for name in self.application.mappings_to_fill(self.connection) if not failures else ():
            if name in mappings:
                await run(name, full=False)
        return results, failures[0] if failures else None

    async def run(self, mapping: MappingName, *, full: bool) -> StepResult:
        """Run a mapping to its end; raises MappingBusy while another run holds it, and ErpFrozen in a freeze window.

        A run that met a restored backup half-way is followed by one that compares every record. Documents that a
        saga takes on their way are taken on.
        """
        require_may_run(self.connection.settings, self.application.mappings(self.connection)[mapping])
        saga = saga_of(mapping)
        if saga is not None:
            orders = Orders(application=self.application, connection=self.connection, saga=saga)
            return StepResult(more=False, jobs=(await orders.process(self.ends),))
        result = await self._run(mapping, full=full)
        if result.start_over:
            result = await self._run(mapping, full=full)
        upkeep = ItemRegisterUpkeep(application=self.application, connection=self.connection, ends=self.ends)
        await upkeep.after(mapping, result)
        return result

    async def _run(self, mapping: MappingName, *, full: bool) -> StepResult:
        run_id, state = str(uuid4()), self.application.state
        budget = StepBudget(seconds=self.application.config.step_seconds)
        fence: int | None = None
        try:
            while True:
                # Taken anew for every step, so that it outlasts a long run and not a killed one.
                fence = state.take_lease(self.connection.id, mapping, run_id)
                if fence is None:
                    raise MappingBusy(mapping)
                setup = self._setup(mapping, run_id, full=full, fence=fence)
                result = await self.ends.run(synch_step(setup, budget))
                if not result.more:
                    return result
        except LeaseLost as lost:
            raise MappingBusy(mapping) from lost
        finally:
            if fence is not None:
                state.release_lease(self.connection.id, mapping, fence)

    def _setup(self, mapping: MappingName, run_id: str, *, full: bool, fence: int) -> RunSetup:
        store = self.application.connection_store(self.connection)
        return self.application.run_setup(
            self.connection,
            mapping,
            run_id=run_id,
            create_new=full,
            compare_all=full,
            retry_skipped=full,
            store=store.fenced(mapping, fence),
            sweeps=True,
        )
