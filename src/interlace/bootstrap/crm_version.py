"""Finds out which version of the Web API a CRM answers to, where nobody told one and the usual one does not answer."""

from dataclasses import replace

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.api_version import answering_version
from interlace.connectors.dataverse.web_api_address import ONLINE_VERSION
from interlace.engine.service import ServiceFailure


class _Version(msgspec.Struct):
    Version: str


async def crm_version(administration: Administration) -> str:
    """Ask a CRM for its version, such as 9.2.24051.00138; raises a ServiceFailure."""
    return (await administration.read("RetrieveVersion()", _Version)).Version


async def with_answering_version(application: Application, held: Connection) -> Connection:
    """Keep the highest version that the CRM answers to; returns the connection as it was if that tells nothing new.

    To be asked only after the CRM answered with something else: whoever it doesn't let in is not tried again.
    """
    settings = held.settings
    if settings.crm_api_version:
        return held
    try:
        async with application.ends(held, retries_max=1) as ends:
            version = await answering_version(ends.crm_channel, settings.crm_place)
    except ServiceFailure:
        # Whoever asks next names it.
        return held
    if version is None or version == ONLINE_VERSION:
        return held

    def versioned(now: ConnectionSettings) -> ConnectionSettings:
        return replace(now, crm_api_version=version) if now.crm_place == settings.crm_place else now

    return application.change_settings(held, versioned)
