"""What a request is made for: the more somebody waits for it, the sooner it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum


class Purpose(IntEnum):
    """Why a request is sent; the smaller goes first."""

    INTERACTIVE = 0
    """Somebody sits and waits for this one request: a command, a page, a test of the connection."""
    REQUESTED = 1
    """Somebody started the job and looks at it: Synchronize Now. There may be many requests, so they are spread."""
    ORDERS = 2
    RECURRING = 3
    FULL = 4
    """Full synchronizations."""


_PURPOSE: ContextVar[Purpose] = ContextVar("purpose", default=Purpose.INTERACTIVE)


def present_purpose() -> Purpose:
    """Return what the present task works for."""
    return _PURPOSE.get()


@contextmanager
def working_for(purpose: Purpose) -> Iterator[None]:
    """Send the requests of a stretch of work, and of tasks begun in it, for a purpose."""
    token = _PURPOSE.set(purpose)
    try:
        yield
    finally:
        _PURPOSE.reset(token)
