"""What a connection may be called, and which one is meant where none is named."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from interlace.bootstrap.service_address import ConnectionProblem
from interlace.locale.translatable import translatable

LENGTH_MAX = 50
_SIGNS = frozenset(" -_.&")


class ConnectionNameProblem(ConnectionProblem):
    """A connection can't be called so; the text says why, and what to do."""


class _Named(Protocol):
    @property
    def settings(self) -> "_Settings":
        """What tells when it became the default."""
        ...


class _Settings(Protocol):
    @property
    def default_since(self) -> str:
        """Blank: never."""
        ...


NamedT = TypeVar("NamedT", bound=_Named)


def checked_name(text: str, others: Iterable[str]) -> str:
    """Return a name for a connection, without blanks around it; `others` are names and ids that are taken.

    Raises ConnectionNameProblem.
    """
    name = " ".join(text.split())
    if not name:
        raise ConnectionNameProblem(
            translatable("The connection's name is blank. Give it a name, such as main.")
        )
    if len(name) > LENGTH_MAX:
        raise ConnectionNameProblem(
            translatable(
                "The name of a connection has at most {count} characters. Choose a shorter one.",
                count=LENGTH_MAX,
            )
        )
    if not name[0].isalnum() or not all(each.isalnum() or each in _SIGNS for each in name):
        raise ConnectionNameProblem(
            translatable(
                "{name} can't be the name of a connection. It begins with a letter or a digit and holds letters, "
                "digits, blanks and - _ . & only.",
                name=repr(name),
            )
        )
    for each in others:
        # Two that differ in case only would be taken for each other.
        if each.casefold() == name.casefold():
            raise ConnectionNameProblem(
                translatable("A connection named {name} exists already. Choose another name.", name=each)
            )
    return name


def default_of(held: Sequence[NamedT]) -> NamedT | None:
    """Return the connection that is meant where none is named: the only one, or the one chosen last; None: unclear."""
    if len(held) == 1:
        return held[0]
    chosen = [each for each in held if each.settings.default_since]
    return max(chosen, key=lambda each: each.settings.default_since, default=None)
