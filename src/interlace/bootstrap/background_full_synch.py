"""Full synchronizations that go on in the background of a server; every method blocks but for the work itself."""

from collections.abc import Collection

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.paused_full_synch import close_entries, hold_entries
from interlace.domain.full_synch_review import FullSynchReview, InitialSynchRecommendation
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import JobClient
from interlace.locale.translatable import translatable


class BackgroundFullSynch:
    """Plans, starts, restarts and cancels; progress is in the review."""

    def __init__(self, application: Application, client: JobClient) -> None:
        self._application = application
        self._client = client
        self._full = FullSynchronization(application=application)

    def latest(self, connection: Connection) -> FullSynchReview | None:
        """Return the newest review of a connection."""
        return self._full.latest(connection)

    def is_running(self, connection: Connection) -> bool:
        """Tell whether the newest review waits for its turn or is at work."""
        review = self.latest(connection)
        return review is not None and self._client.full_synch_is_running(review.run_id)

    def plan(self, connection: Connection, recommend_full: Collection[MappingName] = ()) -> FullSynchReview:
        """Count both ends and keep a review that is not started."""
        require_enabled(connection.settings)
        return self._full.plan(connection, recommend_full)

    def start(self, connection: Connection, recommend_full: Collection[MappingName] = ()) -> FullSynchReview:
        """Begin a planned review or go on with an unfinished one, else plan one and begin it."""
        require_enabled(connection.settings)
        require_home(connection.settings, self._application.config)
        paused = self._full.paused(connection)
        if paused is not None and not recommend_full:
            return self._go_on(connection, paused)
        review = self._full.unfinished(connection)
        if review is None:
            review = self._full.plan(connection, recommend_full)
        elif recommend_full and not self._client.full_synch_is_running(review.run_id):
            self._recommend_full(review, recommend_full)
        self._client.start_full_synch(connection.id, review.run_id)
        return self._again(review)

    def restart(
        self, connection: Connection, *, every: bool = False, only: Collection[MappingName] = ()
    ) -> FullSynchReview:
        """Run the failed and blocked lines of the newest review again, every line, or only these.

        Raises NothingToRestart.
        """
        require_enabled(connection.settings)
        require_home(connection.settings, self._application.config)
        return self._go_on(connection, self._newest(connection), every=every, only=only)

    def reset(self, connection: Connection) -> FullSynchReview:
        """Lay the lines out anew, with all mappings that take part and fresh recommendations; starts nothing."""
        self._require_at_rest(connection)
        return self.plan(connection)

    def leave_out(self, connection: Connection, names: Collection[MappingName]) -> FullSynchReview:
        """Take lines that never began out of the newest review; what depends on them does not wait for them."""
        review = self._newest(connection)
        self._require_at_rest(connection)
        known = {line.mapping: line for line in review.lines}
        for name in names:
            if name not in known:
                raise ConnectionProblem(translatable("The review has no line {mapping}.", mapping=name))
            if known[name].status is not None:
                raise ConnectionProblem(
                    translatable(
                        "The line {mapping} was started already. Reset lays all lines out anew.", mapping=name
                    )
                )
        if len(known) == len(set(names)):
            raise ConnectionProblem(
                translatable("Nothing would be left to synchronize. Keep at least one line.")
            )
        for name in names:
            self._application.state.reviews.delete_line(review.run_id, name)
        return self._again(review)

    def cancel(self, connection: Connection) -> FullSynchReview:
        """End the newest one after the records at hand; its open lines go On Hold and can be restarted."""
        review = self._newest(connection)
        self._client.cancel_full_synch(review.run_id)
        hold_entries(self._application, connection, review)
        return self._again(review)

    def to_follow_up(self, connection: Connection) -> list[MappingName]:
        """Return what runs after a full synchronization."""
        return self._full.to_follow_up(connection)

    def _recommend_full(self, review: FullSynchReview, names: Collection[MappingName]) -> None:
        """Let lines create what is missing; lines that were left out stay left out."""
        for line in review.lines:
            if line.mapping in names:
                self._application.state.reviews.set_recommendation(
                    review.run_id, line.mapping, InitialSynchRecommendation.FULL_SYNCHRONIZATION
                )

    def _require_at_rest(self, connection: Connection) -> None:
        """Refuse to change the lines of a review that is at work; raises ConnectionProblem."""
        review = self.latest(connection)
        is_open = review is not None and any(line.is_open for line in review.lines)
        if is_open or self.is_running(connection):
            raise ConnectionProblem(
                translatable("The full synchronization is running. Wait for its end, or pause it first.")
            )

    def _go_on(
        self,
        connection: Connection,
        review: FullSynchReview,
        *,
        every: bool = False,
        only: Collection[MappingName] = (),
    ) -> FullSynchReview:
        self._client.restart_full_synch(connection.id, review.run_id, every=every, only=only)
        close_entries(self._application, connection, review)
        return self._again(review)

    def _newest(self, connection: Connection) -> FullSynchReview:
        review = self.latest(connection)
        if review is None:
            raise ConnectionProblem(translatable("There is no full synchronization yet. Start one first."))
        return review

    def _again(self, review: FullSynchReview) -> FullSynchReview:
        return self._application.state.reviews.read(review.run_id) or review
