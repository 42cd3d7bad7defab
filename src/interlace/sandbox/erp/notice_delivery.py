"""Sends handshakes and notices to the receivers of webhooks; the only part of the sandbox that calls out.

Calls run in a thread: a receiver may live on the very loop that serves the sandbox.
"""

import asyncio
import contextlib
import http.client
from urllib.parse import urlsplit

from interlace.sandbox import json_codec
from interlace.sandbox.erp.subscription_requests import with_token
from interlace.sandbox.erp.subscriptions import Subscriptions
from interlace.sandbox.fault_rules import FaultKind, FaultScript

_TIMEOUT_SECONDS = 5.0
_OK = 200


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a POST and return status and body; raises `OSError` or `HTTPException` when nobody answers."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        connection.request("POST", target, body=body, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def shake_hands(url: str, token: str) -> str | None:
    """Ask a receiver to echo a token; return what went wrong, None if nothing did."""
    try:
        status, body = post(with_token(url, token), b"")
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({error})"
    if status != _OK:
        return f"status {status}"
    return None if body.decode(errors="replace").strip() == token else "the answer was not the token"


class NoticeDelivery:
    """Delivers what waits, every so many seconds, until it is stopped."""

    def __init__(self, subscriptions: Subscriptions, delay_seconds: float) -> None:
        self.subscriptions = subscriptions
        self.faults = FaultScript()
        self._delay_seconds = delay_seconds
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to deliver in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the background work; what waits stays."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._delay_seconds)
            await self.deliver()

    async def deliver(self) -> int:
        """Deliver everything that is due; return how many notices were taken."""
        taken = 0
        for url, notices in self.subscriptions.due().items():
            try:
                status = await self._send(url, [notice.to_wire() for notice in notices])
            except (OSError, http.client.HTTPException):
                status = None
            self.subscriptions.delivered(notices, status)
            if status is not None and status // 100 == 2:
                taken += len(notices)
        return taken

    async def _send(self, url: str, notices: list[dict[str, object]]) -> int | None:
        """Send notices as the fault rules let them go; what got lost on the way counts as taken."""
        fault = self.faults.strike_notices(urlsplit(url).path)
        if fault is FaultKind.LOSE_NOTICE:
            return _OK
        if fault is FaultKind.REORDER_NOTICES:
            notices.reverse()
        body = json_codec.encode({"value": notices})
        if fault is FaultKind.REPEAT_NOTICE:
            await asyncio.to_thread(post, url, body)
        return (await asyncio.to_thread(post, url, body))[0]
