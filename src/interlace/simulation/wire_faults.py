"""What can happen to a request on its way: which fault strikes, and what the caller sees of it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from interlace.connectors.http_message import HttpAnswer


class WireFault(Enum):
    """One way in which a request goes wrong."""

    NOT_SENT = "not sent"
    LOST_BEFORE = "lost before its effect"
    LOST_AFTER = "answer lost"
    DELAYED = "effect after the time-out"
    TOLD_TO_WAIT = "429 or 503 with Retry-After"
    FAILED_BEFORE = "5xx without effect"
    FAILED_AFTER = "5xx after the effect"
    CUT = "answer cut off"
    STRANGE = "answer of another kind"
    DOUBLED = "delivered twice"
    PART_DOUBLED = "batch part answered twice"
    SIGN_IN_EXPIRED = "401"
    CURSOR_EXPIRED = "delta link expired"
    SLOW = "slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWeights:
    """How often requests go wrong, and how the faults share them."""

    share: float = 0.05
    weights: Mapping[WireFault, float] = field(default_factory=lambda: dict.fromkeys(WireFault, 1.0))

    def draw(self, dice: random.Random) -> WireFault | None:
        """Choose what happens to a request: mostly nothing."""
        if dice.random() >= self.share:
            return None
        return dice.choices(list(self.weights), list(self.weights.values()))[0]


NO_FAULTS = FaultWeights(share=0.0)
_JSON = {"content-type": "application/json"}


def told_to_wait(dice: random.Random) -> HttpAnswer:
    """Make the answer of a busy service."""
    status = dice.choice((429, 503))
    return HttpAnswer(status=status, headers={**_JSON, "retry-after": str(dice.randint(1, 20))}, body=b"{}")


def failed(dice: random.Random) -> HttpAnswer:
    """Make the answer of a service, or of something before it, that broke down."""
    return HttpAnswer(status=dice.choice((500, 502, 504)), headers={"content-type": "text/html"}, body=b"<p>")


def strange() -> HttpAnswer:
    """Make the answer of a proxy that shows a page of its own."""
    return HttpAnswer(status=200, headers={"content-type": "text/html"}, body=b"<html>Welcome</html>")


def sign_in_expired() -> HttpAnswer:
    """Make the refusal of a token that died."""
    return HttpAnswer(status=401, headers=_JSON, body=b'{"error":{"code":"x","message":"expired"}}')


def cut(answer: HttpAnswer, dice: random.Random) -> HttpAnswer:
    """Take the end of an answer away, as a proxy does that speaks of it as complete."""
    length = dice.randrange(len(answer.body)) if answer.body else 0
    headers = {**answer.headers, "content-length": str(length)}
    return HttpAnswer(status=answer.status, headers=headers, body=answer.body[:length])


def with_part_doubled(answer: HttpAnswer, dice: random.Random) -> HttpAnswer:
    """Let one part of a multipart answer come twice; any other answer stays as it is."""
    kind, _, boundary = answer.content_type.partition("boundary=")
    if "multipart" not in kind or not boundary:
        return answer
    delimiter = b"--" + boundary.strip('"').encode("ascii")
    pieces = answer.body.split(delimiter)
    place = dice.randrange(1, max(2, len(pieces) - 1))
    pieces.insert(place, pieces[place])
    body = delimiter.join(pieces)
    headers = {**answer.headers, "content-length": str(len(body))}
    return HttpAnswer(status=answer.status, headers=headers, body=body)
