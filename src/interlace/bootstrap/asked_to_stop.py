"""Ends work that only reads soon after somebody, in whichever process, asked for it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

ResultT = TypeVar("ResultT")
_LOOK_SECONDS: Final = 0.5


class AskedToStop(Exception):
    """Somebody asked for an end."""


async def unless_asked_to_stop(sign: Path, work: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Do the work; raises AskedToStop soon after the sign is there."""
    task = asyncio.ensure_future(work())
    try:
        while not (await asyncio.wait({task}, timeout=_LOOK_SECONDS))[0]:
            if await asyncio.to_thread(sign.exists):
                raise AskedToStop
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
