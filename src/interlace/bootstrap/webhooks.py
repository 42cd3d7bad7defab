"""Notices of changes from Business Central: who may send them, what they wake, and the subscriptions to them."""

import hmac
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.connectors.business_central.notice_receiver import NoticeReceiver, new_path_secret
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.connectors.business_central.subscriptions import SubscriptionKeeper
from interlace.connectors.collection import CollectionReader
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, MappingName
from interlace.store.secrets import SecretUnreadable

PATH_SECRET = "webhook_path"  # noqa: S105 - the name of a secret, not one
STATE_SECRET = "webhook_state"  # noqa: S105 - the name of a secret, not one
_SECRETS = (PATH_SECRET, STATE_SECRET)
WEBHOOKS = "/webhooks"
_KNOWN_SECONDS = 10.0
_NEW_SECONDS = 1.0
Wake = Callable[[ConnectionId, frozenset[MappingName]], None]
"""Told which mappings of a connection have something to do; returns at once."""


def woken_by(application: Application, connection: Connection) -> dict[str, frozenset[MappingName]]:
    """Return what each API set's notices wake: the mappings that take its records to the CRM."""
    # Of sets that only grow the ERP sends no notices.
    feeds = {
        table.name: [each.api_set for each in table.feeds if each.rising_field is None]
        for table in PUBLISHED_TABLES
    }
    mappings = application.mappings(connection)
    woken: dict[str, set[MappingName]] = {}
    for name in application.taking_part(connection):
        mapping = mappings[name]
        if mapping.run_by_saga or Direction.TO_INTEGRATION_TABLE not in mapping.passes:
            continue
        for api_set in feeds.get(mapping.erp_table, ()):
            woken.setdefault(api_set, set()).add(name)
    return {api_set: frozenset(names) for api_set, names in woken.items()}


def secrets_of(application: Application, connection: Connection) -> tuple[str, str]:
    """Return the receiver's path and what notices must say, both secret; made when they are asked for first."""
    found = []
    for name in _SECRETS:
        secret = _held(application, connection, name)
        if secret is None:
            secret = new_path_secret()
            application.store_secret(connection, name, secret)
        found.append(secret)
    return found[0], found[1]


async def keep_subscriptions(
    application: Application, connection: Connection, ends: Ends, now: datetime
) -> str:
    """Make, renew and remove subscriptions; gives what the ERP refuses, in words for users."""
    path, client_state = secrets_of(application, connection)
    settings = connection.settings
    api = f"{urlsplit(settings.erp_address).path.rstrip('/')}/api/"
    reader = CollectionReader(ends.erp_channel, "The ERP")
    keeper = SubscriptionKeeper(reader, f"{api}v2.0/", settings.erp_company_id)
    supported = await keeper.supported(
        f"{api}microsoft/runtime/beta/companies({settings.erp_company_id})/webhookSupportedResources"
    )
    wanted = woken_by(application, connection)
    api_sets = sorted(each for each in wanted if supported is None or each in supported)
    receiver = f"{application.config.webhook_address}{WEBHOOKS}/{path}"
    done = await keeper.keep(api_sets, receiver, client_state, now)
    return " ".join(done.refused[each] for each in sorted(done.refused))


class Receivers:
    """The receivers of all connections; each has a secret path of its own."""

    def __init__(
        self, application: Application, wake: Wake, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._application = application
        self._wake = wake
        self._monotonic = monotonic
        self._held: list[tuple[bytes, NoticeReceiver]] = []
        self._read_at = float("-inf")

    def receiver(self, path: str) -> NoticeReceiver | None:
        """Return the receiver at a path below /webhooks; every one is compared, however early one fits.

        It reads the store now and then, so it is for a thread.
        """
        found = self._among(path, older_than=_KNOWN_SECONDS)
        # A receiver whose subscription is being made is new; asking again and again must not become work, though.
        return found or self._among(path, older_than=_NEW_SECONDS)

    def _among(self, path: str, *, older_than: float) -> NoticeReceiver | None:
        if self._monotonic() - self._read_at > older_than:
            self._held, self._read_at = list(self._stored()), self._monotonic()
        found: NoticeReceiver | None = None
        for secret, receiver in self._held:
            if hmac.compare_digest(path.encode(), secret):
                found = receiver
        return found

    def _stored(self) -> Iterator[tuple[bytes, NoticeReceiver]]:
        for connection in self._application.connections():
            if not connection.settings.enabled:
                continue
            path, client_state = (_held(self._application, connection, name) for name in _SECRETS)
            if path is not None and client_state is not None:
                woken = woken_by(self._application, connection)
                waker = self._waker(connection.id, woken)
                yield path.encode(), NoticeReceiver(path, client_state, waker)

    def _waker(
        self, connection_id: ConnectionId, woken: Mapping[str, frozenset[MappingName]]
    ) -> Callable[[frozenset[str]], None]:
        def wake(api_sets: frozenset[str]) -> None:
            """Pass on what the named sets wake."""
            names = {name for api_set in api_sets for name in woken.get(api_set, ())}
            if names:
                self._wake(connection_id, frozenset(names))

        return wake


def _held(application: Application, connection: Connection, name: str) -> str | None:
    try:
        return application.secret(connection, name)
    except SecretUnreadable:
        # It was for an ERP at another address: the next one gets a new one.
        return None
