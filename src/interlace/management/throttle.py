"""How long somebody has to wait: arithmetic over the attempts of one account, address or key, or to start a run.

A few attempts are free. Each further one doubles the wait, up to a quarter of an hour: long for a guesser, and
no owner is ever locked out for good, whoever guesses at his name.
"""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_WINDOW = timedelta(minutes=1)
_DELAY_MAX = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=24)
_DOUBLINGS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many attempts are free within a time."""

    free: int
    window: timedelta = _WINDOW
    is_growing: bool = True
    """Each one beyond the free ones doubles the wait."""


OF_ACCOUNT = Limit(free=5)
OF_ADDRESS = Limit(free=20)
OF_KEY = Limit(free=5)
OF_START = Limit(free=1, window=timedelta(seconds=10), is_growing=False)
"""Runs of one mapping that people begin."""

OF_CODE = Limit(free=5, window=timedelta(hours=1), is_growing=False)
"""Codes that are sent to prove an e-mail address, by user and by address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The attempts since the last success."""

    count: int = 0
    recent: tuple[datetime, ...] = ()
    """The newest ones, oldest first: as many as the limit lets be free."""

    @property
    def last(self) -> datetime | None:
        """When the newest one was."""
        return self.recent[-1] if self.recent else None


def earliest(attempts: Attempts, limit: Limit, now: datetime) -> datetime:
    """Return when the next attempt is taken: now, or later."""
    if attempts.last is None or now - attempts.last >= _FORGOTTEN_AFTER:
        return now
    waits = [now]
    if len(attempts.recent) >= limit.free:
        waits.append(attempts.recent[-limit.free] + limit.window)
    over = attempts.count - limit.free
    if over > 0 and limit.is_growing:
        delay = min(_DELAY_MAX, timedelta(seconds=2 ** min(over, _DOUBLINGS_MAX)))
        waits.append(attempts.last + delay)
    return max(waits)


def with_attempt(attempts: Attempts, limit: Limit, now: datetime) -> Attempts:
    """Count one more attempt; it is counted before it is looked at, so that attempts at once are counted too."""
    if attempts.last is not None and now - attempts.last >= _FORGOTTEN_AFTER:
        attempts = Attempts()
    return Attempts(count=attempts.count + 1, recent=(*attempts.recent, now)[-limit.free :])


def without_attempt(attempts: Attempts, at: datetime) -> Attempts:
    """Take one attempt back that succeeded; the others of its address stay counted."""
    recent = list(attempts.recent)
    if at in recent:
        recent.remove(at)
    return replace(attempts, count=max(0, attempts.count - 1), recent=tuple(recent))


def address_group(address: str) -> str:
    """Return what is counted as one address: all of IPv4, the network (/64) of IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
