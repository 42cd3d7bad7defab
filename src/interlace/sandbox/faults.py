"""Faults on demand: answers that a healthy service would not give, and answers that never arrive.

Tests and simulations plan them; the HTTP edge asks before and after each request. A dropped answer
leaves the effect done and the caller without knowledge of it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from interlace.sandbox.exchange import Request, Response


class FaultMoment(enum.Enum):
    """Whether the fault strikes before the request has its effect or after."""

    BEFORE = "before"
    AFTER = "after"


class ConnectionDropped(Exception):
    """The connection ends without an answer."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """Strikes matching requests `times` times after letting `skip` of them pass.

    `answer` is sent instead of the true one; without it the connection is dropped.
    """

    method: str | None = None
    path_contains: str = ""
    moment: FaultMoment = FaultMoment.BEFORE
    answer: Response | None = None
    skip: int = 0
    times: int = 1

    def strikes(self, request: Request, moment: FaultMoment) -> bool:
        """Whether this request meets the fault; counts it."""
        if moment is not self.moment or self.times <= 0:
            return False
        if (self.method is not None and request.method != self.method) or (
            self.path_contains not in request.path
        ):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class FaultPlan:
    """The faults planned for one service; empty by default."""

    faults: list[Fault] = field(default_factory=list)

    def meet(self, request: Request, moment: FaultMoment) -> Response | None:
        """The answer to give instead; raises `ConnectionDropped` where none shall arrive."""
        for fault in self.faults:
            if fault.strikes(request, moment):
                if fault.answer is None:
                    raise ConnectionDropped
                return fault.answer
        return None
