"""Reads what an answer tells of a service's limits."""

import math
from dataclasses import dataclass
from enum import Enum

from interlace.connectors.classify import service_error
from interlace.connectors.http_message import HttpAnswer

_REQUESTS_LEFT = "x-ms-ratelimit-burst-remaining-xrm-requests"
_SECONDS_LEFT = "x-ms-ratelimit-time-remaining-xrm-requests"
_AT_ONCE_HINT = "x-ms-dop-hint"


class Refusal(Enum):
    """Why a service did not take a request."""

    TOO_MANY = "too many requests"
    TOO_MUCH_TIME = "too much execution time"
    TOO_MANY_AT_ONCE = "too many at once"
    BUSY = "busy"
    """The service as a whole has too much to do, whoever asks it."""
    UNEXPLAINED = "unexplained"
    """Too much of something, but it does not say of what."""


_CODES = {
    "0x80072322": Refusal.TOO_MANY,
    "0x80072321": Refusal.TOO_MUCH_TIME,
    "0x80072326": Refusal.TOO_MANY_AT_ONCE,
    "application_toomanyrequests": Refusal.TOO_MANY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLimits:
    """What one answer tells; None: nothing."""

    refusal: Refusal | None = None
    retry_after_seconds: float | None = None
    requests_left: int | None = None
    seconds_left: float | None = None
    at_once_hint: int | None = None


NOTHING_TOLD = ToldLimits()


def was_not_looked_at(answer: HttpAnswer) -> bool:
    """Tell whether a service itself says that it refused a request for the number or the time of requests alone.

    A 429 without the service's own code may come from something in between, which may have passed the request on.
    """
    return answer.status == 429 and _refusal(answer) is not Refusal.UNEXPLAINED


def told_limits(answer: HttpAnswer, now_epoch_seconds: float) -> ToldLimits:
    """Read an answer; what can't be understood counts as not told."""
    headers = answer.headers
    is_refused = answer.status in (429, 503)
    if not is_refused and _REQUESTS_LEFT not in headers and _AT_ONCE_HINT not in headers:
        return NOTHING_TOLD
    left, hint = _number(headers.get(_REQUESTS_LEFT)), _number(headers.get(_AT_ONCE_HINT))
    return ToldLimits(
        refusal=_refusal(answer) if is_refused else None,
        retry_after_seconds=answer.retry_after_seconds(now_epoch_seconds) if is_refused else None,
        requests_left=None if left is None else int(left),
        seconds_left=_number(headers.get(_SECONDS_LEFT)),
        at_once_hint=None if hint is None else max(1, int(hint)),
    )


def _refusal(answer: HttpAnswer) -> Refusal:
    if answer.status != 429:
        return Refusal.BUSY
    return _CODES.get(service_error(answer.body).code.lower(), Refusal.UNEXPLAINED)


def _number(text: str | None) -> float | None:
    """Read a number as the services write it, with commas between thousands."""
    try:
        number = float((text or "").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
