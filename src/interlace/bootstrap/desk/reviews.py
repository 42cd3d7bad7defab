"""Carries out what is asked about full synchronizations."""

from datetime import UTC, datetime

from interlace.bootstrap.desk.carry_out import beside_pages, connection_of, off_loop
from interlace.bootstrap.paused_full_synch import is_paused, line_text, pass_status, status_of
from interlace.bootstrap.serving import Server
from interlace.domain.full_synch_review import (
    FullSynchReview,
    LineProgress,
    ReviewLine,
    blocked_text,
    has_failed,
    is_over,
    progress,
)
from interlace.domain.keys import MappingName
from interlace.management import reviews
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.reviews import (
    CancelFullSynchronization,
    RestartFullSynchronization,
    Review,
    ReviewBegun,
    ReviewLineShown,
    ShowReview,
    StartFullSynchronization,
)
from interlace.management.translatable import translatable


def add_reviews(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application, full_synch = server.application, server.full_synch

    async def show(caller: Caller, asked: ShowReview) -> Review:
        """Read the newest one."""
        held = await connection_of(application, caller, asked)
        review = await off_loop(full_synch.latest, held)
        return Review() if review is None else shown(review, datetime.now(UTC))

    async def start(caller: Caller, asked: StartFullSynchronization) -> ReviewBegun:
        """Begin, or go on."""
        held = await connection_of(application, caller, asked)
        wanted = tuple(MappingName(each) for each in asked.recommend_full)
        review = await beside_pages(full_synch.start, held, wanted)
        return _begun(review, translatable("The full synchronization runs in the background."))

    async def restart(caller: Caller, asked: RestartFullSynchronization) -> ReviewBegun:
        """Begin lines anew."""
        held = await connection_of(application, caller, asked)
        review = await beside_pages(full_synch.restart, held, every=asked.every)
        return _begun(review, translatable("The lines run once more in the background."))

    async def cancel(caller: Caller, asked: CancelFullSynchronization) -> ReviewBegun:
        """Stop after the records at hand."""
        held = await connection_of(application, caller, asked)
        review = await off_loop(full_synch.cancel, held)
        return _begun(review, translatable("The full synchronization stops after the records at hand."))

    works.add(reviews.SHOW, show)
    works.add(reviews.START, start)
    works.add(reviews.RESTART, restart)
    works.add(reviews.CANCEL, cancel)


def shown(review: FullSynchReview, now: datetime) -> Review:
    """Return a review as it is shown, with what is done and what is left."""
    reached = progress(review.lines, now)
    by_name = {each.mapping: each for each in reached.lines}
    return Review(
        run_id=review.run_id,
        created_at=review.created_at,
        lines=tuple(_line(each, review, by_name[each.mapping]) for each in review.lines),
        is_running=any(each.is_open for each in review.lines),
        is_over=is_over(review.lines),
        is_paused=is_paused(review.lines),
        has_failed=has_failed(review.lines),
        done=reached.done,
        expected=reached.expected,
        failed=reached.failed,
        records_per_second=reached.records_per_second,
        seconds_left=reached.seconds_left,
    )


def _line(line: ReviewLine, review: FullSynchReview, reached: LineProgress) -> ReviewLineShown:
    status = status_of(line, review.lines)
    blocked = "" if status is not None else blocked_text(line, review.lines)
    return ReviewLineShown(
        mapping=line.mapping,
        depends_on=line.depends_on,
        direction=line.direction.value,
        recommendation=line.recommendation.value,
        job_queue_entry_status="" if status is None else status.value,
        to_int_table_job_status=pass_status(line, line.to_status),
        from_int_table_job_status=pass_status(line, line.from_status),
        job_queue_entry_id=line.job_queue_entry_id or "",
        to_int_table_job_id=line.to_pass.job.id if line.to_pass is not None else "",
        from_int_table_job_id=line.from_pass.job.id if line.from_pass is not None else "",
        counters=line.counters.as_dict(),
        done=reached.done,
        expected=reached.expected,
        message=line_text(line, review.lines),
        is_blocked=bool(blocked),
    )


def _begun(review: FullSynchReview, message: str) -> ReviewBegun:
    return ReviewBegun(run_id=review.run_id, message=message, page="/review")
