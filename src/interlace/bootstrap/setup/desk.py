"""Where the steps work: the connection that is set up, the answers to it, and whoever can be asked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_names import checked_name
from interlace.bootstrap.connection_settings import (
    FEED_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
    is_this_machine,
)
from interlace.bootstrap.credentials import SECRET_NAMES, seal_of
from interlace.bootstrap.ends import Ends, origin_of
from interlace.bootstrap.full_synchronization import Watch
from interlace.bootstrap.setup.answers import Answers
from interlace.bootstrap.setup.progress import StepProblem, Tell
from interlace.bootstrap.setup.question import Answer, Question, StepName
from interlace.locale.translatable import translatable
from interlace.store.connections import new_connection_id

_MOVING = frozenset({"erp_address", "erp_company", "crm_address"})
"""What makes it another company or organization until the connection is enabled anew."""


class Person(Protocol):
    """Somebody who answers questions."""

    def answer(self, question: Question, held: Answer) -> Answer:
        """Ask for an answer; `held` is what it is if nothing is typed."""
        ...

    def secret(self, question: Question, *, stored: bool) -> bytearray | None:
        """Ask for a secret without showing it; None: the one that is stored stays."""
        ...

    def corrects(self, problems: tuple[StepProblem, ...]) -> bool:
        """Show what is in the way; tell whether the questions are to be asked again."""
        ...


def _silent(_text: str) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """One set-up at work."""

    application: Application
    answers: Answers
    name: str
    person: Person | None = None
    tell: Tell = _silent
    watch: Watch = field(default=lambda _review: None)
    """Sees the review of the full synchronization as it goes on."""
    answered: set[str] = field(default_factory=set)
    """Questions that a person was asked in this run."""

    @property
    def connection(self) -> Connection | None:
        """The connection, once its addresses were answered."""
        for each in self.application.connections():
            if each.settings.name == self.name:
                return each
        return None

    @property
    def required_connection(self) -> Connection:
        """The connection; raises ConnectionProblem before there is one."""
        held = self.connection
        if held is None:
            raise ConnectionProblem(
                translatable(
                    "There is no connection {name} yet: its addresses were not answered.", name=self.name
                )
            )
        return held

    @property
    def settings(self) -> ConnectionSettings:
        """The settings as they are kept, or those of a connection of which nothing is known."""
        held = self.connection
        return blank_settings(self.name) if held is None else held.settings

    def keep(self, changes: Mapping[str, object], secrets: Mapping[str, str] | None = None) -> Connection:
        """Keep answers with the connection; secrets for addresses that change are forgotten unless given anew."""
        held = self.connection or Connection(
            id=new_connection_id(), settings=blank_settings(self._free_name())
        )
        before = held.settings
        settings = ConnectionSettings.load({**before.dump(), **changes})
        if any(getattr(settings, each) != getattr(before, each) for each in _MOVING):
            settings = replace(settings, enabled=False)
        stored = [
            name
            for name in (*SECRET_NAMES, FEED_KEY_SECRET)
            if self.connection and self.application.is_stored(held, name)
        ]
        moved = [name for name in stored if seal_of(before, name) != seal_of(settings, name)]
        kept = self.application.keep(replace(held, settings=settings), secrets)
        for name in moved:
            if name not in (secrets or {}):
                self.application.store_secret(kept, name, None)
        return kept

    def _free_name(self) -> str:
        return checked_name(self.name, [each.settings.name for each in self.application.connections()])

    def is_stored(self, secret: str) -> bool:
        """Tell whether a secret was given."""
        held = self.connection
        return held is not None and self.application.is_stored(held, secret)

    def mark_answered(self, step: StepName) -> None:
        """Remember that a step's questions were answered."""
        if step.value not in self.settings.set_up:
            self.keep({"set_up": (*self.settings.set_up, step.value)})

    @asynccontextmanager
    async def ends(self) -> AsyncIterator[Ends]:
        """Open both ends for a person who waits."""
        async with self.application.ends(self.required_connection, retries_max=1) as ends:
            yield ends


def blank_settings(name: str) -> ConnectionSettings:
    """Return the settings of a connection of which nothing is known but the name."""
    return ConnectionSettings(
        name=name,
        erp_address="",
        erp_company="",
        erp_user="",
        crm_address="",
        crm_token_url="",
        crm_client_id="",
        crm_authentication="client-secret",
    )


def normal_address(text: str) -> str:
    """Return an address as people type it in its usual form: https unless it says otherwise, no slash at the end."""
    text = text.strip().rstrip("/")
    return text if not text or "://" in text else f"https://{text}"


def lies_inside(address: str) -> bool:
    """Tell whether an address names this machine."""
    try:
        host = origin_of(address).partition("://")[2].rpartition(":")[0] or ""
    except ValueError:
        return False
    return is_this_machine(host.strip("[]"))
