"""Asks a CRM for the highest version of the Web API that it answers to."""

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.web_api_address import VERSIONS, web_api_root
from interlace.connectors.dataverse.writing import SERVICE
from interlace.connectors.http import HttpChannel
from interlace.engine.service import ServiceMismatch, SignInRefused

_HEADERS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0"}


class _Version(msgspec.Struct):
    Version: str


async def answering_version(channel: HttpChannel, place: str) -> str | None:
    """Ask for the highest version that answers below an organization's path; None: none does.

    Raises ServiceUnavailable for a service that can't be asked now.
    """
    reader = CollectionReader(channel, SERVICE, _HEADERS)
    for version in VERSIONS:
        try:
            await reader.document(f"{web_api_root(place, version)}RetrieveVersion()", _Version)
        except ServiceMismatch:
            continue
        except SignInRefused:
            # It knows the version; that the account may not enter yet is told elsewhere.
            return version
        return version
    return None
