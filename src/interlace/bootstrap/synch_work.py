"""The synchronization as background jobs call it: a few pages of one run of one mapping at a time."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.fingerprint import confirm_ends
from interlace.bootstrap.item_register import ItemRegisterUpkeep
from interlace.bootstrap.orders import Orders, saga_of
from interlace.bootstrap.privileges import (
    HeldPrivileges,
    PrivilegesMissing,
    ask_privileges,
    require_privileges,
)
from interlace.connectors.purpose import Purpose, working_for
from interlace.domain.keys import MappingName
from interlace.engine.saga import DocumentsStep, process_documents
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.engine.synch_mapping import StepBudget, synch_step
from interlace.jobs.ports import BatchProgress, SynchMode
from interlace.store.leases import LeaseLost

_PAGES_PER_STEP = 20


@dataclass(slots=True)
class EngineSynchWork:
    """Runs batches of the engine for the job engine; keeps both ends of each connection open in between."""

    application: Application
    _opened: dict[str, Ends] = field(default_factory=dict)
    _held: dict[str, HeldPrivileges] = field(default_factory=dict)
    """What the accounts of each connection may do: asked once, and again after it was too little."""
    _resources: AsyncExitStack = field(default_factory=AsyncExitStack)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _steps: dict[str, tuple[int, DocumentsStep | None]] = field(default_factory=dict)
    """How far runs over documents have got, by run: which saga, and where in it."""

    async def run_batch(
        self, connection_id: str, mapping: str, mode: SynchMode, run_id: str, fence: int
    ) -> BatchProgress:
        """Take a run a step further; what can't be cured by waiting is said as the reason to stop."""
        application = self.application
        try:
            connection = application.connection(connection_id)
            name = MappingName(mapping)
            saga = saga_of(name)
            if saga is not None:
                orders = Orders(application=application, connection=connection, saga=saga)
                return await self._take_documents(orders, run_id, fence)
            store = application.connection_store(connection).fenced(name, fence)
            whole = mode is not SynchMode.INCREMENTAL
            setup = application.run_setup(
                connection,
                name,
                run_id=run_id,
                create_new=mode is SynchMode.FULL,
                compare_all=whole,
                retry_skipped=whole,
                store=store,
                sweeps=True,
            )
            ends = await self._ends(connection, name)
            budget = StepBudget(pages=_PAGES_PER_STEP, seconds=application.config.step_seconds)
            with working_for(Purpose.FULL if whole else self._purpose_of(run_id)):
                result = await ends.run(synch_step(setup, budget))
            upkeep = ItemRegisterUpkeep(application=application, connection=connection, ends=ends)
            await upkeep.after(name, result)
        except (ConnectionProblem, SignInRefused, ServiceMismatch) as problem:
            return BatchProgress(more=False, stopped=str(problem))
        return BatchProgress(more=result.more, stopped=result.stopped)

    async def _take_documents(self, orders: Orders, run_id: str, fence: int) -> BatchProgress:
        """Take documents a step further; what this run did not look at is found again by a new process, too."""
        place, earlier = self._steps.pop(run_id, (0, None))
        sagas = orders.sagas
        setup = orders.setup(run_id, fence, saga=sagas[place])
        ends = await self._ends(orders.connection, orders.saga.name)
        seconds = self.application.config.step_seconds
        with working_for(Purpose.ORDERS):
            step = await ends.run(process_documents(setup, seconds=seconds, earlier=earlier))
        if step.more:
            self._steps[run_id] = place, step
        elif place + 1 < len(sagas):
            self._steps[run_id] = place + 1, None
        return BatchProgress(more=run_id in self._steps)

    def _purpose_of(self, run_id: str) -> Purpose:
        """Tell a run that a person started from a recurring one: only the first has an entry of its own."""
        entry = self.application.state.job_queue_entries.read(run_id)
        return Purpose.RECURRING if entry is None else Purpose.REQUESTED

    def is_transient(self, error: BaseException) -> bool:
        """Tell whether waiting may heal the error."""
        return isinstance(error, ServiceUnavailable | LeaseLost | TimeoutError | OSError)

    async def _ends(self, connection: Connection, mapping: MappingName) -> Ends:
        """Return the open ends of a connection whose accounts may do what a mapping needs."""
        key = str(connection.id)
        async with self._opening:
            if key not in self._opened:
                async with AsyncExitStack() as opening:
                    ends = await opening.enter_async_context(self.application.ends(connection))
                    await confirm_ends(connection.settings, ends)
                    self._held[key] = await ask_privileges(ends)
                    await self._resources.enter_async_context(opening.pop_all())
                self._opened[key] = ends
            elif key not in self._held:
                self._held[key] = await ask_privileges(self._opened[key])
            try:
                require_privileges(self.application, connection, self._held[key], (mapping,))
            except PrivilegesMissing:
                # Somebody may have given them meanwhile: the next run asks again.
                del self._held[key]
                raise
            return self._opened[key]

    async def close(self) -> None:
        """Close every connection that was opened."""
        await self._resources.aclose()
