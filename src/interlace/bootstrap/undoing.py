"""Undo as a use case: finds the journal entries that are meant, plans their inverse, and carries it out."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.plan_file import PlanWriter, read_stages
from interlace.bootstrap.planning import Planning, PlanSummary
from interlace.domain.keys import MappingName
from interlace.domain.plan import PlanKind, PlannedAction, PlannedKind, PlanStage
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.apply_plan import ActionEnd
from interlace.engine.apply_undo import UndoApplication
from interlace.engine.plan import Keep
from interlace.engine.undo import Journalled, in_order_of_need, is_effect, plan_undo
from interlace.locale.translatable import translatable
from interlace.store.journal import JournalledWrite, JournalSelection

UNDO_RUN = "undo-"
"""Begins the ids of runs that undo."""
_JOBS_SEARCHED = 100_000
_ID_LENGTH_MIN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoSubject:
    """What is to be undone: the writes of a run or job, or the newest ones of a record or of one field of it."""

    text: str
    field: str | None = None
    mapping: MappingName | None = None


def entries_to_undo(
    application: Application, connection: Connection, subject: UndoSubject
) -> list[JournalledWrite]:
    """Return the journal entries that a subject names; raises ConnectionProblem when there are none.

    A text that begins the id of a run or job means all its writes; any other text is a record's key, and means
    the writes of the newest job that wrote to it (to the field, if one is given).
    """
    job_ids = _jobs_of(application, connection, subject.text)
    queries = application.state.queries
    if job_ids:
        selection = JournalSelection(job_ids=job_ids, mapping=subject.mapping, field=subject.field)
        found = _effects(queries.journalled_writes(connection.id, selection))
    else:
        selection = JournalSelection(key=subject.text, mapping=subject.mapping, field=subject.field)
        found = _effects(queries.journalled_writes(connection.id, selection))
        found = [each for each in found if each.entry.job_id == found[-1].entry.job_id]
    if not found:
        raise ConnectionProblem(
            translatable(
                "The journal knows no write of '{subject}'. Name a run or job (`interlace jobs` lists them), or the "
                "key of a record that Interlace wrote.",
                subject=subject.text,
            )
        )
    return found


def _effects(found: Sequence[JournalledWrite]) -> list[JournalledWrite]:
    return [each for each in found if is_effect(each.entry)]


def _jobs_of(application: Application, connection: Connection, text: str) -> tuple[str, ...]:
    if len(text) < _ID_LENGTH_MIN:
        return ()
    start = text.lower()
    return tuple(
        job.id
        for job in application.state.queries.synch_jobs(connection.id, limit=_JOBS_SEARCHED)
        if job.id.startswith(start) or (job.run_id or "").startswith(start)
    )


async def make_undo(planning: Planning, subject: UndoSubject, out: Path, show: Keep) -> PlanSummary:
    """Plan an undo into a file: mappings go back in the opposite order of their dependencies, then what was deleted."""
    application, connection = planning.application, planning.connection
    by_mapping: dict[MappingName, list[Journalled]] = defaultdict(list)
    for each in entries_to_undo(application, connection, subject):
        by_mapping[each.entry.mapping].append(_journalled(application, each))
    names = [name for name in application.mappings(connection) if name in by_mapping]
    summary, restored, number = PlanSummary(), list[PlannedAction](), 0
    with PlanWriter(out, planning.heading(PlanKind.UNDO, subject.text)) as writer:

        def keep(action: PlannedAction) -> None:
            """Count an action, show it, and write it down."""
            summary.add(action)
            show(action)
            writer.action(action)

        def keep_or_put_off(action: PlannedAction) -> None:
            """Keep an action; a restoration comes later."""
            if action.kind is PlannedKind.CREATE:
                restored.append(action)
            else:
                keep(action)

        for name in reversed(names):
            planning.watch(name)
            setup = planning.setup(name)
            work = plan_undo(setup, by_mapping[name], keep_or_put_off, only_field=subject.field)
            await planning.ends.run(work)
            writer.stage(PlanStage(number=number, mapping=name))
            number += 1
        # What was deleted comes back only when everything that had to go is gone, owners before what they own.
        restored.sort(key=lambda each: names.index(each.mapping))
        for group in in_order_of_need(restored):
            for name in names:
                for action in (each for each in group if each.mapping == name):
                    keep(action)
                writer.stage(PlanStage(number=number, mapping=name))
                number += 1
    return summary


async def apply_undo(
    planning: Planning, path: Path, told: Callable[[ActionEnd], None], *, without: Collection[int] = ()
) -> str:
    """Carry an undo out mapping by mapping, without the actions at some places; gives the run's id.

    Raises MappingBusy like any run.
    """
    application, connection = planning.application, planning.connection
    await planning.require_may_carry_out(path, without)
    run_id = f"{UNDO_RUN}{uuid4()}"
    deleted: set[str] = set()
    for stage, actions in read_stages(path, without):
        journal = {
            number: _entry(application, connection, number)
            for action in actions
            if action.writes
            for number in action.undoes
        }
        planning.watch(stage.mapping)
        async with planning.leased(stage.mapping, run_id) as store:
            for direction in planning.setup(stage.mapping).mapping.passes:
                own = [each for each in actions if each.direction is direction]
                if not own:
                    continue
                setup = planning.setup(stage.mapping, store=store, run_id=run_id)
                job = SynchJob(
                    id=str(uuid4()),
                    mapping=stage.mapping,
                    direction=direction,
                    started_at=datetime.now(UTC),
                    message="Undo",
                    counters=Counters(),
                    run_id=run_id,
                )
                undo = UndoApplication(run=setup, journal=journal, job=job, told=told, deleted=deleted)
                await planning.ends.run(undo.carry_out(own))
    return run_id


def _journalled(application: Application, write: JournalledWrite) -> Journalled:
    job = application.state.queries.synch_job(write.entry.job_id)
    of_undo = job is not None and (job.run_id or "").startswith(UNDO_RUN)
    return Journalled(sequence=write.sequence, at=write.at, entry=write.entry, of_undo=of_undo)


def _entry(application: Application, connection: Connection, number: int) -> Journalled:
    selection = JournalSelection(after=number - 1, limit=1)
    found = application.state.queries.journalled_writes(connection.id, selection)
    if not found or found[0].sequence != number:
        raise ConnectionProblem(
            translatable(
                "The journal has no entry {number} that the plan undoes. Make the undo again.",
                number=str(number),
            )
        )
    return _journalled(application, found[0])
