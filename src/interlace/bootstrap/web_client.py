"""The web client of a running server, as it is reached and as it is let in to."""

import socket
from typing import cast
from urllib.parse import urlsplit

from interlace.bootstrap.accounts import AccountRules, StoredAccounts, open_accounts
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.front import Asgi, in_front
from interlace.bootstrap.public_address import EVERYWHERE, LOOPBACK, is_reached_by_others
from interlace.bootstrap.serving import Server
from interlace.locale.translatable import translatable
from interlace.settings import Config, SettingsError
from interlace.web.app import WebParts, create_web
from interlace.web.security import WebRules


def web_rules(config: Config, *, only_here: bool = False) -> WebRules:
    """Return under which names the server is asked for, and whether that is by https.

    `only_here` it has this machine's names alone: what a proxy passes on names the public address, and is refused.
    """
    if only_here:
        return WebRules(hosts=LOOPBACK, is_tls=bool(config.tls_certificate), only_here=True)
    hosts = {*LOOPBACK, *(each.lower() for each in config.allowed_hosts)}
    if config.host in EVERYWHERE:
        hosts |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    else:
        hosts.add(config.host.lower())
    if config.public_address:
        hosts.add((urlsplit(config.public_address).hostname or "").lower())
    is_tls = bool(config.tls_certificate) or config.public_address.startswith("https:")
    return WebRules(hosts=frozenset(hosts), is_tls=is_tls)


def check_addresses(config: Config) -> None:
    """Raise SettingsError for addresses that can't be meant."""
    for name, address in (
        ("server.public_address", config.public_address),
        ("webhooks.address", config.webhook_address),
    ):
        parts = urlsplit(address)
        if address and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/")):
            raise SettingsError(
                translatable(
                    "Setting {name} must be an address such as https://interlace.example.com, not '{address}'.",
                    name=name,
                    address=address,
                )
            )
    if config.metrics not in {"local", "open", "off"}:
        raise SettingsError(
            translatable(
                "Setting server.metrics must be local, open or off, not '{value}'.", value=config.metrics
            )
        )


def accounts_of(server: Server) -> StoredAccounts:
    """Return who may come in."""
    config = server.application.config
    rules = AccountRules(second_step_for_administrators=is_reached_by_others(config))
    return open_accounts(server.application.state, rules)


def open_web(server: Server, accounts: StoredAccounts, *, only_here: bool = False) -> Asgi:
    """Return everything that a running server answers; `only_here` as long as nobody administers it."""
    rules = web_rules(server.application.config, only_here=only_here)
    web = create_web(
        WebParts(
            desk=open_desk(server, accounts),
            accounts=accounts,
            changes=server.changes,
            rules=rules,
        )
    )
    return in_front(cast("Asgi", web), server, rules)
