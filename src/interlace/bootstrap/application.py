"""Interlace put together: its memory, the connections, and the use cases that commands call."""

import os
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from interlace.bootstrap.audit_entries import keep_by_machine
from interlace.bootstrap.changed_meanwhile import ConnectionChangedMeanwhile
from interlace.bootstrap.connection_names import checked_name, default_of
from interlace.bootstrap.connection_pairs import require_own_pair
from interlace.bootstrap.connection_settings import (
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
    require_addresses,
    require_enabled,
)
from interlace.bootstrap.credentials import needed_secrets, seal_of
from interlace.bootstrap.ends import Ends, open_ends
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.freezes import require_thawed
from interlace.bootstrap.mapping_settings import with_changes
from interlace.bootstrap.monotonic_clock import clock_name
from interlace.bootstrap.own_mappings import own_mappings
from interlace.bootstrap.own_references import with_references
from interlace.bootstrap.private_files import keep_private
from interlace.bootstrap.request_keeping import RequestKeeping
from interlace.bootstrap.service_limits import allowances
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import ConnectionId, MappingName
from interlace.engine.run_setup import PartnerColumns, RunSetup
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.lead_to_cash.owning_team import owned_by_team
from interlace.lead_to_cash.write_in_product import without_write_in_product
from interlace.locale.translatable import translatable
from interlace.management.acts import SECRETS_USE
from interlace.management.noted_changes import is_noting, note_changes, note_secret
from interlace.settings import Config
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import ConnectionOutdated, StoredConnection, new_connection_id
from interlace.store.encoding import JsonValue
from interlace.store.key_file import KeyFile
from interlace.store.state_store import StateStore

PARTNER_COLUMNS = PartnerColumns(company="ilc_companyid", table="ilc_erptable", key="ilc_erpkey")
KEY_FILE = "secret.key"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Set by systemd for a service with LoadCredential=secret.key:FILE."""
PROCESSES_DIRECTORY = "processes"
JOURNAL_DIRECTORY = "journal"
AUDIT_HEADS = "audit-heads.jsonl"
_BEFORE_HOSTS: Mapping[str, object] = {"erp_internal_host": True, "crm_internal_host": True}
"""Connections from before hosts were told apart go on reaching what they reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection with its id."""

    id: ConnectionId
    settings: ConnectionSettings
    version: str = field(default="", compare=False)
    """Stands for the settings as they were read; blank for a connection that is not kept yet."""


def key_file_of(config: Config, environment: Mapping[str, str] | None = None) -> KeyFile:
    """Return the file with the keys of the secrets: the named one, the supervisor's, or the state directory's own."""
    if config.key_file:
        return KeyFile(Path(config.key_file).expanduser(), is_made=False)
    given = (os.environ if environment is None else environment).get(CREDENTIALS_VARIABLE)
    if given and (Path(given) / KEY_FILE).is_file():
        return KeyFile(Path(given) / KEY_FILE, is_made=False, is_kept=True)
    return KeyFile(config.state_directory / KEY_FILE)


class Application:
    """One running Interlace: opened on a configuration, closed at the end."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._used: set[ConnectionId] = set()
        """Connections whose secrets were used."""
        keep_private(config.state_directory)
        self.state = StateStore.open(
            config.database_url,
            key_file=key_file_of(config),
            journal_directory=config.state_directory / JOURNAL_DIRECTORY,
            processes_directory=config.state_directory / PROCESSES_DIRECTORY,
            audit_heads=config.state_directory / AUDIT_HEADS,
        )
        self.requests = RequestKeeping(self.state)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep what was noted of requests, and close the database."""
        self.requests.close()
        self.state.close()

    # Connections

    def connections(self) -> list[Connection]:
        """Return every connection, by name."""
        return [
            Connection(
                id=each.id,
                settings=ConnectionSettings.load({**_BEFORE_HOSTS, **each.settings}),
                version=each.version,
            )
            for each in self.state.connections()
        ]

    def connection(self, name: str | None) -> Connection:
        """Return a connection by name or id, or the default; raises ConnectionProblem when that is not clear."""
        held = self.connections()
        default = default_of(held)
        if name is None and default is not None:
            return default
        for each in held:
            if name in (each.settings.name, each.id):
                return each
        names = ", ".join(each.settings.name for each in held) or "none yet"
        if name is None and held:
            msg = translatable(
                "There are several connections ({names}). Name one with --connection.", names=names
            )
        elif name is None:
            msg = translatable("There is no connection yet. Make one with `interlace connection add`.")
        else:
            msg = translatable(
                "There is no connection named {name}. Connections: {names}.", name=repr(name), names=names
            )
        raise ConnectionProblem(msg)

    def add_connection(self, settings: ConnectionSettings, secrets: Mapping[str, str]) -> Connection:
        """Make a new connection; raises ConnectionProblem for a pair of ends that another one joins."""
        others = self.others_than(None)
        name = checked_name(settings.name, [each.name for each in others])
        connection = Connection(id=new_connection_id(), settings=replace(settings.checked(), name=name))
        require_own_pair(connection.settings, others)
        return self.keep(connection, secrets)

    def others_than(self, connection: Connection | None) -> list[ConnectionSettings]:
        """Return the settings of every other connection."""
        return [
            each.settings for each in self.connections() if connection is None or each.id != connection.id
        ]

    def keep(self, connection: Connection, secrets: Mapping[str, str] | None = None) -> Connection:
        """Store a connection, and its secrets if any are given; returns it as it is kept.

        Raises ConnectionChangedMeanwhile where it is not any more as it was read: what others kept stays.
        """
        settings = connection.settings
        before = self._before(connection) if is_noting() else None
        try:
            version = self.state.store_connection(
                StoredConnection(
                    id=connection.id,
                    name=settings.name,
                    enabled=settings.enabled,
                    erp_address=settings.erp_address,
                    erp_company=settings.erp_company,
                    crm_address=settings.crm_address,
                    settings=settings.dump(),
                    version=connection.version,
                )
            )
        except ConnectionOutdated as outdated:
            raise ConnectionChangedMeanwhile(settings.name, is_there=outdated.is_there) from outdated
        if before is not None:
            note_changes("", before, settings.dump())
        for name, secret in (secrets or {}).items():
            self.store_secret(connection, name, secret)
        return replace(connection, version=version)

    def change_settings(
        self, connection: Connection, change: Callable[[ConnectionSettings], ConnectionSettings]
    ) -> Connection:
        """Change the settings as they are by now, whatever others have changed in them since they were read."""
        while True:
            now = self.connection(connection.id)
            try:
                return self.keep(replace(now, settings=change(now.settings)))
            except ConnectionChangedMeanwhile:
                # Somebody else was quicker, and is done: the next look finds what he kept.
                continue

    def _before(self, connection: Connection) -> dict[str, JsonValue]:
        before = next((each for each in self.connections() if each.id == connection.id), None)
        return {} if before is None else before.settings.dump()

    def secret(self, connection: Connection, name: str) -> str | None:
        """Return a secret of a connection, or None if there is none of that name.

        Raises SecretUnreadable for one that was entered for other addresses than the connection has.
        """
        return self.state.secret(connection.id, name, seal_of(connection.settings, name))

    def store_secret(self, connection: Connection, name: str, text: str | None) -> None:
        """Store a secret of a connection, sealed to the addresses it is for; None forgets it."""
        note_secret(name)
        self.state.store_secret(connection.id, name, text, seal_of(connection.settings, name))

    def is_stored(self, connection: Connection, name: str) -> bool:
        """Tell whether a connection has a secret of that name, readable or not."""
        return self.state.is_secret_stored(connection.id, name)

    def seals(self) -> Callable[[str, str], Sequence[str]]:
        """Return a function that tells what a connection's secret is for, by the ids of connection and secret."""
        settings = {str(each.id): each.settings for each in self.connections()}
        return lambda connection_id, name: seal_of(settings[connection_id], name)

    def disable(self, connection: Connection) -> Connection:
        """Stop using a connection; couplings stay."""
        return self.change_settings(connection, lambda now: replace(now, enabled=False))

    @asynccontextmanager
    async def ends(
        self, connection: Connection, *, retries_max: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[Ends]:
        """Open both ends of a connection; fewer retries and smaller pages than usual suit a person who waits."""
        require_addresses(connection.settings)
        wanted = {*needed_secrets(connection.settings), SALES_ORDER_KEY_SECRET}
        held = {name: self.secret(connection, name) for name in sorted(wanted)}
        secrets = {name: secret for name, secret in held.items() if secret is not None}
        self._keep_use(connection, secrets)
        opened = open_ends(
            connection.settings,
            secrets,
            timeout_seconds=self.config.timeout_seconds,
            allowances=allowances(self.config, connection.settings),
            retries_max=retries_max,
            page_size=page_size,
            keep=lambda name, text: self.store_secret(connection, name, text),
            # As it is then: ends stay open for long, and a window may be set meanwhile.
            before_erp_write=lambda: require_thawed(self.connection(connection.id).settings),
            notes=self.requests.notes(connection.id),
        )
        async with opened as ends:
            yield ends

    def _keep_use(self, connection: Connection, secrets: Collection[str]) -> None:
        """Keep in the audit log which stored secrets are used: once for each connection while this is open."""
        if not secrets or connection.id in self._used:
            return
        self._used.add(connection.id)
        details = {"connection": connection.settings.name, "secrets": list(secrets)}
        keep_by_machine(self.state.audit_log, SECRETS_USE, details)

    # Mappings and runs

    def mappings(self, connection: Connection) -> dict[MappingName, IntegrationTableMapping]:
        """Return the connection's mappings: the defaults with what users changed, in path order."""
        return self.mappings_with(connection, self.state.mapping_settings(connection.id))

    def mappings_with(
        self, connection: Connection, changes: Mapping[str, Mapping[str, object]]
    ) -> dict[MappingName, IntegrationTableMapping]:
        """Return the connection's mappings as these changes would make them; none: the defaults.

        Those that users added come last.
        """
        settings = connection.settings
        table, number = settings.write_in_product_type.capitalize(), settings.write_in_product_number
        mappings = {}
        for mapping in (*DEFAULT_MAPPINGS, *(each.mapping() for each in own_mappings(settings))):
            owned = owned_by_team(mapping) if settings.is_owned_by_team else mapping
            changed = with_changes(owned, changes.get(mapping.name, {}))
            mappings[mapping.name] = without_write_in_product(changed, table=table, number=number)
        return with_references(mappings, changes)

    def taking_part(self, connection: Connection) -> list[MappingName]:
        """Return the mappings that take part, in path order; a team that owns the records needs no salespeople."""
        settings = connection.settings
        left_out = {*settings.left_out, *([SALESPEOPLE] if settings.is_owned_by_team else [])}
        return [name for name in self.mappings(connection) if name not in left_out]

    def connection_store(self, connection: Connection) -> ConnectionStore:
        """Return what the engine remembers for a connection."""
        return self.state.connection_store(connection.id)

    def run_setup(
        self,
        connection: Connection,
        mapping: MappingName,
        *,
        run_id: str,
        create_new: bool,
        compare_all: bool,
        retry_skipped: bool = False,
        store: ConnectionStore | None = None,
        sweeps: bool = False,
    ) -> RunSetup:
        """Lay out one run of one mapping; raises ConnectionProblem when the connection is not enabled.

        A run whose store holds a lease may write, so it also needs a connection that is at home here.
        With `sweeps` it looks through the keys of both tables when that is due.
        """
        settings = connection.settings
        require_enabled(settings)
        if store is not None and store.is_fenced:
            # Only runs that may write hold a lease.
            require_home(settings, self.config)
        mappings = self.mappings(connection)
        if mapping not in mappings:
            raise _unknown_mapping(mapping, mappings)
        if store is not None and store.is_fenced and mappings[mapping].run_by_saga:
            msg = translatable(
                "{mapping} is run by `interlace orders process`, not record by record like other mappings.",
                mapping=mapping,
            )
            raise ConnectionProblem(msg)
        return RunSetup(
            connection=connection.id,
            mapping=mappings[mapping],
            mappings=mappings,
            named_keys=settings.named_keys,
            erp_company_id=settings.erp_company_id,
            crm_organization_id=settings.crm_organization_id,
            partner_columns=PARTNER_COLUMNS,
            store=store or self.connection_store(connection),
            run_id=run_id,
            create_new=create_new,
            compare_all=compare_all,
            retry_skipped=retry_skipped,
            process=clock_name(),
            sweep_after=timedelta(minutes=self.config.sweep_minutes) if sweeps else None,
        )

    def mappings_to_fill(self, connection: Connection) -> list[MappingName]:
        """Return the mappings with references that were cleared and whose records have been coupled since."""
        store, taking_part = self.connection_store(connection), self.taking_part(connection)
        return [
            mapping.name
            for name, mapping in self.mappings(connection).items()
            if not mapping.run_by_saga
            and name in taking_part
            and any(_has_filled_reference(store, mapping.name, direction) for direction in mapping.passes)
        ]

    def known_mappings(self, connection: Connection, names: Sequence[str]) -> list[MappingName]:
        """Check mapping names; without any return all that take part and run by themselves, in path order.

        Raises ConnectionProblem for an unknown name.
        """
        mappings = self.mappings(connection)
        known = list(mappings)
        if not names:
            return [name for name in self.taking_part(connection) if not mappings[name].run_by_saga]
        by_caption = {name.upper(): name for name in known}
        wanted = []
        for name in names:
            if name.upper() not in by_caption:
                raise _unknown_mapping(name, known)
            wanted.append(by_caption[name.upper()])
        return [name for name in known if name in wanted]


def _unknown_mapping(name: str, known: Iterable[str]) -> ConnectionProblem:
    return ConnectionProblem(
        translatable(
            "There is no mapping {name}. Mappings: {known}.", name=repr(name), known=", ".join(known)
        )
    )


def _has_filled_reference(store: ConnectionStore, mapping: MappingName, direction: Direction) -> bool:
    due = store.retry_candidates(mapping, direction)
    errors = store.errors_of(mapping, direction, due)
    return any(each.error.code is ErrorCode.REFERENCE_CLEARED for each in errors.values())
