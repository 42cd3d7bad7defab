"""Addresses of our own pages, and which ones a form may lead back to."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

DO = "/do"
API = "/api/v1"
STATIC = "/static"


def address(path: str, query: Mapping[str, str] | None = None) -> str:
    """Return a path with its parameters, behind those that it has already; blank ones are left out."""
    held = {name: value for name, value in (query or {}).items() if value}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(held, quote_via=quote)}" if held else path


def segment(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def own_address(text: str, otherwise: str = "/") -> str:
    """Return `text` if it is an address of ours, else `otherwise`; nothing leads to another host."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or any(ord(each) < 32 for each in text):
        return otherwise
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc and "\\" not in parts.path else otherwise
