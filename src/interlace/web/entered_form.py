"""Forms that a page takes itself: what was entered is shown again with what is wrong, until it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from htpy import Element, Node, p
from litestar.response import Redirect

from interlace.management.asked import from_pairs
from interlace.management.operation import Operation
from interlace.management.refusal import Refused
from interlace.ui.fields import Field
from interlace.ui.notices import Kind, notice
from interlace.ui.words import Words
from interlace.web.addresses import address
from interlace.web.copied_details import copied_details, of_refusal
from interlace.web.notice import said
from interlace.web.request import AnyRequest
from interlace.web.visit import RETURN_TO, Visit

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredForm:
    """What was entered, and why it was refused."""

    pairs: Sequence[tuple[str, str]] = ()
    refused: Refused | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    """What the fields hold before anything was entered."""

    def value(self, name: str) -> str:
        """Return what a field holds."""
        return next((value for held, value in self.pairs if held == name), self.before.get(name, ""))

    def values(self, name: str, before: Sequence[str] = ()) -> Sequence[str]:
        """Return everything that was chosen under a name."""
        return [value for held, value in self.pairs if held == name] if self.pairs else before

    def field(
        self, words: Words, name: str, caption: str, *, hint: str = "", is_required: bool = False
    ) -> Field:
        """Return a field with what it holds and what is wrong with it; passwords are never shown again."""
        wrong = self.refused.fields.get(name, "") if self.refused is not None else ""
        value = "" if "password" in name else self.value(name)
        return Field(
            name=name,
            caption=caption,
            value=value,
            hint=hint,
            is_required=is_required,
            error=said(words, wrong) if wrong else "",
        )

    def notices(self, visit: Visit) -> list[Node]:
        """Return why it was refused."""
        if self.refused is None:
            return []
        return [refused_notice(visit.words, self.refused, visit.request)]

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        return 200 if self.refused is None else self.refused.status


async def entered_pairs(request: AnyRequest) -> list[tuple[str, str]]:
    """Return what a form holds, in order, but the page to return to."""
    form = await request.form()
    return [(name, value) for name, value in form.items() if isinstance(value, str) and name != RETURN_TO]


async def ask_entered(
    visit: Visit, operation: Operation[AskedT, AnswerT], pairs: Sequence[tuple[str, str]]
) -> AnswerT:
    """Do an operation with what was entered; raises Refused."""
    return await visit.ask(operation, from_pairs(operation, pairs))


def refused_notice(words: Words, refused: Refused, request: AnyRequest, *, actions: Node = None) -> Element:
    """Return why something was refused, what to do, and the details to copy."""
    body: list[Node] = [p[said(words, text)] for text in (refused.why, refused.next_step) if text]
    body.append(copied_details(words, of_refusal(words, refused, request)))
    return notice(said(words, refused.title), kind=Kind.ERROR, body=body, actions=actions)


def fresh_first(visit: Visit) -> Redirect | None:
    """Return the way to where the password is asked for, before a form is filled in that needs it fresh."""
    if visit.desk.is_fresh(visit.caller):
        return None
    return Redirect(address("/sign-in/again", {RETURN_TO: visit.here}), status_code=303)
