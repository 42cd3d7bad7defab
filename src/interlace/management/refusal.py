"""Why something asked was not done: what happened, why, what to do next, and the operation that does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from interlace.management.translatable import translatable


class RefusalKind(Enum):
    """Which kind of answer a refusal is."""

    INVALID = "invalid"
    NOT_SIGNED_IN = "not signed in"
    SIGN_IN_AGAIN = "sign in again"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    WRONG_METHOD = "wrong method"
    CHANGED_MEANWHILE = "changed meanwhile"
    TOO_MANY = "too many"
    SERVICE_FAILED = "service failed"
    NOT_READY = "not ready"
    DEFECT = "defect"


STATUS_OF = {
    RefusalKind.INVALID: 400,
    RefusalKind.NOT_SIGNED_IN: 401,
    RefusalKind.SIGN_IN_AGAIN: 403,
    RefusalKind.FORBIDDEN: 403,
    RefusalKind.NOT_FOUND: 404,
    RefusalKind.WRONG_METHOD: 405,
    RefusalKind.CHANGED_MEANWHILE: 409,
    RefusalKind.TOO_MANY: 429,
    RefusalKind.SERVICE_FAILED: 502,
    RefusalKind.NOT_READY: 503,
    RefusalKind.DEFECT: 500,
}
"""The HTTP status of each kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What helps: a caption, and the operation with its fields or the address of a page."""

    caption: str
    operation: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


class Refused(Exception):
    """Raised by an operation that is not done; nothing was changed."""

    def __init__(
        self,
        kind: RefusalKind,
        title: str,
        *,
        why: str = "",
        next_step: str = "",
        steps: tuple[NextStep, ...] = (),
        code: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.kind = kind
        self.title = title
        self.why = why
        self.next_step = next_step
        self.steps = steps
        self.code = code
        self.fields = dict(fields or {})
        """What is wrong with single fields of what was asked, by name."""
        self.captions: Mapping[str, str] = {}
        """What fields are called that have no form of their own, by name."""
        self.wait: timedelta | None = None
        """After which time it is worth asking again; None: time alone changes nothing."""

    @property
    def text(self) -> str:
        """All of it as sentences, for whoever shows no more than a text."""
        return " ".join(
            text for text in (f"{self.title}.".replace("..", "."), self.why, self.next_step) if text
        )

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS_OF[self.kind]


def too_early(title: str, wait: timedelta, *, why: str = "") -> Refused:
    """Return the refusal of what was asked too often, with how long to wait."""
    seconds = timedelta(seconds=max(1, round(wait.total_seconds())))
    next_step = translatable("Try again in {wait}.", wait=seconds)
    refused = Refused(RefusalKind.TOO_MANY, title, why=why, next_step=next_step)
    refused.wait = seconds
    return refused
