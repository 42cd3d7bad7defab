"""Interlace put together: the database, the connections, and the use cases that commands call."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from interlace.bootstrap.connection_settings import (
    CRM_SECRET,
    ERP_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.ends import Ends, open_ends
from interlace.bootstrap.mapping_settings import with_changes
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import ConnectionId, MappingName
from interlace.engine.run_setup import PartnerColumns, RunSetup
from interlace.lead_to_cash.default_mappings import DEFAULT_MAPPINGS
from interlace.settings import Config
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import (
    StoredConnection,
    delete_connection,
    new_connection_id,
    read_connections,
    store_connection,
)
from interlace.store.database import Database, open_database
from interlace.store.mappings import read_settings
from interlace.store.secrets import SecretBox, read_secret, store_secret

PARTNER_COLUMNS = PartnerColumns(company="ilc_companyid", table="ilc_erptable", key="ilc_erpkey")
SECRET_NAMES = (ERP_KEY_SECRET, CRM_SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection with its id."""

    id: ConnectionId
    settings: ConnectionSettings


class Application:
    """One running Interlace: opened on a configuration, closed at the end."""

    def __init__(self, config: Config) -> None:
        self.config = config
        config.state_directory.mkdir(parents=True, exist_ok=True)
        self.database: Database = open_database(config.database_url)
        self._secrets = SecretBox.from_file(config.state_directory / "secret.key")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    # Connections

    def connections(self) -> list[Connection]:
        """Return every connection, by name."""
        with self.database.read() as reading:
            held = read_connections(reading)
        return [
            Connection(id=each.id, settings=ConnectionSettings.load(dict(each.settings))) for each in held
        ]

    def connection(self, name: str | None) -> Connection:
        """Return a connection by name, or the only one; raises ConnectionProblem when that is not clear."""
        held = self.connections()
        if name is None and len(held) == 1:
            return held[0]
        for each in held:
            if each.settings.name == name:
                return each
        names = ", ".join(each.settings.name for each in held) or "none yet"
        if name is None and held:
            msg = f"There are several connections ({names}). Name one with --connection."
        elif name is None:
            msg = "There is no connection yet. Make one with `interlace connection add`."
        else:
            msg = f"There is no connection named {name!r}. Connections: {names}."
        raise ConnectionProblem(msg)

    def store(self, connection: Connection, secrets: Mapping[str, str] | None = None) -> None:
        """Keep a connection, and its secrets if any are given."""
        settings = connection.settings
        with self.database.write() as writing:
            store_connection(
                writing,
                StoredConnection(
                    id=connection.id,
                    name=settings.name,
                    enabled=settings.enabled,
                    erp_address=settings.erp_address,
                    erp_company=settings.erp_company,
                    crm_address=settings.crm_address,
                    settings=settings.dump(),
                ),
                datetime.now(UTC),
            )
            for name, secret in (secrets or {}).items():
                store_secret(writing, self._secrets, connection.id, name, secret)

    def add_connection(self, settings: ConnectionSettings, secrets: Mapping[str, str]) -> Connection:
        """Make a new connection."""
        connection = Connection(id=new_connection_id(), settings=settings.checked())
        self.store(connection, secrets)
        return connection

    def set_enabled(
        self, connection: Connection, settings: ConnectionSettings, *, enabled: bool
    ) -> Connection:
        """Keep what a connection learned, enabled or not."""
        changed = replace(connection, settings=replace(settings, enabled=enabled))
        self.store(changed)
        return changed

    def remove_connection(self, connection: Connection) -> None:
        """Forget a connection with its couplings and jobs; the records on both sides stay."""
        with self.database.write() as writing:
            delete_connection(writing, connection.id)

    @asynccontextmanager
    async def ends(self, connection: Connection) -> AsyncIterator[Ends]:
        """Open both ends of a connection."""
        with self.database.read() as reading:
            secrets = {
                name: secret
                for name in SECRET_NAMES
                if (secret := read_secret(reading, self._secrets, connection.id, name)) is not None
            }
        opened = open_ends(connection.settings, secrets, timeout_seconds=self.config.timeout_seconds)
        async with opened as ends:
            yield ends

    # Mappings and runs

    def mappings(self, connection: Connection) -> dict[MappingName, IntegrationTableMapping]:
        """Return the connection's mappings: the defaults with what users changed, in path order."""
        with self.database.read() as reading:
            changes = read_settings(reading, connection.id)
        return {
            mapping.name: with_changes(mapping, changes.get(mapping.name, {})) for mapping in DEFAULT_MAPPINGS
        }

    def connection_store(self, connection: Connection) -> ConnectionStore:
        """Return what the engine remembers for a connection."""
        return ConnectionStore(self.database, connection.id)

    def run_setup(
        self,
        connection: Connection,
        mapping: MappingName,
        *,
        run_id: str,
        create_new: bool,
        compare_all: bool,
        retry_skipped: bool = False,
        dry_run: bool = False,
        store: ConnectionStore | None = None,
    ) -> RunSetup:
        """Lay out one run of one mapping; raises ConnectionProblem when the connection is not enabled."""
        settings = connection.settings
        if not settings.enabled:
            msg = (
                f"The connection {settings.name} is not enabled. "
                f"Enable it with `interlace connection enable {settings.name}`."
            )
            raise ConnectionProblem(msg)
        mappings = self.mappings(connection)
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
            dry_run=dry_run,
        )

    def known_mappings(self, connection: Connection, names: Sequence[str]) -> list[MappingName]:
        """Check mapping names, or return all of them in path order; raises ConnectionProblem for an unknown one."""
        known = list(self.mappings(connection))
        if not names:
            return known
        by_caption = {name.upper(): name for name in known}
        wanted = []
        for name in names:
            if name.upper() not in by_caption:
                msg = f"There is no mapping {name!r}. Mappings: {', '.join(known)}."
                raise ConnectionProblem(msg)
            wanted.append(by_caption[name.upper()])
        return [name for name in known if name in wanted]
