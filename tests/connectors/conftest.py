"""Sandboxes over loopback, and channels to them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn

Serve = Callable[[Any], Any]


@asynccontextmanager
async def _serving(application: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on a free port of the loopback; gives the origin."""
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not task.done(), "the server did not start"
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that serves an application until the test ends and gives its origin."""
    async with AsyncExitStack() as stack:

        async def start(application: Any) -> str:
            """Serve an application until the test ends."""
            return await stack.enter_async_context(_serving(application))

        yield start
