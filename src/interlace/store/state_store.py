"""Interlace's whole memory behind one object: opens the database and gives out its parts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from interlace.domain.error_codes import WakeUp
from interlace.domain.keys import ConnectionId, MappingName
from interlace.locale.translatable import translatable
from interlace.store import connections, leases, mappings, secrets, synch_jobs, waking
from interlace.store.address_proofs import AddressProofs
from interlace.store.attempts import AttemptCounts
from interlace.store.audit import AuditLog
from interlace.store.audit_heads import AuditHeads
from interlace.store.change_token import ChangeToken
from interlace.store.connection_store import Clock, ConnectionStore, system_clock
from interlace.store.connections import StoredConnection
from interlace.store.coupling_list import CouplingList
from interlace.store.coupling_listing import CouplingListing
from interlace.store.database import Database, open_database
from interlace.store.encoding import JsonValue
from interlace.store.erased_entries import ToldErasure, read_erasures
from interlace.store.error_list import ErrorList
from interlace.store.figures import StoreFigures, read_figures
from interlace.store.hourly_figures import HourlyFigures
from interlace.store.job_queue_entries import JobQueueEntries
from interlace.store.journal_files import JournalFiles
from interlace.store.key_file import KeyFile, MasterKey
from interlace.store.mappings import mapping_id_of
from interlace.store.notification_choices import NotificationChoices
from interlace.store.notifications import Notifications
from interlace.store.outgoing_mail import OutgoingMail
from interlace.store.presence import Presence
from interlace.store.queries import StoreQueries
from interlace.store.record_erasing import RecordErasing
from interlace.store.record_facts import KnownRecords
from interlace.store.record_lists import RecordLists
from interlace.store.reviews import Reviews
from interlace.store.saved_views import SavedViews
from interlace.store.secrets import Seal, Seals, SecretBox, SecretTrace
from interlace.store.sent_requests import SentRequests
from interlace.store.service_use import ServiceUse
from interlace.store.sessions import Sessions
from interlace.store.tokens import Tokens
from interlace.store.users import Users, rewrap_totp


class StateStore:
    """What Interlace remembers: connections, and for each of them couplings, jobs, reviews and journal."""

    def __init__(
        self,
        database: Database,
        secret_box: SecretBox | None,
        clock: Clock,
        journal_files: JournalFiles | None = None,
        presence: Presence | None = None,
        audit_heads: Path | None = None,
    ) -> None:
        self._database = database
        self._secret_box = secret_box
        self._clock = clock
        self.reviews = Reviews(database, clock)
        self.job_queue_entries = JobQueueEntries(database)
        self.journal_files = journal_files
        self._presence = presence
        self.queries = StoreQueries(database, journal_files)
        self.errors = ErrorList(database, clock)
        self.coupling_listing = CouplingListing(database)
        self.coupling_list = CouplingList(database)
        self.record_lists = RecordLists(database)
        self.known_records = KnownRecords(database)
        self.saved_views = SavedViews(database)
        self.hourly_figures = HourlyFigures(database)
        self.notifications = Notifications(database)
        self.notification_choices = NotificationChoices(database, clock)
        self.address_proofs = AddressProofs(database, clock)
        self.outgoing_mail = OutgoingMail(database)
        self.sent_requests = SentRequests(database)
        self.service_use = ServiceUse(database)
        self.changes = ChangeToken(database)
        self.users = Users(database, secret_box, clock)
        self.sessions = Sessions(database, clock)
        self.tokens = Tokens(database, clock)
        self.attempts = AttemptCounts(database, clock)
        self.audit_log = AuditLog(database, clock, AuditHeads(audit_heads))

    @classmethod
    def open(
        cls,
        url: str,
        *,
        key_file: Path | KeyFile | None = None,
        journal_directory: Path | None = None,
        processes_directory: Path | None = None,
        audit_heads: Path | None = None,
        clock: Clock = system_clock,
        synchronous: str = "FULL",
    ) -> Self:
        """Open the store at a URL, creating or migrating the database as needed.

        The key file encrypts secrets; without one, storing or reading a secret fails. Into files of the
        journal directory goes what our writes overwrite or delete, before they are sent. In the processes
        directory this process shows that it lives; what one of them held is taken over when it is gone.
        Into the file `audit_heads` goes once a day how far the audit log had come.
        """
        if isinstance(key_file, Path):
            key_file = KeyFile(key_file)
        box = SecretBox(key_file) if key_file is not None else None
        files = JournalFiles(journal_directory) if journal_directory is not None else None
        database = open_database(url, synchronous=synchronous)
        presence = Presence(processes_directory) if processes_directory is not None else None
        return cls(database, box, clock, files, presence, audit_heads)

    def figures(self) -> StoreFigures:
        """Return the sums that dashboards show."""
        return read_figures(self._database)

    def check(self) -> None:
        """Ask the database something; raises what it says when it does not answer."""
        with self._database.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    @property
    def clock(self) -> Clock:
        """Where the store takes the time from."""
        return self._clock

    @property
    def is_shared(self) -> bool:
        """Tell whether several machines may work on this store (PostgreSQL)."""
        return self._database.is_postgresql

    def close(self) -> None:
        """Close the database and the journal file, and be gone."""
        if self.journal_files is not None:
            self.journal_files.close()
        self._database.close()
        if self._presence is not None:
            self._presence.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Connections

    def add_connection(self, name: str, *, connection_id: str | None = None) -> StoredConnection:
        """Add a connection with nothing but a name; raises ConnectionNameTaken."""
        chosen = ConnectionId(connection_id) if connection_id else connections.new_connection_id()
        added = StoredConnection(id=chosen, name=name)
        self.store_connection(added)
        return added

    def store_connection(self, stored: StoredConnection) -> str:
        """Insert or overwrite a connection, and return its version.

        Raises ConnectionNameTaken, or ConnectionOutdated for one that is not as it was read.
        """
        with self._database.write() as connection:
            return connections.store_connection(connection, stored, self._clock())

    def connections(self) -> list[StoredConnection]:
        """Return every connection, by name."""
        with self._database.read() as connection:
            return connections.read_connections(connection)

    def find_connection(self, name_or_id: str) -> StoredConnection | None:
        """Return the connection with this name or id."""
        return next((each for each in self.connections() if name_or_id in (each.name, each.id)), None)

    def enable_connection(self, connection_id: str, *, enabled: bool) -> None:
        """Switch a connection on or off."""
        found = self.find_connection(connection_id)
        if found is not None:
            self.store_connection(replace(found, enabled=enabled))

    def delete_connection(self, connection_id: str) -> bool:
        """Delete a connection with everything remembered of it; the records on both sides stay."""
        with self._database.write() as connection:
            return connections.delete_connection(connection, connection_id)

    def connection_store(
        self, connection_id: str, *, fences: Mapping[MappingName, int] | None = None
    ) -> ConnectionStore:
        """Return the engine's store for a connection; see ConnectionStore for `fences`."""
        return ConnectionStore(
            self._database, connection_id, clock=self._clock, fences=fences, journal_files=self.journal_files
        )

    # Secrets and mapping settings

    def secret(self, connection_id: str, name: str, seal: Seal = ()) -> str | None:
        """Return a credential of a connection that was stored for the same `seal`; raises SecretUnreadable.

        One from before secrets were sealed is sealed now.
        """
        with self._database.read() as connection:
            text = secrets.read_secret(connection, self._box(), connection_id, name, seal)
            is_former = secrets.is_former(connection, connection_id, name)
        if is_former:
            self.store_secret(connection_id, name, text, seal)
        return text

    def is_secret_stored(self, connection_id: str, name: str) -> bool:
        """Tell whether a connection has a credential of that name, readable or not."""
        with self._database.read() as connection:
            return secrets.is_stored(connection, connection_id, name)

    def store_secret(self, connection_id: str, name: str, text: str | None, seal: Seal = ()) -> None:
        """Store a credential of a connection, sealed to what it is for; None forgets it."""
        with self._database.write() as connection:
            secrets.store_secret(
                connection, self._box(), connection_id, name, text, seal=seal, now=self._clock()
            )

    def secret_traces(self, seals: Seals) -> list[SecretTrace]:
        """Return what may be shown of every stored credential."""
        with self._database.read() as connection:
            return list(secrets.traces(connection, self._box(), seals))

    def rotate_key(self, seals: Seals) -> tuple[int, bool]:
        """Wrap every credential with a new key, after which the old ones open nothing.

        Returns how many there are, and whether what they replaced is gone from the database's files, too.

        A key file that a supervisor gives is not written: its first key wraps then.
        """
        key_file = self._box().key_file
        if not key_file.is_kept:
            # Both keys lie in the file until everything is wrapped anew: a crash in between loses nothing.
            key_file.replace([MasterKey.generate(), *key_file.every])
        with self._database.write() as connection:
            count = secrets.rewrap_all(connection, self._box(), seals, self._clock())
            count += rewrap_totp(connection, self._box())
        is_gone = self.forget_deleted()
        if not key_file.is_kept:
            key_file.replace([key_file.newest])
        return count, is_gone

    @property
    def key_file(self) -> KeyFile:
        """The file with the keys of the credentials."""
        return self._box().key_file

    def erasing(self, connection_id: str, fences: Mapping[MappingName, int]) -> RecordErasing:
        """Return what erases records of a connection, bound to leases of their mappings."""
        return RecordErasing(
            self._database, connection_id, clock=self._clock, fences=fences, journal_files=self.journal_files
        )

    def forget_deleted(self) -> bool:
        """Write the database anew without what was deleted; False: it is in use, or looks after that by itself."""
        return self._database.forget_deleted()

    def erasures(self) -> list[ToldErasure]:
        """Return the erasures of every connection, in their order."""
        with self._database.read() as connection:
            return read_erasures(connection)

    def mapping_settings(self, connection_id: str) -> dict[str, dict[str, JsonValue]]:
        """Return what users changed in a connection's mappings, by mapping name."""
        with self._database.read() as connection:
            return mappings.read_settings(connection, connection_id)

    def store_mapping_settings(self, connection_id: str, name: str, settings: dict[str, JsonValue]) -> None:
        """Replace what users changed in a mapping; an empty dictionary restores the defaults.

        What failed by the old settings is tried again by the new ones.
        """
        with self._database.write() as connection:
            mappings.store_settings(connection, connection_id, name, settings)
            mapping_id = mapping_id_of(connection, connection_id, name)
            waking.wake_after(connection, mapping_id, WakeUp.SETTINGS_CHANGED, self._clock())

    def remove_mapping(self, connection_id: str, name: str) -> None:
        """Remove a mapping with all that is remembered of it; the journal, the records and the marker rows stay."""
        with self._database.write() as connection:
            mappings.remove(connection, connection_id, name)

    # Leases, as the jobs take them

    def take_lease(
        self, connection_id: str, mapping: str, holder: str, *, duration: timedelta = timedelta(minutes=2)
    ) -> int | None:
        """Take a mapping for one holder: gives a fencing number, or None while another holder has it."""
        with self._database.write() as connection:
            mapping_id = mapping_id_of(connection, connection_id, mapping)
            return leases.take(
                connection, mapping_id, holder, now=self._clock(), duration=duration, presence=self._presence
            )

    def renew_lease(
        self, connection_id: str, mapping: str, fence: int, *, duration: timedelta = timedelta(minutes=2)
    ) -> bool:
        """Hold a mapping longer; False if another worker has taken it over."""
        with self._database.write() as connection:
            mapping_id = mapping_id_of(connection, connection_id, mapping)
            return leases.renew(connection, mapping_id, fence, now=self._clock(), duration=duration)

    def release_lease(self, connection_id: str, mapping: str, fence: int) -> None:
        """Give a mapping up."""
        with self._database.write() as connection:
            leases.release(connection, mapping_id_of(connection, connection_id, mapping), fence)

    def release_leases(self, connection_id: str) -> None:
        """Give every mapping of a connection up, whoever holds it."""
        with self._database.write() as connection:
            leases.release_all(connection, connection_id)

    def jobs_at_work(self, connection_id: str) -> frozenset[str]:
        """Return the ids of the jobs that run: the newest unfinished one of each mapping that somebody holds.

        Any other that has no end was broken off.
        """
        with self._database.read() as connection:
            held = leases.held(connection, now=self._clock(), presence=self._presence)
            return synch_jobs.newest_unfinished(connection, connection_id, held)

    def _box(self) -> SecretBox:
        if self._secret_box is None:
            raise ValueError(
                translatable("This store was opened without a key file, so it can't keep secrets.")
            )
        return self._secret_box
