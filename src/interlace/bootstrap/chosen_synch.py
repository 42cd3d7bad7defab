"""Synchronizes or creates single records at a person's word, under the same lease as any run."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.freezes import require_thawed
from interlace.bootstrap.item_register import ItemRegisterUpkeep
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.planning import Planning
from interlace.bootstrap.stopped_jobs import finish_stopped
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters
from interlace.engine.memory import SynchError
from interlace.engine.service import ServiceUnavailable
from interlace.engine.synch_chosen import synch_chosen
from interlace.engine.synch_mapping import StepResult
from interlace.locale.translatable import translatable
from interlace.store.connection_store import ConnectionStore

_PATIENCE_SECONDS: Final = 8.0
"""How long a run of the same mapping is waited for: most take less."""
_LOOK_AGAIN_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenEnd:
    """What came of synchronizing chosen records."""

    counters: Counters
    errors: tuple[SynchError, ...]
    """What stands on the error list for them now."""
    stopped: str
    """Why nothing was done at all; blank: it was."""
    job_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSynch:
    """Synchronizes chosen records of one connection."""

    application: Application
    connection: Connection

    async def carry(
        self,
        mapping: MappingName,
        keys: Mapping[Direction, Sequence[str]],
        *,
        overwrites: bool = False,
        creates: bool = False,
    ) -> ChosenEnd:
        """Take records through the passes they are named for; raises MappingBusy when a run does not let go.

        In a freeze window it raises ErpFrozen for what goes to the ERP.
        """
        held = self.application.mappings(self.connection)[mapping]
        if held.run_by_saga:
            raise ConnectionProblem(
                translatable(
                    "{mapping} is run by the processing of orders, not record by record.", mapping=mapping
                )
            )
        chosen = {way: tuple(each) for way, each in keys.items() if each and way in held.passes}
        if Direction.FROM_INTEGRATION_TABLE in chosen:
            require_thawed(self.connection.settings)
        async with self.application.ends(self.connection, retries_max=2) as ends:
            await require_may_write(self.application, self.connection, ends, (mapping,))
            async with self._leased(ends, mapping) as store:
                run_id = str(uuid4())
                setup = self.application.run_setup(
                    self.connection,
                    mapping,
                    run_id=run_id,
                    create_new=creates,
                    compare_all=False,
                    retry_skipped=True,
                    store=store,
                )
                try:
                    result = await ends.run(synch_chosen(setup, chosen, overwrites=overwrites))
                except ServiceUnavailable as problem:
                    finish_stopped(self.application, self.connection, store, run_id, problem)
                    raise
            upkeep = ItemRegisterUpkeep(application=self.application, connection=self.connection, ends=ends)
            await upkeep.after(mapping, result)
        return self._end(mapping, chosen, result)

    @asynccontextmanager
    async def _leased(self, ends: Ends, mapping: MappingName) -> AsyncIterator[ConnectionStore]:
        """Hold the mapping; a run that is about to end is waited for."""
        planning = Planning(application=self.application, connection=self.connection, ends=ends)
        give_up = time.monotonic() + _PATIENCE_SECONDS
        async with AsyncExitStack() as held:
            while True:
                try:
                    store = await held.enter_async_context(planning.leased(mapping, str(uuid4())))
                    break
                except MappingBusy:
                    if time.monotonic() >= give_up:
                        raise
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            yield store

    def _end(
        self, mapping: MappingName, chosen: Mapping[Direction, Sequence[str]], result: StepResult
    ) -> ChosenEnd:
        counters, jobs = Counters(), {job.id for job in result.jobs}
        for job in result.jobs:
            counters.add(job.counters)
        store = self.application.connection_store(self.connection)
        errors = [
            error
            for way, keys in chosen.items()
            for error in store.errors_of(mapping, way, list(keys)).values()
            if error.job_id in jobs
        ]
        return ChosenEnd(
            counters=counters,
            errors=tuple(errors),
            stopped=result.stopped,
            job_ids=tuple(job.id for job in result.jobs),
        )
