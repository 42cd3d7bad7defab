"""What a service allows one user within a sliding window: the published numbers, and what a person wrote."""

import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from interlace.locale.translatable import translatable

UNLIMITED = "off"
PUBLISHED = "published"
AUTOMATIC = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much one user may ask of a service."""

    requests: int = 6_000
    window_seconds: float = 300.0
    execution_seconds: float = math.inf

    @property
    def requests_a_second(self) -> float:
        """How many requests fit, evenly spread."""
        return self.requests / self.window_seconds


CRM_ALLOWANCE = Allowance(execution_seconds=1_200.0)
"""Dataverse: of one web server; an organization that has several allows more, and says so in its answers."""
ERP_ALLOWANCE = Allowance()
"""Business Central online."""

_PUBLISHED_BY_HOST = {".dynamics.com": CRM_ALLOWANCE, ".businesscentral.dynamics.com": ERP_ALLOWANCE}


def published_allowance(address: str) -> Allowance | None:
    """Return what the service at an address publishes; None: nobody limits it that we know of."""
    host = urlsplit(address).hostname or ""
    endings = [ending for ending in _PUBLISHED_BY_HOST if host.endswith(ending)]
    return _PUBLISHED_BY_HOST[max(endings, key=len)] if endings else None


def read_allowance(text: str, address: str, published: Allowance) -> Allowance | None:
    """Return an allowance as a person writes it: auto, published, off, or REQUESTS/SECONDS such as 6000/300.

    Raises ValueError for anything else, with a text for people.
    """
    word = text.strip().lower()
    if word == AUTOMATIC:
        return published_allowance(address)
    if word == PUBLISHED:
        return published
    if word == UNLIMITED:
        return None
    requests, _, seconds = word.partition("/")
    try:
        number, window = int(requests), float(seconds)
    except ValueError:
        number, window = 0, 0.0
    if number < 1 or not 0 < window < math.inf:
        message = translatable(
            "The limit {limit} can't be used: say auto, published, off, or REQUESTS/SECONDS, such "
            "as 6000/300.",
            limit=repr(text),
        )
        raise ValueError(message)
    execution = published.execution_seconds * window / published.window_seconds
    return Allowance(requests=number, window_seconds=window, execution_seconds=execution)
