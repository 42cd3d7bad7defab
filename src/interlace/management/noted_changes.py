"""What an operation changed, value by value, for the audit log: whoever stores a change notes it here.

Noting goes along with the work into its threads and loops; work that nobody asked for at a desk notes nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from interlace.management.secret_text import HIDDEN

Noted = dict[str, tuple[object, object]]
"""Value before and after by what was changed; None: there was, or is, none."""

_NOTED: Final[ContextVar[Noted | None]] = ContextVar("noted_changes", default=None)


@contextmanager
def noting() -> Iterator[Noted]:
    """Gather what is noted within."""
    noted: Noted = {}
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def is_noting() -> bool:
    """Whether anybody wants to know what is changed: else nothing has to be read for it."""
    return _NOTED.get() is not None


def note_change(what: str, before: object, after: object) -> None:
    """Note that a value was changed; what is as it was isn't noted."""
    noted = _NOTED.get()
    if noted is None or before == after:
        return
    first, _ = noted.get(what, (before, after))
    noted[what] = (first, after)


def note_changes(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Note each value of two mappings that differs, as `what.name`; a blank `what` stands for nothing."""
    for name in sorted({*before, *after}):
        note_change(f"{what}.{name}" if what else name, before.get(name), after.get(name))


def note_secret(what: str) -> None:
    """Note that a secret was given or taken away; neither is told."""
    noted = _NOTED.get()
    if noted is not None:
        noted[what] = (HIDDEN, HIDDEN)
