"""Carries out what is asked about full synchronizations."""

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

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
    LeaveOutLines,
    ResetReview,
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
        if review is None:
            return Review()
        at_work = await off_loop(application.state.jobs_at_work, held.id)
        return shown(review, datetime.now(UTC), at_work)

    async def start(caller: Caller, asked: StartFullSynchronization) -> ReviewBegun:
        """Begin, or go on."""
        held = await connection_of(application, caller, asked)
        wanted = tuple(MappingName(each) for each in asked.recommend_full)
        review = await beside_pages(full_synch.start, held, wanted)
        return _begun(review, translatable("The full synchronization runs in the background."))

    async def restart(caller: Caller, asked: RestartFullSynchronization) -> ReviewBegun:
        """Begin lines anew."""
        held = await connection_of(application, caller, asked)
        only = tuple(MappingName(each) for each in asked.mappings)
        review = await beside_pages(full_synch.restart, held, every=asked.every, only=only)
        return _begun(review, translatable("The lines run once more in the background."))

    async def cancel(caller: Caller, asked: CancelFullSynchronization) -> ReviewBegun:
        """Stop after the records at hand."""
        held = await connection_of(application, caller, asked)
        review = await off_loop(full_synch.cancel, held)
        return _begun(review, translatable("The full synchronization stops after the records at hand."))

    async def reset(caller: Caller, asked: ResetReview) -> ReviewBegun:
        """Lay the lines out anew."""
        held = await connection_of(application, caller, asked)
        review = await beside_pages(full_synch.reset, held)
        return _begun(review, translatable("The lines are laid out anew. Start begins with them."))

    async def leave_out(caller: Caller, asked: LeaveOutLines) -> ReviewBegun:
        """Take lines out."""
        held = await connection_of(application, caller, asked)
        names = tuple(MappingName(each) for each in asked.mappings)
        review = await off_loop(full_synch.leave_out, held, names)
        told = translatable("Left out: {mappings}.", mappings=", ".join(names))
        return _begun(review, told)

    works.add(reviews.SHOW, show)
    works.add(reviews.RESET, reset)
    works.add(reviews.LEAVE_OUT, leave_out)
    works.add(reviews.START, start)
    works.add(reviews.RESTART, restart)
    works.add(reviews.CANCEL, cancel)


def shown(review: FullSynchReview, now: datetime, at_work: Collection[str] = ()) -> Review:
    """Return a review as it is shown, with what is done and what is left; `at_work`: jobs that somebody works on."""
    reached = progress(review.lines, now)
    by_name = {each.mapping: each for each in reached.lines}
    return Review(
        run_id=review.run_id,
        created_at=review.created_at,
        lines=tuple(
            msgspec.structs.replace(
                _line(each, review, by_name[each.mapping]),
                is_active=any(one.job.id in at_work for one in each.passes),
            )
            for each in review.lines
        ),
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
