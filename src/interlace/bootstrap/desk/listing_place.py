"""What the works of lists need of whoever opens them: a server, or one command."""

from dataclasses import dataclass
from typing import Protocol

from interlace.bootstrap.application import Application


class ListingPlace(Protocol):
    """Somewhere an Interlace is open."""

    @property
    def application(self) -> Application:
        """The open Interlace."""
        ...


@dataclass(frozen=True, slots=True)
class OneCommand:
    """An Interlace that is open for one command."""

    application: Application
