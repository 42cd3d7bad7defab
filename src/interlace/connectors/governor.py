"""How fast and how many at once one user may ask a service: pure policy, which waits for nothing itself.

What others use of the same allowance is learned from what the answers say is left, and from refusals. The rate
follows what is left, so that several processes of one user come to equal shares without knowing of each other.
"""

import math
from collections import deque
from dataclasses import dataclass

from interlace.connectors.concurrency import Concurrency
from interlace.connectors.purpose import Purpose
from interlace.connectors.told_limits import NOTHING_TOLD, Refusal, ToldLimits
from interlace.domain.allowance import CRM_ALLOWANCE, Allowance

_GAIN = 40.0
"""The rate is this many times what would spread the rest of the window evenly: 1/40 of it stays unused."""
_LEAST_SHARE = 0.5
"""However much others use: what is left decides, and a newcomer must be able to begin."""
_RESERVED = {
    Purpose.INTERACTIVE: 0.0,
    Purpose.REQUESTED: 0.001,
    Purpose.ORDERS: 0.003,
    Purpose.RECURRING: 0.006,
    Purpose.FULL: 0.01,
}
"""The part of a window that each purpose leaves to those before it."""
_LATELY = 0.1
"""The part of a window over which the rate of others is measured."""
_REFUSED_LASTS_WINDOWS = 4.0
"""A service that only refuses says nothing of how long others go on: it is believed for that long, less and less."""
_PAUSE_SECONDS = 0.5
_PAUSES_LONGEST = 16.0
_MADE_UP_FOR = 1.5
"""Requests of the usual rate that may be made up for however short the window: clocks of busy machines are coarse.

Who has paused goes on when the rate is at least the usual one divided by this."""
_NO_PAUSE_SECONDS = 0.001
"""Clocks are no finer."""
_BELIEVED_SECONDS_MAX = 3_600.0
_RECENT_SECONDS = 10.0
_RECENT_LEAST = 20
_SPAN_SECONDS_LEAST = 1.0
_CEILING_PART = 0.85
_CEILING_GROWTH = 1.01
"""By which a ceiling that a refusal taught grows each second, until it is four times as high and forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One request on its way: when it left, and the how many'th of the window it was."""

    number: int
    sent_at: float
    used: int


@dataclass(slots=True)
class _Learned:
    """What others use of a resource, as of a moment."""

    used: float = 0.0
    at: float = 0.0
    lasts: float = 1.0
    number: int = 0

    def now(self, now: float) -> float:
        """Return it for now: with time it is believed less and less."""
        return self.used * max(0.0, 1.0 - (now - self.at) / self.lasts)


class Governor:
    """Decides when the next request of one user to one service may leave; times are of a clock that never steps."""

    def __init__(self, allowance: Allowance | None = None, *, at_once_max: int = 4) -> None:
        self.allowance = allowance
        self.refused = 0
        """How many requests the service refused because it had too much to do."""
        self._concurrency = Concurrency(at_once_max)
        self._under_way = 0
        self._sent = 0
        self._answered: deque[tuple[float, float]] = deque()
        self._answer_seconds = 0.0
        self._others = _Learned()
        self._others_before: deque[tuple[float, float]] = deque()
        self._seconds_left = _Learned(used=math.inf, lasts=math.inf)
        self._seconds_a_request = 0.0
        self._paced_at = -math.inf
        self._not_before = -math.inf
        self._refused_at = -math.inf
        self._refusals = 0
        self._ceiling = (math.inf, 0.0)

    @property
    def at_once(self) -> int:
        """How many requests may be under way now."""
        return self._concurrency.limit

    @property
    def under_way(self) -> int:
        """How many requests are under way now."""
        return self._under_way

    @property
    def has_place(self) -> bool:
        """Tell whether one more may be under way; after a refusal, one alone finds out whether there is room."""
        return self._under_way < (1 if self._refusals else self._concurrency.limit)

    def asked_to_wait(self, now: float) -> float:
        """Return for how many seconds more the service wants to be left alone."""
        return max(0.0, self._not_before - now)

    def wait(self, now: float, purpose: Purpose) -> float:
        """Return in how many seconds to ask again whether a request for a purpose may leave; 0: it may now."""
        asked = self.asked_to_wait(now)
        if asked > 0:
            return asked
        reserved = 0.0 if self.allowance is None else self.allowance.requests * max(_RESERVED.values())
        if purpose is Purpose.INTERACTIVE and self.requests_left(now) > reserved:
            return 0.0
        # The rate may be another one soon.
        seconds = min(self._due(now, self._rate(now, purpose)) - now, self._longest_pause())
        return seconds if seconds > _NO_PAUSE_SECONDS else 0.0

    def sent(self, now: float, purpose: Purpose) -> Passage:
        """Note that a request leaves."""
        self._sent += 1
        self._under_way += 1
        rate = self._rate(now, purpose)
        due = self._due(now, rate)
        self._paced_at = max(min(due, now + self._longest_pause()), now - self._credit(now, rate))
        return Passage(number=self._sent, sent_at=now, used=self._used(now))

    def _due(self, now: float, rate: float) -> float:
        """Return when the next request is due at a rate."""
        return math.inf if rate <= 0 else max(self._paced_at, now - self._credit(now, rate)) + 1.0 / rate

    def _credit(self, now: float, rate: float) -> float:
        """How many seconds' requests that could not leave in time may follow at once: no more than have a place."""
        if rate <= 0:
            return 0.0
        return min(
            self._concurrency.limit / rate, max(self._longest_pause(), _MADE_UP_FOR / self._usual(now))
        )

    def answered(
        self, now: float, passage: Passage, told: ToldLimits = NOTHING_TOLD, *, kind: str = ""
    ) -> None:
        """Note an answer; `kind` names requests that take about equally long."""
        self._ended(now, passage)
        if told.requests_left is not None and self.allowance is None:
            self.allowance = CRM_ALLOWANCE
        self._learn_others(now, passage, told)
        if told.at_once_hint is not None:
            self._concurrency.take_hint(told.at_once_hint)
        if told.refusal is not None:
            self._take_refusal(now, passage, told)
            return
        if passage.sent_at > self._refused_at:
            self._refusals = 0
        seconds = now - passage.sent_at
        self._seconds_a_request += (seconds - self._seconds_a_request) * 0.05
        self._concurrency.went_well(kind, seconds)

    def failed(self, now: float, passage: Passage, *, was_busy: bool = False) -> None:
        """Note a request that was given up, or that got no answer or one of a service in trouble."""
        self._ended(now, passage)
        if was_busy and passage.sent_at > self._refused_at:
            self._refused_at = now
            self._concurrency.was_refused()

    def requests_left(self, now: float) -> float:
        """Return how many more requests fit into the window, as far as is known."""
        if self.allowance is None:
            return math.inf
        return self.allowance.requests - self._used(now) - self._others.now(now)

    def _longest_pause(self) -> float:
        """How long to pause at most before things are looked at anew."""
        return 5.0 if self.allowance is None else self.allowance.window_seconds / 200

    def _ended(self, now: float, passage: Passage) -> None:
        self._under_way -= 1
        # It came to the service before this moment, so it is out of the service's window before it is out of ours.
        self._answered.append((now, now - passage.sent_at))
        self._answer_seconds += now - passage.sent_at

    def _used(self, now: float) -> int:
        window = _RECENT_SECONDS if self.allowance is None else self.allowance.window_seconds
        while self._answered and self._answered[0][0] <= now - window:
            self._answer_seconds -= self._answered.popleft()[1]
        return len(self._answered) + self._under_way

    def _rate(self, now: float, purpose: Purpose) -> float:
        """Return how many requests a second may leave now."""
        usual, allowance = self._usual(now), self.allowance
        if allowance is None:
            return usual
        reserved = _RESERVED[purpose]
        left = self.requests_left(now) - allowance.requests * reserved
        by_what_is_left = _GAIN * left / allowance.window_seconds
        return min(usual, by_what_is_left, self._rate_by_time_left(now, reserved))

    def _usual(self, now: float) -> float:
        """Return how many requests a second there would be, were they always sent evenly."""
        allowance, ceiling = self.allowance, self._ceiling_now(now)
        if allowance is None:
            return ceiling
        steady, whole = allowance.requests_a_second, allowance.execution_seconds
        share = max(steady - self._rate_of_others(now), steady * _LEAST_SHARE)
        cost = self._cost()
        # With much time left, what answers take may well be an overestimate yet.
        is_plenty = self._seconds_left.used > whole / 2
        by_time = math.inf if is_plenty or cost <= 0 else whole / allowance.window_seconds / cost
        return min(share, ceiling, by_time)

    def _rate_of_others(self, now: float) -> float:
        """Return how many requests a second others send: what a window holds of them, or what came lately."""
        allowance = self.allowance
        assert allowance is not None
        used = self._others.now(now)
        lately = 0.0
        if self._others_before:
            since, before = self._others_before[0]
            span = max(self._others.at - since, allowance.window_seconds * _LATELY / 2)
            lately = (self._others.used - before) / span
        return max(used / allowance.window_seconds, lately)

    def _rate_by_time_left(self, now: float, reserved: float) -> float:
        """Return how many requests a second the execution time bears that is left."""
        allowance, told, cost = self.allowance, self._seconds_left, self._cost()
        assert allowance is not None
        if cost <= 0:
            return math.inf
        whole, window = allowance.execution_seconds, allowance.window_seconds
        # What was used before comes back in the course of a window.
        back = whole * max(0.0, now - told.at - window / 20) / window
        left = told.used + back - cost * (self._sent - told.number)
        return _GAIN * (left - whole * reserved) / window / cost

    def _cost(self) -> float:
        """Return how much execution time a request takes; 0: that is not limited, or nothing is known of it."""
        allowance, told = self.allowance, self._seconds_left
        assert allowance is not None
        whole = allowance.execution_seconds
        if math.inf in (whole, told.used) or self._seconds_a_request <= 0:
            return 0.0
        # An answer takes the time of its execution and that of its way; the service only counts the first.
        part = min(1.0, (whole - told.used) / self._answer_seconds) if self._answer_seconds > 0 else 1.0
        return self._seconds_a_request * max(part, 0.01)

    def _learn_others(self, now: float, passage: Passage, told: ToldLimits) -> None:
        """Take what the service says is left, unless a later request's answer has come before."""
        if passage.number < self._others.number or self.allowance is None:
            return
        if told.seconds_left is not None:
            self._seconds_left = _Learned(
                used=told.seconds_left, at=now, lasts=math.inf, number=passage.number
            )
        if told.requests_left is not None:
            used = max(0.0, self.allowance.requests - told.requests_left - passage.used)
            lasts = self.allowance.window_seconds
            self._others = _Learned(used=used, at=now, lasts=lasts, number=passage.number)
            self._note_others(now, used)

    def _note_others(self, now: float, used: float) -> None:
        """Remember what others used a while ago, to tell how fast they are."""
        assert self.allowance is not None
        before, lately = self._others_before, self.allowance.window_seconds * _LATELY
        if not before or now - before[-1][0] >= lately / 10:
            before.append((now, used))
        while len(before) > 1 and before[1][0] <= now - lately:
            before.popleft()

    def _take_refusal(self, now: float, passage: Passage, told: ToldLimits) -> None:
        self.refused += 1
        is_first = passage.sent_at > self._refused_at
        if is_first:
            # The others of one round were on their way already.
            self._refused_at = now
            self._refusals += 1
            if told.refusal not in (Refusal.TOO_MANY, Refusal.TOO_MUCH_TIME):
                self._concurrency.was_refused()
            self._learn_from_refusal(now, passage, told)
        longest = _BELIEVED_SECONDS_MAX if self.allowance is None else self.allowance.window_seconds * 1.1
        seconds = min(told.retry_after_seconds or 0.0, longest)
        # Who is refused again after a pause was not told the truth, or nothing at all.
        if self._refusals > 1 or (self.allowance is not None and told.retry_after_seconds is None):
            shortest = _PAUSE_SECONDS if self.allowance is None else self.allowance.window_seconds / 120
            seconds = max(seconds, shortest * min(2.0 ** (self._refusals - 1), _PAUSES_LONGEST))
        self._not_before = max(self._not_before, now + seconds)

    def _learn_from_refusal(self, now: float, passage: Passage, told: ToldLimits) -> None:
        if told.refusal in (Refusal.TOO_MANY_AT_ONCE, Refusal.BUSY):
            # It was not our rate.
            return
        if self.allowance is not None:
            if told.requests_left is None and told.refusal is Refusal.TOO_MANY:
                used = max(0.0, self.allowance.requests - passage.used)
                lasts = self.allowance.window_seconds * _REFUSED_LASTS_WINDOWS
                self._others = _Learned(used=used, at=now, lasts=lasts, number=passage.number)
                self._others_before.clear()
            return
        if self._used(now) >= _RECENT_LEAST:
            self._ceiling = (self._highest_rate_lately(now) * _CEILING_PART, now)

    def _highest_rate_lately(self, now: float) -> float:
        """Return the highest rate of any span that ends now: whoever has just begun was not slow before."""
        highest, number = 0.0, self._under_way
        for ended_at, seconds in reversed(self._answered):
            number += 1
            span = max(now - (ended_at - seconds), _SPAN_SECONDS_LEAST)
            highest = max(highest, number / span)
        return highest

    def _ceiling_now(self, now: float) -> float:
        height, since = self._ceiling
        if height == math.inf:
            return height
        grown: float = _CEILING_GROWTH ** (now - since)
        if grown > 4.0:
            self._ceiling = (math.inf, now)
        return height * grown
