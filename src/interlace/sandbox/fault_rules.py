"""Rules of injected faults: which requests they meet, when they strike, and what happens then.

A file of rules (TOML) is documented in docs/reference/faults.md. Everything random comes from its seed.
"""

import enum
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


class FaultKind(enum.StrEnum):
    """What can go wrong between a caller and a service."""

    LATENCY = "latency"
    DROP_REQUEST = "drop-request"
    DROP_ANSWER = "drop-answer"
    LATE_EFFECT = "late-effect"
    REPEAT_REQUEST = "repeat-request"
    ANSWER = "answer"
    TRUNCATE = "truncate"
    CONTENT_TYPE = "content-type"
    GARBAGE = "garbage"
    EXPIRED_TOKEN = "expired-token"  # noqa: S105 - the name of a fault
    EXPIRED_DELTA = "expired-delta"
    LOSE_NOTICE = "lose-notice"
    REPEAT_NOTICE = "repeat-notice"
    REORDER_NOTICES = "reorder-notices"


NOTICE_KINDS = frozenset({FaultKind.LOSE_NOTICE, FaultKind.REPEAT_NOTICE, FaultKind.REORDER_NOTICES})
"""Faults of the notices that a service sends to the receivers of its webhooks."""


class Effect(enum.StrEnum):
    """Whether a request whose answer is replaced was carried out before."""

    NONE = "none"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """One rule; of `probability`, `every` and `requests` exactly one says when it strikes."""

    name: str
    kind: FaultKind
    methods: frozenset[str] = frozenset()
    """Methods that it meets; none: all."""
    path: str = "*"
    query: str = "*"
    probability: float | None = None
    every: int | None = None
    requests: frozenset[int] = frozenset()
    """The numbers of the matching requests that are struck, counted from 1."""
    after: int = 0
    """So many matching requests pass before the rule begins."""
    times: int | None = None
    seconds: tuple[float, float] = (0.0, 0.0)
    status: int | None = None
    effect: Effect = Effect.NONE
    retry_after: int | None = None
    code: str | None = None
    content_type: str = "text/html"

    def meets(self, request: "Arriving") -> bool:
        """Tell whether a request is one of those that the rule is about."""
        if self.methods and request.method not in self.methods:
            return False
        if self.kind is FaultKind.EXPIRED_DELTA and "deltatoken=" not in request.query:
            return False
        if self.kind is FaultKind.EXPIRED_TOKEN and not request.is_signed_in:
            return False
        return fnmatchcase(request.path, self.path) and fnmatchcase(request.query, self.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """What rules look at: path and query as they arrive, percent signs included."""

    method: str
    path: str
    query: str = ""
    agent: str = ""
    is_signed_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """What befalls one request: a delay, and at most one other fault."""

    delay_seconds: float = 0.0
    rule: FaultRule | None = None
    seconds: float = 0.0
    """How long the other fault takes, where it takes any time."""


@dataclass(slots=True)
class _Progress:
    randomness: random.Random
    met: int = 0
    struck: int = 0

    def falls_due(self, rule: FaultRule) -> bool:
        """Count a matching request and tell whether it is struck."""
        self.met += 1
        number = self.met - rule.after
        # Drawn for every request, so that what one rule does never shifts the draws of later requests.
        drawn = self.randomness.random()
        if number <= 0 or (rule.times is not None and self.struck >= rule.times):
            return False
        if rule.every is not None:
            due = number % rule.every == 0
        elif rule.requests:
            due = number in rule.requests
        else:
            due = drawn < (rule.probability if rule.probability is not None else 1.0)
        return due


@dataclass(slots=True)
class FaultScript:
    """The rules of one service with how far each has come."""

    rules: Sequence[FaultRule] = ()
    seed: int = 0
    spared_agent: str | None = None
    """Callers whose User-Agent matches this pattern meet no fault."""
    is_on: bool = True
    _progress: list[_Progress] = field(init=False, repr=False)
    # Notices are sent from threads.
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._progress = [
            _Progress(random.Random(f"{self.seed}/{number}/{rule.name}"))  # noqa: S311 - repeatable, no secret
            for number, rule in enumerate(self.rules)
        ]

    def strike(self, request: Arriving) -> Strike:
        """Decide what befalls a request; delays add up, of other faults the first rule that is due wins."""
        if not self.is_on or (
            self.spared_agent is not None and fnmatchcase(request.agent, self.spared_agent)
        ):
            return Strike()
        delay, chosen, seconds = 0.0, None, 0.0
        with self._lock:
            for rule, progress in zip(self.rules, self._progress, strict=True):
                if rule.kind in NOTICE_KINDS or not rule.meets(request) or not progress.falls_due(rule):
                    continue
                if rule.kind is FaultKind.LATENCY:
                    delay += progress.randomness.uniform(*rule.seconds)
                elif chosen is None:
                    chosen, seconds = rule, progress.randomness.uniform(*rule.seconds)
                else:
                    continue
                progress.struck += 1
        return Strike(delay_seconds=delay, rule=chosen, seconds=seconds)

    def strike_notices(self, receiver_path: str) -> FaultKind | None:
        """Decide what befalls notices on their way to a receiver; None: they arrive."""
        if not self.is_on:
            return None
        notice = Arriving(method="POST", path=receiver_path)
        with self._lock:
            for rule, progress in zip(self.rules, self._progress, strict=True):
                if rule.kind in NOTICE_KINDS and rule.meets(notice) and progress.falls_due(rule):
                    progress.struck += 1
                    return rule.kind
        return None

    def counts(self) -> list[dict[str, object]]:
        """Return, rule by rule, how many requests it met and how many it struck."""
        return [
            {"name": rule.name, "fault": rule.kind.value, "met": progress.met, "struck": progress.struck}
            for rule, progress in zip(self.rules, self._progress, strict=True)
        ]

    def summary(self) -> str:
        """Say in one line how many faults of each kind were injected."""
        struck: Counter[str] = Counter()
        for rule, progress in zip(self.rules, self._progress, strict=True):
            struck[rule.kind.value] += progress.struck
        return ", ".join(f"{count} {kind}" for kind, count in sorted(struck.items())) or "no rules"
