"""Full Synch. Review: every mapping with its statuses, live, each leading to its log."""

from __future__ import annotations

from datetime import timedelta

from htpy import Element, Node, a, div, label, p, progress, span
from htpy import input as input_
from litestar import Response, get

from interlace.domain.filter_language import quoted
from interlace.domain.full_synch_review import InitialSynchRecommendation
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.management import reviews
from interlace.management.reviews import Review, ReviewLineShown, ShowReview
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.notice import said
from interlace.web.security import PAGE
from interlace.web.statuses import direction_text, recommendation_text, status_text, status_tone
from interlace.web.visit import Button, TheVisit, Visit, live

_START = "start-full-synchronization"
"""The form of the button, to which the boxes of the lines belong."""
_IN_PROCESS = JobQueueEntryStatus.IN_PROCESS.value
_ENDED = (JobQueueEntryStatus.ERROR.value, JobQueueEntryStatus.FINISHED.value)
_COUPLE = InitialSynchRecommendation.COUPLE_RECORDS.value


@get("/review", opt=PAGE)
async def review_page(visit: TheVisit) -> Response[str]:
    """The newest full synchronization of the connection."""
    words = visit.words
    review = await visit.ask(reviews.SHOW, ShowReview(connection=visit.connection.name))
    return visit.page(
        Page(
            heading=words.t("Full Synch. Review"),
            subtitle=words.t(
                "Every mapping is synchronized once, job after job: what others depend on comes first. "
                "You may leave this page; the work goes on."
            ),
            content=live(
                "review",
                [
                    _actions(visit, review),
                    _progress(words, review),
                    _lines(visit, review),
                    _hint(visit, review),
                ],
            ),
        )
    )


PAGES = (review_page,)


def _actions(visit: Visit, review: Review) -> Element | None:
    words = visit.words
    ended = bool(review.run_id) and not review.is_running
    return action_bar(
        [
            visit.action(
                reviews.START,
                look=Button(
                    is_primary=True,
                    caption=translatable("Go On") if review.is_paused else "",
                    confirm=""
                    if review.is_paused
                    else words.t(
                        "All records of all mappings will be synchronized, also those that are not coupled: "
                        "new records are created on both sides. Couple salespeople first. Start now?"
                    ),
                    why_not=words.t("It is running") if review.is_running else "",
                    form=_START,
                ),
            ),
            visit.action(reviews.RESTART, look=Button(why_not=_why_no_restart(words, review))),
            visit.action(reviews.RESTART, {"every": "1"}, _restart_all(words, review)),
            visit.action(reviews.RESET, look=_reset(words, review)),
            visit.action(
                reviews.CANCEL,
                look=Button(why_not="" if review.is_running else words.t("Nothing is running")),
            ),
        ],
        [
            action_link(words.t("Job Queue Entries"), visit.to("/queue")),
            action_link(words.t("Integration Table Mappings"), visit.to("/mappings")),
            action_link(words.t("Causes of Errors"), visit.to("/errors"))
            if ended and review.failed
            else None,
        ],
        captions=words.captions,
    )


def _why_no_restart(words: Words, review: Review) -> str:
    if review.is_running:
        return words.t("It is running")
    if review.is_paused:
        return words.t("It is paused: go on with it")
    if not review.has_failed:
        return words.t("No line ended with an error")
    return ""


def _restart_all(words: Words, review: Review) -> Button:
    why_not = words.t("It is running") if review.is_running else ""
    if not review.run_id:
        why_not = words.t("There is no full synchronization yet")
    return Button(
        caption=translatable("Restart Every Line"),
        confirm=words.t(
            "Every line begins again with its first record, also those that ended well: all records are compared "
            "once more. Restart every line?"
        ),
        why_not=why_not,
    )


def _reset(words: Words, review: Review) -> Button:
    return Button(
        why_not=words.t("It is running") if review.is_running else "",
        confirm=words.t(
            "The lines are laid out anew, with fresh recommendations and with what was left out; how the last full "
            "synchronization went is in the jobs. Nothing is started. Reset?"
        )
        if review.run_id
        else "",
    )


def _progress(words: Words, review: Review) -> Node:
    if not review.run_id:
        return None
    told = [_counted(words, review)]
    if review.failed:
        told.append(words.n("{count} record failed", "{count} records failed", review.failed))
    if review.is_running and review.records_per_second:
        told.append(words.t("{rate} records a second", rate=round(review.records_per_second)))
    if review.is_running and review.seconds_left is not None:
        left = timedelta(seconds=round(review.seconds_left))
        told.append(words.t("about {duration} left", duration=left))
    share = review.done / review.expected if review.expected else float(review.is_over)
    return div(".progress")[
        progress(value=str(min(share, 1.0)), max="1", aria_label=words.t("Progress")),
        p[" · ".join(told)],
    ]


def _counted(words: Words, review: Review) -> str:
    if review.expected is None:
        return words.n("{count} record done", "{count} records done", review.done)
    return words.t(
        "{done} of {expected} records done", done=review.done, expected=max(review.expected, review.done)
    )


def _lines(visit: Visit, review: Review) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Name")),
        Column(caption=words.t("Direction"), is_whole=True),
        Column(caption=words.t("Recommendation"), is_whole=True),
        Column(caption=words.t("Job Queue Entry Status")),
        Column(caption=words.t("Active Session")),
        Column(caption=words.t("To Int. Table Job Status")),
        Column(caption=words.t("From Int. Table Job Status")),
        Column(caption=words.t("Done"), is_number=True),
        Column(caption=words.t("Failed"), is_number=True),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    has_messages = any(_message(words, each) for each in review.lines)
    if has_messages:
        columns.append(Column(caption=words.t("Message")))
    return listing(
        columns,
        [_row(visit, review, each)[: len(columns)] for each in review.lines],
        caption=words.t("Full Synch. Review"),
        empty=empty_state(
            words.t("There is no full synchronization yet"),
            words.t(
                "Start counts the records of both sides and synchronizes mapping after mapping. Reset only lays the "
                "lines out, so that mappings can be left out first."
            ),
        ),
    )


def _row(visit: Visit, review: Review, line: ReviewLineShown) -> list[Node]:
    words = visit.words
    failed = line.counters.get("failed", 0)
    expected = words.number(line.expected) if line.expected is not None else "?"
    return [
        [a(href=visit.to(f"/mappings/{segment(line.mapping)}"))[line.mapping], _after(words, line)],
        direction_text(words, Direction(line.direction)),
        _recommendation(visit, review, line),
        _queue_status(visit, line),
        _session(visit, line),
        _pass_status(visit, line.to_int_table_job_status, line.to_int_table_job_id),
        _pass_status(visit, line.from_int_table_job_status, line.from_int_table_job_id),
        f"{words.number(line.done)} / {expected}" if line.done or line.expected else "",
        _failed(visit, line, failed),
        _line_actions(visit, review, line),
        span(".quiet-text")[_message(words, line)],
    ]


def _message(words: Words, line: ReviewLineShown) -> str:
    if line.message or line.recommendation != _COUPLE:
        return said(words, line.message)
    return words.t("Both sides hold records and none are coupled: creating more could double them.")


def _can_choose(visit: Visit, review: Review) -> bool:
    is_under_way = review.is_running or review.is_paused
    return not is_under_way and visit.may(reviews.START.permission)


def _hint(visit: Visit, review: Review) -> Node:
    is_needed = any(each.recommendation == _COUPLE for each in review.lines)
    if not is_needed or not _can_choose(visit, review):
        return None
    return p(".quiet-text")[
        visit.words.t(
            "Recommend the full synchronization only where the two sides hold different records: with Start, such a "
            "mapping creates on each side what is missing there."
        )
    ]


def _recommendation(visit: Visit, review: Review, line: ReviewLineShown) -> Node:
    """Return what is recommended, with the two ways on from a line whose records should be coupled first."""
    words = visit.words
    shown = recommendation_text(words, line.recommendation)
    if line.recommendation != _COUPLE:
        return shown
    criteria = visit.to(f"/mappings/{segment(line.mapping)}/matching")
    return [
        div[shown],
        div[a(href=criteria)[words.t("Select Coupling Criteria")]],
        label(".ticked")[
            input_(type="checkbox", name="recommend_full", value=line.mapping, form=_START),
            span[words.t("Recommend Full Synchronization")],
        ]
        if _can_choose(visit, review)
        else None,
    ]


def _session(visit: Visit, line: ReviewLineShown) -> Node:
    """Say whether somebody is at work on a line that is in process; a process that was killed is no session."""
    words = visit.words
    if line.is_active:
        return badge(words.t("Yes"), Tone.BUSY)
    return words.t("No") if line.job_queue_entry_status == _IN_PROCESS else ""


def _line_actions(visit: Visit, review: Review, line: ReviewLineShown) -> Node:
    words = visit.words
    if review.is_running or review.is_paused or not review.run_id:
        return ""
    if line.job_queue_entry_status in _ENDED:
        confirm = words.t(
            "{mapping} begins again with its first record: all its records are compared once more. Restart it?",
            mapping=line.mapping,
        )
        return visit.action(reviews.RESTART, {"mappings": line.mapping}, Button(confirm=confirm))
    if not line.job_queue_entry_status and not line.is_blocked:
        return visit.action(reviews.LEAVE_OUT, {"mappings": line.mapping})
    return ""


def _after(words: Words, line: ReviewLineShown) -> Node:
    if not line.depends_on:
        return None
    return div(".quiet-text.small")[words.t("after {mappings}", mappings=", ".join(line.depends_on))]


def _failed(visit: Visit, line: ReviewLineShown, failed: int) -> Node:
    if not failed:
        return ""
    return a(href=visit.to("/errors/skipped", {"mapping": line.mapping}))[visit.words.number(failed)]


def _queue_status(visit: Visit, line: ReviewLineShown) -> Node:
    status = line.job_queue_entry_status
    if not status:
        return badge(visit.words.t("Blocked"), Tone.WARN) if line.is_blocked else ""
    shown = badge(status_text(visit.words, status), status_tone(status))
    return a(href=visit.to("/queue", {"filters.mapping": quoted(line.mapping)}))[shown]


def _pass_status(visit: Visit, status: str, job: str) -> Node:
    if not status:
        return ""
    shown = badge(status_text(visit.words, status), status_tone(status))
    return a(href=visit.to(f"/jobs/{segment(job)}"))[shown] if job else shown
