"""A running Interlace: its memory, the worker of its background jobs, its schedules, and the signal of changes.

`interlace serve` puts the web client before it, `interlace worker` runs it alone.
"""

import logging
from contextlib import ExitStack
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.background_full_synch import BackgroundFullSynch
from interlace.bootstrap.background_plans import BackgroundPlans
from interlace.bootstrap.background_verification import BackgroundVerification
from interlace.bootstrap.background_work import BackgroundWork
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.coupling_listing import keep_listed
from interlace.bootstrap.endless import Endless
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.hourly_figures import keep_figures
from interlace.bootstrap.job_place import JobPlace
from interlace.bootstrap.job_starts import StartedJustNow, take_start
from interlace.bootstrap.kept_files import WithKeptFiles
from interlace.bootstrap.kept_plans import DIRECTORY as PLANS
from interlace.bootstrap.kept_verdicts import DIRECTORY as VERDICTS
from interlace.bootstrap.notifying.mail_settings import mail_server
from interlace.bootstrap.notifying.mailing import keep_mailing
from interlace.bootstrap.notifying.notify import keep_notifying
from interlace.bootstrap.reading_ends import ReadingEnds
from interlace.bootstrap.recurring import JobQueueRow, Schedules
from interlace.bootstrap.room_to_write import RoomToWrite
from interlace.bootstrap.rounds import Rounds
from interlace.bootstrap.store_changes import StoreChanges
from interlace.bootstrap.webhooks import Receivers
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import BegunRun, JobClient
from interlace.jobs.ports import SynchMode
from interlace.locale.translatable import translatable

_logger = logging.getLogger(__name__)


class Server:
    """One running server; use as a context manager. Every method blocks, so event loops call them in threads."""

    def __init__(self, application: Application, *, purpose: str = "interlace serve") -> None:
        self.application = application
        self.place = JobPlace(application, purpose=purpose)
        kept = tuple(application.config.state_directory / each for each in (PLANS, VERDICTS))
        self.changes = StoreChanges(WithKeptFiles(store=application.state.changes, directories=kept))
        self.reading = ReadingEnds(application)
        self._room = RoomToWrite(application.config.state_directory)
        self._background = BackgroundWork()
        self.plans = BackgroundPlans(application, self._background)
        self.verification = BackgroundVerification(application, self._background)
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Begin to work; raises WorkerBusy when another process does so on this SQLite state already.

        Raises SettingsError for a mail server that can't be meant.
        """
        mail_server(self.application.config)
        self._resources.callback(self.place.close)
        self._resources.callback(self.reading.close)
        self._resources.callback(self._background.close)
        try:
            self.place.open_alone()
        except BaseException:
            self._resources.close()
            raise
        self.full_synch = BackgroundFullSynch(self.application, self.client)
        self.schedules = Schedules(self.application, self.client)
        self.rounds = Rounds(self.application, self.client, self.schedules, self.full_synch)
        self.receivers = Receivers(self.application, self.rounds.wake)
        self.rounds.open()
        self._resources.callback(self.rounds.close)
        for work in (
            Endless(lambda: keep_listed(self.application), "coupling-listing"),
            Endless(lambda: keep_figures(self.application), "hourly-figures"),
            Endless(lambda: keep_notifying(self.application), "notifications"),
            Endless(lambda: keep_mailing(self.application), "e-mails"),
        ):
            work.open()
            self._resources.callback(work.close)

    def problem(self) -> str:
        """Return what keeps the server from working; blank: nothing. Details are for the log, not for strangers."""
        try:
            self.application.state.check()
        except SQLAlchemyError:
            _logger.warning("The database does not answer.", exc_info=True)
            return "the database does not answer"
        try:
            self._room.require()
        except OSError:
            _logger.warning("Nothing can be written to the state directory.", exc_info=True)
            return "nothing can be written to the state directory"
        return "" if self.is_alive() else "background work has stopped"

    def is_alive(self) -> bool:
        """Whether what runs in the background still does."""
        return self.place.is_here and self.rounds.is_alive()

    def close(self) -> None:
        """Stop; what is unfinished goes on at the next start, or at once on another worker."""
        self._resources.close()

    @property
    def client(self) -> JobClient:
        """Asks for background work."""
        return self.place.client

    def synchronize(self, connection: Connection, mapping: MappingName, *, full: bool = False) -> BegunRun:
        """Have a mapping run as soon as possible; one that waits for its turn or is at work already is that run.

        Raises StartedJustNow, as all that people begin here does.
        """
        self.require_may_synchronize(connection, mapping)
        return self.begin_run(connection, mapping, SynchMode.FULL if full else SynchMode.INCREMENTAL)

    def begin_run(self, connection: Connection, mapping: MappingName, mode: SynchMode) -> BegunRun:
        """Have a mapping run in a mode as soon as possible, whether it takes part in recurring runs or not."""
        require_enabled(connection.settings)
        self.take_start(connection, mapping)
        return self.client.begin_run(connection.id, mapping, mode)

    def begin_recurring(self, connection: Connection, mapping: MappingName) -> BegunRun:
        """Have recurring work run now, besides its schedule."""
        self.schedules.require_may_run(connection, mapping)
        self.take_start(connection, mapping)
        return self.schedules.run(connection, mapping)

    def take_start(self, connection: Connection, mapping: MappingName) -> None:
        """Count that somebody starts a mapping; raises StartedJustNow."""
        take_start(self.application.state.attempts, connection.id, mapping)

    def require_may_synchronize(self, connection: Connection, mapping: MappingName) -> None:
        """Raise ConnectionProblem where a run of a mapping could not begin."""
        require_enabled(connection.settings)
        require_home(connection.settings, self.application.config)
        if mapping not in self.application.taking_part(connection):
            raise ConnectionProblem(translatable("{name} takes no part in this connection.", name=mapping))

    def synchronize_all(self, connection: Connection) -> list[BegunRun]:
        """Have every mapping that takes part run as soon as possible, in path order.

        Those that were started just now are left out; raises StartedJustNow if there are no others.
        """
        begun: list[BegunRun] = []
        early: list[StartedJustNow] = []
        for name in self.application.taking_part(connection):
            try:
                begun.append(self.synchronize(connection, name))
            except StartedJustNow as just_now:
                early.append(just_now)
        if early and not begun:
            raise early[0]
        return begun

    def running(self, connection: Connection) -> list[JobQueueRow]:
        """Return what is at work now."""
        return self.schedules.running(connection)
