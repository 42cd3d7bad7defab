"""Addresses of the CRM's Web API: online, and on premises below the organization's name."""

import re

ONLINE_VERSION = "9.2"
"""What every organization online answers to."""
VERSIONS = (ONLINE_VERSION, "9.1", "9.0", "8.2")
_WEB_API = re.compile(r"(?P<place>.*?)/api/data(?:/v(?P<version>\d+\.\d+)(?:/.*)?)?/?", re.IGNORECASE)
_PAGE = re.compile(r"(?P<place>.*?)/(?:main|default)\.aspx(?:\?.*)?", re.IGNORECASE)


def web_api_root(place: str, version: str) -> str:
    """Return the path of a version below the path of an organization."""
    return f"{place}/api/data/v{version}/"


def organization_address(address: str) -> tuple[str, str]:
    """Split an address as people copy it into the organization's and the version that it names; blank: none.

    People copy the address of the Web API from the page of resources for developers, or that of the page they are on.
    """
    if found := _WEB_API.fullmatch(address):
        return found["place"], found["version"] or ""
    if found := _PAGE.fullmatch(address):
        return found["place"], ""
    return address, ""
