"""Carries out what the home page asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.cause_texts import cause_text, judged
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.hourly_figures import KEPT, classes_of, lag_ranks, present_lags
from interlace.bootstrap.lag import Lag
from interlace.bootstrap.orders import Orders
from interlace.bootstrap.plan_approval import ApprovalState
from interlace.bootstrap.serving import Server
from interlace.bootstrap.shown_plan import shown_plan
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.locale.translatable import as_sentence
from interlace.management import home
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.home import Cause, DirectionLag, Home, HourFigures, LagRanks, MappingState, ShowHome
from interlace.management.translatable import translatable
from interlace.store.error_causes import CauseKind, ErrorCause
from interlace.store.hourly_figures import Sample

_TOP_CAUSES = 5
_HOURS_MAX = KEPT // timedelta(hours=1)


def add_home(works: Works, server: Server) -> None:
    """Let this operation be carried out."""

    async def show(caller: Caller, asked: ShowHome) -> Home:
        """Gather what the page shows."""
        held = await connection_of(server.application, caller, asked)
        return await off_loop(_home, server, held, asked.hours)

    works.add(home.SHOW, show)


def _home(server: Server, held: Connection, hours: int) -> Home:
    application, now = server.application, datetime.now(UTC)
    queries, errors = application.state.queries, application.state.errors
    coupled = queries.count_couplings(held.id)
    listed = queries.count_errors(held.id)
    on_list = sum(listed.values())
    uncoupled = queries.count_uncoupled_errors(held.id)
    found, causes = errors.causes(held.id, limit=_TOP_CAUSES)
    entries = application.state.job_queue_entries.list(held.id)
    stages = Orders(application=application, connection=held).counts()
    running = {each.mapping for each in entries if each.status is JobQueueEntryStatus.IN_PROCESS}
    finished = queries.last_finished(held.id)
    total = sum(coupled.values())
    rules = RulesInForce(application=application, connection=held)
    plans = [shown_plan(rules, each) for each in server.plans.kept.listed(held.id)]
    return Home(
        coupled=total,
        uncoupled=uncoupled,
        in_step=max(0, total - (on_list - uncoupled)),
        conflicts=queries.count_conflicts(held.id),
        causes=causes,
        waiting=on_list,
        # As the job queue shows them: what a person put on hold is none of them.
        failed_jobs=sum(each.status is JobQueueEntryStatus.ERROR for each in server.schedules.entries(held)),
        halts=sum(each.released_by is None for each in queries.halts(held.id)),
        orders_open=sum(each.orders for each in stages if not each.has_ended),
        orders_held=sum(each.held for each in stages),
        plans_ready=sum(not each.why_not for each in plans),
        plans_to_approve=sum(each.state == ApprovalState.WAITING.value for each in plans),
        is_full_synchronization_running=server.full_synch.is_running(held),
        mappings=tuple(
            _state(name, coupled, listed, finished, is_running=name in running)
            for name in application.mappings(held)
        ),
        top_causes=tuple(_cause(each) for each in judged(application.connection_store(held), found)),
        lags=tuple(_lag(each, now) for each in present_lags(application, held)),
        hours=tuple(_hours(application, held, now, hours)),
    )


def _lag(each: Lag, now: datetime) -> DirectionLag:
    return DirectionLag(
        direction=each.direction.value,
        since=each.since,
        seconds=each.seconds(now),
        looked_until=each.looked_until,
        looked_mapping=each.looked_mapping or "",
        failed=each.waiting.failed,
        failed_since=each.waiting.failed_since,
        skipped=each.waiting.skipped,
        skipped_since=each.waiting.skipped_since,
    )


def _hours(application: Application, held: Connection, now: datetime, hours: int) -> Iterator[HourFigures]:
    since = now - timedelta(hours=min(max(hours, 1), _HOURS_MAX))
    for hour, sample in application.state.hourly_figures.of(held.id, since):
        yield HourFigures(
            hour=hour,
            coupled=sample.coupled,
            failed=sample.failed,
            skipped=sample.skipped,
            conflicts=sample.conflicts,
            to_lag=sample.lag_seconds.get(Direction.TO_INTEGRATION_TABLE),
            from_lag=sample.lag_seconds.get(Direction.FROM_INTEGRATION_TABLE),
            to_lag_ranks=_ranks(sample, Direction.TO_INTEGRATION_TABLE),
            from_lag_ranks=_ranks(sample, Direction.FROM_INTEGRATION_TABLE),
            classes=classes_of(sample),
        )


def _ranks(sample: Sample, direction: Direction) -> LagRanks | None:
    found = lag_ranks(sample, direction)
    return None if found is None else LagRanks(p50=found[0], p95=found[1])


def _state(
    name: MappingName,
    coupled: dict[MappingName, int],
    listed: dict[tuple[MappingName, bool], int],
    finished: dict[MappingName, datetime],
    *,
    is_running: bool,
) -> MappingState:
    return MappingState(
        mapping=name,
        coupled=coupled.get(name, 0),
        failed=listed.get((name, False), 0),
        skipped=listed.get((name, True), 0),
        last_synchronized_at=finished.get(name),
        is_running=is_running,
    )


def _cause(each: ErrorCause) -> Cause:
    return Cause(id=each.id, title=_title(each), count=each.count)


def _title(cause: ErrorCause) -> str:
    """Name a cause in a line; what exactly the services said stands on its own page."""
    if cause.kind not in {CauseKind.ALIKE, CauseKind.INCOMPLETE}:
        return cause_text(cause)
    return translatable(
        "{title} ({mapping})",
        title=as_sentence(ERROR_DESCRIPTIONS[cause.code].caption),
        mapping=cause.mappings[0][0] if cause.mappings else cause.example.mapping,
    )
