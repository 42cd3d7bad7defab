"""Signs a person in at one end of a connection and keeps what is needed to renew it, encrypted."""

from collections.abc import Callable

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import origin_of, rules_of, sign_in
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.domain.side import Side


async def sign_person_in(
    application: Application, connection: Connection, side: Side, show: Callable[[str], None]
) -> str:
    """Let a person enter the code that `show` is given; returns who signed in."""
    # Microsoft's library takes long to load, and hardly anybody needs it.
    from interlace.connectors.sign_in_directory import DirectorySignIn

    settings = connection.settings
    # What an earlier sign-in left is not looked at: this is a new one.
    fresh = sign_in(
        settings, side, {}, keep=lambda name, text: application.store_secret(connection, name, text)
    )
    assert isinstance(fresh, DirectorySignIn)
    address = settings.erp_address if side is Side.ERP else settings.crm_address
    limits = ChannelLimits(request_seconds_max=application.config.timeout_seconds)
    async with HttpChannel(origin_of(address), fresh, limits, rules=rules_of(settings, side)) as channel:
        return await fresh.sign_person_in(channel.send_to_authority, show)
