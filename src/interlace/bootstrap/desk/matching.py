"""Carries out what is asked about the criteria of Match-Based Coupling."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from interlace.bootstrap.application import Connection
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.mapping_services import MappingServices
from interlace.bootstrap.desk.shown_mapping import require_unchanged, stamp
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.kept_matches import KeptMatches
from interlace.bootstrap.mapping_texts import match_text
from interlace.bootstrap.match_settings import (
    MATCHING,
    CheckedMatching,
    EnteredCriterion,
    check_matching,
    matching_of,
    may_be_matched,
)
from interlace.bootstrap.matching import MatchReading
from interlace.bootstrap.named_matches import NamedMatches
from interlace.bootstrap.own_row_keeping import read_both_tables
from interlace.bootstrap.serving import Server
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJobType
from interlace.management import matching
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.mapping_answers import MappingChanged
from interlace.management.matching import (
    ChangeMatching,
    Criterion,
    LastMatching,
    MatchingEntered,
    MatchingShown,
    MatchSample,
    MatchTried,
    OneMatching,
    TryMatching,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

SAMPLES: Final = 20
_SECONDS: Final = 12.0
_JOBS: Final = 400
"""The newest jobs of a mapping, among which its last matching is looked for."""


def add_matching(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Matching(server)
    works.add(matching.SHOW, work.show)
    works.add(matching.CHANGE, work.change)
    works.add(matching.TRY, work.try_)


class _Matching:
    """Criteria of a server's connections."""

    def __init__(self, server: Server) -> None:
        self._application = server.application
        self._services = MappingServices(server.application)

    async def show(self, caller: Caller, asked: OneMatching) -> MatchingShown:
        """Tell the criteria, and what came of them."""
        held, mapping = await self._called(caller, asked, asked.mapping)
        return await off_loop(self._shown, held, mapping)

    def _shown(self, held: Connection, mapping: IntegrationTableMapping) -> MatchingShown:
        changes = self._application.state.mapping_settings(held.id).get(mapping.name, {})
        kept = matching_of(changes, mapping)
        plain = [row for row in mapping.fields if row.reference is None and not row.is_constant]
        return MatchingShown(
            mapping=mapping.name,
            erp_table=mapping.erp_table,
            crm_table=mapping.integration_table,
            is_possible=may_be_matched(mapping),
            may_create=mapping.direction.allows(Direction.TO_INTEGRATION_TABLE),
            criteria=tuple(
                Criterion(
                    erp_field=each.erp_field,
                    crm_field=each.crm_field,
                    case_sensitive=each.case_sensitive,
                    priority=each.priority,
                )
                for each in kept.criteria
            ),
            create_new=kept.create_new,
            match_rules=tuple(match_text(each) for each in mapping.match_rules),
            erp_fields=tuple(dict.fromkeys(row.erp_field or "" for row in plain)),
            crm_fields=tuple(dict.fromkeys(row.crm_field or "" for row in plain)),
            last=self._last(held, mapping.name),
            seen=stamp(changes, takes_part=mapping.name in self._application.taking_part(held)),
        )

    def _last(self, held: Connection, name: MappingName) -> LastMatching | None:
        jobs = self._application.state.queries.synch_jobs(held.id, mapping=name, limit=_JOBS)
        job = next((each for each in jobs if each.type is SynchJobType.COUPLING and each.run_id), None)
        if job is None:
            return None
        return LastMatching(
            job_id=job.id,
            started_at=job.started_at,
            is_running=job.finished_at is None,
            coupled=job.counters.coupled,
            ambiguous=job.counters.failed,
            unmatched=job.counters.skipped,
            message=job.message,
            doubtful=self._doubtful(held, name, job.id),
        )

    def _doubtful(self, held: Connection, name: MappingName, job_id: str) -> tuple[MatchSample, ...]:
        """Return the ambiguous records of a run, but for those that somebody has coupled since."""
        kept = KeptMatches(self._application.config.state_directory).of_job(held.id, name, job_id)
        store = self._application.connection_store(held)
        coupled = store.couplings_by_key(name, Side.ERP, [each.erp.record_key for each in kept])
        return tuple(each for each in kept if each.erp.record_key not in coupled)

    async def change(self, caller: Caller, asked: ChangeMatching) -> MappingChanged:
        """Keep criteria."""
        held, mapping = await self._called(caller, asked, asked.mapping)
        checked = await self._checked(held, mapping, asked)
        return await off_loop(self._kept, held, mapping, checked, asked.seen)

    def _kept(
        self, held: Connection, mapping: IntegrationTableMapping, checked: CheckedMatching, seen: str
    ) -> MappingChanged:
        require_unchanged(self._application, held, mapping.name, seen)
        default = self._application.mappings_with(held, {})[mapping.name]
        change_mapping(self._application, held, default, {MATCHING: checked.stored})
        return MappingChanged(
            message=translatable(
                "The criteria of {mapping} are kept; nothing is coupled before you run them.",
                mapping=mapping.name,
            ),
            changed=(MATCHING,),
        )

    async def try_(self, caller: Caller, asked: TryMatching) -> MatchTried:
        """Tell what criteria would couple."""
        held, mapping = await self._called(caller, asked, asked.mapping)
        if entered_criteria(asked):
            checked = await self._checked(held, mapping, asked)
            wanted = matching_of({MATCHING: checked.stored}, mapping)
        else:
            changes = (await off_loop(self._application.state.mapping_settings, held.id)).get(
                mapping.name, {}
            )
            wanted = matching_of(changes, mapping)
        if not wanted.criteria:
            raise Refused(
                RefusalKind.INVALID,
                translatable("There are no criteria yet"),
                next_step=translatable(
                    "Choose at least one pair of fields that hold the same on both sides."
                ),
                fields={"erp_fields.0": translatable("Choose a field.")},
            )
        run = await off_loop(
            lambda: self._application.run_setup(
                held, mapping.name, run_id="", create_new=False, compare_all=False
            )
        )
        reading = MatchReading(matching=wanted)

        async def read(ends: Ends) -> bool:
            """Ask both services."""
            return await reading.read(run, ends, seconds=_SECONDS)

        await self._services.with_ends(held, read)
        return await off_loop(tried, reading)

    async def _checked(
        self, held: Connection, mapping: IntegrationTableMapping, asked: MatchingEntered
    ) -> CheckedMatching:
        if not may_be_matched(mapping):
            raise Refused(
                RefusalKind.INVALID,
                translatable("Records of {mapping} are not matched by criteria", mapping=mapping.name),
                why=translatable("Orders are followed document by document, and choices by their labels."),
            )
        entered = entered_criteria(asked)
        if not entered:
            return CheckedMatching()
        tables = await self._services.with_ends(held, lambda ends: read_both_tables(mapping, ends))
        checked = check_matching(
            entered, create_new=asked.create_new == "yes", mapping=mapping, erp=tables.erp, crm=tables.crm
        )
        if checked.problems:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The criteria can't be used so"),
                why=next(iter(checked.problems.values())),
                fields=checked.problems,
            )
        return checked

    async def _called(
        self, caller: Caller, asked: OneMatching | MatchingEntered, name: str
    ) -> tuple[Connection, IntegrationTableMapping]:
        held = await connection_of(self._application, caller, asked)
        [known] = await off_loop(self._application.known_mappings, held, [name])
        return held, (await off_loop(self._application.mappings, held))[known]


def entered_criteria(asked: MatchingEntered) -> Sequence[EnteredCriterion]:
    """Return the criteria that were entered; rows without any field are none."""
    rows = zip_longest(
        asked.erp_fields, asked.crm_fields, asked.case_sensitive, asked.priorities, fillvalue=""
    )
    return [
        EnteredCriterion(erp_field=erp, crm_field=crm, case_sensitive=case == "yes", priority=priority)
        for erp, crm, case, priority in rows
        if erp.strip() or crm.strip()
    ]


def tried(reading: MatchReading) -> MatchTried:
    """Sum up what criteria would couple, with the first records of each kind."""
    erp, crm = reading.records[Side.ERP], reading.records[Side.CRM]
    found = reading.matches() if reading.is_complete else None
    pairs, doubtful, without = (
        ([], [], []) if found is None else (found.pairs, list(found.ambiguous.values()), found.unmatched)
    )
    named = NamedMatches(reading.captions)
    return MatchTried(
        is_complete=reading.is_complete,
        erp_records=len(erp),
        crm_records=len(crm),
        coupled_already=reading.coupled,
        left_out=reading.left_out,
        would_couple=len(pairs),
        ambiguous=len(doubtful),
        unmatched=len(without),
        pairs=tuple(named.pair(each) for each in pairs[:SAMPLES]),
        doubtful=tuple(named.ambiguity(each) for each in doubtful[:SAMPLES]),
        without=tuple(named.record(Side.ERP, each) for each in without[:SAMPLES]),
    )
