"""Live updates: an event whenever something that pages show has changed; the script then looks again."""

from collections.abc import AsyncIterator

from litestar import get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from interlace.web.request import TheChanges
from interlace.web.security import BACKGROUND

_WAIT_SECONDS = 20.0
_EVENTS_MAX = 180
"""After an hour the browser connects anew, and who is not signed in any more is refused."""


@get("/live", opt=BACKGROUND)
async def live_events(changes: TheChanges) -> ServerSentEvent:
    """Tell the token of what is stored, at once and after every change."""

    async def events() -> AsyncIterator[ServerSentEventMessage]:
        """Wait for changes, and tell of each."""
        token = await changes.token()
        yield ServerSentEventMessage(event="changed", data=token)
        for _ in range(_EVENTS_MAX):
            newer = await changes.wait(token, _WAIT_SECONDS)
            if newer == token:
                yield ServerSentEventMessage(comment="still here")
            else:
                token = newer
                yield ServerSentEventMessage(event="changed", data=token)

    return ServerSentEvent(events())


@get("/live/token", opt=BACKGROUND)
async def live_token(changes: TheChanges) -> dict[str, str]:
    """Tell the token once: for browsers and proxies that hold no stream open."""
    return {"token": await changes.token()}
