"""Requests and answers as values, and the ways in which an answer can fail to come."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from interlace.locale.translatable import as_sentence, translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request below a channel's origin; `url` is absolute or begins with a slash."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    repeatable: bool = False
    """Sending it twice does no harm although it is no GET: a batch that only reads."""
    unguarded: bool = False
    """Nothing in the service would refuse a second one: a create whose key the service chooses, an action."""

    @property
    def may_be_repeated(self) -> bool:
        """Tell whether the channel may send the request again by itself."""
        return self.repeatable or self.method == "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A complete answer; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Tell whether the status is one of the 2xx."""
        return 200 <= self.status < 300

    @property
    def content_type(self) -> str:
        """The content type with its parameters, or nothing."""
        return self.headers.get("content-type", "")

    def retry_after_seconds(self, now_epoch_seconds: float) -> float | None:
        """How long the service asks us to wait, whether it says so in seconds or as a date."""
        text = self.headers.get("retry-after", "").strip()
        if not text:
            return None
        try:
            return max(0.0, float(text))
        except ValueError:
            pass
        try:
            until = parsedate_to_datetime(text).timestamp()
        except ValueError:
            return None
        with suppress(ValueError, KeyError):
            # By its own clock: ours may be set otherwise.
            now_epoch_seconds = parsedate_to_datetime(self.headers["date"]).timestamp()
        return max(0.0, until - now_epoch_seconds)


class RequestFailed(Exception):
    """No complete answer came; the subclasses say whether the service may have acted."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NothingSent(RequestFailed):
    """No byte of the request left: the service cannot have acted."""


class BatchNotTaken(NothingSent):
    """A batch was refused as a whole by a status that says nothing about its records: none was acted on."""


class NoAnswer(RequestFailed):
    """The request, or a part of it, was sent and no complete answer came: the service may have acted."""


class AnswerOverLimit(NoAnswer):
    """An answer is more than is taken from any service; asked again, it would come again."""

    def __init__(self, what: str) -> None:
        super().__init__(translatable("it answered with {what}", what=as_sentence(what)))
        self.what = what


class ForeignAddress(Exception):
    """An address leads to another origin than the channel's; nothing was sent there."""
