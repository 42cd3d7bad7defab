"""The process that synchronizes: started, watched, killed at a random moment, started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TypeAlias

from tools.soak.canary import Canaries
from tools.soak.services import REQUESTS_RULE, WRITES_RULE, Services

Command: TypeAlias = tuple[str, ...]
FULL_REVIEW: Command = ("full-synch", "start")
FULL: Command = ("synch", "--full")
INCREMENTAL: Command = ("synch",)
_KINDS = (INCREMENTAL, FULL, FULL_REVIEW)
_WEIGHTS = (0.65, 0.2, 0.15)
_LOOK_SECONDS_MAX = 0.2
"""Between two looks at what a process has done lies a random part of it: each asks the services, which costs time."""
_LIFE_SECONDS_MAX = 180.0
_START_SECONDS = 0.8
"""Before that the program is still being loaded."""
_OUTAGE_SECONDS = (1.0, 5.0)
_REQUESTS_AT_FIRST = {FULL_REVIEW: 400, FULL: 200, INCREMENTAL: 60}
_FAILURES_MAX = 10
"""A program that fails so often in a row, with no faults and nobody at work, won't come to rest any more."""
_OK_CODES = frozenset({0, 3})
_NOT_INHERITED = ("INTERLACE_", "PYTHONDONTWRITEBYTECODE")
"""Settings of whoever starts the soak; an installed program has its bytecode."""


class StuckProcess(Exception):
    """A synchronization process did not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """When a process is killed: after so many seconds, or after so many of its requests."""

    seconds: float | None = None
    requests: int | None = None
    writes: int | None = None
    waits_for_canary: bool = False


@dataclass(slots=True, kw_only=True)
class Synchronization:
    """Runs of the real program over the running services."""

    services: Services
    randomness: random.Random
    looks: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    """How often each command ended by itself, with its exit code."""
    _typical: dict[Command, int] = field(default_factory=lambda: dict(_REQUESTS_AT_FIRST))

    def start(self, command: Command, answer: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start a command of the program; what it answers goes where it is wanted, or to the log."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)
        }
        with (self.services.state / "synch.log").open("ab") as log:
            log.write(f"--- {' '.join(command)}\n".encode())
            log.flush()
            return subprocess.Popen(  # noqa: S603 - our own program, arguments are a list
                [sys.executable, "-m", "interlace", *command, "--state", str(self.services.state)],
                stdin=subprocess.DEVNULL,
                stdout=answer or log,
                stderr=log,
                env=environment,
            )

    def run(self, command: Command) -> int:
        """Run a command to its end and return its exit code."""
        process = self.start(command)
        try:
            code = process.wait(_LIFE_SECONDS_MAX)
        except subprocess.TimeoutExpired as late:
            process.kill()
            process.wait()
            raise StuckProcess(f"`interlace {' '.join(command)}` did not end.") from late
        self.endings[f"{' '.join(command)}: exit code {code}"] += 1
        return code

    def live(
        self, command: Command, canaries: Canaries | None, outage: Callable[[], None] | None = None
    ) -> bool:
        """Start a command and kill it at a random moment; tell whether the moment came before its end.

        An outage, if any, takes place while it is at work.
        """
        outage_after = self.randomness.uniform(*_OUTAGE_SECONDS)
        requests = self.services.counts(REQUESTS_RULE)
        writes = self.services.counts(WRITES_RULE)
        moment = self._moment(command, canaries)
        process = self.start(command)
        started = time.monotonic()
        if canaries is not None:
            canaries.process_started(" ".join(command))
        while process.poll() is None:
            if canaries is not None:
                canaries.look()
            elapsed = time.monotonic() - started
            if outage is not None and elapsed >= outage_after:
                outage()
                outage = None
            waits = moment.waits_for_canary and canaries is not None and canaries.is_waiting
            due = (
                (moment.seconds is not None and elapsed >= moment.seconds)
                or (moment.requests is not None and self._since(REQUESTS_RULE, requests) >= moment.requests)
                or (moment.writes is not None and self._since(WRITES_RULE, writes) >= moment.writes)
            )
            if (due and not waits) or elapsed > _LIFE_SECONDS_MAX:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(self.looks.uniform(0.0, _LOOK_SECONDS_MAX))
        code = process.wait()
        name = " ".join(command)
        if code == -signal.SIGKILL:
            self.kills[name] += 1
            if canaries is not None:
                canaries.process_killed()
            return True
        self.endings[f"{name}: exit code {code}"] += 1
        if code in _OK_CODES:
            self._typical[command] = max(20, self._since(REQUESTS_RULE, requests))
        if canaries is not None:
            canaries.process_ended()
        return False

    def choose(self) -> Command:
        """Choose what to run next."""
        return self.randomness.choices(_KINDS, _WEIGHTS)[0]

    def settle(self, patience_seconds: float) -> bool:
        """Run undisturbed until two runs in a row write nothing; tell whether that came about."""
        deadline = time.monotonic() + patience_seconds
        idle, failed, command = 0, 0, FULL
        while idle < 2 and failed < _FAILURES_MAX and time.monotonic() < deadline:
            before = self.services.writes()
            code = self.run(command)
            idle = idle + 1 if code in _OK_CODES and self.services.writes() == before else 0
            failed = 0 if code in _OK_CODES else failed + 1
            command = INCREMENTAL if command == FULL else FULL
        return idle >= 2

    def written(self) -> int:
        """Count the writes that came from the program so far."""
        return self.services.counts(WRITES_RULE)

    def _since(self, rule: str, before: int) -> int:
        return self.services.counts(rule) - before

    def _moment(self, command: Command, canaries: Canaries | None) -> _Moment:
        draw = self.randomness.random
        waits = canaries is not None and draw() < 0.6
        typical = self._typical[command]
        shape = draw()
        if shape < 0.3:
            return _Moment(seconds=_START_SECONDS + 4.0 * draw(), waits_for_canary=waits)
        if shape < 0.7:
            return _Moment(requests=1 + int(draw() * typical), waits_for_canary=waits)
        return _Moment(writes=1 + int(draw() * draw() * 30), waits_for_canary=waits)
