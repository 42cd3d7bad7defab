"""Rebuilds the couplings of a connection from its two services, when our own memory is lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.recover import Recovery, find_pairs, store_pairs
from interlace.engine.recovered_values import ValueRecovery, ValuesPage
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import translatable
from interlace.store.leases import LeaseLost

Result = TypeVar("Result")
Tell = Callable[[str], object]


@dataclass(slots=True, kw_only=True)
class RecoveredMapping:
    """How the recovery of one mapping ended."""

    mapping: MappingName
    recovery: Recovery
    agreed: int = 0
    """Recovered pairs whose records agree in every row."""
    differing: int = 0
    """Recovered pairs that people are asked about by the next run."""


@dataclass(slots=True, kw_only=True)
class Recoverer:
    """Recovers the mappings of one connection over ends that are open already; `tell` is told of progress."""

    application: Application
    connection: Connection
    ends: Ends
    tell: Tell
    _run_id: str = ""
    _jobs: dict[MappingName, SynchJob] | None = None

    async def recover(self, *, dry_run: bool) -> list[RecoveredMapping]:
        """Find and store all pairs first: what records agree on depends on the couplings they refer to."""
        self._run_id, self._jobs = str(uuid4()), {}
        found = [await self._find(mapping, dry_run=dry_run) for mapping in self._mappings()]
        if not dry_run:
            for each in found:
                await self._compare(each)
        return found

    def _mappings(self) -> list[MappingName]:
        # What a saga follows is found again by its marks.
        return self.application.known_mappings(self.connection, ())

    async def _find(self, mapping: MappingName, *, dry_run: bool) -> RecoveredMapping:
        self.tell(translatable("Looking for the pairs of {mapping} ...", mapping=mapping))
        recovery = await self.ends.run(find_pairs(self._setup(mapping, None)))
        if not dry_run:
            job = self._started(mapping)

            async def store(run: RunSetup) -> SynchJob:
                """Store what was found."""
                return store_pairs(run, recovery, job)

            assert self._jobs is not None
            self._jobs[mapping] = await self._with_lease(mapping, store)
        return RecoveredMapping(mapping=mapping, recovery=recovery)

    async def _compare(self, found: RecoveredMapping) -> None:
        assert self._jobs is not None
        mapping, job = found.mapping, self._jobs[found.mapping]
        self.tell(translatable("Comparing the pairs of {mapping} ...", mapping=mapping))
        after: ErpKey | None = None
        while True:

            async def compare(run: RunSetup, after: ErpKey | None = after) -> ValuesPage:
                """Compare one page of pairs."""
                return await self.ends.run(ValueRecovery(run).page(after, job))

            page = await self._with_lease(mapping, compare)
            found.agreed += page.agreed
            found.differing += page.differing
            after = page.after
            if after is None:
                break
        message = translatable("Couplings recovered from both services.")
        finished = replace(job, finished_at=datetime.now(UTC), message=message)
        self.application.connection_store(self.connection).finish_job(finished)

    async def _with_lease(
        self, mapping: MappingName, work: Callable[[RunSetup], Awaitable[Result]]
    ) -> Result:
        """Do one piece of work alone; raises MappingBusy while another run holds the mapping."""
        state = self.application.state
        fence = state.take_lease(self.connection.id, mapping, self._run_id)
        if fence is None:
            raise MappingBusy(mapping)
        try:
            return await work(self._setup(mapping, fence))
        except LeaseLost as lost:
            raise MappingBusy(mapping) from lost
        finally:
            state.release_lease(self.connection.id, mapping, fence)

    def _setup(self, mapping: MappingName, fence: int | None) -> RunSetup:
        store = self.application.connection_store(self.connection)
        return self.application.run_setup(
            self.connection,
            mapping,
            run_id=self._run_id,
            create_new=False,
            compare_all=True,
            store=store if fence is None else store.fenced(mapping, fence),
        )

    def _started(self, mapping: MappingName) -> SynchJob:
        return SynchJob(
            id=str(uuid4()),
            mapping=mapping,
            direction=self.application.mappings(self.connection)[mapping].passes[0],
            type=SynchJobType.COUPLING,
            started_at=datetime.now(UTC),
            counters=Counters(),
        )
