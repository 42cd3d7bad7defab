"""Keeps requests to the services beside the work that sends them: noted at once, hidden and written a little later.

A request costs a run some 25 microseconds. What comes faster than it can be written is left out and counted; what goes
wrong here is logged and never told to whoever sent the request.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from interlace.bootstrap.masked_requests import BODY_MAX, masked
from interlace.connectors.classify import correlation_id, service_error
from interlace.connectors.http_message import HttpAnswer
from interlace.connectors.noted_requests import NotedRequest, Notes
from interlace.connectors.told_limits import told_limits
from interlace.domain.keys import ConnectionId
from interlace.domain.side import Side
from interlace.store.sent_requests import SentRequest
from interlace.store.service_use import MinuteOfUse
from interlace.store.state_store import StateStore

_SECONDS: Final = 5.0
_WAITING_MAX: Final = 2_000
_WAITING_BYTES_MAX: Final = 32 * 1024 * 1024
_USE_KEPT: Final = timedelta(days=2)
_FORGET_EVERY: Final = timedelta(minutes=1)
_logger = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A note on its way to the store."""

    connection_id: ConnectionId
    side: Side
    noted: NotedRequest
    size: int


class RequestKeeping:
    """Takes the notes of all channels of a process."""

    def __init__(self, state: StateStore, now: Callable[[], datetime] = utc_now) -> None:
        self._state = state
        self._now = now
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._waiting_bytes = 0
        self._left_out = 0
        self._used: dict[tuple[ConnectionId, Side, datetime], MinuteOfUse] = {}
        self._whole_until: dict[ConnectionId, datetime] = {}
        self._forgot_at = datetime.min.replace(tzinfo=UTC)
        self._ends = threading.Event()
        self._writer: threading.Thread | None = None

    def notes(self, connection_id: ConnectionId) -> dict[Side, Notes]:
        """Return what takes the notes of both channels of a connection."""
        self._whole_until = self._state.sent_requests.whole_until()
        return {side: _NotesOfSide(self, connection_id, side) for side in Side}

    def keep_whole(self, connection_id: ConnectionId, until: datetime) -> None:
        """Keep what goes well, too, until a moment; other processes do so a few seconds later."""
        self._state.sent_requests.keep_whole(connection_id, until)
        self._whole_until = {**self._whole_until, connection_id: until}

    def keeps_whole(self, connection_id: ConnectionId) -> bool:
        """Tell whether what goes well is kept now."""
        until = self._whole_until.get(connection_id)
        return until is not None and self._now() < until

    def take(self, connection_id: ConnectionId, side: Side, noted: NotedRequest) -> None:
        """Take one note."""
        answer = noted.answer
        is_kept = answer is None or not answer.is_success or self.keeps_whole(connection_id)
        with self._lock:
            if not noted.is_part:
                self._count(connection_id, side, noted)
            if is_kept:
                self._add(_Waiting(connection_id=connection_id, side=side, noted=noted, size=_size(noted)))
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="keeps-requests", daemon=True)
                self._writer.start()

    def _add(self, waiting: _Waiting) -> None:
        if len(self._waiting) >= _WAITING_MAX or self._waiting_bytes + waiting.size > _WAITING_BYTES_MAX:
            self._left_out += 1
            return
        self._waiting.append(waiting)
        self._waiting_bytes += waiting.size

    def _count(self, connection_id: ConnectionId, side: Side, noted: NotedRequest) -> None:
        minute = datetime.fromtimestamp(noted.sent_at // 60 * 60, UTC)
        held = self._used.get((connection_id, side, minute)) or MinuteOfUse(
            minute=minute, requests=0, refused=0, milliseconds=0, at_once=0
        )
        refused, requests_left, seconds_left = False, held.requests_left, held.seconds_left
        if noted.answer is not None:
            told = told_limits(noted.answer, noted.sent_at)
            refused = told.refusal is not None
            requests_left = _least(requests_left, told.requests_left)
            seconds_left = _least(seconds_left, None if told.seconds_left is None else int(told.seconds_left))
        self._used[connection_id, side, minute] = replace(
            held,
            requests=held.requests + 1,
            refused=held.refused + refused,
            milliseconds=held.milliseconds + round(noted.seconds * 1000),
            at_once=max(held.at_once, noted.at_once),
            requests_left=requests_left,
            seconds_left=seconds_left,
        )

    def _write_on(self) -> None:
        while not self._ends.wait(_SECONDS):
            self.write()

    def write(self) -> None:
        """Write down what was noted; a store that can't take it now loses it."""
        try:
            with self._writing:
                self._write()
        except (sa.exc.SQLAlchemyError, ValueError, RecursionError):
            _logger.warning("requests to the services could not be kept", exc_info=True)

    def _write(self) -> None:
        with self._lock:
            waiting, used, left_out = list(self._waiting), dict(self._used), self._left_out
            self._waiting.clear()
            self._used.clear()
            self._waiting_bytes = self._left_out = 0
        for (connection_id, side, _), minute in used.items():
            self._state.service_use.add(connection_id, side, minute)
        for connection_id in dict.fromkeys(each.connection_id for each in waiting):
            self._state.sent_requests.keep(
                connection_id, [_sent(each) for each in waiting if each.connection_id == connection_id]
            )
        if left_out:
            _logger.warning("requests were too many to be kept", extra={"count": left_out})
        now = self._now()
        if now - self._forgot_at > _FORGET_EVERY:
            self._forgot_at = now
            self._state.sent_requests.forget_old(now)
            self._state.service_use.forget_before(now - _USE_KEPT)
        self._whole_until = self._state.sent_requests.whole_until()

    def close(self) -> None:
        """Write what is left, and end."""
        if self._writer is None:
            return
        self._ends.set()
        self._writer.join()
        self.write()


@dataclass(frozen=True, slots=True)
class _NotesOfSide:
    """The notes of one channel."""

    keeping: RequestKeeping
    connection_id: ConnectionId
    side: Side

    def wants_part(self, answer: HttpAnswer) -> bool:
        """Want what was refused, and everything while all is kept."""
        return not answer.is_success or self.keeping.keeps_whole(self.connection_id)

    def note(self, noted: NotedRequest) -> None:
        """Take a note."""
        self.keeping.take(self.connection_id, self.side, noted)


def _least(held: int | None, told: int | None) -> int | None:
    return min((each for each in (held, told) if each is not None), default=None)


def _size(noted: NotedRequest) -> int:
    return len(noted.request.body or b"") + len(noted.answer.body if noted.answer is not None else b"")


def _sent(waiting: _Waiting) -> SentRequest:
    noted = waiting.noted
    answer = noted.answer
    said = noted.failure if answer is None else service_error(answer.body[:BODY_MAX]).message
    shown = masked(noted.request, answer, said)
    return SentRequest(
        sent_at=datetime.fromtimestamp(noted.sent_at, UTC),
        side=waiting.side.value,
        method=noted.request.method,
        address=shown.address,
        status=None if answer is None else answer.status,
        milliseconds=round(noted.seconds * 1000),
        correlation_id="" if answer is None else correlation_id(answer),
        run_id=noted.occasion.run_id,
        mapping=noted.occasion.mapping,
        record=shown.record,
        message=shown.message,
        exchange=shown.exchange,
    )
