"""Shows a full synch review: while it runs as a table that moves, at its end as a table or JSON lines."""

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.table import Table

from interlace.bootstrap.paused_full_synch import line_text, pass_status, status_of
from interlace.cli.output import Output
from interlace.cli.spoken import said, t, words
from interlace.domain.full_synch_review import (
    FullSynchReview,
    InitialSynchRecommendation,
    PassStatus,
    ReviewLine,
    ReviewProgress,
    progress,
)
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.locale.translatable import translatable

_STYLES = {
    "Finished": "green",
    "Success": "green",
    "In Process": "yellow",
    "Error": "red",
}
_WIDTH_OF_ALL = 130
_STATUS_CAPTIONS = (
    translatable("Job Queue Entry Status"),
    translatable("To Int. Table Job Status"),
    translatable("From Int. Table Job Status"),
)
_STATUS_WIDTH = 16
_COUNTERS = {
    "inserted": translatable("Inserted"),
    "modified": translatable("Modified"),
    "unchanged": translatable("Unchanged"),
    "skipped": translatable("Skipped"),
    "failed": translatable("Failed"),
    "coupled": translatable("Coupled"),
}
_COUNTED = {
    "inserted": translatable("{count} inserted"),
    "modified": translatable("{count} modified"),
    "unchanged": translatable("{count} unchanged"),
    "skipped": translatable("{count} skipped"),
    "failed": translatable("{count} failed"),
    "deleted": translatable("{count} deleted"),
    "uncoupled": translatable("{count} uncoupled"),
    "coupled": translatable("{count} coupled"),
}


def has_errors(review: FullSynchReview) -> bool:
    """Tell whether a line did not finish or left failed records behind."""
    return any(
        line.status is not JobQueueEntryStatus.FINISHED or line.counters.failed for line in review.lines
    )


def review_rows(review: FullSynchReview) -> list[dict[str, object]]:
    """Return the review's lines as plain values."""
    return [_row(line, review) for line in review.lines]


def _row(line: ReviewLine, review: FullSynchReview) -> dict[str, object]:
    return {
        "mapping": line.mapping,
        "depends_on": list(line.depends_on),
        "direction": line.direction.value,
        "recommendation": line.recommendation.value,
        "job_queue_entry_status": _status(line, review.lines),
        "to_int_table_job_status": pass_status(line, line.to_status),
        "from_int_table_job_status": pass_status(line, line.from_status),
        **line.counters.as_dict(),
        "message": line_text(line, review.lines),
    }


def _status(line: ReviewLine, lines: Sequence[ReviewLine]) -> str:
    status = status_of(line, lines)
    return "" if status is None else status.value


def show_review(output: Output, review: FullSynchReview) -> None:
    """Write a review that has come to its end."""
    if output.as_json:
        for row in review_rows(review):
            output.record(row)
        return
    output.console.print(review_table(review, output.console.width))
    for line in review.lines:
        message = line_text(line, review.lines) or _recommended_text(line)
        if message:
            output.message(translatable("{mapping}: {message}", mapping=line.mapping, message=message))


def _recommended_text(line: ReviewLine) -> str:
    """Say what to do about a line that created nothing because both sides were filled already."""
    if line.recommendation is not InitialSynchRecommendation.COUPLE_RECORDS:
        return ""
    return translatable(
        "both sides hold records and none were coupled, so none were created: that could double them. Couple "
        "records with {command}, or let a new full synchronization create what is missing with {option}.",
        command=f"`interlace couplings add {line.mapping} ERP_KEY CRM_KEY`",
        option=f"`--recommend-full {line.mapping}`",
    )


def review_table(review: FullSynchReview, width: int = _WIDTH_OF_ALL) -> Table:
    """Lay a review out as users know it; in less width, without counters that are zero in every line."""
    narrow = width < _WIDTH_OF_ALL
    table = Table(
        title=t("Full Synch. Review"),
        title_justify="left",
        header_style="bold",
        box=None,
        pad_edge=False,
        collapse_padding=narrow,
    )
    table.add_column(t("Mapping"), no_wrap=True)
    for caption in _STATUS_CAPTIONS:
        table.add_column(textwrap.fill(t(caption), _STATUS_WIDTH), overflow="fold")
    lines = [(line, line.counters.as_dict()) for line in review.lines]
    told = [name for name in _COUNTERS if not narrow or any(counters[name] for _, counters in lines)]
    for name in told:
        table.add_column(t(_COUNTERS[name]), justify="right", no_wrap=True)
    for line, counters in lines:
        table.add_row(
            line.mapping,
            _styled(_status(line, review.lines)),
            _styled(pass_status(line, line.to_status)),
            _styled(pass_status(line, line.from_status)),
            *(_number(counters[name], name) for name in told),
        )
    return table


def _styled(status: str) -> str:
    style = _STYLES.get(status)
    return f"[{style}]{t(status)}[/{style}]" if style else said(status)


def _number(count: int, name: str) -> str:
    if count and name == "failed":
        return f"[red]{words().number(count)}[/red]"
    return words().number(count) if count else "·"


class ReviewDisplay:
    """Keeps the review's table up to date on a terminal; elsewhere it tells each line's end once."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._told: set[str] = set()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._output.stdout.isatty() and not self._output.as_json:
            self._live = Live(console=self._output.console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, review: FullSynchReview) -> None:
        """Show the review as it stands."""
        if self._live is not None:
            table = review_table(review, self._output.console.width)
            table.caption = progress_text(progress(review.lines, datetime.now(UTC)))
            table.caption_justify = "left"
            self._live.update(table, refresh=True)
            return
        for line in review.lines:
            ended = line.status in {JobQueueEntryStatus.FINISHED, JobQueueEntryStatus.ERROR}
            if ended and line.mapping not in self._told:
                self._told.add(line.mapping)
                self._output.message(_line_text(line))


def _line_text(line: ReviewLine) -> str:
    counts = ", ".join(
        t(_COUNTED[name], count=number) for name, number in line.counters.as_dict().items() if number
    )
    status = (
        JobQueueEntryStatus.FINISHED
        if line.status is JobQueueEntryStatus.FINISHED
        else JobQueueEntryStatus.ERROR
    )
    failed = (
        f" ({t('see `interlace errors`')})" if PassStatus.ERROR in (line.to_status, line.from_status) else ""
    )
    return f"{line.mapping:<20} {t(status.value)}: {counts or t('no records')}{failed}"


def progress_text(held: ReviewProgress) -> str:
    """Say how far a full synchronization has got, how fast it is, and how long the rest takes."""
    parts = [
        words().n("{count} record", "{count} records", held.done)
        if held.expected is None
        else t("{done} of {expected} records", done=held.done, expected=held.expected)
    ]
    if held.records_per_second:
        parts.append(t("{rate} records a second", rate=round(held.records_per_second)))
    if held.seconds_left:
        parts.append(t("about {duration} left", duration=timedelta(seconds=held.seconds_left)))
    return ", ".join(parts)
