"""Executes `$batch` requests against an endpoint: order, change sets, references, outer status."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from interlace.sandbox.exchange import Refusal, Request, RequestLog, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPolicy:
    """What differs between services.

    `fails_outside` answers the whole batch with the first failure's status (400) where the client did
    not ask to continue on error; otherwise the outer status stays 200.
    """

    requests_max: int
    fails_outside: bool
    too_many_code: str = "BadRequest"


class BatchEndpoint(Protocol):
    """What batch execution needs of an endpoint."""

    @property
    def batch_policy(self) -> BatchPolicy:
        """How this service executes `$batch`."""
        ...

    def handle(self, request: Request) -> Response:
        """Executes one request that is no batch; raises `Refusal`."""
        ...

    def render(self, refusal: Refusal, request: Request) -> Response:
        """The error answer in the dialect of the service."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for what happens inside."""
        ...


def execute_batch(endpoint: BatchEndpoint, request: Request, log: RequestLog) -> Response:
    """The answer to a whole batch."""
    raise Refusal(501, "NotImplemented", "Batch requests are not available.")
