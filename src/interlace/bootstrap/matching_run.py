"""Match-Based Coupling in the background: reads, couples what matches, brings it in step, creates what none matches."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from uuid import NAMESPACE_URL, uuid5

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.couple_pairs import COUPLED_AT_ONCE, couple_pairs
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.item_register import ItemRegisterUpkeep
from interlace.bootstrap.kept_matches import RECORDS_MAX, KeptMatches
from interlace.bootstrap.match_settings import Matching, matching_of
from interlace.bootstrap.matching import MatchReading
from interlace.bootstrap.named_matches import NamedMatches
from interlace.domain.coupling import Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.match_criteria import Matches, Pair
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.run_setup import RunSetup
from interlace.engine.synch_chosen import synch_chosen
from interlace.jobs.ports import BatchProgress
from interlace.locale.translatable import translatable
from interlace.store.connection_store import ConnectionStore

_CARRIED_AT_ONCE = 200


@dataclass(slots=True, kw_only=True)
class MatchingRun:
    """One run over one mapping. A process that takes it over reads anew: what is coupled by then is left out."""

    matching: Matching
    reading: MatchReading
    job: SynchJob
    matches: Matches | None = None
    to_couple: list[Pair] = field(default_factory=list)
    to_compare: list[Pair] = field(default_factory=list)
    to_create: list[str] = field(default_factory=list)
    created: int = 0

    async def step(
        self,
        application: Application,
        connection: Connection,
        ends: Ends,
        store: ConnectionStore,
        *,
        seconds: float,
    ) -> BatchProgress:
        """Do a few seconds' worth."""
        mapping, until = self.job.mapping, monotonic() + seconds
        run = application.run_setup(
            connection,
            mapping,
            run_id=self.job.run_id or "",
            create_new=False,
            compare_all=False,
            retry_skipped=True,
            store=store,
        )
        if self.matches is None:
            if not await self.reading.read(run, ends, seconds=seconds):
                return BatchProgress(more=True)
            self.matches = self.reading.matches()
            self.to_couple = list(self.matches.pairs)
            self._keep_ambiguous(application, connection, self.matches)
            creates = self.matching.create_new and run.mapping.direction.allows(
                Direction.TO_INTEGRATION_TABLE
            )
            self.to_create = list(self.matches.unmatched) if creates else []
            self.job.counters.failed = len(self.matches.ambiguous)
            self.job.counters.skipped = 0 if creates else len(self.matches.unmatched)
        while self.to_couple and monotonic() < until:
            await self._couple(run, ends, store)
        while not self.to_couple and (self.to_compare or self.to_create) and monotonic() < until:
            stopped = await self._carry(application, connection, run, ends)
            if stopped:
                return BatchProgress(more=False, stopped=stopped)
        more = bool(self.to_couple or self.to_compare or self.to_create)
        if not more:
            store.finish_job(replace(self.job, finished_at=datetime.now(UTC), message=self._message()))
        return BatchProgress(more=more)

    def _keep_ambiguous(self, application: Application, connection: Connection, found: Matches) -> None:
        """Keep which records are left to people: the job itself only counts them."""
        named = NamedMatches(self.reading.captions)
        first = list(found.ambiguous.values())[:RECORDS_MAX]
        KeptMatches(application.config.state_directory).keep(
            connection.id,
            self.job.mapping,
            self.job.id,
            tuple(named.ambiguity(each) for each in first),
        )

    async def _couple(self, run: RunSetup, ends: Ends, store: ConnectionStore) -> None:
        pairs = self.to_couple[:COUPLED_AT_ONCE]
        couplings = [
            Coupling(
                mapping=run.mapping.name,
                erp_key=ErpKey(each.erp_key),
                crm_key=CrmKey(each.crm_key),
                agreed=None,
            )
            for each in pairs
        ]
        naming = run if run.mapping.carries_erp_reference else None
        errors = await couple_pairs(ends, store, naming, couplings, self.job)
        self.to_compare += [pair for pair, error in zip(pairs, errors, strict=True) if error is None]
        del self.to_couple[:COUPLED_AT_ONCE]

    async def _carry(
        self, application: Application, connection: Connection, run: RunSetup, ends: Ends
    ) -> str:
        """Bring coupled pairs in step, or create partners; gives what stopped it."""
        chosen: dict[Direction, Sequence[str]]
        if self.to_compare:
            pairs = self.to_compare[:_CARRIED_AT_ONCE]
            chosen = {
                way: [
                    each.erp_key if way is Direction.TO_INTEGRATION_TABLE else each.crm_key for each in pairs
                ]
                for way in run.mapping.passes
            }
            del self.to_compare[:_CARRIED_AT_ONCE]
        else:
            keys = self.to_create[:_CARRIED_AT_ONCE]
            chosen = {Direction.TO_INTEGRATION_TABLE: keys}
            run = replace(run, create_new=True)
            del self.to_create[:_CARRIED_AT_ONCE]
        result = await ends.run(synch_chosen(run, {way: tuple(each) for way, each in chosen.items()}))
        self.created += sum(each.counters.inserted for each in result.jobs)
        # What was created once and uncoupled since is found again under the key that we chose for it.
        self.job.counters.coupled += sum(each.counters.coupled for each in result.jobs)
        await ItemRegisterUpkeep(application=application, connection=connection, ends=ends).after(
            run.mapping.name, result
        )
        return result.stopped

    def _message(self) -> str:
        counters = self.job.counters
        return translatable(
            "{coupled} coupled, {ambiguous} ambiguous, {unmatched} without a match, {created} created",
            coupled=counters.coupled,
            ambiguous=counters.failed,
            unmatched=counters.skipped,
            created=self.created,
        )


def begin_matching(
    application: Application, connection: Connection, name: MappingName, run_id: str
) -> MatchingRun:
    """Return a run by the criteria that are kept now."""
    mapping = application.mappings(connection)[name]
    matching = matching_of(application.state.mapping_settings(connection.id).get(name, {}), mapping)
    job = SynchJob(
        id=str(uuid5(NAMESPACE_URL, f"{run_id}:{name}")),
        mapping=name,
        direction=mapping.passes[0],
        type=SynchJobType.COUPLING,
        started_at=datetime.now(UTC),
        counters=Counters(),
        run_id=run_id,
    )
    return MatchingRun(matching=matching, reading=MatchReading(matching=matching), job=job)
