"""Keeps full synch reviews: one line a mapping, updated by the workers, read by everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from interlace.domain.full_synch_review import (
    FullSynchReview,
    InitialSynchRecommendation,
    ReviewLine,
    ReviewPass,
)
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.locale.kept_text import from_kept, to_kept
from interlace.store import synch_jobs
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import (
    names_from_json,
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
    to_json,
)
from interlace.store.schema import integration_table_mapping, pass_position, review, review_line, synch_job

_OPEN = (JobQueueEntryStatus.READY, JobQueueEntryStatus.IN_PROCESS)


class Reviews:
    """Full synch reviews of every connection."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, run_id: str, connection_id: str, lines: Sequence[ReviewLine]) -> FullSynchReview:
        """Store a new review with its lines in the order given; one that exists already is left as it is."""
        created_at = time_to_text(self._clock())
        with self._database.write() as connection:
            known = connection.execute(sa.select(review.c.run_id).where(review.c.run_id == run_id)).first()
            if known is None:
                values = {"run_id": run_id, "connection_id": connection_id, "created_at": created_at}
                connection.execute(sa.insert(review).values(values))
                rows = [_line_values(run_id, place, line) for place, line in enumerate(lines)]
                if rows:
                    connection.execute(sa.insert(review_line), rows)
        created = self.read(run_id)
        assert created is not None
        return created

    def read(self, run_id: str) -> FullSynchReview | None:
        """Return a review with the present state of its passes."""
        with self._database.read() as connection:
            head = connection.execute(sa.select(review).where(review.c.run_id == run_id)).first()
            if head is None:
                return None
            query = sa.select(review_line).where(review_line.c.run_id == run_id)
            rows = connection.execute(query.order_by(review_line.c.position)).all()
            passes = _passes_of(connection, run_id)
        lines = [_line_of(row) for row in rows]
        return FullSynchReview(
            run_id=run_id,
            connection_id=ConnectionId(head.connection_id),
            created_at=time_from_text(head.created_at),
            lines=tuple(
                replace(
                    line,
                    to_pass=passes.get((line.mapping, Direction.TO_INTEGRATION_TABLE)),
                    from_pass=passes.get((line.mapping, Direction.FROM_INTEGRATION_TABLE)),
                )
                for line in lines
            ),
        )

    def latest(self, connection_id: str) -> FullSynchReview | None:
        """Return a connection's newest review."""
        query = sa.select(review.c.run_id).where(review.c.connection_id == connection_id)
        with self._database.read() as connection:
            newest = query.order_by(review.c.created_at.desc(), review.c.run_id.desc()).limit(1)
            run_id = connection.execute(newest).scalar()
        return None if run_id is None else self.read(run_id)

    def set_status(
        self,
        run_id: str,
        mapping: MappingName,
        status: JobQueueEntryStatus | None,
        *,
        message: str = "",
        job_queue_entry_id: str | None = None,
    ) -> bool:
        """Move a line to a status; the moments of its start and end are taken along; tells whether it moved.

        While a line of the review is on hold, no other waits or begins: work that is broken off may be in the very
        step that says so.
        """
        now = time_to_text(self._clock())
        values: dict[str, object] = {"status": status.value if status else "", "message": to_kept(message)}
        if job_queue_entry_id is not None:
            values["job_queue_entry_id"] = job_queue_entry_id
        if status is JobQueueEntryStatus.IN_PROCESS:
            values["started_at"] = sa.func.coalesce(review_line.c.started_at, now)
            values["finished_at"] = None
        elif status in (JobQueueEntryStatus.FINISHED, JobQueueEntryStatus.ERROR):
            values["finished_at"] = now
        with self._database.write() as connection:
            if status in _OPEN and _is_held(connection, run_id):
                return False
            connection.execute(sa.update(review_line).where(_is_line(run_id, mapping)).values(values))
        return True

    def hold(self, run_id: str, reason: str, *, before_their_turn: bool = False) -> None:
        """Put the lines that wait or are at work on hold; if there are none, perhaps those that never began."""
        values = {"status": JobQueueEntryStatus.ON_HOLD.value, "message": to_kept(reason)}
        of_review = review_line.c.run_id == run_id
        with self._database.write() as connection:
            was_held = _is_held(connection, run_id)
            is_open = review_line.c.status.in_([each.value for each in _OPEN])
            held = connection.execute(sa.update(review_line).where(of_review, is_open).values(values))
            if before_their_turn and not was_held and not held.rowcount:
                never_began = review_line.c.status == ""
                connection.execute(sa.update(review_line).where(of_review, never_began).values(values))

    def set_message(self, run_id: str, mapping: MappingName, message: str) -> None:
        """Say why a line stands where it stands."""
        self._update(run_id, mapping, {"message": to_kept(message)})

    def set_expected(self, run_id: str, mapping: MappingName, expected: int | None) -> None:
        """Store how many records a line's passes will take up."""
        self._update(run_id, mapping, {"expected": expected})

    def set_recommendation(
        self, run_id: str, mapping: MappingName, recommendation: InitialSynchRecommendation
    ) -> None:
        """Store what a line should do."""
        self._update(run_id, mapping, {"recommendation": recommendation.value})

    def is_running(self, connection_id: str, mapping: str) -> bool:
        """Tell whether a full synchronization is at work on a mapping."""
        query = (
            sa.select(review_line.c.mapping)
            .join(review, review.c.run_id == review_line.c.run_id)
            .where(
                review.c.connection_id == connection_id,
                review_line.c.mapping == mapping,
                review_line.c.status.in_([each.value for each in _OPEN]),
            )
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def begin_anew(
        self, run_id: str, mappings: Iterable[MappingName], *, keep_positions: bool = False
    ) -> None:
        """Put lines back to never started, and their passes to the beginning unless positions are kept."""
        names = list(mappings)
        with self._database.write() as connection:
            lines = sa.and_(review_line.c.run_id == run_id, review_line.c.mapping.in_(names))
            blank = {"status": "", "message": "", "job_queue_entry_id": None}
            blank |= {"started_at": None, "finished_at": None}
            connection.execute(sa.update(review_line).where(lines).values(blank))
            if keep_positions:
                return
            ids = sa.select(integration_table_mapping.c.id).where(integration_table_mapping.c.name.in_(names))
            passes = sa.and_(pass_position.c.run_id == run_id, pass_position.c.mapping_id.in_(ids))
            connection.execute(sa.delete(pass_position).where(passes))

    def delete_line(self, run_id: str, mapping: MappingName) -> None:
        """Leave a mapping out of a review."""
        with self._database.write() as connection:
            connection.execute(sa.delete(review_line).where(_is_line(run_id, mapping)))

    def delete_older(self, age: timedelta) -> int:
        """Forget reviews older than this; the newest of each connection stays."""
        before = time_to_text(self._clock() - age)
        other = review.alias()
        newer = sa.exists().where(
            other.c.connection_id == review.c.connection_id, other.c.created_at > review.c.created_at
        )
        with self._database.write() as connection:
            old = sa.delete(review).where(review.c.created_at < before, newer)
            return int(connection.execute(old).rowcount)

    def _update(self, run_id: str, mapping: MappingName, values: dict[str, object]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(review_line).where(_is_line(run_id, mapping)).values(values))


def _is_line(run_id: str, mapping: MappingName) -> sa.ColumnElement[bool]:
    return sa.and_(review_line.c.run_id == run_id, review_line.c.mapping == mapping)


def _is_held(connection: sa.Connection, run_id: str) -> bool:
    """Tell whether a line is on hold; until the transaction ends nobody changes that."""
    connection.execute(sa.select(review.c.run_id).where(review.c.run_id == run_id).with_for_update())
    held = sa.and_(review_line.c.run_id == run_id, review_line.c.status == JobQueueEntryStatus.ON_HOLD.value)
    return connection.execute(sa.select(review_line.c.mapping).where(held).limit(1)).first() is not None


def _line_values(run_id: str, place: int, line: ReviewLine) -> dict[str, object]:
    return {
        "run_id": run_id,
        "mapping": line.mapping,
        "position": place,
        "direction": line.direction.value,
        "depends_on": to_json(line.depends_on),
        "recommendation": line.recommendation.value,
        "status": line.status.value if line.status else "",
        "job_queue_entry_id": line.job_queue_entry_id,
        "message": to_kept(line.message),
        "expected": line.expected,
        "started_at": optional_time_to_text(line.started_at),
        "finished_at": optional_time_to_text(line.finished_at),
    }


def _line_of(row: sa.Row[tuple[object, ...]]) -> ReviewLine:
    return ReviewLine(
        mapping=MappingName(row.mapping),
        direction=Direction(row.direction),
        depends_on=tuple(MappingName(name) for name in names_from_json(row.depends_on)),
        recommendation=InitialSynchRecommendation(row.recommendation),
        status=JobQueueEntryStatus(row.status) if row.status else None,
        job_queue_entry_id=row.job_queue_entry_id,
        message=from_kept(row.message),
        expected=row.expected,
        started_at=optional_time_from_text(row.started_at),
        finished_at=optional_time_from_text(row.finished_at),
    )


def _passes_of(connection: sa.Connection, run_id: str) -> dict[tuple[MappingName, Direction], ReviewPass]:
    rows = connection.execute(
        sa.select(
            pass_position.c.direction.label("way"),
            pass_position.c.finished,
            integration_table_mapping.c.name.label("mapping"),
            synch_job,
        )
        .join(synch_job, synch_job.c.id == pass_position.c.job_id)
        .join(integration_table_mapping, integration_table_mapping.c.id == pass_position.c.mapping_id)
        .where(pass_position.c.run_id == run_id)
    )
    passes = {}
    for row in rows:
        name = MappingName(row.mapping)
        passes[(name, Direction(row.way))] = ReviewPass(
            job=synch_jobs.job_of(row, name), finished=row.finished
        )
    return passes
