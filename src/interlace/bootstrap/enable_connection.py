"""Enables a connection, unless its couplings belong to other records than those behind its addresses."""

from dataclasses import replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_pairs import require_own_pair
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.enabling import enable, learn
from interlace.bootstrap.fingerprint import bound, require_ends, require_place
from interlace.locale.translatable import translatable


async def enable_connection(application: Application, connection: Connection) -> Connection:
    """Learn from both ends, see to what they need, bind the connection to them and let it be used.

    Raises ConnectionProblem or a ServiceFailure; nothing is written to the ends then that wasn't there before.
    """
    # Its test may have found out more about it.
    connection = application.connection(connection.settings.name)
    held = connection.settings
    require_place(held, application.config)
    async with application.ends(connection) as ends:
        learned = await learn(held, ends)
        refuse_other_records(application, connection, learned)
        require_own_pair(learned, application.others_than(connection))
        if coupled(application, connection):
            require_ends(learned)
        settings = await enable(held, ends)
    return application.keep(replace(connection, settings=bound(settings, application.config)))


def coupled(application: Application, held: Connection) -> int:
    """Return how many couplings a connection has."""
    return sum(application.state.queries.count_couplings(held.id).values())


def refuse_other_records(application: Application, held: Connection, learned: ConnectionSettings) -> None:
    """Keep couplings from being used on another company's or organization's records."""
    before = held.settings
    parts = (
        ("company", before.erp_company_id, learned.erp_company_id),
        ("organization", before.crm_organization_id, learned.crm_organization_id),
    )
    count = coupled(application, held)
    for what, old, new in parts:
        if old and old != new and count:
            msg = translatable(
                "The connection {name} has {count} couplings with another {what} ({old}, not {new}). "
                "Make a new connection for this {what}, or change this one back.",
                name=before.name,
                count=count,
                what=what,
                old=old,
                new=new,
            )
            raise ConnectionProblem(msg)
