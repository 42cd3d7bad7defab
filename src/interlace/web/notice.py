"""What a page tells at its next showing: that something was done, or why it was not."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from interlace.locale.translatable import Sentence
from interlace.management.accounts import Accounts
from interlace.management.refusal import Refused
from interlace.ui.words import Words
from interlace.web.readable import readable
from interlace.web.request import AnyRequest, request_id
from interlace.web.security import admitted


class NoticeStep(msgspec.Struct, frozen=True, kw_only=True):
    """A button beside a notice: an operation with its fields, or a page."""

    caption: str
    operation: str = ""
    fields: dict[str, str] = {}
    page: str = ""
    tooltip: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice, in the reader's language; kept with the session until it was shown."""

    title: str
    is_refusal: bool = False
    why: str = ""
    next_step: str = ""
    code: str = ""
    reference: str = ""
    """Id of the request, by which the log is searched."""
    address: str = ""
    at: datetime | None = None
    """When it was refused, and what was asked."""
    steps: tuple[NoticeStep, ...] = ()
    wrong_fields: dict[str, str] = {}


def notice_of(refused: Refused, request: AnyRequest, words: Words) -> Notice:
    """Return a refusal as a notice in the reader's language."""
    return Notice(
        title=said(words, refused.title),
        is_refusal=True,
        why=said(words, refused.why),
        next_step=said(words, refused.next_step),
        code=refused.code,
        reference=request_id(request),
        address=request.url.path,
        at=datetime.now(UTC),
        steps=tuple(
            NoticeStep(
                # What is kept with the session is a text alone.
                caption=str(words.t(each.caption)),
                operation=each.operation,
                fields=dict(each.fields),
                page=each.page,
            )
            for each in refused.steps
        ),
        wrong_fields={name: said(words, text) for name, text in refused.fields.items()},
    )


def said(words: Words, text: str) -> str:
    """Return a text in the reader's language if it is one of ours; what a service said is left as it is.

    Commands that it names become pages.
    """
    return readable(words, words.t(text) if isinstance(text, Sentence) else words.pattern(text))


async def tell(request: AnyRequest, accounts: Accounts, notice: Notice) -> None:
    """Keep a notice for the session's next page."""
    session = admitted(request).session
    if session is not None:
        await accounts.tell(session.id, msgspec.json.encode(notice).decode())


def notices_of(texts: Iterable[str]) -> tuple[Notice, ...]:
    """Return kept notices."""
    return tuple(msgspec.json.decode(each, type=Notice) for each in texts)
