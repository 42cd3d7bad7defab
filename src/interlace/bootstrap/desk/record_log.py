"""Carries out what is asked about the jobs that a record was in."""

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.hand_couplings import key_parts
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.locale.kept_text import from_kept
from interlace.management import record_log
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.record_log import LoggedJob, RecordLogged
from interlace.management.records import RecordAsked
from interlace.store.encoding import optional_time_to_text, time_to_text


def add_record_log(works: Works, place: ListingPlace) -> None:
    """Let this operation be carried out."""
    application = place.application

    def read(held: Connection, asked: RecordAsked) -> RecordLogged:
        [name] = application.known_mappings(held, [asked.mapping])
        mapping, side = application.mappings(held)[name], Side(asked.side)
        store = application.connection_store(held)
        key = _key(mapping, side, asked.key)
        keys = {side: key, side.other: store.partner_keys(name, side, [key]).get(key, "")}
        written = application.state.known_records.jobs_of(
            held.id, name, [each for each in keys.values() if each]
        )
        problems = {
            error.job_id: error.error.message
            for way in mapping.passes
            for error in store.errors_of(name, way, [keys[way.source_side]]).values()
        }
        found = [application.state.queries.synch_job(each) for each in written]
        jobs = sorted(
            (each for each in found if each is not None), key=lambda each: each.started_at, reverse=True
        )
        return RecordLogged(
            jobs=tuple(_logged(each, written[each.id], problems.get(each.id, "")) for each in jobs)
        )

    async def show(caller: Caller, asked: RecordAsked) -> RecordLogged:
        """Ask the memory alone."""
        held = await connection_of(application, caller, asked)
        return await off_loop(read, held, asked)

    works.add(record_log.LOG, show)


def _key(mapping: IntegrationTableMapping, side: Side, text: str) -> str:
    """Return a key as the store has it; parts of a composite one may have commas between them."""
    if side is Side.CRM:
        return text.strip("{} ").lower()
    if key_parts(mapping) == 1 or KEY_SEPARATOR in text:
        return text
    return KEY_SEPARATOR.join(part.strip() for part in text.split(","))


def _logged(job: SynchJob, action: str, problem: str) -> LoggedJob:
    return LoggedJob(
        id=job.id,
        direction=job.direction.value,
        type=job.type.value,
        started_at=time_to_text(job.started_at),
        finished_at=optional_time_to_text(job.finished_at) or "",
        action=action,
        problem=from_kept(problem),
    )
