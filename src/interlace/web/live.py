"""Live updates: an event whenever something that pages show has changed; the script then looks again."""

from collections.abc import AsyncIterator

from litestar import get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from interlace.web.request import AnyRequest, TheAccounts, TheChanges
from interlace.web.security import BACKGROUND, admitted

_WAIT_SECONDS = 20.0
_EVENTS_MAX = 180
"""After an hour the browser connects anew."""


@get("/live", opt=BACKGROUND)
async def live_events(request: AnyRequest, accounts: TheAccounts, changes: TheChanges) -> ServerSentEvent:
    """Tell the token of what is stored, at once and after every change, as long as the session lasts."""
    found = admitted(request)

    async def events() -> AsyncIterator[ServerSentEventMessage]:
        """Wait for changes, and tell of each."""
        token = await changes.token()
        yield ServerSentEventMessage(event="changed", data=token)
        for _ in range(_EVENTS_MAX):
            newer = await changes.wait(token, _WAIT_SECONDS)
            # Ended, or its token was exchanged: the browser connects anew and is let in or not.
            if await accounts.session(found.token, found.visitor, is_background=True) is None:
                return
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
