"""Gives connections their names, and chooses the one that is meant where none is named."""

from dataclasses import replace
from datetime import UTC, datetime

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_names import checked_name
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.setup.desk import blank_settings
from interlace.locale.translatable import translatable
from interlace.store.connections import new_connection_id


def begin_connection(application: Application, text: str) -> Connection:
    """Keep a connection of which nothing is known but the name, so that it is taken and its set-up is found again.

    Raises ConnectionNameProblem.
    """
    settings = blank_settings(free_name(application, text))
    return application.keep(Connection(id=new_connection_id(), settings=settings))


def rename_connection(application: Application, held: Connection, text: str) -> Connection:
    """Call a connection otherwise; raises ConnectionNameProblem, or ConnectionProblem while keys name the old one."""
    name = free_name(application, text, held)
    _require_no_key(application, held.settings.name)
    return application.keep(replace(held, settings=replace(held.settings, name=name)))


def make_default(application: Application, held: Connection) -> Connection:
    """Let a connection be meant where none is named, from now on."""
    since = datetime.now(UTC).isoformat()
    return application.change_settings(held, lambda now: replace(now, default_since=since))


def free_name(application: Application, text: str, own: Connection | None = None) -> str:
    """Return a name that no other connection has; raises ConnectionNameProblem."""
    others = [each for each in application.connections() if own is None or each.id != own.id]
    return checked_name(text, [taken for each in others for taken in (each.settings.name, str(each.id))])


def _require_no_key(application: Application, name: str) -> None:
    """Refuse another name while access keys are limited to this one: they would open nothing any more."""
    now = datetime.now(UTC)
    keys = sorted(
        token.name
        for token, _ in application.state.tokens.every()
        if name in token.connections and token.revoked_at is None and token.expires_at > now
    )
    if keys:
        raise ConnectionProblem(
            translatable(
                "Access keys are limited to the name {name} and would open nothing any more: {keys}. Revoke them, "
                "rename the connection, and make new ones.",
                name=name,
                keys=", ".join(keys),
            )
        )
