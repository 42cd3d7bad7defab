"""Full synchronizations that go on in the background of a server; every method blocks but for the work itself."""

from collections.abc import Collection

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.paused_full_synch import close_entries, hold_entries
from interlace.domain.full_synch_review import FullSynchReview
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
        if review is None or (recommend_full and not self._client.full_synch_is_running(review.run_id)):
            review = self._full.plan(connection, recommend_full)
        self._client.start_full_synch(connection.id, review.run_id)
        return self._again(review)

    def restart(self, connection: Connection, *, every: bool = False) -> FullSynchReview:
        """Run the failed and blocked lines of the newest review again, or every line; raises NothingToRestart."""
        require_enabled(connection.settings)
        require_home(connection.settings, self._application.config)
        return self._go_on(connection, self._newest(connection), every=every)

    def cancel(self, connection: Connection) -> FullSynchReview:
        """End the newest one after the records at hand; its open lines go On Hold and can be restarted."""
        review = self._newest(connection)
        self._client.cancel_full_synch(review.run_id)
        hold_entries(self._application, connection, review)
        return self._again(review)

    def to_follow_up(self, connection: Connection) -> list[MappingName]:
        """Return what runs after a full synchronization."""
        return self._full.to_follow_up(connection)

    def _go_on(
        self, connection: Connection, review: FullSynchReview, *, every: bool = False
    ) -> FullSynchReview:
        self._client.restart_full_synch(connection.id, review.run_id, every=every)
        close_entries(self._application, connection, review)
        return self._again(review)

    def _newest(self, connection: Connection) -> FullSynchReview:
        review = self.latest(connection)
        if review is None:
            raise ConnectionProblem(translatable("There is no full synchronization yet. Start one first."))
        return review

    def _again(self, review: FullSynchReview) -> FullSynchReview:
        return self._application.state.reviews.read(review.run_id) or review
