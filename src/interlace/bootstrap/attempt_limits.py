"""Lets guessers wait: counts attempts to come in before they are looked at, and tells the audit log of floods."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from interlace.bootstrap.audit_entries import AuditEntries
from interlace.management.accounts import Visitor
from interlace.management.refusal import too_early
from interlace.management.throttle import OF_ADDRESS, address_group
from interlace.management.translatable import translatable
from interlace.store.attempts import AttemptCounts, Counted, subject

_NEWS_AFTER = timedelta(minutes=1)


class AttemptLimits:
    """The attempts of late, and who has to wait."""

    def __init__(self, counts: AttemptCounts, audit: AuditEntries) -> None:
        self._counts = counts
        self._audit = audit
        self._told: dict[str, datetime] = {}

    async def take(self, counted: Sequence[Counted], visitor: Visitor) -> datetime:
        """Count an attempt and return its time; raises Refused when it comes too early."""
        now, start = await asyncio.to_thread(self._counts.take, counted)
        if start <= now:
            return now
        if self._is_news(visitor, now):
            await self._audit.at_door("sign-in.throttled", visitor, outcome="too many attempts")
        raise too_early(translatable("Too many attempts"), start - now)

    async def is_free(self, counted: Sequence[Counted]) -> bool:
        """Count an attempt and tell whether it comes in time."""
        now, start = await asyncio.to_thread(self._counts.take, counted)
        return start <= now

    async def succeeded(self, cleared: Sequence[str], visitor: Visitor, at: datetime) -> None:
        """Forget what was counted for some; their address gets this one attempt back."""
        given_back = [of_address(visitor)[0]]
        await asyncio.to_thread(self._counts.succeeded, cleared, given_back, at)

    def _is_news(self, visitor: Visitor, now: datetime) -> bool:
        """Whether the log should tell of it: once a minute for each address, or a flood would fill it."""
        self._told = {name: at for name, at in self._told.items() if now - at < _NEWS_AFTER}
        return self._told.setdefault(address_group(visitor.address), now) == now


def of_address(visitor: Visitor, kind: str = "address") -> Counted:
    """Return what is counted for everybody who comes from there."""
    return subject(kind, address_group(visitor.address)), OF_ADDRESS
