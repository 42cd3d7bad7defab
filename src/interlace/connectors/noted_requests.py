"""What is told of every request to whoever keeps them: for which work, what was sent, and what came back.

Channels and batches tell it; what is kept of it, and with what hidden, they don't know.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from interlace.connectors.http_message import HttpAnswer, HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The work that a request is sent for; blank where it is for no run."""

    run_id: str = ""
    mapping: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRequest:
    """One request as it went, without what signed it in."""

    sent_at: float
    """Seconds since 1970."""
    seconds: float
    request: HttpRequest
    answer: HttpAnswer | None
    failure: str = ""
    """Why there is no complete answer."""
    at_once: int = 0
    """How many were under way together with it."""
    is_part: bool = False
    """It went as a part of another one, in a batch."""
    occasion: Occasion


class Notes(Protocol):
    """Takes notes of requests; it is called between a request and the next one, so it is quick and never fails."""

    def wants_part(self, answer: HttpAnswer) -> bool:
        """Tell whether a part of a batch is to be noted by itself."""
        ...

    def note(self, noted: NotedRequest) -> None:
        """Take a note."""
        ...


_NONE = Occasion()
_OCCASION: ContextVar[Occasion] = ContextVar("occasion", default=_NONE)


def present_occasion() -> Occasion:
    """Return what the present task works on."""
    return _OCCASION.get()


@contextmanager
def on_occasion(run_id: str, mapping: str) -> Iterator[None]:
    """Send the requests of a stretch of work, and of tasks begun in it, for a run of a mapping."""
    token = _OCCASION.set(Occasion(run_id=run_id, mapping=mapping))
    try:
        yield
    finally:
        _OCCASION.reset(token)
